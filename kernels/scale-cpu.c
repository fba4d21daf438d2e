#include "kernels/cpu.h"

#include <errno.h>
#include <string.h>

#include "kernels/convert-cpu.h"
#include "kernels/image.h"
#include "kernels/scale-pixel.h"

/* Rows first: they are summed whole, which is vector code, and what is left is narrow. */

/*
 * What lies in the caller's scratch memory. Every column of the result has equally many weights,
 * some of them 0, so that a row is one plain loop.
 */
typedef struct Scratch {
    int *first;        /* one a column of the result: its first sample */
    uint16_t *weights; /* taps a column */
    int taps;
    uint16_t *sums; /* one row of the source, weighted by rows */
} Scratch;

/* Planes that share rows: one, or two interleaved ones. */
typedef struct Source {
    const VdkPlane *plane;
    int step;
} Source;

size_t vdk_scale_scratch_size(const VdkImage *from, const VdkImage *to)
{
    if (!vdk_image_ok(from) || !vdk_image_ok(to))
        return 0;
    size_t source = (size_t)from->luma.width, result = (size_t)to->luma.width;

    return result * sizeof(int) + (source + 2 * result) * 2 + 2 * source * 2;
}

static Scratch scratch_in(void *memory, const VdkImage *from, const VdkImage *to)
{
    Scratch scratch = {.first = memory};

    scratch.weights = (uint16_t *)(scratch.first + to->luma.width);
    scratch.sums = scratch.weights + from->luma.width + 2 * (size_t)to->luma.width;
    return scratch;
}

/* The most samples that a result's sample is made of. */
static int most_taps(int from, int to)
{
    int most = to > from ? 2 : from / to + (from % to > 0 ? 2 : 0);

    return most < from ? most : from;
}

static void prepare_columns(Scratch *scratch, int from, int to)
{
    uint16_t *weight = scratch->weights;

    scratch->taps = most_taps(from, to);
    for (int x = 0; x < to; x++) {
        VdkTaps taps = vdk_taps_at(from, to, x);
        int beyond = taps.first + scratch->taps - from;
        int lead = beyond > 0 ? beyond : 0; /* weights of 0 come first where the row ends */

        scratch->first[x] = taps.first - lead;
        for (int k = -lead; k < scratch->taps - lead; k++)
            *weight++ =
                k >= 0 && k < taps.count ? (uint16_t)vdk_taps_weight(&taps, from, to, k) : 0;
    }
}

VDK_VECTOR static void set_sums(uint16_t *restrict sums, const uint8_t *restrict row, int n,
                                uint16_t weight)
{
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(row[x] * weight);
}

VDK_VECTOR static void add_sums(uint16_t *restrict sums, const uint8_t *restrict row, int n,
                                uint16_t weight)
{
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] + row[x] * weight);
}

static void sum_rows(uint16_t *sums, const Source *source, int result_height, int y)
{
    const VdkPlane *plane = source->plane;
    VdkTaps taps = vdk_taps_at(plane->height, result_height, y);

    for (int k = 0; k < taps.count; k++) {
        const uint8_t *row = plane->data + (ptrdiff_t)(taps.first + k) * plane->pitch;
        uint16_t weight = (uint16_t)vdk_taps_weight(&taps, plane->height, result_height, k);

        if (k == 0)
            set_sums(sums, row, plane->width * source->step, weight);
        else
            add_sums(sums, row, plane->width * source->step, weight);
    }
}

/* Every result's sample is made of k samples of its own, with the same weights: vector code. */
VDK_BOTH void scale_row_by(const uint16_t *restrict weights, const uint16_t *restrict sums,
                           uint8_t *restrict row, int n, int k, int step)
{
    for (int x = 0; x < n; x++) {
        uint32_t total = 0;

        for (int i = 0; i < k; i++)
            total += (uint32_t)weights[i] * sums[(x * k + i) * step];
        row[x] = vdk_pixel_scaled(total);
    }
}

VDK_VECTOR static void scale_row_planar(const uint16_t *weights, const uint16_t *sums, uint8_t *row,
                                        int n, int k)
{
    if (k == 1)
        scale_row_by(weights, sums, row, n, 1, 1);
    else if (k == 2)
        scale_row_by(weights, sums, row, n, 2, 1);
    else if (k == 3)
        scale_row_by(weights, sums, row, n, 3, 1);
    else
        scale_row_by(weights, sums, row, n, k, 1);
}

VDK_VECTOR static void scale_row_interleaved(const uint16_t *weights, const uint16_t *sums,
                                             uint8_t *row, int n, int k)
{
    if (k == 1)
        scale_row_by(weights, sums, row, n, 1, 2);
    else if (k == 2)
        scale_row_by(weights, sums, row, n, 2, 2);
    else if (k == 3)
        scale_row_by(weights, sums, row, n, 3, 2);
    else
        scale_row_by(weights, sums, row, n, k, 2);
}

