#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernels/both.h"

/*
 * The background: for every pixel of the analysis picture its mean, its mean absolute deviation
 * (its noise) and for how long it has been in motion. Grey levels are kept in 1/128, so that a
 * difference of two still fits 16 bits; times of pixels in 1/100 s.
 */
#define VDK_GREY            128             /* one grey level */
#define VDK_NOISE_FIRST     (4 * VDK_GREY)  /* believed of a pixel nobody has watched yet */
#define VDK_NOISE_MOST      (48 * VDK_GREY) /* a single deviation counts as no more */
#define VDK_NOISE_HALVES    5               /* halves of the noise that a pixel may differ freely */
#define VDK_WINDOW          5  /* a pixel stays in the mask when in this window around it */
#define VDK_MAJORITY        12 /* at least so many pixels differ */
#define VDK_MOVING_RECOVERS 2  /* time in motion is forgotten so many times faster than gathered */

/* One box average: the rounded mean of n pixels. */
VDK_BOTH uint8_t vdk_pixel_mean(uint32_t sum, uint32_t n)
{
    return (uint8_t)((sum + n / 2) / n);
}

/* What a pixel may differ from its mean. */
VDK_BOTH uint16_t vdk_pixel_tolerance(int16_t noise, uint16_t threshold)
{
    return (uint16_t)(threshold + ((uint16_t)(VDK_NOISE_HALVES * noise) >> 1));
}

VDK_BOTH uint16_t vdk_pixel_distance(int16_t mean, uint8_t now)
{
    int16_t difference = (int16_t)(now * VDK_GREY - mean);

    return (uint16_t)(difference < 0 ? -difference : difference);
}

/* 1 where the pixel differs. threshold in 1/128. */
VDK_BOTH uint8_t vdk_pixel_differs(int16_t mean, int16_t noise, uint8_t now, uint16_t threshold)
{
    return vdk_pixel_distance(mean, now) > vdk_pixel_tolerance(noise, threshold) ? 1 : 0;
}

/* A step of rate / 32768 of the way, rounded. */
VDK_BOTH int16_t vdk_pixel_step(int16_t way, int16_t rate)
{
    return (int16_t)(((way * rate >> 14) + 1) >> 1);
}

/* What one learning step does to all pixels. */
typedef struct VdkLearning {
    int16_t mean_rate, noise_rate; /* of 32768 */
    uint16_t time;                 /* that has passed, 1/100 s */
    uint16_t patience;             /* after which what moves is background, 1/100 s */
} VdkLearning;

VDK_BOTH int16_t vdk_pixel_learn_mean(int16_t mean, uint8_t now, int16_t rate)
{
    return (int16_t)(mean + vdk_pixel_step((int16_t)(now * VDK_GREY - mean), rate));
}

VDK_BOTH int16_t vdk_pixel_learn_noise(int16_t noise, uint16_t distance, int16_t rate)
{
    uint16_t counted = distance < VDK_NOISE_MOST ? distance : VDK_NOISE_MOST;

    return (int16_t)(noise + vdk_pixel_step((int16_t)(counted - noise), rate));
}

/* Patience is far below what 16 bits hold, and one step below the rest. */
VDK_BOTH uint16_t vdk_pixel_moving_time(uint16_t before, uint16_t moves, uint16_t time)
{
    uint16_t less = (uint16_t)(time * VDK_MOVING_RECOVERS);
    uint16_t kept = before > less ? before : less;

    return (uint16_t)(((before + time) & moves) | ((kept - less) & ~moves));
}

/* mask is all ones or none: a choice without a branch, which keeps the loop around it vector code.
 */
VDK_BOTH int16_t vdk_pixel_choose(uint16_t mask, int16_t yes, int16_t no)
{
    return (int16_t)((yes & mask) | (no & ~mask));
}
