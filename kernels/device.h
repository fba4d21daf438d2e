#pragma once

#include <stdint.h>

/*
 * What kernels share. A .cu file holds plain extern "C" __global__ functions that nvcc builds for
 * GPUs and g++ for the tests' emulated driver, which learns of each by the VDK_KERNEL behind it.
 */
#ifndef VDK_KERNEL
#define VDK_KERNEL(name)
#endif

#define VDK_WARP 32u

__device__ __forceinline__ unsigned vdk_thread(void)
{
    return threadIdx.y * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ unsigned vdk_threads(void)
{
    return blockDim.x * blockDim.y;
}

/* The sum over a warp, in its lane 0. All of its lanes must come here. */
__device__ __forceinline__ uint32_t vdk_warp_sum(uint32_t value)
{
    for (unsigned step = VDK_WARP / 2; step > 0; step /= 2)
        value += __shfl_down_sync(0xffffffffu, value, step);
    return value;
}

/* Adds the sum over the block to *sum, once a warp. All threads of the block must come here. */
__device__ __forceinline__ void vdk_add_to(uint32_t *sum, uint32_t value)
{
    value = vdk_warp_sum(value);
    if (vdk_thread() % VDK_WARP == 0 && value > 0)
        atomicAdd(sum, value);
}

/*
 * Whether this is the last block to come here, which then sees all that the others have written.
 * All threads of every block must come; the ticket is 0 before and after.
 */
__device__ __forceinline__ bool vdk_is_last_block(uint32_t *ticket)
{
    __shared__ uint32_t last;

    __threadfence();
    __syncthreads();
    if (vdk_thread() == 0) {
        last = atomicAdd(ticket, 1u) + 1 == gridDim.x * gridDim.y;
        if (last)
            *ticket = 0;
    }
    __syncthreads();
    __threadfence();
    return last != 0;
}
