#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Ring time from a stream's own timestamps: they are regular but start anywhere and drift; arrival
 * is on our clock but jitters. What comes out is the stream's time, shifted so that it follows the
 * earliest arrivals. Plain data, one thread. Zero-initialise; a new connection starts anew.
 */
typedef struct VdSourceTime {
    bool started;
    gint64 shift_ns;      /* ring time = stream time + shift */
    gint64 show_shift_ns; /* the same for the PTS of a stream that reorders */
    gint64 newest_ns;     /* largest PTS of the stream's own since its last jump */
    guint backs;          /* evidence of reordering, fading */
    bool reorders;        /* its pictures come in decoding order, which is not that of showing */
    gint64 decoded_ns;    /* largest given out as decoding time */
    gint64 shown_ns;      /* largest given out as presentation time */
} VdSourceTime;

/*
 * Turns the buffer's PTS (and DTS, when it has one) into ring time. The DTS never goes back; the
 * PTS neither, unless the stream itself reorders (B frames): then all from one key frame to the
 * next are shifted alike, also in a burst at the start. now_ns: the monotonic clock.
 */
void vd_source_time_stamp(VdSourceTime *time, GstBuffer *buffer, gint64 now_ns);
