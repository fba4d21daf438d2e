#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernels/motion-pixel.h"

/*
 * A lamp or the camera's exposure changes all grey levels by one gain and one offset. They are
 * fitted to the medians of (picture - background) in bands of background grey, so that what walks
 * through the picture has no say, and the background moves to the new light. Only a sample of the
 * pixels is asked: every VDK_LIGHT_STEPth of every VDK_LIGHT_STEPth row.
 */
#define VDK_LIGHT_STEP   4
#define VDK_LIGHT_BANDS  16
#define VDK_LIGHT_BINS   256
#define VDK_LIGHT_COUNTS (VDK_LIGHT_BANDS * VDK_LIGHT_BINS)
#define VDK_LIGHT_AGREES 10 /* grey levels: pixel and background are alike */

/* New grey = old grey + (offset + slope * old grey) / 256. */
typedef struct VdkLight {
    int64_t slope, offset;
} VdkLight;

/* What a band has: how many pixels, and the median of their differences. */
typedef struct VdkLightBand {
    int64_t n, median;
} VdkLightBand;

/* The count that a sampled pixel adds to. */
VDK_BOTH int vdk_light_bin(int16_t mean, uint8_t now)
{
    int grey = (mean + VDK_GREY / 2) / VDK_GREY;
    int difference = now - grey;

    difference = difference < -128 ? -128 : difference > 127 ? 127 : difference;
    return grey / 16 * VDK_LIGHT_BINS + difference + 128;
}

/* A straight line through the bands' medians, weighted by their pixels; false without any. */
VDK_BOTH bool vdk_light_fit(const VdkLightBand *bands, uint32_t total, VdkLight *light)
{
    const int64_t least = -224, most = 768;
    int64_t s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;

    for (int band = 0; band < VDK_LIGHT_BANDS; band++) {
        int64_t n = bands[band].n, x = 16 * band + 8;

        if (n == 0 || n < total / 64)
            continue;
        s += n;
        sx += n * x;
        sy += n * bands[band].median;
        sxx += n * x * x;
        sxy += n * x * bands[band].median;
    }
    if (s == 0)
        return false;
    /* of pictures beyond 50 million pixels these products do not fit 64 bits */
    __int128 spread = (__int128)s * sxx - (__int128)sx * sx;
    __int128 together = ((__int128)s * sxy - (__int128)sx * sy) * 256;
    int64_t slope = spread > 0 ? (int64_t)(together / spread) : 0;
    light->slope = slope < least ? least : slope > most ? most : slope;
    light->offset = (sy * 256 - light->slope * sx) / s;
    return true;
}

VDK_BOTH int64_t vdk_light_change_at(const VdkLight *light, int grey)
{
    int64_t change = light->offset + light->slope * grey;

    return (change < 0 ? -change : change) >> 8;
}

/* Whether it changes dark or bright by two grey levels, less than which is no other light. */
VDK_BOTH bool vdk_light_is_other(const VdkLight *light)
{
    return vdk_light_change_at(light, 40) >= 2 || vdk_light_change_at(light, 200) >= 2;
}

/* Does the background describe more of the sample in this light, and at least half of it? */
VDK_BOTH bool vdk_light_helps(uint32_t before, uint32_t after, uint32_t total)
{
    return after >= before + total / 64 && 2 * (uint64_t)after >= total;
}

VDK_BOTH int16_t vdk_pixel_relit(int16_t mean, int32_t slope, int32_t offset)
{
    int32_t lit = mean + ((offset * VDK_GREY + slope * mean) >> 8);

    return (int16_t)(lit < 0 ? 0 : lit > 255 * VDK_GREY ? 255 * VDK_GREY : lit);
}

VDK_BOTH bool vdk_pixel_agrees(int16_t mean, uint8_t now)
{
    return vdk_pixel_distance(mean, now) <= VDK_LIGHT_AGREES * VDK_GREY;
}