VDK_BOTH void scale_row_with(const Scratch *scratch, const uint16_t *sums, int step, uint8_t *row,
                             int width, int row_step, int taps)
{
    for (int x = 0; x < width; x++) {
        const uint16_t *weight = scratch->weights + (ptrdiff_t)x * taps;
        const uint16_t *sum = sums + (ptrdiff_t)scratch->first[x] * step;
        uint32_t total = 0;

        for (int k = 0; k < taps; k++)
            total += (uint32_t)weight[k] * sum[k * step];
        row[x * row_step] = vdk_pixel_scaled(total);
    }
}

/* Few taps are written out by the compiler. */
static void scale_row_any(const Scratch *scratch, const uint16_t *sums, int step, uint8_t *row,
                          int width, int row_step)
{
    if (scratch->taps == 2 && step == 1 && row_step == 1)
        scale_row_with(scratch, sums, 1, row, width, 1, 2);
    else if (scratch->taps == 3 && step == 1 && row_step == 1)
        scale_row_with(scratch, sums, 1, row, width, 1, 3);
    else if (scratch->taps == 4 && step == 1 && row_step == 1)
        scale_row_with(scratch, sums, 1, row, width, 1, 4);
    else
        scale_row_with(scratch, sums, step, row, width, row_step, scratch->taps);
}

/* times: samples of the source for one of the result where that is a whole number, else 0. */
static void scale_row(const Scratch *scratch, const uint16_t *sums, int step, uint8_t *row,
                      int width, int row_step, int times)
{
    if (times == 0 || row_step != 1)
        scale_row_any(scratch, sums, step, row, width, row_step);
    else if (step == 1)
        scale_row_planar(scratch->weights, sums, row, width, times);
    else
        scale_row_interleaved(scratch->weights, sums, row, width, times);
}

static void copy_rows(const VdkPlane *from, VdkPlane *to, int step)
{
    for (int y = 0; y < to->height; y++)
        memcpy(to->data + (ptrdiff_t)y * to->pitch, from->data + (ptrdiff_t)y * from->pitch,
               (size_t)to->width * (size_t)step - (size_t)(step - 1));
}

/* Scales the planes of a source into n planes of the same size. */
static void scale_planes(const Source *source, Scratch *scratch, VdkPlane *to, int n, int to_step)
{
    const VdkPlane *from = source->plane;

    if (from->width == to->width && from->height == to->height && source->step == 1 &&
        to_step == 1) {
        copy_rows(from, to, 1);
        return;
    }
    int times = from->width % to->width == 0 ? from->width / to->width : 0;
    prepare_columns(scratch, from->width, to->width);
    for (int y = 0; y < to->height; y++) {
        sum_rows(scratch->sums, source, to->height, y);
        for (int i = 0; i < n; i++)
            scale_row(scratch, scratch->sums + i, source->step,
                      to[i].data + (ptrdiff_t)y * to[i].pitch, to->width, to_step, times);
    }
}

static void fill_grey(VdkPlane *plane, int step)
{
    for (int y = 0; y < plane->height; y++) {
        uint8_t *row = plane->data + (ptrdiff_t)y * plane->pitch;

        for (int x = 0; x < plane->width; x++)
            row[x * step] = 128;
    }
}

static void scale_chroma(const VdkImage *from, Scratch *scratch, VdkImage *to)
{
    if (to->step == 0)
        return;
    if (from->step == 0) {
        fill_grey(&to->chroma[0], to->step);
        fill_grey(&to->chroma[1], to->step);
    } else if (from->step == 2) {
        scale_planes(&(Source){&from->chroma[0], 2}, scratch, to->chroma, 2, to->step);
    } else {
        scale_planes(&(Source){&from->chroma[0], 1}, scratch, &to->chroma[0], 1, to->step);
        scale_planes(&(Source){&from->chroma[1], 1}, scratch, &to->chroma[1], 1, to->step);
    }
}

static bool same_plane(const VdkPlane *a, const VdkPlane *b)
{
    return a->width == b->width && a->height == b->height;
}

static bool same_shape(const VdkImage *a, const VdkImage *b)
{
    return a->step == b->step && same_plane(&a->luma, &b->luma) &&
           (a->step == 0 || same_plane(&a->chroma[0], &b->chroma[0]));
}

int vdk_cpu_scale(const VdkImage *from, const VdkConversion *conversion, void *scratch,
                  VdkImage *to)
{
    VdkLayer layers[3];

    if (!vdk_image_ok(from) || !scratch || vdk_image_layers(to, layers) < 0)
        return -EINVAL;
    if (conversion && conversion->matrix != VDK_BT601 && conversion->matrix != VDK_BT709)
        return -EINVAL;
    bool convert = vdk_cpu_converts(conversion);
    if (convert && same_shape(from, to)) {
        vdk_cpu_convert(conversion, from, to, layers);
        return 0;
    }
    Scratch parts = scratch_in(scratch, from, to);
    scale_planes(&(Source){&from->luma, 1}, &parts, &to->luma, 1, 1);
    scale_chroma(from, &parts, to);
    if (convert)
        vdk_cpu_convert(conversion, to, to, layers);
    return 0;
}
