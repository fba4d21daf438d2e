#pragma once

#include <stdint.h>

#include "kernels/both.h"
#include "kernels/vdk.h"

/*
 * Values of one matrix and range as those of full-range BT.601. Factors are in 1/16384 and sums in
 * 1/64, so that all of it is 16-bit arithmetic: twice as many pixels in a vector, and one
 * instruction for a rounded product.
 */
typedef struct VdkMatrixQ14 {
    int16_t black; /* luma's zero */
    int16_t yy, yu, yv;
    int16_t uu, uv;
    int16_t vu, vv;
} VdkMatrixQ14;

/*
 * BT.709 to BT.601 over RGB, once with full range and once with luma * 255/219 and chroma * 255/224
 * in it. Grey stays grey: luma does not enter chroma.
 */
VDK_BOTH VdkMatrixQ14 vdk_matrix_q14(const VdkConversion *conversion)
{
    if (conversion->matrix == VDK_BT709)
        return conversion->limited
                   ? (VdkMatrixQ14){16, 19077, 1895, 3657, 18462, -2064, -1351, 18342}
                   : (VdkMatrixQ14){0, 16384, 1664, 3213, 16218, -1813, -1187, 16112};
    return conversion->limited ? (VdkMatrixQ14){16, 19077, 0, 0, 18651, 0, 0, 18651}
                               : (VdkMatrixQ14){0, 16384, 0, 0, 16384, 0, 0, 16384};
}

/* difference (-128..239) * factor, in 1/64, rounded. */
VDK_BOTH int16_t vdk_pixel_part(int16_t difference, int16_t factor)
{
    int16_t wide = (int16_t)(difference * 128);

    return (int16_t)(((wide * factor >> 14) + 1) >> 1);
}

/* A sum in 1/64 as a value around `zero`. Each step is cut to 16 bits, or vectors would widen. */
VDK_BOTH uint8_t vdk_pixel_whole(int16_t sum, int16_t zero)
{
    int16_t rounded = (int16_t)(sum + 32);
    int16_t shifted = (int16_t)(rounded >> 6);
    int16_t value = (int16_t)(shifted + zero);

    value = value < 0 ? (int16_t)0 : value;
    value = value > 255 ? (int16_t)255 : value;
    return (uint8_t)value;
}

/* What chroma adds to luma, in 1/64. */
VDK_BOTH int16_t vdk_pixel_tint(const VdkMatrixQ14 *m, uint8_t u, uint8_t v)
{
    return (int16_t)(vdk_pixel_part((int16_t)(u - 128), m->yu) +
                     vdk_pixel_part((int16_t)(v - 128), m->yv));
}

VDK_BOTH uint8_t vdk_pixel_luma(const VdkMatrixQ14 *m, uint8_t y, int16_t tint)
{
    return vdk_pixel_whole((int16_t)(vdk_pixel_part((int16_t)(y - m->black), m->yy) + tint), 0);
}

VDK_BOTH uint8_t vdk_pixel_u(const VdkMatrixQ14 *m, uint8_t u, uint8_t v)
{
    return vdk_pixel_whole((int16_t)(vdk_pixel_part((int16_t)(u - 128), m->uu) +
                                     vdk_pixel_part((int16_t)(v - 128), m->uv)),
                           128);
}

VDK_BOTH uint8_t vdk_pixel_v(const VdkMatrixQ14 *m, uint8_t u, uint8_t v)
{
    return vdk_pixel_whole((int16_t)(vdk_pixel_part((int16_t)(u - 128), m->vu) +
                                     vdk_pixel_part((int16_t)(v - 128), m->vv)),
                           128);
}
