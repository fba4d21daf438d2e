#include "kernels/motion-state.h"

#include <string.h>

/* Which pixels differ from the background, and which of them are not alone. */

VDK_VECTOR static uint32_t differ_row(const uint8_t *restrict now, const int16_t *restrict mean,
                                      const int16_t *restrict noise, uint16_t threshold, int n,
                                      uint8_t *restrict raw)
{
    for (int x = 0; x < n; x++)
        raw[x] = vdk_pixel_differs(mean[x], noise[x], now[x], threshold);
    uint32_t sum = 0;
    for (int x = 0; x < n; x++)
        sum += raw[x];
    return sum;
}

/* The sum along x of the window around every pixel; row begins a margin to the left. */
VDK_VECTOR static void sum_row(const uint8_t *restrict row, int n, uint8_t *restrict sums)
{
    for (int x = 0; x < n; x++) {
        uint8_t sum = 0;

        for (int k = 0; k < VDK_WINDOW; k++)
            sum = (uint8_t)(sum + row[x + k]);
        sums[x] = sum;
    }
}

VDK_VECTOR static uint32_t majority_row(const uint8_t *restrict sums, int n,
                                        uint8_t *restrict clean)
{
    for (int x = 0; x < n; x++) {
        uint8_t sum = 0;

        for (int k = 0; k < VDK_WINDOW; k++)
            sum = (uint8_t)(sum + sums[k * n + x]);
        clean[x] = sum >= VDK_MAJORITY ? 255 : 0;
    }
    uint32_t set = 0;
    for (int x = 0; x < n; x++)
        set += clean[x] & 1;
    return set;
}

void vdk_cpu_compare(const VdkMotionPlanes *planes, int threshold, uint32_t *raw, uint32_t *clean)
{
    int width = planes->width, height = planes->height;
    size_t stride = (size_t)width, padded = stride + 2 * VDK_MARGIN;

    memset(planes->raw, 0, padded * ((size_t)height + 2 * VDK_MARGIN));
    memset(planes->sums, 0, stride * VDK_MARGIN);
    memset(planes->sums + stride * ((size_t)height + VDK_MARGIN), 0, stride * VDK_MARGIN);
    *raw = *clean = 0;
    for (size_t y = 0; y < (size_t)height; y++) {
        uint8_t *row = planes->raw + (y + VDK_MARGIN) * padded;
        size_t at = y * stride;

        *raw += differ_row(planes->now + at, planes->mean + at, planes->noise + at,
                           (uint16_t)(threshold * VDK_GREY), width, row + VDK_MARGIN);
        sum_row(row, width, planes->sums + (y + VDK_MARGIN) * stride);
    }
    for (size_t y = 0; y < (size_t)height; y++)
        *clean += majority_row(planes->sums + y * stride, width, planes->clean + y * stride);
}
