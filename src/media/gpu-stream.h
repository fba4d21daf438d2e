#pragma once

#include "media/gpu-device.h"

/* What caps say of a stream that a GPU is to decode. [any] */

/* False: nothing that a GPU decodes. The texts are the caps'. */
bool vd_gpu_stream_read(const GstCaps *caps, VdGpuStream *stream);
/* What there is to do, by what they say: megapixels/s. */
double vd_gpu_stream_load(const GstCaps *caps, const VdGpuStream *stream);
