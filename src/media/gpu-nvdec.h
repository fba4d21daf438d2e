#pragma once

#include "media/gpu-device.h"

/*
 * Asks NVDEC, by the Video Codec SDK's library, what it decodes in the current CUDA context. False:
 * *why says what it cannot do (transfer full). [main]
 */
bool vd_gpu_nvdec_decodes(const VdGpuStream *stream, char **why);
