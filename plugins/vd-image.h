#pragma once

#include <gst/video/video.h>

#include "kernels/vdk.h"

/*
 * From GStreamer's raw video to the operators' pictures. The formats are those that vdk can take
 * plane by plane; a frame outside VDK_MAX_SIZE is refused when its caps are set.
 */
#define VD_IMAGE_FORMATS "I420, NV12, Y42B, Y444, GRAY8"

bool vd_image_size_ok(const GstVideoInfo *info);

/* The planes of a mapped frame, for as long as it stays mapped. */
VdkImage vd_image_from_frame(GstVideoFrame *frame);

/* Planes of chroma that are memory of their own: interleaved ones are one. */
int vd_image_chroma_planes(const VdkImage *image);
