#pragma once

#include "kernels/component-pixel.h"
#include "kernels/light-pixel.h"
#include "kernels/motion-plan.h"
#include "kernels/vdk.h"

#define VDK_MAX_FACTOR 4096 /* the sum of a box fits 32 bits */

/* Pixels x0..x1-1 of row y in the cleaned mask. parent leads to an earlier run of its component. */
typedef struct VdkRun {
    uint16_t x0, x1, y;
    uint16_t reserved;
    uint32_t parent; /* while joining; afterwards the component */
} VdkRun;

/* The planes in state and scratch memory, for an analysis picture of width x height. */
typedef struct VdkMotionPlanes {
    int width, height;
    size_t pixels;

    /* state */
    VdkMotionState *state;
    int16_t *mean, *noise;
    uint16_t *moving; /* time in motion */

    /* scratch */
    uint8_t *now;     /* the analysis picture */
    uint8_t *raw;     /* 1 where it differs; a margin of 0 all around */
    uint8_t *sums;    /* raw, summed along x */
    uint8_t *clean;   /* 255 where it moves, else 0 */
    uint32_t *counts; /* the light's histogram, or one row of the box average */
    VdkRun *runs;
    VdkComponent *components;
} VdkMotionPlanes;

#define VDK_MARGIN (VDK_WINDOW / 2)

/* Whether a frame can be looked at at all; what points to memory is not followed. */
bool vdk_motion_arguments_ok(const VdkPlane *luma, int factor, const VdkMotionSettings *settings,
                             const VdkPlane *mask);
void vdk_motion_planes(int aw, int ah, void *state, void *scratch, VdkMotionPlanes *planes);

/* --- the steps of one frame, CPU --- */

/* Averages boxes of factor x factor. sums: one row of the result. */
void vdk_cpu_shrink(const VdkPlane *luma, int factor, int aw, int ah, uint32_t *sums, uint8_t *out);
/* Moves the background to a new light when the whole picture has changed alike. */
void vdk_cpu_relight(const VdkMotionPlanes *planes);
/* raw and clean from now; answers how many pixels each has. */
void vdk_cpu_compare(const VdkMotionPlanes *planes, int threshold, uint32_t *raw, uint32_t *clean);
/* The boxes of clean, into report; mask as in VdkOps.motion. */
void vdk_cpu_components(const VdkMotionPlanes *planes, int min_area, VdkPlane *mask,
                        VdkMotionReport *report);
void vdk_cpu_learn(const VdkMotionPlanes *planes, const VdkLearning *learning);
