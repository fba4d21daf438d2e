#pragma once

#include <stdint.h>

#include "kernels/both.h"

/*
 * What becomes of a block of 8 x 8 samples: the integer transform that libjpeg calls "islow"
 * (Loeffler, Ligtenberg and Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications",
 * 1989; factors in 1/8192), and quantisation. Both give the very numbers of libjpeg.
 */
#define VDK_JPEG_SIDE  8
#define VDK_JPEG_BLOCK 64 /* samples, coefficients */
#define VDK_JPEG_ROWS  11 /* shifts after the pass over rows, which leaves 4 times the value, */
#define VDK_JPEG_COLUMNS                                                    \
    15 /* and after that over columns, which leaves 8 times the coefficient \
        */

/* Of one coefficient. */
typedef struct VdkJpegDivisor {
    uint32_t reciprocal; /* 2^32 / divisor, rounded up */
    uint16_t half;       /* of the divisor, rounded down */
    uint16_t place;      /* along the zigzag */
} VdkJpegDivisor;

VDK_BOTH int32_t vdk_jpeg_descaled(int32_t value, int shift)
{
    return (value + (1 << (shift - 1))) >> shift;
}

/* The coefficients with even numbers, of the sums of opposite samples. */
VDK_BOTH void vdk_jpeg_even(int32_t d[VDK_JPEG_SIDE], int32_t s0, int32_t s1, int32_t s2,
                            int32_t s3, int shift)
{
    int32_t outer = s0 + s3, inner = s1 + s2, a = s0 - s3, b = s1 - s2;
    int32_t both = (a + b) * 4433;

    d[0] = vdk_jpeg_descaled((outer + inner) * 8192, shift);
    d[4] = vdk_jpeg_descaled((outer - inner) * 8192, shift);
    d[2] = vdk_jpeg_descaled(both + a * 6270, shift);
    d[6] = vdk_jpeg_descaled(both - b * 15137, shift);
}

/* Those with odd numbers, of the differences. */
VDK_BOTH void vdk_jpeg_odd(int32_t d[VDK_JPEG_SIDE], int32_t s0, int32_t s1, int32_t s2, int32_t s3,
                           int shift)
{
    int32_t all = (s0 + s1 + s2 + s3) * 9633;
    int32_t ends = (s0 + s3) * -7373, middle = (s1 + s2) * -20995;
    int32_t even = (s1 + s3) * -16069 + all, odd = (s0 + s2) * -3196 + all;

    d[7] = vdk_jpeg_descaled(s3 * 2446 + ends + even, shift);
    d[5] = vdk_jpeg_descaled(s2 * 16819 + middle + odd, shift);
    d[3] = vdk_jpeg_descaled(s1 * 25172 + middle + even, shift);
    d[1] = vdk_jpeg_descaled(s0 * 12299 + ends + odd, shift);
}

/* A row or a column, in place. */
VDK_BOTH void vdk_jpeg_transform(int32_t d[VDK_JPEG_SIDE], int shift)
{
    int32_t sums[4], differences[4];

    for (int i = 0; i < 4; i++) {
        sums[i] = d[i] + d[7 - i];
        differences[i] = d[i] - d[7 - i];
    }
    vdk_jpeg_even(d, sums[0], sums[1], sums[2], sums[3], shift);
    vdk_jpeg_odd(d, differences[0], differences[1], differences[2], differences[3], shift);
}

/*
 * Rounded to the nearest, halves away from zero. The product is exact: with 2^32 / divisor too
 * large by less than 1, it is off by less than value / 2^32, and value * divisor is below 2^26.
 */
VDK_BOTH int16_t vdk_jpeg_quantised(int32_t value, const VdkJpegDivisor *by)
{
    uint32_t size = (uint32_t)(value < 0 ? -value : value) + by->half;
    int32_t quotient = (int32_t)((uint64_t)size * by->reciprocal >> 32);

    return (int16_t)(value < 0 ? -quotient : quotient);
}
