#pragma once

#include <stdint.h>

#include "kernels/both.h"

/*
 * One direction of scaling `from` samples to `to`: sample i of the result is made of `count`
 * samples from `first` on, whose weights sum to 256.
 *
 * Smaller: each source sample weighs by the part of it that the result's sample covers. The weights
 * are differences of one rounded running sum, which is why they cannot miss 256.
 * Larger: two samples, by the distance of the centres.
 * Sizes are VDK_MAX_SIZE at most, so that all this fits 32 bits, twice their product included.
 */
typedef struct VdkTaps {
    int first, count;
    int start;  /* smaller: where the result's sample begins, in 1/to of a source sample */
    int second; /* larger: weight of the second sample */
} VdkTaps;

VDK_BOTH VdkTaps vdk_taps_at(int from, int to, int i)
{
    VdkTaps taps = {i, 1, 0, 0};

    if (to < from) {
        taps.start = i * from;
        taps.first = taps.start / to;
        taps.count = (taps.start + from - 1) / to - taps.first + 1;
    } else if (to > from) {
        int centre = (2 * i + 1) * from - to; /* in 1/(2 to) of a source sample */
        int last = (from - 1) * 2 * to;

        centre = centre < 0 ? 0 : centre > last ? last : centre;
        taps.first = centre / (2 * to);
        taps.second = (centre % (2 * to) * 256 + to) / (2 * to);
        taps.count = taps.second > 0 ? 2 : 1;
    }
    return taps;
}

/* The running sum of the first n weights. */
VDK_BOTH int vdk_taps_sum(const VdkTaps *taps, int from, int to, int n)
{
    if (to >= from)
        return n == 0 ? 0 : n == taps->count ? 256 : 256 - taps->second;
    int covered = (taps->first + n) * to - taps->start;

    covered = covered < 0 ? 0 : covered > from ? from : covered;
    return (covered * 256 + from / 2) / from;
}

/* The weight of sample first + k. */
VDK_BOTH int vdk_taps_weight(const VdkTaps *taps, int from, int to, int k)
{
    return vdk_taps_sum(taps, from, to, k + 1) - vdk_taps_sum(taps, from, to, k);
}

/* Two directions of 256 make 65536. */
VDK_BOTH uint8_t vdk_pixel_scaled(uint32_t sum)
{
    return (uint8_t)((sum + 32768) >> 16);
}
