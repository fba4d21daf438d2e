#pragma once

#include <libavutil/frame.h>

#include "plugins/vd-image.h"

/* Between the operators' pictures and libavcodec's. 4:2:0 alone, NV12 or I420. */

/* What a stream of 4:2:0 can hold of it: without the last column and row of odd sizes. */
VdkImage vd_av_image_even(const VdkImage *image);
/* (transfer none) A frame's planes, of the frame's size. */
VdkImage vd_av_image_of(const AVFrame *frame, enum AVPixelFormat format);
/* Lets the frame point to these planes, which outlive it. */
void vd_av_image_lend(const VdkImage *image, AVFrame *frame);
