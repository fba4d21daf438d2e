#pragma once

#include "base/picture.h"
#include "media/timeline.h"

/*
 * Writes a video as an MP4 in fragments (ISO/IEC 14496-12 and -15): an opening, then each picture
 * as a fragment of its own, so that none waits for the next. Times are counted in microseconds.
 * Parameter sets lie in the pictures too ("avc3", "hev1"), so they may change on the way. Pure.
 */
typedef struct VdMp4Track {
    VdCodec codec; /* not JPEG */
    int width, height;
    GBytes *config; /* the decoder's configuration record, AVC's or HEVC's */
} VdMp4Track;

/* "avc3" or "hev1". */
const char *vd_mp4_entry(VdCodec codec);

GBytes *vd_mp4_opening(const VdMp4Track *track); /* (transfer full) */

/* unit: of NAL units with their lengths before them (transfer none). The answer: (transfer full) */
GBytes *vd_mp4_fragment(const VdStep *step, bool delta, const void *unit, gsize size);
