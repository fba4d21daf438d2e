#include "kernels/draw-device.h"
#include "kernels/scale-pixel.h"

#define MADE 4

/* One direction of a sample. Weights take divisions: the first ones are made once for all rows. */
typedef struct Along {
    int from, to;
    VdkTaps taps;
    uint64_t weights; /* 16 bits each, of MADE */
} Along;
__device__ Along along(int from, int to, int i)
{
    Along made = {from, to, vdk_taps_at(from, to, i), 0};
    int before = 0;

    for (int k = 0; k < MADE && k < made.taps.count; k++) {
        const int sum = vdk_taps_sum(&made.taps, from, to, k + 1);

        made.weights |= (uint64_t)(sum - before) << 16 * k;
        before = sum;
    }
    return made;
}

__device__ uint32_t weight_of(const Along *along, int k)
{
    if (k < MADE)
        return (uint32_t)(along->weights >> 16 * k) & 0xffff;
    return (uint32_t)vdk_taps_weight(&along->taps, along->from, along->to, k);
}

__device__ uint8_t scaled(const VdkPlane *plane, int step, const Along *across, const Along *down)
{
    const uint8_t *row =
        plane->data + (int64_t)down->taps.first * plane->pitch + across->taps.first * step;
    uint32_t total = 0;

    for (int j = 0; j < down->taps.count; j++) {
        uint32_t sum = 0;

        for (int i = 0; i < across->taps.count; i++)
            sum += weight_of(across, i) * row[i * step];
        total += weight_of(down, j) * sum;
        row += plane->pitch;
    }
    return vdk_pixel_scaled(total);
}

/* Writes both chroma samples x, y, and answers what they add to luma. */
__device__ int16_t scale_chroma(const VdkScaleJob *job, int x, int y)
{
    const VdkPlane *from = job->from.chroma;
    const VdkLayer *to = &job->to[1];
    uint8_t u = 128, v = 128;

    if (job->from.step > 0) {
        const Along across = along(from->width, to->width, x);
        const Along down = along(from->height, to->height, y);

        u = scaled(&from[0], job->from.step, &across, &down);
        v = scaled(&from[1], job->from.step, &across, &down);
    }
    *vdk_sample_at(&to[0], x, y) = job->convert ? vdk_pixel_u(&job->matrix, u, v) : u;
    *vdk_sample_at(&to[1], x, y) = job->convert ? vdk_pixel_v(&job->matrix, u, v) : v;
    return vdk_pixel_tint(&job->matrix, u, v);
}

/* The luma pixels x0 .. x0 + sx - 1, y0 .. y0 + sy - 1. */
__device__ void scale_luma(const VdkScaleJob *job, int x0, int y0, int sx, int sy, int16_t tint)
{
    const VdkPlane *from = &job->from.luma;
    const VdkLayer *to = &job->to[0];

    for (int y = y0; y < y0 + sy && y < to->height; y++) {
        const Along down = along(from->height, to->height, y);

        for (int x = x0; x < x0 + sx && x < to->width; x++) {
            const Along across = along(from->width, to->width, x);
            const uint8_t value = scaled(from, 1, &across, &down);

            *vdk_sample_at(to, x, y) =
                job->convert ? vdk_pixel_luma(&job->matrix, value, tint) : value;
        }
    }
}

/*
 * A thread a chroma sample and the luma pixels that it tints; a thread a pixel of a grey picture.
 * Registers enough for four blocks at once: for more of them ptxas would spill.
 */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_TILE_X *VDK_DRAW_TILE_Y, 4)
    vdk_scale(const __grid_constant__ VdkScaleJob job)
{
    const VdkLayer *layer = &job.to[job.n_layers - 1];
    const int x = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    const int y = (int)(blockIdx.y * blockDim.y + threadIdx.y);
    int16_t tint = 0;

    if (x >= layer->width || y >= layer->height)
        return;
    if (job.n_layers == 3)
        tint = scale_chroma(&job, x, y);
    scale_luma(&job, x * layer->sx, y * layer->sy, layer->sx, layer->sy, tint);
}
VDK_KERNEL(vdk_scale)
