#pragma once

#include "kernels/component-pixel.h"
#include "kernels/motion-plan.h"
#include "kernels/vdk.h"

/*
 * The motion operator on a device, in four kernels a frame:
 *
 *   vdk_motion_shrink   the one that reads full luma: box average; its last block finds the light
 *   vdk_motion_compare  differences, clean-up, and components inside each tile of the picture
 *   vdk_motion_merge    components across the tiles' borders; decides what is learnt
 *   vdk_motion_finish   learns; adds up the parts of components; its last block writes the report
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

/* What the kernels of a frame tell each other. */
typedef struct VdkMotionControl {
    uint32_t shrink_ticket, finish_ticket; /* 0 between frames */
    uint32_t seeding;                      /* the background begins anew with this picture */
    uint32_t primed, learning;
    int32_t slope, offset; /* of the new light; 0, 0: the same */
    uint32_t raw, clean;   /* pixels */
    uint32_t n_roots;
    VdkLearning lesson;
    uint64_t noise;
} VdkMotionControl;

/* A frame, as all its kernels are told of it. Addresses are the device's. */
typedef struct VdkMotionJob {
    const uint8_t *luma;
    int pitch, factor;
    int width, height; /* of the analysis picture */
    int64_t elapsed_us;
    int threshold;
    uint32_t least_area;

    VdkMotionState *state;
    int16_t *mean, *noise;
    uint16_t *moving;

    VdkMotionControl *control;
    uint8_t *now;
    uint32_t *labels;         /* VDK_NO_ROOT where nothing moves */
    uint32_t *roots;          /* control->n_roots pixels that are roots in their tile */
    VdkComponent *components; /* two by two pixels are of one component: it has one of these */
    VdkMotionReport *report;
    uint8_t *mask; /* (nullable) */
    int mask_pitch;
} VdkMotionJob;
