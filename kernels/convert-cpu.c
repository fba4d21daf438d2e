#include "kernels/convert-cpu.h"

#include "kernels/convert-pixel.h"

enum { BLOCK = 256 }; /* luma pixels whose tints are worked out at a time */

/* Rows are converted in place (from is row) or from one picture into another. */

VDK_VECTOR static void convert_luma_alone(VdkMatrixQ14 m, const uint8_t *from, uint8_t *row, int n)
{
    VDK_APART
    for (int x = 0; x < n; x++)
        row[x] = vdk_pixel_luma(&m, from[x], 0);
}

VDK_VECTOR static void tint_luma(VdkMatrixQ14 m, const uint8_t *from, uint8_t *row,
                                 const int16_t *tints, int n)
{
    VDK_APART
    for (int x = 0; x < n; x++)
        row[x] = vdk_pixel_luma(&m, from[x], tints[x]); /* NOLINT: n of them were written */
}

/* n tints from chroma samples that cover two luma pixels each. */
VDK_VECTOR static void tints_of_pairs(VdkMatrixQ14 m, int16_t *restrict tints,
                                      const uint8_t *restrict u, const uint8_t *restrict v, int n)
{
    for (int c = 0; c < n; c++)
        tints[2 * c] = tints[2 * c + 1] = vdk_pixel_tint(&m, u[c], v[c]);
}

VDK_VECTOR static void tints_of_interleaved_pairs(VdkMatrixQ14 m, int16_t *restrict tints,
                                                  const uint8_t *restrict uv, int n)
{
    for (int c = 0; c < n; c++)
        tints[2 * c] = tints[2 * c + 1] = vdk_pixel_tint(&m, uv[2 * c], uv[2 * c + 1]);
}

/* Any subsampling: sx luma pixels a sample, samples `step` apart. */
static void tints_of_any(VdkMatrixQ14 m, int16_t *tints, const uint8_t *u, const uint8_t *v, int n,
                         int sx, int step)
{
    for (int x = 0; x < n; x++)
        tints[x] = vdk_pixel_tint(&m, u[x / sx * step], v[x / sx * step]);
}

static uint8_t *row_of(const VdkPlane *plane, int y)
{
    return plane->data + (ptrdiff_t)y * plane->pitch;
}

/* The luma rows that chroma row cy lies over: y .. end - 1. */
typedef struct Band {
    int y, end;
} Band;

static Band band_of(const VdkLayer *chroma, const VdkPlane *luma, int cy)
{
    int y = cy * chroma->sy, end = y + chroma->sy;

    return (Band){y, end < luma->height ? end : luma->height};
}

/* Luma pixels x .. x + n - 1 of a band, tinted alike. x is a multiple of BLOCK. */
static void convert_block(VdkMatrixQ14 m, const VdkImage *from, VdkImage *to,
                          const VdkLayer *chroma, int cy, int x, int n)
{
    Band band = band_of(chroma, &to->luma, cy);
    int16_t tints[BLOCK + 1];
    int sx = chroma->sx, step = from->step;
    const uint8_t *u = row_of(&from->chroma[0], cy), *v = row_of(&from->chroma[1], cy);

    if (sx == 2 && step == 1)
        tints_of_pairs(m, tints, u + x / 2, v + x / 2, (n + 1) / 2);
    else if (sx == 2)
        tints_of_interleaved_pairs(m, tints, u + x, (n + 1) / 2);
    else
        tints_of_any(m, tints, u + (ptrdiff_t)(x / sx) * step, v + (ptrdiff_t)(x / sx) * step, n,
                     sx, step);
    for (int y = band.y; y < band.end; y++)
        tint_luma(m, row_of(&from->luma, y) + x, row_of(&to->luma, y) + x, tints, n);
}

static void convert_grey(VdkMatrixQ14 m, const VdkImage *from, VdkImage *to, Band band)
{
    for (int y = band.y; y < band.end; y++)
        convert_luma_alone(m, row_of(&from->luma, y), row_of(&to->luma, y), to->luma.width);
}

static void convert_luma(VdkMatrixQ14 m, const VdkImage *from, VdkImage *to, const VdkLayer *chroma,
                         int cy)
{
    int n = to->luma.width;

    if (m.yu == 0 && m.yv == 0) {
        convert_grey(m, from, to, band_of(chroma, &to->luma, cy));
        return;
    }
    for (int x = 0; x < n; x += BLOCK)
        convert_block(m, from, to, chroma, cy, x, n - x < BLOCK ? n - x : BLOCK);
}

VDK_VECTOR static void convert_chroma_planar(VdkMatrixQ14 m, const uint8_t *from_u,
                                             const uint8_t *from_v, uint8_t *u, uint8_t *v, int n)
{
    VDK_APART
    for (int x = 0; x < n; x++) {
        uint8_t was_u = from_u[x], was_v = from_v[x];

        u[x] = vdk_pixel_u(&m, was_u, was_v);
        v[x] = vdk_pixel_v(&m, was_u, was_v);
    }
}

VDK_VECTOR static void convert_chroma_interleaved(VdkMatrixQ14 m, const uint8_t *from, uint8_t *uv,
                                                  int n)
{
    VDK_APART
    for (int x = 0; x < n; x++) {
        uint8_t was_u = from[2 * x], was_v = from[2 * x + 1];

        uv[2 * x] = vdk_pixel_u(&m, was_u, was_v);
        uv[2 * x + 1] = vdk_pixel_v(&m, was_u, was_v);
    }
}

static void convert_chroma(VdkMatrixQ14 m, const VdkImage *from, VdkImage *to, int y)
{
    const uint8_t *from_u = row_of(&from->chroma[0], y), *from_v = row_of(&from->chroma[1], y);
    uint8_t *u = row_of(&to->chroma[0], y), *v = row_of(&to->chroma[1], y);

    if (to->step == 1)
        convert_chroma_planar(m, from_u, from_v, u, v, to->chroma[0].width);
    else
        convert_chroma_interleaved(m, from_u, u, to->chroma[0].width);
}

bool vdk_cpu_converts(const VdkConversion *conversion)
{
    return conversion && (conversion->limited || conversion->matrix != VDK_BT601);
}

/* A chroma row is changed after the luma rows that are tinted by it as it came. */
void vdk_cpu_convert(const VdkConversion *conversion, const VdkImage *from, VdkImage *to,
                     const VdkLayer layers[3])
{
    VdkMatrixQ14 matrix = vdk_matrix_q14(conversion);

    if (to->step == 0) {
        convert_grey(matrix, from, to, (Band){0, to->luma.height});
        return;
    }
    for (int cy = 0; cy < to->chroma[0].height; cy++) {
        convert_luma(matrix, from, to, &layers[1], cy);
        convert_chroma(matrix, from, to, cy);
    }
}
