#pragma once

#include "kernels/blend-pixel.h"
#include "kernels/convert-pixel.h"
#include "kernels/image.h"
#include "kernels/vdk.h"

/*
 * What the kernels that draw and scale are told, by value: 4 kB at most, as much as goes along with
 * a launch everywhere. All work on up to three layers at once: blockIdx.y or .z says which.
 */
#define VDK_DRAW_BLOCK  256 /* threads; a span or a cell is one warp's */
#define VDK_DRAW_TILE_X 32
#define VDK_DRAW_TILE_Y 8

typedef struct VdkSpansJob {
    VdkLayer layers[3];
    const VdkSpan *spans;
    uint32_t n;
} VdkSpansJob;

typedef struct VdkFillJob {
    VdkSpansJob on;
    uint8_t values[3];
} VdkFillJob;

typedef struct VdkFramesJob {
    VdkLayer layers[3];
    VdkRectangle frames[VDK_MAX_BOXES];
    int n_layers, thick;
    uint8_t values[3];
} VdkFramesJob;

/* Cells column .. column + columns - 1, row .. row + rows - 1 cover all spans. */
typedef struct VdkPixelateJob {
    VdkSpansJob on;
    int block;
    int column, row, columns, rows;
    uint8_t *means; /* of the cells, a layer behind the other */
} VdkPixelateJob;

typedef struct VdkBlendPart {
    VdkPlane alpha;
    VdkOverlap at;
    uint8_t values[3];
} VdkBlendPart;

/* Those that meet the picture, all in luma pixels x0 .. x1 - 1, y0 .. y1 - 1. */
typedef struct VdkBlendJob {
    VdkLayer layers[3];
    int x0, y0, x1, y1;
    int n;
    VdkBlendPart parts[VDK_MAX_BLITS];
} VdkBlendJob;

typedef struct VdkScaleJob {
    VdkImage from;
    VdkLayer to[3];
    int n_layers; /* of to */
    bool convert;
    VdkMatrixQ14 matrix;
} VdkScaleJob;
