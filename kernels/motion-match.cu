#include "kernels/device.h"

#include "kernels/motion-cuda.h"

__device__ int inside(int at, int n)
{
    return min(max(at, 0), n - 1);
}

/* The census of a pixel; beyond the edge the outermost pixels go on. */
__device__ uint8_t census_at(const VdkMotionJob *job, int x, int y)
{
    const int xs[3] = {inside(x - 2, job->width), x, inside(x + 2, job->width)};
    const int ys[3] = {inside(y - 2, job->height), y, inside(y + 2, job->height)};
    const uint8_t limit = vdk_census_limit(job->now[(int64_t)y * job->width + x]);
    uint32_t census = 0, bit = 1;

    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            if (i == 1 && j == 1)
                continue;
            census |= job->now[(int64_t)ys[j] * job->width + xs[i]] > limit ? bit : 0;
            bit *= 2;
        }
    return (uint8_t)census;
}

/* --- renew ------------------------------------------------------------------------------------*/

__device__ void seed_pixel(const VdkMotionJob *job, int x, int y)
{
    const VdkBackground *back = &job->back;
    const uint32_t at = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;

    for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
        const uint32_t from = vdk_draw_first(at, k, 5);
        const int there_x = inside(x + (int)(from % 5) - 2, job->width);
        const int there_y = inside(y + (int)(from / 5) - 2, job->height);

        back->luma[k * back->room + at] = job->now[(int64_t)there_y * job->width + there_x];
        back->census[k * back->room + at] = census_at(job, there_x, there_y);
    }
    back->mean[at] = back->last[at] = job->now[at];
    back->wider[at] = vdk_first_wider(job->threshold);
    back->still[at] = 0;
}

__device__ void seed_cell(const VdkMotionJob *job, int x, int y)
{
    const VdkBackground *back = &job->back;
    const uint32_t at = (uint32_t)y * (uint32_t)job->across + (uint32_t)x;

    for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
        const uint32_t from = vdk_draw_first(at, k, 3);
        const int there_x = inside(x + (int)(from % 3) - 1, job->across);
        const int there_y = inside(y + (int)(from / 3) - 1, job->down);
        const int64_t there = (int64_t)there_y * job->across + there_x;

        back->cb[k * back->cell_room + at] = job->cb[there];
        back->cr[k * back->cell_room + at] = job->cr[there];
    }
    back->mean_cb[at] = job->cb[at];
    back->mean_cr[at] = job->cr[at];
}

__device__ void relight(const VdkMotionJob *job, int x, int y)
{
    const VdkBackground *back = &job->back;
    const int32_t slope = job->control->slope, offset = job->control->offset;
    const int64_t at = (int64_t)y * job->width + x;

    back->mean[at] = vdk_pixel_relit(back->mean[at], slope, offset);
    for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
        uint8_t *sample = back->luma + k * back->room + at;

        *sample = vdk_pixel_relit(*sample, slope, offset);
    }
}

__device__ void relight_cell(const VdkMotionJob *job, int x, int y)
{
    const VdkBackground *back = &job->back;
    const int32_t slope = job->control->slope;
    const int64_t at = (int64_t)y * job->across + x;

    back->mean_cb[at] = vdk_chroma_relit(back->mean_cb[at], slope);
    back->mean_cr[at] = vdk_chroma_relit(back->mean_cr[at], slope);
    for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
        uint8_t *cb = back->cb + k * back->cell_room + at;
        uint8_t *cr = back->cr + k * back->cell_room + at;

        *cb = vdk_chroma_relit(*cb, slope);
        *cr = vdk_chroma_relit(*cr, slope);
    }
}

extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_renew(const __grid_constant__ VdkMotionJob job)
{
    const int x = (int)(blockIdx.x * VDK_TILE_X + threadIdx.x);
    const int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);

    if (x >= job.width || y >= job.height)
        return;
    if (job.control->seeding) {
        seed_pixel(&job, x, y);
        if (x % 2 == 0 && y % 2 == 0)
            seed_cell(&job, x / 2, y / 2);
    } else if (job.control->slope != 0 || job.control->offset != 0) {
        relight(&job, x, y);
        if (x % 2 == 0 && y % 2 == 0)
            relight_cell(&job, x / 2, y / 2);
    }
}
VDK_KERNEL(vdk_motion_renew)

/* --- match ------------------------------------------------------------------------------------*/

__device__ bool differs(const VdkMotionJob *job, uint32_t at, uint32_t cell, uint8_t census)
{
    const VdkBackground *back = &job->back;
    const uint8_t now = job->now[at], cb = job->cb[cell], cr = job->cr[cell];
    const uint8_t radius = vdk_sum((uint8_t)job->control->threshold, back->wider[at]);
    uint32_t agree = 0;

    for (uint32_t k = 0; k < VDK_SAMPLES && agree < VDK_AGREE; k++) {
        const uint64_t pixel = k * back->room + at, its = k * back->cell_room + cell;
        const int bits = __popc((uint32_t)(census ^ back->census[pixel]));

        agree += vdk_agrees(vdk_apart(now, back->luma[pixel]), (uint8_t)(VDK_BIT_WEIGHT * bits),
                            vdk_chroma_apart(cb, cr, back->cb[its], back->cr[its]), radius);
    }
    return agree < VDK_AGREE;
}

__device__ bool in_shadow(const VdkMotionJob *job, int x, int y, uint32_t at, uint32_t cell)
{
    const VdkBackground *back = &job->back;
    const uint8_t black = job->black;
    const uint8_t luma = vdk_above(job->now[at], black), mean = vdk_above(back->mean[at], black);
    const int may = vdk_shadow_misses(luma, mean);
    int misses = 0;

    if (vdk_apart(job->cb[cell], back->mean_cb[cell]) +
            vdk_apart(job->cr[cell], back->mean_cr[cell]) >
        VDK_SHADOW_CHROMA)
        return false;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            if (i == 0 && j == 0)
                continue;
            const int64_t there =
                (int64_t)inside(y + j, job->height) * job->width + inside(x + i, job->width);

            misses += vdk_shadow_misses_at(luma, mean, vdk_above(job->now[there], black),
                                           vdk_above(back->mean[there], black));
        }
    return misses <= may;
}

/* A thread a pixel. Samples are asked until two agree, which is mostly after the second. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_match(const __grid_constant__ VdkMotionJob job)
{
    const int x = (int)(blockIdx.x * VDK_TILE_X + threadIdx.x);
    const int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);

    if (x >= job.width || y >= job.height || job.control->seeding)
        return;
    const uint32_t at = (uint32_t)y * (uint32_t)job.width + (uint32_t)x;
    const uint32_t cell = (uint32_t)(y / 2) * (uint32_t)job.across + (uint32_t)(x / 2);
    const uint8_t census = census_at(&job, x, y);

    job.back.still[at] =
        vdk_pixel_still(job.back.still[at], job.back.last[at], job.now[at], job.control->by.steps);
    job.back.last[at] = job.now[at];
    job.census[at] = census;
    job.raw[at] = differs(&job, at, cell, census) &&
                  !(job.control->shadows && in_shadow(&job, x, y, at, cell));
}
VDK_KERNEL(vdk_motion_match)
