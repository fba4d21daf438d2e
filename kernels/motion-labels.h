#pragma once

#include "kernels/motion-cuda.h"

/* What kernels on either side of a launch know of labels. */

/* Others may shorten the path meanwhile: what is read is an earlier pixel of the component. */
__device__ __forceinline__ uint32_t vdk_root_of(const uint32_t *labels, uint32_t at)
{
    const volatile uint32_t *changing = labels;

    while (changing[at] != at)
        at = changing[at];
    return at;
}

__device__ __forceinline__ void vdk_join(uint32_t *labels, uint32_t a, uint32_t b)
{
    bool joined = false;

    while (!joined) {
        a = vdk_root_of(labels, a);
        b = vdk_root_of(labels, b);
        if (a == b)
            return;
        uint32_t low = min(a, b), high = max(a, b);
        uint32_t was = atomicMin(&labels[high], low);
        joined = was == high; /* else somebody else hung it lower: go on from there */
        a = low;
        b = was;
    }
}

__device__ __forceinline__ VdkComponent *vdk_component_of(const VdkMotionJob *job, uint32_t pixel)
{
    uint32_t x = pixel % (uint32_t)job->width, y = pixel / (uint32_t)job->width;

    return job->components + (uint64_t)(y / 2) * (((uint32_t)job->width + 1) / 2) + x / 2;
}
