#pragma once

#include <gst/gst.h>

/*
 * Where pictures stand in a video: frames, whose times are their camera's, and cards, which have
 * none, one after the other. Pure: it asks no clock.
 */
typedef struct VdTimeline {
    guint32 number;      /* of the newest picture; 0: there was none */
    gint64 at_us;        /* its place */
    GstClockTime before; /* its PTS */
} VdTimeline;

typedef struct VdStep {
    guint32 number;     /* from 1 */
    gint64 at_us;       /* at least 1 ms behind the one before */
    gint64 duration_us; /* how long it is shown, as far as can be known: as the one before was */
} VdStep;

/*
 * The place of the next picture, never after now_us: another timeline that begins later goes on
 * where this one ends. It is as far behind the one before as their PTS say. Where one has none, or
 * that is too long ago (another stream, a clock that runs otherwise), it is where it came.
 */
VdStep vd_timeline_next(VdTimeline *timeline, GstClockTime pts, gint64 now_us);
