#pragma once

#include "media/gpu-device.h"

/*
 * Asks NVDEC, by the Video Codec SDK's library, what it decodes in the current CUDA context. When
 * it is not yes, *why says why (transfer full). [main]
 */
VdGpuAnswer vd_gpu_nvdec_decodes(const VdGpuStream *stream, char **why);
