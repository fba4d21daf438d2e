#include "kernels/device.h"
#include "kernels/quality-pixel.h"

__device__ void measure_luma(const VdkQualityJob *job, int column, int line, VdkQualityCell *cell)
{
    const VdkPlane *luma = &job->image.luma;
    const int x0 = vdk_quality_begin(luma->width, column),
              x1 = vdk_quality_end(luma->width, column);
    const int y0 = vdk_quality_begin(luma->height, line), y1 = vdk_quality_end(luma->height, line);
    const int last = luma->width - 1;

    VDK_ROLLED
    for (int y = y0; y < y1; y += vdk_quality_stride(y1 - y0)) {
        const uint8_t *row = luma->data + (int64_t)y * luma->pitch;

        VDK_ROLLED
        for (int x = x0; x < x1; x++) {
            const uint8_t near = row[min(x + job->step, last)];
            const uint8_t far = row[min(x + VDK_QUALITY_FAR * job->step, last)];
            const uint8_t value = row[x];

            cell->pixels++;
            cell->luma += value;
            cell->fine += vdk_quality_square(value, near);
            cell->coarse += vdk_quality_square(value, far);
            cell->black += value <= job->black;
            cell->white += value >= job->white;
        }
    }
}

__device__ void measure_chroma(const VdkQualityJob *job, int column, int line, VdkQualityCell *cell)
{
    const VdkPlane *u = &job->image.chroma[0], *v = &job->image.chroma[1];
    const int x0 = vdk_quality_begin(u->width, column), x1 = vdk_quality_end(u->width, column);
    const int y0 = vdk_quality_begin(u->height, line), y1 = vdk_quality_end(u->height, line);

    VDK_ROLLED
    for (int y = y0; y < y1; y += vdk_quality_stride(y1 - y0))
        VDK_ROLLED
    for (int x = x0; x < x1; x++) {
        const int64_t at = (int64_t)y * u->pitch + (int64_t)x * job->image.step;

        cell->samples++;
        cell->colour += vdk_quality_from_grey(u->data[at], v->data[at]);
    }
}

/*
 * A block a row of cells, a thread a cell: 120 pixels of a 1920 pixels wide picture, one after the
 * other. More threads would be done sooner, and nobody waits twice a second for what they save.
 */
extern "C" __global__ void __launch_bounds__(VDK_QUALITY_SIDE)
    vdk_quality_measure(const __grid_constant__ VdkQualityJob job)
{
    const int column = (int)threadIdx.x, line = (int)blockIdx.x;
    VdkQualityCell cell = {0};

    measure_luma(&job, column, line, &cell);
    if (job.image.step > 0)
        measure_chroma(&job, column, line, &cell);
    job.scratch->cells[line * VDK_QUALITY_SIDE + column] = cell;
}
VDK_KERNEL(vdk_quality_measure)

/*
 * One block, a thread a row or a column of cells: it takes a few hundred microseconds of one
 * multiprocessor, twice a second, and the others work on.
 */
extern "C" __global__ void __launch_bounds__(VDK_QUALITY_SIDE)
    vdk_quality_finish(const __grid_constant__ VdkQualityJob job)
{
    const int i = (int)threadIdx.x;

    vdk_quality_sum_row(&job, i);
    __syncthreads();
    if (i == 0)
        vdk_quality_sum_up(&job);
    __syncthreads();
    vdk_quality_transform_row(&job, i);
    __syncthreads();
    vdk_quality_transform_column(&job, i);
    __syncthreads();
    vdk_quality_match_column(&job, i);
    __syncthreads();
    vdk_quality_match_row(&job, i);
    __syncthreads();
    if (i == 0)
        vdk_quality_find_shift(&job);
}
VDK_KERNEL(vdk_quality_finish)
