#include "kernels/motion-state.h"

#include <string.h>

/*
 * A lamp or the camera's exposure changes all grey levels by one gain and one offset. They are
 * fitted to the medians of (picture - background) in bands of background grey, so that what walks
 * through the picture has no say, and the background moves to the new light. Only a sample of the
 * pixels is asked.
 */
#define STEP_X      4
#define STEP_Y      4
#define LEAST       2  /* grey levels that a light must change dark or bright to be one */
#define AGREES      10 /* grey levels: pixel and background are alike */
#define DARK        40
#define BRIGHT      200
#define SLOPE_LEAST -224
#define SLOPE_MOST  768

/* New grey = old grey + (offset + slope * old grey) / 256. */
typedef struct Light {
    int64_t slope, offset;
} Light;

static int grey_of(int16_t mean)
{
    return (mean + VDK_GREY / 2) / VDK_GREY;
}

static uint32_t count_differences(const VdkMotionPlanes *planes)
{
    uint32_t total = 0;

    memset(planes->counts, 0, VDK_LIGHT_COUNTS * sizeof(uint32_t));
    for (int y = 0; y < planes->height; y += STEP_Y) {
        size_t row = (size_t)y * (size_t)planes->width;

        for (int x = 0; x < planes->width; x += STEP_X) {
            int grey = grey_of(planes->mean[row + (size_t)x]);
            int difference = planes->now[row + (size_t)x] - grey;

            difference = difference < -128 ? -128 : difference > 127 ? 127 : difference;
            planes->counts[grey / 16 * 256 + difference + 128]++;
            total++;
        }
    }
    return total;
}

static int median_of(const uint32_t *counts, uint32_t n)
{
    uint32_t below = 0;
    int at = 0;

    while (at < 255 && below + counts[at] <= n / 2)
        below += counts[at++];
    return at - 128;
}

static uint32_t sum_of(const uint32_t *counts)
{
    uint32_t sum = 0;

    for (int i = 0; i < 256; i++)
        sum += counts[i];
    return sum;
}

/* A straight line through the bands' medians, weighted by their pixels. */
static bool fit_light(const uint32_t *counts, uint32_t total, Light *light)
{
    int64_t s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;

    for (int band = 0; band < VDK_LIGHT_BANDS; band++) {
        int64_t n = sum_of(counts + (ptrdiff_t)band * 256), x = 16 * band + 8;

        if (n == 0 || n < total / 64)
            continue;
        int64_t y = median_of(counts + (ptrdiff_t)band * 256, (uint32_t)n);
        s += n;
        sx += n * x;
        sy += n * y;
        sxx += n * x * x;
        sxy += n * x * y;
    }
    if (s == 0)
        return false;
    /* of pictures beyond 50 million pixels these products do not fit 64 bits */
    __int128 spread = (__int128)s * sxx - (__int128)sx * sx;
    __int128 together = ((__int128)s * sxy - (__int128)sx * sy) * 256;
    int64_t slope = spread > 0 ? (int64_t)(together / spread) : 0;
    light->slope = slope < SLOPE_LEAST ? SLOPE_LEAST : slope > SLOPE_MOST ? SLOPE_MOST : slope;
    light->offset = (sy * 256 - light->slope * sx) / s;
    return true;
}

static int64_t change_at(const Light *light, int grey)
{
    int64_t change = light->offset + light->slope * grey;

    return (change < 0 ? -change : change) >> 8;
}

VDK_BOTH int16_t relit(int16_t mean, int32_t slope, int32_t offset)
{
    int32_t lit = mean + ((offset * VDK_GREY + slope * mean) >> 8);

    return (int16_t)(lit < 0 ? 0 : lit > 255 * VDK_GREY ? 255 * VDK_GREY : lit);
}

/* Does the background describe more of the picture in this light, and at least half of it? */
static bool light_helps(const VdkMotionPlanes *planes, const Light *light, uint32_t total)
{
    uint32_t before = 0, after = 0;

    for (int y = 0; y < planes->height; y += STEP_Y) {
        size_t row = (size_t)y * (size_t)planes->width;

        for (int x = 0; x < planes->width; x += STEP_X) {
            int16_t mean = planes->mean[row + (size_t)x];
            int16_t lit = relit(mean, (int32_t)light->slope, (int32_t)light->offset);
            uint8_t now = planes->now[row + (size_t)x];

            before += vdk_pixel_distance(mean, now) <= AGREES * VDK_GREY;
            after += vdk_pixel_distance(lit, now) <= AGREES * VDK_GREY;
        }
    }
    return after >= before + total / 64 && 2 * (uint64_t)after >= total;
}

VDK_VECTOR static void relight_row(int16_t *mean, size_t n, int32_t slope, int32_t offset)
{
    for (size_t i = 0; i < n; i++)
        mean[i] = relit(mean[i], slope, offset);
}

void vdk_cpu_relight(const VdkMotionPlanes *planes)
{
    uint32_t total = count_differences(planes);
    Light light;

    if (!fit_light(planes->counts, total, &light))
        return;
    if (change_at(&light, DARK) < LEAST && change_at(&light, BRIGHT) < LEAST)
        return;
    if (light_helps(planes, &light, total))
        relight_row(planes->mean, planes->pixels, (int32_t)light.slope, (int32_t)light.offset);
}
