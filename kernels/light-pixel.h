#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernels/both.h"

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
#define VDK_LIGHT_QUIET  32 /* grey levels: what differs by less is noise */
#define VDK_LIGHT_DARK   40 /* grey levels at which a change of light is told */
#define VDK_LIGHT_BRIGHT 200
#define VDK_LIGHT_BLINDS 32 /* grey levels: see VdkLight.blinds */

/* New grey = old grey + (offset + slope * old grey) / 256. */
typedef struct VdkLight {
    int64_t slope, offset;
    /* The picture is three times as bright: few grey levels cannot tell what is there now. */
    bool blinds;
} VdkLight;

/* What a band has: how many pixels, the median of their differences, and of those that are noise
 * how many, and what they add up to. */
typedef struct VdkLightBand {
    int64_t n, median;
    uint64_t quiet, noise;
} VdkLightBand;

/* What the sampled pixels add up to. */
typedef struct VdkLightSums {
    uint32_t back; /* the background's greys */
    uint32_t steady,
        flicker; /* those that changed by noise since the last picture, and by how much */
} VdkLightSums;

VDK_BOTH void vdk_light_add(VdkLightSums *sums, uint8_t back, uint8_t last, uint8_t now)
{
    const uint32_t way = last > now ? last - now : now - last;

    sums->back += back;
    sums->steady += way < VDK_LIGHT_QUIET ? 1 : 0;
    sums->flicker += way < VDK_LIGHT_QUIET ? way : 0;
}

/* Means, 1/256 grey level. */
VDK_BOTH uint32_t vdk_brightness_of(uint64_t back, uint32_t sampled)
{
    return (uint32_t)(back * 256 / sampled);
}

VDK_BOTH uint32_t vdk_flicker_of(uint64_t flicker, uint64_t steady)
{
    return steady > 0 ? (uint32_t)(flicker * 256 / steady) : 0;
}

/* The count that a sampled pixel adds to. */
VDK_BOTH int vdk_light_bin(uint8_t back, uint8_t now)
{
    int difference = now - back;

    difference = difference < -128 ? -128 : difference > 127 ? 127 : difference;
    return back / 16 * VDK_LIGHT_BINS + difference + 128;
}

/* The difference that bin `at` of a band stands for, when it is noise; else -1. */
VDK_BOTH int vdk_light_noise(int at)
{
    const int difference = at < 128 ? 128 - at : at - 128;

    return difference < VDK_LIGHT_QUIET ? difference : -1;
}

/* The mean over all bands, 1/256 grey level. */
VDK_BOTH uint32_t vdk_noise_of(const VdkLightBand *bands)
{
    uint64_t quiet = 0, noise = 0;

    for (int band = 0; band < VDK_LIGHT_BANDS; band++) {
        quiet += bands[band].quiet;
        noise += bands[band].noise;
    }
    return quiet > 0 ? (uint32_t)(noise * 256 / quiet) : 0;
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
    light->blinds = sy >= VDK_LIGHT_BLINDS * s && sy >= 2 * sx;
    return true;
}

/* 1/256 grey level */
VDK_BOTH int64_t vdk_light_change_at(const VdkLight *light, int grey)
{
    return light->offset + light->slope * grey;
}

VDK_BOTH bool vdk_light_differs_at(const VdkLight *light, int grey)
{
    int64_t change = vdk_light_change_at(light, grey);

    return (change < 0 ? -change : change) >> 8 >= 2;
}

/* Whether it changes dark or bright by two grey levels, less than which is no other light. */
VDK_BOTH bool vdk_light_is_other(const VdkLight *light)
{
    return vdk_light_differs_at(light, VDK_LIGHT_DARK) ||
           vdk_light_differs_at(light, VDK_LIGHT_BRIGHT);
}

/* Does the background describe more of the sample in this light, and at least half of it? */
VDK_BOTH bool vdk_light_helps(uint32_t before, uint32_t after, uint32_t total)
{
    return after >= before + total / 64 && 2 * (uint64_t)after >= total;
}

VDK_BOTH uint8_t vdk_pixel_relit(uint8_t grey, int32_t slope, int32_t offset)
{
    int32_t lit = (grey * 256 + offset + slope * grey + 128) >> 8;

    return (uint8_t)(lit < 0 ? 0 : lit > 255 ? 255 : lit);
}

/* Colour goes with the gain alone. */
VDK_BOTH uint8_t vdk_chroma_relit(uint8_t chroma, int32_t slope)
{
    int32_t lit = 128 + (((chroma - 128) * (256 + slope) + 128) >> 8);

    return (uint8_t)(lit < 0 ? 0 : lit > 255 ? 255 : lit);
}

VDK_BOTH bool vdk_pixel_alike(uint8_t back, uint8_t now)
{
    return (back > now ? back - now : now - back) <= VDK_LIGHT_AGREES;
}
