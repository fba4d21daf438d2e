#include "kernels/cpu.h"

#include <errno.h>
#include <string.h>

#include "kernels/image.h"
#include "kernels/motion-state.h"

#define SECOND_US       1000000
#define ELAPSED_MOST_US (10 * SECOND_US)
#define PRIMED_AFTER_US SECOND_US
#define PRIMED_LESSONS  1
#define LESSON_US       90000 /* more often than this only rounding would be learnt */
#define MEAN_LIFE_US    (6 * SECOND_US)
#define NOISE_LIFE_US   (12 * SECOND_US)
#define NOISE_HEAD_US   (SECOND_US / 2) /* weight of the first guess */
#define OVERTURNED_US   (SECOND_US * 3 / 2)
#define OVERTURNED_PART 60 /* of 100 pixels in motion */
#define PATIENCE_US     (60 * SECOND_US)
#define PATIENCE_LEAST  (SECOND_US * 3 / 2)

/*
 * The share of a new value: as in a mean over all time while that is short, then as in one that
 * forgets with a life of life_us.
 */
static int16_t rate_of(int64_t time_us, int64_t age_us, int64_t life_us)
{
    int64_t over_us = age_us < life_us ? age_us : life_us;

    return (int16_t)(time_us * 32767 / (over_us + time_us));
}

/*
 * What has been in motion for three quarters of all the time that is known was not there at all:
 * the first picture had something in it that has left. Later a minute is the limit.
 */
static uint16_t patience_at(int64_t age_us)
{
    int64_t patience_us = age_us * 3 / 4;

    patience_us = patience_us < PATIENCE_LEAST ? PATIENCE_LEAST : patience_us;
    patience_us = patience_us > PATIENCE_US ? PATIENCE_US : patience_us;
    return (uint16_t)(patience_us / 10000);
}

static VdkLearning next_lesson(VdkMotionState *state)
{
    int64_t time_us = state->owed_us, before_us = state->age_us - time_us;
    VdkLearning lesson = {
        .mean_rate = rate_of(time_us, before_us, MEAN_LIFE_US),
        .noise_rate = rate_of(time_us, before_us + NOISE_HEAD_US, NOISE_LIFE_US),
        .time = (uint16_t)((time_us + 5000) / 10000),
        .patience = patience_at(state->age_us),
    };

    state->owed_us = 0;
    state->lessons++;
    return lesson;
}

static void seed(const VdkMotionPlanes *planes)
{
    for (size_t i = 0; i < planes->pixels; i++) {
        planes->mean[i] = (int16_t)(planes->now[i] * VDK_GREY);
        planes->noise[i] = VDK_NOISE_FIRST;
        planes->moving[i] = 0;
    }
    *planes->state = (VdkMotionState){.seeded = 1, .noise = VDK_NOISE_FIRST * (256 / VDK_GREY)};
}

static bool primed(const VdkMotionState *state)
{
    return state->age_us >= PRIMED_AFTER_US && state->lessons >= PRIMED_LESSONS;
}

/* Most of the picture is another one, and stays so: the camera was turned, or the lights went. */
static bool overturned(VdkMotionState *state, uint64_t clean, uint64_t pixels, int64_t elapsed_us)
{
    bool most = clean * 100 > pixels * OVERTURNED_PART;

    state->overturned_us = most ? state->overturned_us + elapsed_us : 0;
    return state->overturned_us >= OVERTURNED_US;
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
    if (primed(state)) {
        report->primed = 1;
        vdk_cpu_compare(planes, settings->threshold, &report->raw, &clean);
        if (clean > 0)
            vdk_cpu_components(planes, settings->min_area, mask, report);
    } else {
        memset(planes->clean, 0, planes->pixels);
    }
    if (overturned(state, clean, planes->pixels, elapsed_us)) {
        seed(planes);
    } else if (state->owed_us >= LESSON_US) {
        VdkLearning lesson = next_lesson(state);

        vdk_cpu_learn(planes, &lesson);
    }
}

static bool arguments_ok(const VdkPlane *luma, int factor, const VdkMotionSettings *settings,
                         const VdkPlane *mask)
{
    if (!vdk_plane_ok(luma, 1) || factor < 1 || factor > VDK_MAX_FACTOR)
        return false;
    if (luma->width < factor || luma->height < factor || !settings)
        return false;
    if (settings->threshold < 1 || settings->threshold > 255)
        return false;
    if (settings->min_area < 1 || settings->min_area > 10000)
        return false;
    return !mask || (vdk_plane_ok(mask, 1) && mask->width == luma->width / factor &&
                     mask->height == luma->height / factor);
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

    if (!arguments_ok(luma, factor, settings, mask) || !state || !scratch || !report)
        return -EINVAL;
    elapsed_us = elapsed_us < 0 ? 0 : elapsed_us > ELAPSED_MOST_US ? ELAPSED_MOST_US : elapsed_us;
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
