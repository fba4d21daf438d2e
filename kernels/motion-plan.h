#pragma once

#include "kernels/light-pixel.h"
#include "kernels/motion-pixel.h"

/* What the caller keeps between frames: this, then the planes. All zero is "no frame yet". */
typedef struct VdkMotionState {
    int64_t age_us; /* since the background was seeded */
    int64_t
        overturned_us; /* for so long most of the picture has been in motion, or much stood still */
    uint32_t number;   /* pictures looked at */
    uint32_t frames;   /* pictures since the seed */
    uint32_t owed;     /* of a step, 1/15 us */
    uint32_t clean, still; /* pixels that moved in the last picture, and those of them at a stand */
    uint32_t noise;        /* mean difference from the background, 1/256 grey level */
    uint32_t seeded;
    uint32_t textured, kept; /* of clean: those with texture, and that have kept it */
    uint32_t light;          /* VDK_LIGHT_..., of the last picture */
    uint32_t colour;         /* VDK_COLOUR_..., or 0: nobody knows */
    uint32_t flicker;        /* see VdkLightSums */
} VdkMotionState;

#define VDK_LIGHT_SAME      0
#define VDK_LIGHT_OTHER     1
#define VDK_LIGHT_BLIND     2 /* and the background is of no use in it */

#define VDK_COLOUR_SOME     1 /* an eighth of the cells has colour */
#define VDK_COLOUR_NONE     2 /* no more than one in 256: infrared */

#define VDK_SECOND_US       1000000
#define VDK_ELAPSED_MOST_US (10 * VDK_SECOND_US)
#define VDK_PRIMED_AFTER_US VDK_SECOND_US
#define VDK_STEPS_A_SECOND  15
#define VDK_LIFE_US         6400000 /* of a fast sample, on the average */
#define VDK_LIFE_BOOT_US    800000  /* the same for the first two seconds */
#define VDK_BOOT_US         (2 * VDK_SECOND_US)
#define VDK_BOOT_FRAMES     24
#define VDK_YOUNG_US        (10 * VDK_SECOND_US)
#define VDK_GHOST_YOUNG_US  160000 /* the rim of an uncovered background, while young and later */
#define VDK_GHOST_US        2560000
#define VDK_ABSORB_US \
    (66 * VDK_SECOND_US) /* all of what stays is background after about a minute */
#define VDK_NARROW_US        4267000
#define VDK_LESSONS_MOST     8
#define VDK_OVERTURNED_US    VDK_SECOND_US /* and primed another second later */
#define VDK_STOOD_US         (VDK_SECOND_US * 3 / 2)
#define VDK_OVERTURNED_PART  60 /* of 100 pixels in motion */
#define VDK_OVERTURNED_STILL 20 /* of 100 pixels in motion and at a stand */
#define VDK_OVERTURNED_LIGHT 5  /* of 100 pixels in another light and at a stand */
#define VDK_GRADUAL_PART     30 /* of 100 pixels in motion before: something came near */

VDK_BOTH int64_t vdk_elapsed(int64_t elapsed_us)
{
    if (elapsed_us < 0)
        return 0;
    return elapsed_us > VDK_ELAPSED_MOST_US ? VDK_ELAPSED_MOST_US : elapsed_us;
}

/* Of 65536. What takes time_us on the average happens in elapsed_us. */
VDK_BOTH uint32_t vdk_chance(int64_t elapsed_us, int64_t time_us, uint32_t most)
{
    const int64_t chance = elapsed_us * 65536 / time_us;

    return chance > most ? most : (uint32_t)chance;
}

VDK_BOTH bool vdk_primed(const VdkMotionState *state)
{
    return state->age_us >= VDK_PRIMED_AFTER_US;
}

VDK_BOTH bool vdk_is_part(uint32_t n, uint64_t pixels, uint32_t percent)
{
    return (uint64_t)n * 100 > pixels * percent;
}

/*
 * What moves hides the texture behind it and has a rim of its own: less than a third stays as it
 * was by chance. Light does neither, but for what is too faint to be seen in one of the two. Where
 * there is next to no texture nobody knows.
 */
VDK_BOTH bool vdk_keeps_texture(const VdkMotionState *state)
{
    const uint64_t kept = state->kept, textured = state->textured;

    return textured > 0 && 16 * textured >= state->clean && 5 * kept >= 2 * textured;
}

/*
 * Whether the picture is in another light: what has changed keeps its texture, or is most of it and
 * has come at once. before: the state that was; blinds: see VdkLight.
 */
VDK_BOTH uint32_t vdk_light_of(const VdkMotionState *state, const VdkMotionState *before,
                               uint64_t pixels, bool blinds)
{
    const bool sudden = before->light || !vdk_is_part(before->clean, pixels, VDK_GRADUAL_PART);

    if (!vdk_primed(state))
        return VDK_LIGHT_SAME;
    if (blinds)
        return VDK_LIGHT_BLIND;
    if (vdk_keeps_texture(state) ||
        (sudden && vdk_is_part(state->clean, pixels, VDK_OVERTURNED_PART)))
        return VDK_LIGHT_OTHER;
    return VDK_LIGHT_SAME;
}

