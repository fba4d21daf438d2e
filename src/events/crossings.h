#pragma once

#include "config/lines.h"
#include "events/event.h"
#include "tracks/tracks.h"

/*
 * Who crosses which line. What counts is the way of a track's foot, in strides of a quarter of its
 * width or an eighth of its height: what trembles upon a line does not cross it. It begins where
 * the track was seen first. Arithmetic on what is given: it knows no clock.
 *
 * Each is counted. Of those that are told there is one a second in the long run and
 * VD_CROSSINGS_AT_ONCE at the most, so that rain does not drive all other events out of the
 * journal.
 */
#define VD_CROSSINGS_AT_ONCE 60

typedef struct VdCrosser {
    guint64 track;
    VdPoint foot; /* where its last stride ended */
} VdCrosser;

/* Of each line, in the order in which they are written. */
typedef struct VdCrossed {
    guint64 in[VD_MAX_LINES], out[VD_MAX_LINES];
} VdCrossed;

typedef struct VdCrossings {
    char *camera;
    VdLines *lines;    /* (nullable) */
    VdCrossed crossed; /* since the lines are as they are */
    gint64 seen_us;    /* when it was last looked */
    gint64 full_us;    /* when as many events may be told at once again as ever */
    guint64 untold;    /* crossings since the last one that was told */
    guint n;
    VdCrosser each[VD_MAX_TRACKS];
} VdCrossings;

void vd_crossings_init(VdCrossings *crossings, const char *camera);
void vd_crossings_clear(VdCrossings *crossings);
/* Where these are others, counts begin anew. lines: (nullable) */
void vd_crossings_set_lines(VdCrossings *crossings, VdLines *lines);
/* Other pictures follow, with tracks of other ids. */
void vd_crossings_forget(VdCrossings *crossings);
/* happened: events are added to it. tracks: all of one picture. */
void vd_crossings_see(VdCrossings *crossings, gint64 wall_us, const VdTrackMark *tracks, guint n,
                      GPtrArray *happened);
