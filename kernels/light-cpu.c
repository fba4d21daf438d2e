#include "kernels/light-pixel.h"

#include <string.h>

#include "kernels/motion-state.h"

static uint32_t count_differences(const VdkMotionPlanes *planes, VdkLightSums *sums)
{
    uint32_t total = 0;

    memset(planes->counts, 0, VDK_LIGHT_COUNTS * sizeof(uint32_t));
    for (int y = 0; y < planes->height; y += VDK_LIGHT_STEP) {
        const uint8_t *back = planes->back.mean + (size_t)y * (size_t)planes->width;
        const uint8_t *last = planes->back.last + (size_t)y * (size_t)planes->width;
        const uint8_t *now = vdk_padded_row(planes, planes->now, y);

        for (int x = 0; x < planes->width; x += VDK_LIGHT_STEP) {
            planes->counts[vdk_light_bin(back[x], now[x])]++;
            vdk_light_add(sums, back[x], last[x], now[x]);
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

static VdkLightBand band_of(const uint32_t *counts)
{
    VdkLightBand band = {0};

    for (int at = 0; at < VDK_LIGHT_BINS; at++) {
        const int noise = vdk_light_noise(at);

        band.n += counts[at];
        band.quiet += noise >= 0 ? counts[at] : 0;
        band.noise += noise >= 0 ? (uint64_t)noise * counts[at] : 0;
    }
    band.median = median_of(counts, (uint32_t)band.n);
    return band;
}

static bool light_helps(const VdkMotionPlanes *planes, const VdkLight *light, uint32_t total)
{
    uint32_t before = 0, after = 0;

    for (int y = 0; y < planes->height; y += VDK_LIGHT_STEP) {
        const uint8_t *back = planes->back.mean + (size_t)y * (size_t)planes->width;
        const uint8_t *now = vdk_padded_row(planes, planes->now, y);

        for (int x = 0; x < planes->width; x += VDK_LIGHT_STEP) {
            uint8_t lit = vdk_pixel_relit(back[x], (int32_t)light->slope, (int32_t)light->offset);

            before += vdk_pixel_alike(back[x], now[x]);
            after += vdk_pixel_alike(lit, now[x]);
        }
    }
    return vdk_light_helps(before, after, total);
}

VDK_VECTOR static void relight(uint8_t *grey, size_t n, int32_t slope, int32_t offset)
{
    for (size_t i = 0; i < n; i++)
        grey[i] = vdk_pixel_relit(grey[i], slope, offset);
}

VDK_VECTOR static void relight_chroma(uint8_t *chroma, size_t n, int32_t slope)
{
    for (size_t i = 0; i < n; i++)
        chroma[i] = vdk_chroma_relit(chroma[i], slope);
}

static void relight_all(const VdkMotionPlanes *planes, int32_t slope, int32_t offset)
{
    const VdkBackground *back = &planes->back;

    relight(back->mean, planes->pixels, slope, offset);
    relight_chroma(back->mean_cb, planes->cells, slope);
    relight_chroma(back->mean_cr, planes->cells, slope);
    for (size_t k = 0; k < VDK_SAMPLES; k++) {
        relight(back->luma + k * back->room, planes->pixels, slope, offset);
        relight_chroma(back->cb + k * back->cell_room, planes->cells, slope);
        relight_chroma(back->cr + k * back->cell_room, planes->cells, slope);
    }
}

/* The model goes to the new light, and not the picture to the old one: nothing drifts. */
bool vdk_cpu_relight(const VdkMotionPlanes *planes, VdkMotionReport *report, uint32_t *flicker)
{
    const VdkBackground *back = &planes->back;
    VdkLightSums sums = {0};
    const uint32_t total = count_differences(planes, &sums);
    VdkLightBand bands[VDK_LIGHT_BANDS];
    VdkLight light = {0};

    for (int band = 0; band < VDK_LIGHT_BANDS; band++)
        bands[band] = band_of(planes->counts + (ptrdiff_t)band * VDK_LIGHT_BINS);
    back->state->noise = vdk_noise_of(bands);
    report->brightness = vdk_brightness_of(sums.back, total);
    *flicker = vdk_flicker_of(sums.flicker, sums.steady);
    if (!vdk_light_fit(bands, total, &light) || !vdk_light_is_other(&light) ||
        !light_helps(planes, &light, total))
        return light.blinds;
    relight_all(planes, (int32_t)light.slope, (int32_t)light.offset);
    report->dark = (int32_t)vdk_light_change_at(&light, VDK_LIGHT_DARK);
    report->bright = (int32_t)vdk_light_change_at(&light, VDK_LIGHT_BRIGHT);
    return light.blinds;
}

/* --- what light leaves as it was --- */

/* A camera in infrared has no colour to tell a shadow by. */
VDK_VECTOR uint64_t vdk_cpu_colour(VdkMotionPlanes *planes)
{
    const uint8_t *restrict cb = planes->cb, *restrict cr = planes->cr;
    uint64_t sum = 0;
    uint32_t coloured = 0;

    for (size_t i = 0; i < planes->cells; i++) {
        const uint32_t colour = (uint32_t)vdk_apart(cb[i], 128) + vdk_apart(cr[i], 128);

        sum += colour;
        coloured += colour >= VDK_COLOUR_CELL ? 1 : 0;
    }
    planes->shadows = sum >= VDK_COLOUR_LEAST * planes->cells;
    return coloured;
}

VDK_VECTOR static void count_texture(const uint8_t *restrict census, const uint8_t *restrict back,
                                     const uint8_t *restrict clean, int n, VdkMotionState *state)
{
    uint32_t textured = 0, kept = 0;

    for (int x = 0; x < n; x++) {
        const uint8_t has = (uint8_t)(vdk_has_texture(census[x], back[x]) & clean[x]);

        textured += has;
        kept += has & vdk_keeps_census(census[x], back[x]);
    }
    state->textured += textured;
    state->kept += kept;
}

void vdk_cpu_texture(const VdkMotionPlanes *planes)
{
    VdkMotionState *state = planes->back.state;
    const size_t width = (size_t)planes->width;

    state->textured = state->kept = 0;
    for (size_t y = 0; y < (size_t)planes->height && state->clean > 0; y++)
        if (memchr(planes->clean + y * width, 255, width) != NULL)
            count_texture(planes->census + y * width, planes->back.census + y * width,
                          planes->clean + y * width, planes->width, state);
}
