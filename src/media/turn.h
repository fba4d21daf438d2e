#pragma once

#include "base/lock.h"

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Whose pictures are taken while two lanes decode one stream. Each picture is taken from one of
 * them, before anything is done to it: the old one's until the new one has caught up with the
 * newest that was taken, and only the new one's from then on.
 */
typedef struct VdLane VdLane;

typedef struct VdTurn {
    VdLock lock;
    VdCond idle;
    VdLane *lane;       /* [lock] (nullable) who has it */
    VdLane *coming;     /* [lock] (nullable) who gets it, when it has caught up */
    bool ready;         /* [lock] it has, and waits for the old one's last picture */
    VdLane *busy;       /* [lock] (nullable) whose picture is on its way to the hub */
    GstElement *motion; /* [lock] (nullable) has the background that `coming` goes on with */
    GstClockTime taken; /* [lock] PTS of the newest picture that was taken */
    GstClockTime seen;  /* [lock] of the newest one of `coming` that was not */
} VdTurn;

void vd_turn_init(VdTurn *turn);
void vd_turn_clear(VdTurn *turn); /* all lanes have left */

/* [main] At once: there is no other lane. */
void vd_turn_give(VdTurn *turn, VdLane *lane);
/* [main] As soon as it has caught up. motion: (nullable) (transfer full) the old lane's. */
void vd_turn_promise(VdTurn *turn, VdLane *coming, GstElement *motion);
/* [main] False: it has it already, and its pictures are missing from the old lane's. */
bool vd_turn_call_back(VdTurn *turn, VdLane *coming);
/* [main] The lane is about to be freed; nobody waits for it any more. */
void vd_turn_leave(VdTurn *turn, VdLane *lane);

/*
 * [streaming thread] Whether the lane's picture is taken. A coming lane that is ahead waits here
 * for the old one, whose decoder may hold more back. When a lane gets the turn, it waits until the
 * old one's last picture is done, and goes on with what was learned.
 */
bool vd_turn_take(VdTurn *turn, VdLane *lane, GstClockTime pts);
/* [streaming thread] Whether the picture that was taken may still be shown: nobody was before it.
 */
bool vd_turn_is_held(VdTurn *turn, VdLane *lane);
/* [any] Whether its pictures are those that are taken now. */
bool vd_turn_has(VdTurn *turn, const VdLane *lane);
/* [streaming thread] The picture that was taken is in the hub. */
void vd_turn_done(VdTurn *turn, VdLane *lane);
