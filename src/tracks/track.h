#pragma once

#include "tracks/axis.h"
#include "tracks/tracks.h"

/* One track from inside: what it expects, and what it makes of what is seen. */

/* In picture widths, in both directions. */
typedef struct VdRect {
    double left, top, right, bottom;
} VdRect;

double vd_rect_area(const VdRect *rect);
double vd_rect_common(const VdRect *a, const VdRect *b);  /* the area of both */
double vd_rect_overlap(const VdRect *a, const VdRect *b); /* intersection over union */
VdRect vd_rect_union(const VdRect *a, const VdRect *b);
VdRect vd_rect_of_box(const VdBox *box, double aspect);

typedef struct VdMover {
    VdTrack track;
    VdAxis x, y; /* of its foot, picture widths */
    double width, height;
    guint64 path_step; /* ns from point to point */
    /* in the picture that is looked at */
    VdRect expected;
    VdRect found; /* where own >= 0 */
    int own;      /* the box that was given to it, -1: none */
    int in;       /* the box that it is in together with others, -1: none */
} VdMover;

VdMover *vd_mover_new(guint64 id, guint64 pts, const VdRect *found);
/* Time passes: where is it to be expected? */
void vd_mover_pass(VdMover *mover, double seconds);
/* Standard deviations, squared, between what is expected and this. */
double vd_mover_distance(const VdMover *mover, const VdRect *found);
/* keep_size: what was found is not it alone. */
void vd_mover_see(VdMover *mover, const VdRect *found, double seconds, bool keep_size);
/* It is somewhere in there. */
void vd_mover_stay_in(VdMover *mover, const VdRect *crowd);
/* Fills in what is told of it. */
void vd_mover_tell(VdMover *mover, guint64 pts, double aspect);
/* Its middle is outside of the picture. */
bool vd_mover_has_left(const VdMover *mover, double aspect);
