#include "kernels/draw-device.h"

#define PIECE 16 /* bytes */

/* One warp: n bytes, aligned pieces of them in one store. */
__device__ void set_bytes(uint8_t *to, int n, uint8_t value)
{
    const int lane = (int)(threadIdx.x % VDK_WARP);
    const int before = min((int)(-(uint64_t)to % PIECE), n), pieces = (n - before) / PIECE;
    const int behind = before + pieces * PIECE;
    const uint32_t word = value * 0x01010101u;
    uint4 *middle = (uint4 *)(to + before);

    if (lane < before)
        to[lane] = value;
    for (int i = lane; i < pieces; i += (int)VDK_WARP)
        middle[i] = {word, word, word, word};
    if (behind + lane < n)
        to[behind + lane] = value;
}

/* A warp a span: samples that two spans share get the same value from both. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK)
    vdk_fill(const __grid_constant__ VdkFillJob job)
{
    const VdkLayer *layer = &job.on.layers[blockIdx.y];
    const uint8_t value = job.values[blockIdx.y];
    VdkSpan part;

    if (!vdk_span_of_warp(&job.on, &part))
        return;
    if (layer->step == 1)
        set_bytes(vdk_sample_at(layer, part.x0, part.y), part.x1 - part.x0, value);
    else
        for (int x = part.x0 + (int)(threadIdx.x % VDK_WARP); x < part.x1; x += (int)VDK_WARP)
            *vdk_sample_at(layer, x, part.y) = value;
}
VDK_KERNEL(vdk_fill)

/* One warp: luma pixels x0 .. x1 - 1 of a row and the chroma samples that they are part of. */
__device__ void set_pixels(const VdkFramesJob *job, int x0, int x1, int y)
{
    for (int x = x0 + (int)(threadIdx.x % VDK_WARP); x < x1; x += (int)VDK_WARP)
        for (int i = 0; i < job->n_layers; i++) {
            const VdkLayer *layer = &job->layers[i];

            *vdk_sample_at(layer, vdk_sample_of(x, layer->sx), vdk_sample_of(y, layer->sy)) =
                job->values[i];
        }
}

/* A block a rectangle, a warp a row of it: all of the row, or its ends where it has a middle. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK)
    vdk_frames(const __grid_constant__ VdkFramesJob job)
{
    const VdkRectangle *frame = &job.frames[blockIdx.x];
    const VdkLayer *luma = &job.layers[0];
    const int64_t right = (int64_t)frame->x + frame->width;
    const int64_t bottom = (int64_t)frame->y + frame->height;
    const int x0 = vdk_larger(frame->x, 0), x1 = vdk_smaller(right, luma->width);
    const int y0 = vdk_larger(frame->y, 0), y1 = vdk_smaller(bottom, luma->height);
    const int left_end = vdk_smaller((int64_t)frame->x + job.thick, x1);
    const int right_begin = vdk_larger(right - job.thick, vdk_larger(left_end, x0));

    for (int y = y0 + (int)(threadIdx.x / VDK_WARP); y < y1; y += VDK_DRAW_BLOCK / (int)VDK_WARP) {
        bool bar = y < (int64_t)frame->y + job.thick || y >= bottom - job.thick;

        set_pixels(&job, x0, bar ? x1 : left_end, y);
        set_pixels(&job, bar ? x1 : right_begin, x1, y);
    }
}
VDK_KERNEL(vdk_frames)
