#include "kernels/draw-device.h"
#include "kernels/scale-pixel.h"

/* Sample x, y of a plane that is scaled to width x height. */
__device__ uint8_t scaled_at(const VdkPlane *plane, int step, int width, int height, int x, int y)
{
    const VdkTaps across = vdk_taps_at(plane->width, width, x);
    const VdkTaps down = vdk_taps_at(plane->height, height, y);
    uint32_t total = 0;

    for (int j = 0; j < down.count; j++) {
        const uint8_t *row = plane->data + (int64_t)(down.first + j) * plane->pitch;
        uint32_t sum = 0;

        for (int i = 0; i < across.count; i++)
            sum += (uint32_t)vdk_taps_weight(&across, plane->width, width, i) *
                   row[(across.first + i) * step];
        total += (uint32_t)vdk_taps_weight(&down, plane->height, height, j) * sum;
    }
    return vdk_pixel_scaled(total);
}

__device__ uint8_t scaled_chroma(const VdkScaleJob *job, int i, int x, int y)
{
    if (job->from.step == 0)
        return 128;
    return scaled_at(&job->from.chroma[i], job->from.step, job->to[i + 1].width,
                     job->to[i + 1].height, x, y);
}

/* The luma pixels x0 .. x0 + sx - 1, y0 .. y0 + sy - 1. */
__device__ void scale_luma(const VdkScaleJob *job, int x0, int y0, int sx, int sy, int16_t tint)
{
    const VdkLayer *luma = &job->to[0];

    for (int y = y0; y < y0 + sy && y < luma->height; y++)
        for (int x = x0; x < x0 + sx && x < luma->width; x++) {
            uint8_t value = scaled_at(&job->from.luma, 1, luma->width, luma->height, x, y);

            *vdk_sample_at(luma, x, y) =
                job->convert ? vdk_pixel_luma(&job->matrix, value, tint) : value;
        }
}

/* A thread a chroma sample and the luma pixels that it tints; a thread a pixel of a grey picture.
 */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_TILE_X *VDK_DRAW_TILE_Y)
    vdk_scale(VdkScaleJob job)
{
    const VdkLayer *layer = &job.to[job.n_layers - 1];
    const int x = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    const int y = (int)(blockIdx.y * blockDim.y + threadIdx.y);
    int16_t tint = 0;

    if (x >= layer->width || y >= layer->height)
        return;
    if (job.n_layers == 3) {
        uint8_t u = scaled_chroma(&job, 0, x, y), v = scaled_chroma(&job, 1, x, y);

        tint = vdk_pixel_tint(&job.matrix, u, v);
        *vdk_sample_at(&job.to[1], x, y) = job.convert ? vdk_pixel_u(&job.matrix, u, v) : u;
        *vdk_sample_at(&job.to[2], x, y) = job.convert ? vdk_pixel_v(&job.matrix, u, v) : v;
    }
    scale_luma(&job, x * layer->sx, y * layer->sy, layer->sx, layer->sy, tint);
}
VDK_KERNEL(vdk_scale)
