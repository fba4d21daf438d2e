#include "kernels/quality-job.h"

#include <errno.h>

#include "kernels/cpu.h"
#include "kernels/image.h"

#define LONGEST_US 10000000 /* longer pauses count as this one */

/* --- cells --- */

/* `last` is the last pixel of the row: what lies beyond it is it. */
static void add_pixels(VdkQualityCell *cell, const uint8_t *row, int n, int step, int last)
{
    for (int x = 0; x < n; x++) {
        int near = x + step < last ? x + step : last;
        int far = x + VDK_QUALITY_FAR * step < last ? x + VDK_QUALITY_FAR * step : last;

        cell->fine += vdk_quality_square(row[x], row[near]);
        cell->coarse += vdk_quality_square(row[x], row[far]);
    }
}

VDK_VECTOR static void add_inner(VdkQualityCell *cell, const uint8_t *restrict row, int n, int step)
{
    const uint8_t *restrict near = row + step, *restrict far =
                                                   row + (ptrdiff_t)VDK_QUALITY_FAR * step;
    uint32_t fine = 0, coarse = 0;

    for (int x = 0; x < n; x++) {
        fine += vdk_quality_square(row[x], near[x]);
        coarse += vdk_quality_square(row[x], far[x]);
    }
    cell->fine += fine;
    cell->coarse += coarse;
}

VDK_VECTOR static void add_levels(VdkQualityCell *cell, const uint8_t *row, int n, uint8_t black,
                                  uint8_t white)
{
    uint32_t luma = 0, dark = 0, bright = 0;

    for (int x = 0; x < n; x++) {
        luma += row[x];
        dark += row[x] <= black;
        bright += row[x] >= white;
    }
    cell->luma += luma;
    cell->black += dark;
    cell->white += bright;
    cell->pixels += (uint32_t)n;
}

VDK_VECTOR static void add_chroma(VdkQualityCell *cell, const uint8_t *u, const uint8_t *v, int n,
                                  int step)
{
    uint32_t colour = 0;

    for (int x = 0; x < n; x++)
        colour += vdk_quality_from_grey(u[x * step], v[x * step]);
    cell->colour += colour;
    cell->samples += (uint32_t)n;
}

static void measure_luma(const VdkQualityJob *job, int column, int line, VdkQualityCell *cell)
{
    const VdkPlane *luma = &job->image.luma;
    int x0 = vdk_quality_begin(luma->width, column), x1 = vdk_quality_end(luma->width, column);
    int y0 = vdk_quality_begin(luma->height, line), y1 = vdk_quality_end(luma->height, line);
    int inner = luma->width - VDK_QUALITY_FAR * job->step - x0;

    inner = inner < 0 ? 0 : inner < x1 - x0 ? inner : x1 - x0;
    for (int y = y0; y < y1; y += vdk_quality_stride(y1 - y0)) {
        const uint8_t *row = luma->data + (ptrdiff_t)y * luma->pitch + x0;

        add_levels(cell, row, x1 - x0, job->black, job->white);
        add_inner(cell, row, inner, job->step);
        add_pixels(cell, row + inner, x1 - x0 - inner, job->step, luma->width - 1 - x0 - inner);
    }
}

static void measure_chroma(const VdkQualityJob *job, int column, int line, VdkQualityCell *cell)
{
    const VdkPlane *u = &job->image.chroma[0], *v = &job->image.chroma[1];
    int x0 = vdk_quality_begin(u->width, column), x1 = vdk_quality_end(u->width, column);
    int y0 = vdk_quality_begin(u->height, line), y1 = vdk_quality_end(u->height, line);

    for (int y = y0; y < y1; y += vdk_quality_stride(y1 - y0)) {
        ptrdiff_t at = (ptrdiff_t)y * u->pitch + (ptrdiff_t)x0 * job->image.step;

        add_chroma(cell, u->data + at, v->data + at, x1 - x0, job->image.step);
    }
}

static void measure(const VdkQualityJob *job)
{
    for (int i = 0; i < VDK_QUALITY_CELLS; i++) {
        VdkQualityCell cell = {0};

        measure_luma(job, i % VDK_QUALITY_SIDE, i / VDK_QUALITY_SIDE, &cell);
        if (job->image.step > 0)
            measure_chroma(job, i % VDK_QUALITY_SIDE, i / VDK_QUALITY_SIDE, &cell);
        job->scratch->cells[i] = cell;
    }
}

/* --- the operator --- */

size_t vdk_quality_state_size(void)
{
    return sizeof(VdkQualityState);
}

size_t vdk_quality_scratch_size(void)
{
    return sizeof(VdkQualityScratch);
}

int vdk_quality_job(const VdkImage *image, int64_t elapsed_us, int black, void *state,
                    void *scratch, VdkQualityJob *job)
{
    if (!vdk_image_ok(image) || !state || !scratch || black < 0 || black > 255)
        return -EINVAL;
    *job = (VdkQualityJob){
        .image = *image,
        .step = image->luma.width > VDK_QUALITY_STEPS ? image->luma.width / VDK_QUALITY_STEPS : 1,
        .black = (uint8_t)(black + 8 < 255 ? black + 8 : 255),
        .white = black > 0 ? 230 : 250,
        .elapsed_us = elapsed_us < 0            ? 0
                      : elapsed_us < LONGEST_US ? elapsed_us
                                                : LONGEST_US,
        .state = state,
        .scratch = scratch,
    };
    return 0;
}

int vdk_cpu_quality(const VdkImage *image, int64_t elapsed_us, int black, void *state,
                    void *scratch, VdkQualityReport *report)
{
    VdkQualityJob job;

    if (!report || vdk_quality_job(image, elapsed_us, black, state, scratch, &job) != 0)
        return -EINVAL;
    measure(&job);
    for (int i = 0; i < VDK_QUALITY_SIDE; i++)
        vdk_quality_sum_row(&job, i);
    vdk_quality_sum_up(&job);
    for (int i = 0; i < VDK_QUALITY_SIDE; i++)
        vdk_quality_transform_row(&job, i);
    for (int i = 0; i < VDK_QUALITY_SIDE; i++)
        vdk_quality_transform_column(&job, i);
    for (int i = 0; i < VDK_QUALITY_SIDE; i++)
        vdk_quality_match_column(&job, i);
    for (int i = 0; i < VDK_QUALITY_SIDE; i++)
        vdk_quality_match_row(&job, i);
    vdk_quality_find_shift(&job);
    *report = job.scratch->report;
    return 0;
}
