#pragma once

#include <gst/gst.h>

#include "kernels/vdk.h"

/*
 * JPEGs of planes on the CPU, by libjpeg-turbo: baseline, the slow integer transform, the standard
 * tables and vdk_jpeg_interval(), which makes them those of vdk_cuda_jpeg(), byte for byte. Edges
 * are repeated.
 *
 * One belongs to one thread at a time. Its memory grows to what pictures took so far; beyond that
 * only the library allocates, a few blocks a picture.
 */
typedef struct VdLibjpeg VdLibjpeg;

VdLibjpeg *vd_libjpeg_new(void);
void vd_libjpeg_free(VdLibjpeg *libjpeg); /* (nullable) */

/*
 * 0, -EINVAL for settings that cannot be or that are not the picture's, -ENOMEM or -EIO for what
 * the library calls an error; the next picture may do. The JPEG is valid until the next call.
 */
int vd_libjpeg_encode(VdLibjpeg *libjpeg, const VdkImage *image, const VdkJpegSettings *settings);
const guint8 *vd_libjpeg_data(const VdLibjpeg *libjpeg, size_t *length);
