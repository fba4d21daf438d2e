#include "kernels/light-pixel.h"

#include <string.h>

#include "kernels/motion-state.h"

static uint32_t count_differences(const VdkMotionPlanes *planes)
{
    uint32_t total = 0;

    memset(planes->counts, 0, VDK_LIGHT_COUNTS * sizeof(uint32_t));
    for (int y = 0; y < planes->height; y += VDK_LIGHT_STEP) {
        size_t row = (size_t)y * (size_t)planes->width;

        for (int x = 0; x < planes->width; x += VDK_LIGHT_STEP) {
            size_t at = row + (size_t)x;

            planes->counts[vdk_light_bin(planes->mean[at], planes->now[at])]++;
            total++;
        }
    }
    return total;
}

static int median_of(const uint32_t *counts, uint32_t n)
{
    uint32_t below = 0;
    int at = 0;

    while (at < VDK_LIGHT_BINS - 1 && below + counts[at] <= n / 2)
        below += counts[at++];
    return at - 128;
}

static uint32_t sum_of(const uint32_t *counts)
{
    uint32_t sum = 0;

    for (int i = 0; i < VDK_LIGHT_BINS; i++)
        sum += counts[i];
    return sum;
}

static bool fit_light(const uint32_t *counts, uint32_t total, VdkLight *light)
{
    VdkLightBand bands[VDK_LIGHT_BANDS];

    for (int band = 0; band < VDK_LIGHT_BANDS; band++) {
        const uint32_t *its = counts + (ptrdiff_t)band * VDK_LIGHT_BINS;
        uint32_t n = sum_of(its);

        bands[band] = (VdkLightBand){n, median_of(its, n)};
    }
    return vdk_light_fit(bands, total, light);
}

static bool light_helps(const VdkMotionPlanes *planes, const VdkLight *light, uint32_t total)
{
    uint32_t before = 0, after = 0;

    for (int y = 0; y < planes->height; y += VDK_LIGHT_STEP) {
        size_t row = (size_t)y * (size_t)planes->width;

        for (int x = 0; x < planes->width; x += VDK_LIGHT_STEP) {
            int16_t mean = planes->mean[row + (size_t)x];
            int16_t lit = vdk_pixel_relit(mean, (int32_t)light->slope, (int32_t)light->offset);
            uint8_t now = planes->now[row + (size_t)x];

            before += vdk_pixel_agrees(mean, now);
            after += vdk_pixel_agrees(lit, now);
        }
    }
    return vdk_light_helps(before, after, total);
}

VDK_VECTOR static void relight_row(int16_t *mean, size_t n, int32_t slope, int32_t offset)
{
    for (size_t i = 0; i < n; i++)
        mean[i] = vdk_pixel_relit(mean[i], slope, offset);
}

void vdk_cpu_relight(const VdkMotionPlanes *planes)
{
    uint32_t total = count_differences(planes);
    VdkLight light;

    if (fit_light(planes->counts, total, &light) && vdk_light_is_other(&light) &&
        light_helps(planes, &light, total))
        relight_row(planes->mean, planes->pixels, (int32_t)light.slope, (int32_t)light.offset);
}
