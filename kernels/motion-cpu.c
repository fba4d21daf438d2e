#include "kernels/cpu.h"

#include <errno.h>
#include <string.h>

#include "kernels/image.h"
#include "kernels/motion-state.h"

static void seed(const VdkMotionPlanes *planes)
{
    for (size_t i = 0; i < planes->pixels; i++) {
        planes->mean[i] = (int16_t)(planes->now[i] * VDK_GREY);
        planes->noise[i] = VDK_NOISE_FIRST;
        planes->moving[i] = 0;
    }
    *planes->state = vdk_motion_state_seeded();
}

/* The background that was, against the picture that is. Before it is primed nothing moves. */
static void examine(const VdkMotionPlanes *planes, int64_t elapsed_us,
                    const VdkMotionSettings *settings, VdkPlane *mask, VdkMotionReport *report)
{
    VdkMotionState *state = planes->state;
    uint32_t clean = 0;

    state->age_us += elapsed_us;
    state->owed_us += elapsed_us;
    vdk_cpu_relight(planes);
    if (vdk_primed(state)) {
        report->primed = 1;
        vdk_cpu_compare(planes, settings->threshold, &report->raw, &clean);
        if (clean > 0)
            vdk_cpu_components(planes, settings->min_area, mask, report);
    } else {
        memset(planes->clean, 0, planes->pixels);
    }
    if (vdk_overturned(state, clean, planes->pixels, elapsed_us)) {
        seed(planes);
    } else if (state->owed_us >= VDK_LESSON_US) {
        VdkLearning lesson = vdk_next_lesson(state);

        vdk_cpu_learn(planes, &lesson);
    }
}

static void clear_mask(VdkPlane *mask)
{
    for (int y = 0; y < mask->height; y++)
        memset(mask->data + (ptrdiff_t)y * mask->pitch, 0, (size_t)mask->width);
}

int vdk_cpu_motion(const VdkPlane *luma, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, void *state, void *scratch, VdkPlane *mask,
                   VdkMotionReport *report)
{
    VdkMotionPlanes planes;

    if (!vdk_motion_arguments_ok(luma, factor, settings, mask) || !state || !scratch || !report)
        return -EINVAL;
    elapsed_us = vdk_elapsed(elapsed_us);
    vdk_motion_planes(luma->width / factor, luma->height / factor, state, scratch, &planes);
    memset(report, 0, sizeof(*report));
    report->width = (uint32_t)planes.width;
    report->height = (uint32_t)planes.height;
    if (mask)
        clear_mask(mask);
    vdk_cpu_shrink(luma, factor, planes.width, planes.height, planes.counts, planes.now);
    if (planes.state->seeded)
        examine(&planes, elapsed_us, settings, mask, report);
    else
        seed(&planes);
    report->noise = planes.state->noise;
    return 0;
}
