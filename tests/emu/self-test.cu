/*
 * Kernels that the emulated driver is tested with. Compiled twice, as those of the project: by nvcc
 * for the image, by g++ with device.h for what really runs.
 */
#include <stdint.h>

#ifdef __CUDACC__
#define VDK_KERNEL(name)
#endif

#define SIZE 128

struct Picture {
    uint8_t *data;
    int width, height, pitch;
};

/* Sums SIZE numbers a block. Without any one of its barriers some order of threads goes wrong. */
extern "C" __global__ void __launch_bounds__(SIZE) emu_reduce(const unsigned *from, unsigned *sums)
{
    __shared__ unsigned part[SIZE];
    unsigned t = threadIdx.x;

    part[t] = __ldg(&from[blockIdx.x * SIZE + t]);
    __syncthreads();
#pragma unroll
    for (unsigned half = SIZE / 2; half > 0; half /= 2) {
        if (t < half)
            part[t] += part[t + half];
        __syncthreads();
    }
    if (t == 0)
        sums[blockIdx.x] = part[0];
}
VDK_KERNEL(emu_reduce)

/* The same without barriers: right only when the last thread comes first or never is. */
extern "C" __global__ void emu_forgetful(const unsigned *from, unsigned *to)
{
    __shared__ unsigned part[SIZE];
    unsigned t = threadIdx.x;

    part[t] = from[t];
    to[t] = part[SIZE - 1 - t];
}
VDK_KERNEL(emu_forgetful)

/* One warp: results are its sum, the sum of each 8 lanes, its neighbours' and a broadcast. */
extern "C" __global__ void emu_shuffle(const unsigned *from, unsigned *to)
{
    unsigned lane = threadIdx.x, value = from[lane], sum = value, part = value;

    for (unsigned by = warpSize / 2; by > 0; by /= 2)
        sum += __shfl_down_sync(0xffffffff, sum, by);
    for (int with = 4; with > 0; with /= 2)
        part += __shfl_xor_sync(0xffffffff, part, with, 8);
    to[lane] = __shfl_sync(0xffffffff, sum, 0);
    to[32 + lane] = part;
    to[64 + lane] = __shfl_up_sync(0xffffffff, value, 1);
    to[96 + lane] = __shfl_sync(0xffffffff, value, 3, 8);
}
VDK_KERNEL(emu_shuffle)

/* Two halves of a warp vote apart; lanes beyond n have left before. */
extern "C" __global__ void emu_ballot(unsigned n, unsigned *to)
{
    unsigned lane = threadIdx.x, half = lane < 16 ? 0xffff : 0xffff0000, votes = 0;

    if (lane >= n)
        return;
    if (lane < 16)
        votes = __ballot_sync(half, lane % 2);
    else
        votes = __ballot_sync(half, lane % 4 == 0);
    __syncwarp();
    to[lane] = votes;
    to[32 + lane] = (unsigned)(__popc(votes) + 100 * __ffs((int)votes) + 10000 * __clz((int)votes));
}
VDK_KERNEL(emu_ballot)

/* All atomic functions; the result does not depend on the order. */
extern "C" __global__ void emu_atomics(unsigned *to, int *lowest, unsigned long long *wide)
{
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;

    atomicAdd(&to[0], 1);
    atomicMax(&to[1], i);
    atomicOr(&to[2], 1u << i % 32);
    atomicAnd(&to[3], ~(1u << i % 32));
    atomicExch(&to[4], 7);
    atomicCAS(&to[5], 0, 9);
    atomicMin(lowest, -(int)i);
    atomicAdd(wide, (unsigned long long)i << 32);
    __threadfence();
}
VDK_KERNEL(emu_atomics)

/* A struct by value that holds an address; one pixel a thread, numbered along the rows. */
extern "C" __global__ void emu_paint(Picture picture, int first)
{
    int x = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    int y = (int)(blockIdx.y * blockDim.y + threadIdx.y);

    if (x < picture.width && y < picture.height)
        picture.data[y * picture.pitch + x] = (uint8_t)(first + y * picture.width + x);
}
VDK_KERNEL(emu_paint)

/* Wrong: half of the block has left. */
extern "C" __global__ void emu_divergent(unsigned *to)
{
    if (threadIdx.x >= blockDim.x / 2)
        return;
    __syncthreads();
    to[threadIdx.x] = 1;
}
VDK_KERNEL(emu_divergent)

/* Wrong: two barriers that are not the same. */
extern "C" __global__ void emu_two_barriers(unsigned *to)
{
    if (threadIdx.x % 2)
        __syncthreads();
    else
        __syncthreads();
    to[threadIdx.x] = 1;
}
VDK_KERNEL(emu_two_barriers)

/* Wrong when n is the size: writes at[n]. */
extern "C" __global__ void emu_write_at(uint8_t *at, int n)
{
    at[n] = 1;
}
VDK_KERNEL(emu_write_at)

/* The number of each thread in the order they run. */
extern "C" __global__ void emu_order(unsigned *next, unsigned *to)
{
    to[atomicAdd(next, 1)] = blockIdx.x * blockDim.x + threadIdx.x;
}
VDK_KERNEL(emu_order)
