#include "kernels/draw-device.h"

/* The first sample whose first luma pixel is this one or a later one. */
__device__ int first_sample(int64_t pixel, int covers, int limit)
{
    int64_t sample = (pixel + covers - 1) / covers;

    return sample < limit ? (int)sample : limit;
}

__device__ uint32_t cells(const VdkPixelateJob *job)
{
    return (uint32_t)job->columns * (uint32_t)job->rows;
}

/* The sum of a cell's w * h samples from x0, y0 on, in lane 0. A lane's share fits 32 bits. */
__device__ uint64_t sum_cell(const VdkLayer *layer, int x0, int y0, uint32_t w, uint32_t h)
{
    uint32_t own = 0;

#pragma unroll 4
    for (uint32_t i = threadIdx.x % VDK_WARP; i < w * h; i += VDK_WARP)
        own += *vdk_sample_at(layer, x0 + (int)(i % w), y0 + (int)(i / w));
    return vdk_warp_sum(own & 0xffff) + ((uint64_t)vdk_warp_sum(own >> 16) << 16);
}

/* A warp a cell. What is drawn over comes in the second kernel, when all means are known. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK)
    vdk_cell_means(const __grid_constant__ VdkPixelateJob job)
{
    const VdkLayer *layer = &job.on.layers[blockIdx.y];
    const uint32_t cell = (blockIdx.x * blockDim.x + threadIdx.x) / VDK_WARP;

    if (cell >= cells(&job)) /* the same for the whole warp */
        return;
    const int64_t left = (int64_t)(job.column + (int)(cell % (uint32_t)job.columns)) * job.block;
    const int64_t top = (int64_t)(job.row + (int)(cell / (uint32_t)job.columns)) * job.block;
    const int x0 = first_sample(left, layer->sx, layer->width);
    const int y0 = first_sample(top, layer->sy, layer->height);
    const int x1 = first_sample(left + job.block, layer->sx, layer->width);
    const int y1 = first_sample(top + job.block, layer->sy, layer->height);
    const uint32_t w = (uint32_t)(x1 - x0), h = (uint32_t)(y1 - y0);
    const uint64_t n = (uint64_t)w * h, sum = sum_cell(layer, x0, y0, w, h);

    if (threadIdx.x % VDK_WARP == 0 && n > 0) /* a small cell may have no chroma sample */
        job.means[blockIdx.y * cells(&job) + cell] = (uint8_t)((sum + n / 2) / n);
}
VDK_KERNEL(vdk_cell_means)

/* A warp a span. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK)
    vdk_pixelate(const __grid_constant__ VdkPixelateJob job)
{
    const VdkLayer *layer = &job.on.layers[blockIdx.y];
    VdkSpan part;

    if (!vdk_span_of_warp(&job.on, &part))
        return;
    const uint32_t row = (uint32_t)(part.y * layer->sy / job.block - job.row);
    const uint8_t *means =
        job.means + blockIdx.y * cells(&job) + (uint64_t)row * (uint32_t)job.columns;
    for (int x = part.x0 + (int)(threadIdx.x % VDK_WARP); x < part.x1; x += (int)VDK_WARP)
        *vdk_sample_at(layer, x, part.y) = means[x * layer->sx / job.block - job.column];
}
VDK_KERNEL(vdk_pixelate)
