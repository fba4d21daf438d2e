#pragma once

#include "kernels/motion-pixel.h"

/* What the caller keeps between frames: this, then three planes. All zero is "no frame yet". */
typedef struct VdkMotionState {
    int64_t age_us;        /* since the background was seeded */
    int64_t owed_us;       /* not yet learnt from */
    int64_t overturned_us; /* for so long most of the picture has been in motion */
    uint32_t lessons;      /* learning steps since the seed */
    uint32_t noise;        /* mean of the plane, 1/256 grey level */
    uint32_t seeded;
    uint32_t reserved;
} VdkMotionState;

/* --- what becomes of the state from frame to frame ---------------------------------------------*/

#define VDK_SECOND_US       1000000
#define VDK_ELAPSED_MOST_US (10 * VDK_SECOND_US)
#define VDK_PRIMED_AFTER_US VDK_SECOND_US
#define VDK_PRIMED_LESSONS  1
#define VDK_LESSON_US       90000 /* more often than this only rounding would be learnt */
#define VDK_MEAN_LIFE_US    (6 * VDK_SECOND_US)
#define VDK_NOISE_LIFE_US   (12 * VDK_SECOND_US)
#define VDK_NOISE_HEAD_US   (VDK_SECOND_US / 2) /* weight of the first guess */
#define VDK_OVERTURNED_US   (VDK_SECOND_US * 3 / 2)
#define VDK_OVERTURNED_PART 60 /* of 100 pixels in motion */
#define VDK_PATIENCE_US     (60 * VDK_SECOND_US)
#define VDK_PATIENCE_LEAST  (VDK_SECOND_US * 3 / 2)

VDK_BOTH int64_t vdk_elapsed(int64_t elapsed_us)
{
    if (elapsed_us < 0)
        return 0;
    return elapsed_us > VDK_ELAPSED_MOST_US ? VDK_ELAPSED_MOST_US : elapsed_us;
}

VDK_BOTH VdkMotionState vdk_motion_state_seeded(void)
{
    VdkMotionState state = {
        .noise = VDK_NOISE_FIRST * (256 / VDK_GREY),
        .seeded = 1,
    };
    return state;
}

/*
 * The share of a new value: as in a mean over all time while that is short, then as in one that
 * forgets with a life of life_us.
 */
VDK_BOTH int16_t vdk_rate_of(int64_t time_us, int64_t age_us, int64_t life_us)
{
    int64_t over_us = age_us < life_us ? age_us : life_us;

    return (int16_t)(time_us * 32767 / (over_us + time_us));
}

/*
 * What has been in motion for three quarters of all the time that is known was not there at all:
 * the first picture had something in it that has left. Later a minute is the limit.
 */
VDK_BOTH uint16_t vdk_patience_at(int64_t age_us)
{
    int64_t patience_us = age_us * 3 / 4;

    patience_us = patience_us < VDK_PATIENCE_LEAST ? VDK_PATIENCE_LEAST : patience_us;
    patience_us = patience_us > VDK_PATIENCE_US ? VDK_PATIENCE_US : patience_us;
    return (uint16_t)(patience_us / 10000);
}

VDK_BOTH VdkLearning vdk_next_lesson(VdkMotionState *state)
{
    int64_t time_us = state->owed_us, before_us = state->age_us - time_us;
    VdkLearning lesson = {
        .mean_rate = vdk_rate_of(time_us, before_us, VDK_MEAN_LIFE_US),
        .noise_rate = vdk_rate_of(time_us, before_us + VDK_NOISE_HEAD_US, VDK_NOISE_LIFE_US),
        .time = (uint16_t)((time_us + 5000) / 10000),
        .patience = vdk_patience_at(state->age_us),
    };

    state->owed_us = 0;
    state->lessons++;
    return lesson;
}

VDK_BOTH bool vdk_primed(const VdkMotionState *state)
{
    return state->age_us >= VDK_PRIMED_AFTER_US && state->lessons >= VDK_PRIMED_LESSONS;
}

/* Most of the picture is another one, and stays so: the camera was turned, or the lights went. */
VDK_BOTH bool vdk_overturned(VdkMotionState *state, uint64_t clean, uint64_t pixels,
                             int64_t elapsed_us)
{
    bool most = clean * 100 > pixels * VDK_OVERTURNED_PART;

    state->overturned_us = most ? state->overturned_us + elapsed_us : 0;
    return state->overturned_us >= VDK_OVERTURNED_US;
}
