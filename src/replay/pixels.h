#pragma once

#include "media/mask-clip.h"
#include "media/play.h"

#include <jansson.h>

/*
 * Masks against those that somebody has made, pixel by pixel of the latter: 255 moves; 0 and 50, a
 * shadow, do not; what has another value is not judged. Pictures in which the background is still
 * learned are left out.
 */
typedef struct VdPixels {
    VdMaskClip *truth;
    guint64 pictures;                    /* in which a pixel was judged */
    guint64 right, wrong, missed, still; /* pixels: moves and does; does not; does; neither */
} VdPixels;

bool vd_pixels_see(VdPixels *pixels, const VdPlayed *played, GError **error);
json_t *vd_pixels_judge(const VdPixels *pixels); /* (transfer full) */
