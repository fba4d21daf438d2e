#include "kernels/device.h"

#include "kernels/draw-cuda.h"
#include "kernels/span.h"

/* A warp a span: samples that two spans share get the same value from both. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK) vdk_fill(VdkFillJob job)
{
    const VdkLayer *layer = &job.layers[blockIdx.y];
    const uint32_t span = (blockIdx.x * blockDim.x + threadIdx.x) / VDK_WARP;
    VdkSpan part;

    if (span >= job.n || !vdk_span_on_layer(&job.spans[span], &job.layers[0], layer, &part))
        return;
    uint8_t *row = layer->data + (int64_t)part.y * layer->pitch;
    for (int x = part.x0 + (int)(threadIdx.x % VDK_WARP); x < part.x1; x += (int)VDK_WARP)
        row[x * layer->step] = job.values[blockIdx.y];
}
VDK_KERNEL(vdk_fill)

/* Luma pixel x, y and the chroma samples that it is part of. */
__device__ void set_pixel(const VdkFramesJob *job, int x, int y)
{
    for (int i = 0; i < job->n_layers; i++) {
        const VdkLayer *layer = &job->layers[i];

        layer->data[(int64_t)vdk_sample_of(y, layer->sy) * layer->pitch +
                    vdk_sample_of(x, layer->sx) * layer->step] = job->values[i];
    }
}

/* A block a rectangle; its threads walk the rows, of which those in the middle have two ends. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK) vdk_frames(VdkFramesJob job)
{
    const VdkRectangle *frame = &job.frames[blockIdx.x];
    const VdkLayer *luma = &job.layers[0];
    const int64_t right = (int64_t)frame->x + frame->width;
    const int64_t bottom = (int64_t)frame->y + frame->height;
    const int lane = (int)(threadIdx.x % VDK_WARP);
    const int warps = VDK_DRAW_BLOCK / (int)VDK_WARP;
    const int x0 = vdk_larger(frame->x, 0), x1 = vdk_smaller(right, luma->width);
    const int y0 = vdk_larger(frame->y, 0), y1 = vdk_smaller(bottom, luma->height);

    for (int y = y0 + (int)(threadIdx.x / VDK_WARP); y < y1; y += warps) {
        bool bar = y < (int64_t)frame->y + job.thick || y >= bottom - job.thick;

        for (int x = x0 + lane; x < x1; x += (int)VDK_WARP)
            if (bar || x < (int64_t)frame->x + job.thick || x >= right - job.thick)
                set_pixel(&job, x, y);
    }
}
VDK_KERNEL(vdk_frames)
