#pragma once

#include "kernels/vdk.h"
#include "plugins/vd-messages.h"

/*
 * Which parts of a picture a detector looks at, each by itself. Pure. A model's picture is small,
 * so what is small in a large picture is lost when all of it is looked at at once.
 */
#define VD_MAX_REGIONS 32

typedef struct VdRegions {
    VdkRectangle each[VD_MAX_REGIONS];
    int n;
} VdRegions;

/* All of it. */
void vd_regions_add_whole(VdRegions *regions, int width, int height);
/*
 * Squares of `side` pixels that cover the picture and share a third with the next, so that what is
 * smaller than that third is whole in one of them; nothing where one square is all.
 */
void vd_regions_add_tiles(VdRegions *regions, int width, int height, int side);
/*
 * Squares of at least `side` pixels around boxes that moved, a quarter more than each on all sides;
 * those that fit into one square share it.
 */
void vd_regions_add_motion(VdRegions *regions, const VdBox *boxes, int n, int width, int height,
                           int side);
