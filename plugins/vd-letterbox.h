#pragma once

#include "kernels/vdk.h"

/*
 * How a picture becomes a detector's input: scaled with its shape kept, at the top left, the rest
 * grey 114, as planes of B, G and R from 0 to 255. As YOLOX was trained.
 */
#define VD_LETTERBOX_GREY 114

/* The size that a picture, or a part of one, of width x height has in a model's picture. */
void vd_letterbox_fit(int width, int height, int model_width, int model_height, int *fit_width,
                      int *fit_height);

/*
 * `picture` is full range BT.601 with chroma as large as luma, and not larger than the model's
 * picture; `planes` takes 3 * model_width * model_height numbers.
 */
void vd_letterbox_fill(const VdkImage *picture, int model_width, int model_height, float *planes);
