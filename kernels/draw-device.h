#pragma once

#include "kernels/device.h"
#include "kernels/draw-cuda.h"
#include "kernels/span.h"

/* What kernels that draw share. */

__device__ __forceinline__ uint8_t *vdk_sample_at(const VdkLayer *layer, int x, int y)
{
    return layer->data + (int64_t)y * layer->pitch + x * layer->step;
}

/* A warp a span: answers whether there is one, and what of it lies on the layer of blockIdx.y. */
__device__ __forceinline__ bool vdk_span_of_warp(const VdkSpansJob *job, VdkSpan *part)
{
    const uint32_t span = (blockIdx.x * blockDim.x + threadIdx.x) / VDK_WARP;

    return span < job->n &&
           vdk_span_on_layer(&job->spans[span], &job->layers[0], &job->layers[blockIdx.y], part);
}
