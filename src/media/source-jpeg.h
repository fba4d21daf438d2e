#pragma once

#include <glib.h>
#include <stdbool.h>

/* Just enough of JPEG to find its end and its size. Pure. */

/* Where the walk through a picture stands; zero-initialise. */
typedef struct VdJpegWalk {
    gsize at;    /* bytes looked at */
    bool scan;   /* inside entropy-coded data */
    bool broken; /* this is no JPEG */
} VdJpegWalk;

/*
 * Goes on in the same picture, of which `length` bytes are there by now. Answers the picture's
 * length with its end marker, or 0 when the end has not come (or walk->broken).
 */
gsize vd_jpeg_end(VdJpegWalk *walk, const guint8 *data, gsize length);

/* The size in its frame header; false when data is no JPEG with a readable one. */
bool vd_jpeg_size(const guint8 *data, gsize length, int *width, int *height);
