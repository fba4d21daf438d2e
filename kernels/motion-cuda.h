#pragma once

#include "kernels/motion-state.h"

/*
 * The motion operator on a device, in five kernels a frame:
 *
 *   vdk_motion_shrink   the one that reads the whole picture: box averages, and the light's
 *                       histogram; its last block finds the light and decides what is learnt
 *   vdk_motion_renew    moves the background to another light, or begins it anew; else nothing
 *   vdk_motion_match    which pixels differ from their samples, without shadows
 *   vdk_motion_compare  clean-up, and components inside each tile of the picture
 *   vdk_motion_finish   learns, and joins components across the tiles' borders; its last block adds
 *                       up their parts and writes the report
 *
 * and vdk_motion_mask where somebody asks for the mask. Nothing comes back in between. Components
 * are trees of labels: the label of a pixel is an earlier pixel of its component, the root's own is
 * the root (Playne and Hawick, "A New Algorithm for Parallel Connected-Component Labelling on
 * GPUs", 2018). Only sums, extremes and a sorted list leave, so the order of threads does not show.
 */
#define VDK_TILE_X  32
#define VDK_TILE_Y  8
#define VDK_BLOCK   (VDK_TILE_X * VDK_TILE_Y) /* threads, in one dimension or two */
#define VDK_NO_ROOT UINT32_MAX
#define VDK_MOVES   1 /* of a byte of VdkMotionJob.moves */
#define VDK_EDGED   2 /* it differs, stands still, and the background has the stronger edges */

/* Pixels of a row that a warp of vdk_motion_shrink makes: groups of 16, or a box that is wider. */
#define VDK_SHRINK_MOST 32 /* the factor up to which it makes groups */

VDK_BOTH int vdk_shrink_across(int factor)
{
    return factor <= VDK_SHRINK_MOST ? VDK_SHRINK_MOST / factor * 16 : 1;
}

/* What the kernels of a frame tell each other. */
typedef struct VdkMotionControl {
    uint32_t shrink_ticket, finish_ticket; /* 0 between frames */
    uint32_t seeding;                      /* the background begins anew with this picture */
    uint32_t primed;
    uint32_t threshold;         /* with what noise adds to it */
    uint32_t shadows;           /* there is colour to tell them by */
    int32_t slope, offset;      /* of the new light; 0, 0: the same */
    int32_t dark, bright;       /* by how much it changes them, as in the report */
    uint32_t blinds;            /* see VdkLight */
    uint32_t light;             /* VDK_LIGHT_... */
    uint32_t raw, clean, still; /* pixels */
    uint32_t textured, kept;    /* of clean */
    uint32_t n_roots;
    uint32_t brightness; /* of the background, as in the report */
    VdkLearning by;
    uint64_t back, steady, flicker; /* see VdkLightSums; 0 between frames */
    uint64_t colour, coloured;      /* sum over cells, and cells; 0 between frames */
} VdkMotionControl;

/* A frame, as all its kernels are told of it. Addresses are the device's. */
typedef struct VdkMotionJob {
    const uint8_t *luma;
    int pitch, factor;
    const uint8_t *chroma[2]; /* Cb, Cr */
    int chroma_pitch, chroma_step;
    int chroma_width, chroma_height;
    int cell_across, cell_down; /* chroma samples of a cell; 0: there is no chroma */
    int width, height;          /* of the analysis picture */
    int across, down;           /* its cells */
    int64_t elapsed_us;
    uint8_t threshold, black;
    uint32_t least_area;

    VdkBackground back;

    VdkMotionControl *control;
    uint32_t *counts; /* the light's histogram; 0 between frames */
    uint8_t *now, *cb, *cr;
    uint8_t *census, *raw;    /* unless seeding */
    uint8_t *moves;           /* VDK_MOVES and VDK_EDGED, or 0; unless seeding */
    uint32_t *labels;         /* where it moves */
    uint32_t *roots;          /* control->n_roots pixels that are roots in their tile */
    VdkComponent *components; /* two by two pixels are of one component: it has one of these */
    VdkMotionReport *report;
    uint8_t *mask; /* (nullable) */
    int mask_pitch;
} VdkMotionJob;
