#pragma once

#include "kernels/both.h"

#include <stdint.h>

/*
 * The discrete Fourier transform of 64 complex numbers: radix 2, decimation in time, the factors in
 * 1/16384, each product rounded. Results are sums, not scaled: numbers of b bits become ones of
 * b + 6, and two directions fit 32 bits for inputs of up to 17 and a sign.
 */
#define VDK_FFT_SIDE 64
#define VDK_FFT_BITS 6
#define VDK_FFT_UNIT 14 /* bits of the factors behind the point */

typedef struct VdkComplex {
    int32_t re, im;
} VdkComplex;

/* exp(-2 pi i k / 64) for k in 0..31. */
VDK_BOTH VdkComplex vdk_fft_factor(int k)
{
    /* cos(2 pi k / 64) for k in 0..32, rounded; its sine is the cosine of 16 - k. */
    static const int16_t cosines[33] = {
        16384, 16305,  16069,  15679,  15137,  14449,  13623,  12665,  11585,  10394,  9102,
        7723,  6270,   4756,   3196,   1606,   0,      -1606,  -3196,  -4756,  -6270,  -7723,
        -9102, -10394, -11585, -12665, -13623, -14449, -15137, -15679, -16069, -16305, -16384,
    };
    const int quarter = VDK_FFT_SIDE / 4;

    return (VdkComplex){cosines[k], -cosines[k < quarter ? quarter - k : k - quarter]};
}

VDK_BOTH int32_t vdk_fft_round(int64_t product)
{
    return (int32_t)((product + (1 << (VDK_FFT_UNIT - 1))) >> VDK_FFT_UNIT);
}

VDK_BOTH VdkComplex vdk_fft_times(VdkComplex a, VdkComplex factor)
{
    return (VdkComplex){
        vdk_fft_round((int64_t)a.re * factor.re - (int64_t)a.im * factor.im),
        vdk_fft_round((int64_t)a.re * factor.im + (int64_t)a.im * factor.re),
    };
}

VDK_BOTH int vdk_fft_reversed(int i)
{
    int reversed = 0;

    for (int bit = 0; bit < VDK_FFT_BITS; bit++)
        reversed |= ((i >> bit) & 1) << (VDK_FFT_BITS - 1 - bit);
    return reversed;
}

/* a[i], a[j] become a[i] + f a[j], a[i] - f a[j]. */
VDK_BOTH void vdk_fft_butterfly(VdkComplex *a, int i, int j, VdkComplex factor)
{
    const VdkComplex first = a[i], second = vdk_fft_times(a[j], factor);

    a[i] = (VdkComplex){first.re + second.re, first.im + second.im};
    a[j] = (VdkComplex){first.re - second.re, first.im - second.im};
}

/* In place, of numbers that lie `stride` apart. */
VDK_LONG void vdk_fft(VdkComplex *line, int stride)
{
    VdkComplex a[VDK_FFT_SIDE];

    VDK_ROLLED
    for (int i = 0; i < VDK_FFT_SIDE; i++)
        a[vdk_fft_reversed(i)] = line[i * stride];
    VDK_ROLLED
    for (int half = 1; half < VDK_FFT_SIDE; half *= 2)
        VDK_ROLLED
    for (int k = 0; k < half; k++) {
        const VdkComplex factor = vdk_fft_factor(k * (VDK_FFT_SIDE / 2 / half));

        VDK_ROLLED
        for (int i = k; i < VDK_FFT_SIDE; i += 2 * half)
            vdk_fft_butterfly(a, i, i + half, factor);
    }
    VDK_ROLLED
    for (int i = 0; i < VDK_FFT_SIDE; i++)
        line[i * stride] = a[i];
}
