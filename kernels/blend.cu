#include "kernels/draw-device.h"

/*
 * A thread a sample of the rectangle around all bitmaps. It lays one after the other over it, so
 * that a sample is read and written once and nobody waits for another bitmap's threads; those that
 * do not reach it cost a few comparisons of what is the same for the whole warp. Blocks are as wide
 * as a warp, so that rows are pieces.
 */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_TILE_X *VDK_DRAW_TILE_Y)
    vdk_blend(const __grid_constant__ VdkBlendJob job)
{
    const VdkLayer *layer = &job.layers[blockIdx.z];
    const int x = job.x0 / layer->sx + (int)(blockIdx.x * blockDim.x + threadIdx.x);
    const int y = job.y0 / layer->sy + (int)(blockIdx.y * blockDim.y + threadIdx.y);

    if (x > (job.x1 - 1) / layer->sx || y > (job.y1 - 1) / layer->sy)
        return;
    uint8_t *sample = vdk_sample_at(layer, x, y);
    uint8_t value = *sample;
    for (int i = 0; i < job.n; i++) {
        const VdkBlendPart *part = &job.parts[i];

        value = vdk_pixel_under(value, &job.layers[0], layer, &part->alpha, &part->at, x, y,
                                part->values[blockIdx.z]);
    }
    *sample = value;
}
VDK_KERNEL(vdk_blend)
