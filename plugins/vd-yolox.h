#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kernels/vdk.h"

/*
 * What a YOLOX says, read: rows of 5 + classes numbers, one a cell of three grids over the model's
 * picture. Pure. Numbers come from a file that somebody trained, so none is believed to be sane.
 */
#define VD_YOLOX_MAX_SIZE    2048 /* pixels in one direction of the model's picture */
#define VD_YOLOX_MAX_CLASSES 1024
#define VD_YOLOX_MAX_FOUND   2048 /* boxes of one picture before those that overlap are dropped */
#define VD_YOLOX_MAX_OBJECTS 256  /* and after */

typedef struct VdYoloxModel {
    int width, height; /* of its picture */
    int classes;
} VdYoloxModel;

/* A box in pixels of the picture. */
typedef struct VdFound {
    float left, top, right, bottom;
    float score; /* 0..1 */
    int kind;    /* the number of its class */
} VdFound;

typedef struct VdFoundList {
    VdFound found[VD_YOLOX_MAX_FOUND];
    size_t n;
} VdFoundList;

/* Rows of the output of a model with a picture of that size; 0: no YOLOX has that size. */
int vd_yolox_rows(int width, int height);

/*
 * Adds what `output` has with at least that score, which is of `region` of a picture of
 * width x height. What an edge of the region cuts off that is none of the picture's is left out: it
 * is another region's. When the list is full the lowest scores go.
 */
void vd_yolox_read(const VdYoloxModel *model, const float *output, float least,
                   const VdkRectangle *region, int width, int height, VdFoundList *list);

/*
 * Leaves of boxes of one class that share more than `overlap` (0..1, intersection over union) the
 * one with the highest score; the highest come first, VD_YOLOX_MAX_OBJECTS at most.
 */
void vd_yolox_suppress(VdFoundList *list, float overlap);
