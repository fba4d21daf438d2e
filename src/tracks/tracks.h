#pragma once

#include "base/limits.h"
#include "plugins/vd-messages.h"

#include <glib.h>
#include <stdbool.h>

/*
 * What moves, from picture to picture: boxes become tracks. A track is a Kalman filter of a foot,
 * the middle of a box's lower edge, that moves at a constant speed; each picture's boxes are given
 * to those that expect them there, at the least cost together. All times are PTS: how many pictures
 * a second there are makes no difference but in how soon something is noticed.
 *
 *  - It begins as a guess, which one picture without it after VD_TRACK_GUESS_NS ends, and is
 *    confirmed when it was there for VD_TRACK_CONFIRM_NS.
 *  - Unseen it goes on as it went for VD_TRACK_LOST_NS, unless it has left the picture.
 *  - A box that covers several is all of theirs: each goes on in it with the size that it had, as
 *    long as there is room for all, else for VD_TRACK_COVERED_NS.
 *  - Boxes inside what a track expects are parts of it, and begin none of their own.
 *
 * Pure, for one thread at a time. It needs no more of a machine's arithmetic than + - * / and the
 * square root, and is compiled so that these are not fused: the same input, the same bits.
 */
#define VD_TRACK_GUESS_NS   G_GUINT64_CONSTANT(300000000)
#define VD_TRACK_CONFIRM_NS G_GUINT64_CONSTANT(400000000)
#define VD_TRACK_LOST_NS    G_GUINT64_CONSTANT(2000000000)
#define VD_TRACK_COVERED_NS G_GUINT64_CONSTANT(4000000000)
/* After so long without a picture, or when time goes back, all begins anew. */
#define VD_TRACK_APART_NS G_GUINT64_CONSTANT(10000000000)

typedef struct VdTrackPoint {
    guint64 pts; /* ns */
    int x, y;    /* of its foot, 0..65536 of the picture */
} VdTrackPoint;

typedef struct VdTrack {
    guint64 id;   /* from 1, not given twice */
    VdBox box;    /* where it is; what is not seen, where it should be; cut at the picture's edge */
    double speed; /* picture widths a second */
    guint64 born, seen; /* PTS of the first and of the newest picture that it was seen in */
    bool confirmed;     /* not a guess any more, and never again */
    bool visible;       /* a box of the newest picture is its own */
    bool covered;       /* it is in a box of the newest picture that others are in as well */
    guint n_path;       /* 1..VD_MAX_TRACK_PATH */
    VdTrackPoint path[VD_MAX_TRACK_PATH]; /* the whole way, oldest first: the longer, the coarser */
} VdTrack;

/* What others are told of a confirmed track in one picture. */
typedef struct VdTrackMark {
    guint64 id;
    VdBox box;
    double speed; /* picture widths a second */
    guint64 age;  /* ns */
    bool visible;
    int from_x, from_y; /* where its foot was seen first */
} VdTrackMark;

typedef struct VdTracks VdTracks;

/* last_id: the newest id that is in use already. */
VdTracks *vd_tracks_new(guint64 last_id);
void vd_tracks_free(VdTracks *tracks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdTracks, vd_tracks_free)

/*
 * A picture was looked at. aspect: its height by its width. Of more than VD_MAX_TRACK_BOXES boxes
 * the first count. ids: (nullable) for each box the track that it is of, 0: of none; where it is of
 * several, the oldest's.
 */
void vd_tracks_see(VdTracks *tracks, guint64 pts, double aspect, const VdBox *boxes, guint n_boxes,
                   guint64 *ids);
/* All that there are, guesses too, by growing id. They are valid until the next picture. */
guint vd_tracks_count(const VdTracks *tracks);
const VdTrack *vd_tracks_get(const VdTracks *tracks, guint at);
/* Those of all confirmed ones; marks: room for VD_MAX_TRACKS. Answers how many. */
guint vd_tracks_mark(const VdTracks *tracks, VdTrackMark *marks);
guint64 vd_tracks_last_id(const VdTracks *tracks);

/*
 * A line as the MOTChallenge has them, with its end: "frame,id,left,top,width,height,1,-1,-1,-1",
 * in pixels of a picture of this size. frame: from 1. (transfer full)
 */
char *vd_track_mot_line(const VdTrack *track, guint64 frame, guint width, guint height);
/* Whether such a line is written: it is no guess, and there or only just lost. */
bool vd_track_is_told(const VdTrack *track, guint64 pts);
