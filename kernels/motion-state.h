#pragma once

#include "kernels/component-pixel.h"
#include "kernels/motion-plan.h"
#include "kernels/vdk.h"

#define VDK_MAX_FACTOR 2048 /* the sum of a cell, twice as wide and high, fits 32 bits */
#define VDK_MARGIN     (VDK_WINDOW / 2)
#define VDK_EDGE       2 /* the census looks so far */

/* Pixels x0..x1-1 of row y in the cleaned mask. parent leads to an earlier run of its component. */
typedef struct VdkRun {
    uint16_t x0, x1, y;
    uint16_t reserved;
    uint32_t parent; /* while joining; afterwards the component */
} VdkRun;

/* The planes of a background. Sample k of a plane lies k times its room behind the first. */
typedef struct VdkBackground {
    VdkMotionState *state;
    uint8_t *luma, *census; /* VDK_SAMPLES of each, a pixel */
    uint8_t *cb, *cr;       /* VDK_SAMPLES of each, a cell */
    uint8_t *wider;         /* what a pixel's radius is beyond the threshold */
    uint8_t *still, *last;  /* for how many steps it has not changed, saturating; its last luma */
    uint8_t *mean;          /* of luma, slow */
    uint8_t *mean_cb, *mean_cr;
    size_t room, cell_room; /* bytes from one sample to the next */
} VdkBackground;

/* The planes in state and scratch memory, for an analysis picture of width x height. */
typedef struct VdkMotionPlanes {
    int width, height;
    int across, down; /* cells */
    size_t pixels, cells;

    VdkBackground back; /* state */

    /* scratch; a margin repeats the nearest inside */
    uint8_t *now;        /* the analysis picture's luma, VDK_EDGE more on each side */
    uint8_t *mean;       /* the background's mean, the same */
    uint8_t *cb, *cr;    /* the analysis picture's */
    uint8_t *census;     /* of now */
    uint8_t *raw;        /* 1 where it differs, VDK_MARGIN more on each side */
    uint8_t *sums;       /* raw, summed along x, VDK_MARGIN rows more above and below */
    uint8_t *clean;      /* 255 where it moves, else 0 */
    uint8_t *held;       /* 255 where nothing is learnt, else 0 */
    uint8_t *held_cells; /* the same of cells: any pixel of one is */
    uint8_t *rows;       /* what one row wants while it is learnt */
    bool shadows;        /* there is colour to tell them by */
    uint32_t *counts;    /* the light's histogram, or one row of the box average */
    VdkRun *runs;
    VdkComponent *components;
} VdkMotionPlanes;

/* Cells along `pixels` of them. */
VDK_BOTH int vdk_cells(int pixels)
{
    return (pixels + 1) / 2;
}

/* Whether a frame can be looked at at all; what points to memory is not followed. */
bool vdk_motion_arguments_ok(const VdkImage *image, int factor, const VdkMotionSettings *settings,
                             const VdkPlane *mask);
/* How many chroma samples a cell is across and down. */
void vdk_motion_cell(const VdkImage *image, int factor, int *across, int *down);
VdkBackground vdk_background(int aw, int ah, void *state);
void vdk_motion_planes(int aw, int ah, void *state, void *scratch, VdkMotionPlanes *planes);

static inline size_t vdk_padded(const VdkMotionPlanes *planes)
{
    return (size_t)planes->width + 2 * VDK_EDGE;
}

/* Row y, -VDK_EDGE..height + VDK_EDGE - 1, of now or mean. */
static inline uint8_t *vdk_padded_row(const VdkMotionPlanes *planes, uint8_t *plane, int y)
{
    return plane + (size_t)(y + VDK_EDGE) * vdk_padded(planes) + VDK_EDGE;
}

/* --- the steps of one frame, CPU --- */

/* Averages boxes of factor x factor. sums: one row of the result. out: pitch bytes a row. */
void vdk_cpu_shrink(const VdkPlane *luma, int factor, int aw, int ah, uint32_t *sums, uint8_t *out,
                    size_t pitch);
/* Averages cells; what the picture ends in stays out of them. 128 where there is no chroma. */
void vdk_cpu_shrink_chroma(const VdkImage *image, int factor, const VdkMotionPlanes *planes);
/* Repeats the outermost pixels of now or mean in its margin. */
void vdk_cpu_pad(const VdkMotionPlanes *planes, uint8_t *plane);
/* The census of a row of now, or of part of one. */
void vdk_cpu_census(const uint8_t *now, ptrdiff_t pitch, int n, uint8_t *census);
/* How many cells of the picture are coloured, and into planes whether shadows can be told. */
uint64_t vdk_cpu_colour(VdkMotionPlanes *planes);
/* Moves the background to a new light when the whole picture has changed alike, tells it, and
 * answers whether it blinds. */
bool vdk_cpu_relight(const VdkMotionPlanes *planes, VdkMotionReport *report, uint32_t *flicker);
/* How much of what moves has texture, and has kept it: the state's. */
void vdk_cpu_texture(const VdkMotionPlanes *planes);
void vdk_cpu_seed(const VdkMotionPlanes *planes, uint8_t wider);
/*
 * raw and clean from now, and for how long each pixel has stood still. Answers how many differ; how
 * many move, and stand still as well, is the state's.
 */
uint32_t vdk_cpu_compare(const VdkMotionPlanes *planes, const VdkMotionSettings *settings,
                         uint8_t steps);
/* The boxes of clean, into report; mask as in VdkOps.motion. */
void vdk_cpu_components(const VdkMotionPlanes *planes, int min_area, VdkPlane *mask,
                        VdkMotionReport *report);
void vdk_cpu_learn(const VdkMotionPlanes *planes, const VdkLearning *by);
