#include "kernels/cpu.h"

#include <errno.h>
#include <string.h>

#include "kernels/image.h"
#include "kernels/motion-state.h"

/* What has changed, and where it moves; light does not. */
static void tell(const VdkMotionPlanes *planes, uint32_t raw, int min_area, VdkPlane *mask,
                 VdkMotionReport *report)
{
    const VdkMotionState *state = planes->back.state;

    report->primed = 1;
    report->raw = raw;
    report->light = state->light != VDK_LIGHT_SAME;
    if (report->light)
        report->clean = state->clean;
    else if (state->clean > 0)
        vdk_cpu_components(planes, min_area, mask, report);
}

/* The background that was, against the picture that is, which it learns from then. */
static void examine(const VdkMotionPlanes *planes, int64_t elapsed_us,
                    const VdkMotionSettings *settings, VdkPlane *mask, VdkMotionReport *report)
{
    VdkMotionState *state = planes->back.state;
    const VdkLearning by = vdk_learning(state, elapsed_us, settings->threshold);
    const VdkMotionState before = *state;
    VdkMotionSettings noisy = *settings;
    uint32_t flicker;

    const bool blinds = vdk_cpu_relight(planes, report, &flicker);
    noisy.threshold = vdk_threshold(state, settings->threshold, flicker, by.young);
    const uint32_t raw = vdk_cpu_compare(planes, &noisy, by.steps);
    vdk_cpu_texture(planes);
    state->light = vdk_light_of(state, &before, planes->pixels, blinds);
    if (vdk_primed(state))
        tell(planes, raw, settings->min_area, mask, report);
    vdk_cpu_learn(planes, &by);
}

static void clear_mask(VdkPlane *mask)
{
    for (int y = 0; y < mask->height; y++)
        memset(mask->data + (ptrdiff_t)y * mask->pitch, 0, (size_t)mask->width);
}

int vdk_cpu_motion(const VdkImage *image, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, void *state, void *scratch, VdkPlane *mask,
                   VdkMotionReport *report)
{
    VdkMotionPlanes planes;

    if (!vdk_motion_arguments_ok(image, factor, settings, mask) || !state || !scratch || !report)
        return -EINVAL;
    elapsed_us = vdk_elapsed(elapsed_us);
    vdk_motion_planes(image->luma.width / factor, image->luma.height / factor, state, scratch,
                      &planes);
    memset(report, 0, sizeof(*report));
    report->width = (uint32_t)planes.width;
    report->height = (uint32_t)planes.height;
    if (mask)
        clear_mask(mask);
    vdk_cpu_shrink(&image->luma, factor, planes.width, planes.height, planes.counts,
                   vdk_padded_row(&planes, planes.now, 0), vdk_padded(&planes));
    vdk_cpu_pad(&planes, planes.now);
    vdk_cpu_shrink_chroma(image, factor, &planes);
    report->anew = vdk_motion_begin(planes.back.state, elapsed_us, planes.pixels,
                                    vdk_cpu_colour(&planes), planes.cells);
    if (report->anew)
        vdk_cpu_seed(&planes, vdk_first_wider(settings->threshold));
    else
        examine(&planes, elapsed_us, settings, mask, report);
    report->noise = planes.back.state->noise;
    return 0;
}