/*
 * For how long pictures must have been like the last one for the background to begin anew; 0: it
 * does not. A light that is not the same yet is waited for.
 */
VDK_BOTH int64_t vdk_patience(const VdkMotionState *state, uint64_t pixels)
{
    const bool stands = 2 * (uint64_t)state->still >= state->clean;

    if (state->light == VDK_LIGHT_BLIND)
        return 1;
    if (vdk_is_part(state->clean, pixels, VDK_OVERTURNED_PART))
        return VDK_OVERTURNED_US;
    if (state->light && vdk_is_part(state->clean, pixels, VDK_OVERTURNED_LIGHT))
        return stands ? VDK_OVERTURNED_US : INT64_MAX;
    return vdk_is_part(state->still, pixels, VDK_OVERTURNED_STILL) ? VDK_STOOD_US : 0;
}

/* Whether a camera has gone from colour to infrared or back. coloured: cells. */
VDK_BOTH bool vdk_cuts_over(VdkMotionState *state, uint64_t coloured, uint64_t cells)
{
    const uint32_t before = state->colour;

    if (coloured * 8 >= cells)
        state->colour = VDK_COLOUR_SOME;
    else if (coloured * 256 < cells)
        state->colour = VDK_COLOUR_NONE;
    return before != 0 && before != state->colour;
}

/*
 * The picture that came, before it is looked at. Answers whether the background begins anew with
 * it: it is the first, colour has come or gone, or most of the picture is another one and stays so,
 * since the camera was turned or the lights went. coloured: how many of its cells are.
 */
VDK_BOTH bool vdk_motion_begin(VdkMotionState *state, int64_t elapsed_us, uint64_t pixels,
                               uint64_t coloured, uint64_t cells)
{
    const int64_t patience = vdk_patience(state, pixels);
    const bool cut = vdk_cuts_over(state, coloured, cells);

    state->number++;
    state->overturned_us = patience > 0 ? state->overturned_us + elapsed_us : 0;
    if (state->seeded && !cut && (patience == 0 || state->overturned_us < patience)) {
        state->age_us += elapsed_us;
        state->frames += state->frames < UINT32_MAX;
        return false;
    }
    state->age_us = state->overturned_us = 0;
    state->frames = state->owed = state->clean = state->still = state->noise = 0;
    state->textured = state->kept = state->light = state->flicker = 0;
    state->seeded = 1;
    return true;
}

/* What a radius is beyond the threshold at first. */
VDK_BOTH uint8_t vdk_first_wider(int threshold)
{
    return (uint8_t)(threshold / 8);
}

/*
 * Where most pixels are noisier than the threshold none would ever be told from what moves: it is
 * three halves of how they flicker at least, or twice that while few pictures are known. Of this
 * picture and the last, since a light that changes is none.
 */
VDK_BOTH uint8_t vdk_threshold(VdkMotionState *state, int threshold, uint32_t flicker, bool young)
{
    const uint32_t both = flicker < state->flicker ? flicker : state->flicker;
    const uint32_t least = both * (young ? 4 : 3) / 512;
    const uint32_t most = least > (uint32_t)threshold ? least : (uint32_t)threshold;

    state->flicker = flicker;
    return (uint8_t)(most < 255 ? most : 255);
}

VDK_BOTH VdkLearning vdk_learning(VdkMotionState *state, int64_t elapsed_us, int threshold)
{
    const bool boot = state->age_us < VDK_BOOT_US || state->frames < VDK_BOOT_FRAMES;
    const bool young = state->age_us < VDK_YOUNG_US;
    const int64_t life_us = boot ? VDK_LIFE_BOOT_US : VDK_LIFE_US;
    const int64_t wanted = (2 * elapsed_us * VDK_SAMPLES + life_us - 1) / life_us;
    const int64_t lessons = wanted < 1 ? 1 : wanted > VDK_LESSONS_MOST ? VDK_LESSONS_MOST : wanted;
    const uint64_t owed = state->owed + (uint64_t)elapsed_us * VDK_STEPS_A_SECOND;
    VdkLearning by = {
        .number = state->number,
        .lessons = (uint32_t)lessons,
        .learn = (uint16_t)vdk_chance(elapsed_us * VDK_SAMPLES, life_us * lessons, 65535),
        .haunt = (uint16_t)vdk_chance(elapsed_us, young ? VDK_GHOST_YOUNG_US : VDK_GHOST_US, 16384),
        .absorb = (uint16_t)vdk_chance(elapsed_us, VDK_ABSORB_US, 65535),
        .narrow = (uint16_t)vdk_chance(elapsed_us, VDK_NARROW_US, 65535),
        .steps = (uint8_t)(owed / VDK_SECOND_US),
        .widest = (uint8_t)(4 * threshold < 255 ? 4 * threshold : 255),
        .young = boot,
    };

    state->owed = (uint32_t)(owed % VDK_SECOND_US);
    return by;
}
