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

__device__ __forceinline__ VdkComponent *vdk_component_of(const VdkMotionJob *job, uint32_t pixel)
{
    uint32_t x = pixel % (uint32_t)job->width, y = pixel / (uint32_t)job->width;

    return job->components + (uint64_t)(y / 2) * (((uint32_t)job->width + 1) / 2) + x / 2;
}
