#pragma once

#include "kernels/vdk.h"

/*
 * What every operator asks of its pictures before it touches one, and what it asks of them while
 * drawing: one plane at a time, with the number of luma pixels that a sample stands for.
 */
typedef struct VdkLayer {
    uint8_t *data;
    int width, height, pitch;
    int step;   /* bytes from one sample to the next in a row */
    int sx, sy; /* luma pixels a sample covers */
} VdkLayer;

bool vdk_plane_ok(const VdkPlane *plane, int step);
bool vdk_image_ok(const VdkImage *image);

/* Fills layers[0..2], answers their number: 1 or 3, or -EINVAL for an image nobody can draw on. */
int vdk_image_layers(const VdkImage *image, VdkLayer layers[3]);
