#include "kernels/draw-device.h"

/* A warp a span: samples that two spans share get the same value from both. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK) vdk_fill(VdkFillJob job)
{
    const VdkLayer *layer = &job.on.layers[blockIdx.y];
    VdkSpan part;

    if (!vdk_span_of_warp(&job.on, &part))
        return;
    for (int x = part.x0 + (int)(threadIdx.x % VDK_WARP); x < part.x1; x += (int)VDK_WARP)
        *vdk_sample_at(layer, x, part.y) = job.values[blockIdx.y];
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
extern "C" __global__ void __launch_bounds__(VDK_DRAW_BLOCK) vdk_frames(VdkFramesJob job)
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
