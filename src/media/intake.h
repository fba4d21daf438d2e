#pragma once

#include "media/flow.h"
#include "media/ring.h"

/*
 * Carries a ring's units into a decoding pipeline and remembers when each was received, until its
 * frame comes out. What the decoder cannot take in time is dropped up to a later key frame, so that
 * lateness does not stay.
 */
typedef struct VdIntake VdIntake;

typedef struct VdUnitTimes {
    gint64 received_us, captured_us;
    gint64 given_us; /* vd_clock_now_us() when it was given to the decoder */
    bool old;        /* needed to decode what follows, too old to be shown */
} VdUnitTimes;

VdIntake *vd_intake_new(VdFlow *flow, GstCaps *caps);
/* [main] From the ring's newest key frame on. */
void vd_intake_start(VdIntake *intake, VdRing *ring);
/* [main] Nothing is pushed from now on. */
void vd_intake_stop(VdIntake *intake);
void vd_intake_free(VdIntake *intake);

/* [any] The unit that a frame with this PTS was made of; times of now when it is not known. */
void vd_intake_claim(VdIntake *intake, GstClockTime pts, VdUnitTimes *times);
/* [any] Two units make one frame: a unit without a frame of its own is no error. */
void vd_intake_set_fields(VdIntake *intake, bool fields);

/*
 * [main] Before start: a decoder that has taken more units than any holds back and gives no picture
 * fails. Those of a GPU that is lost say nothing.
 */
void vd_intake_expect_pictures(VdIntake *intake);
/*
 * [main] Whether no picture has come of more units than it is used to work on; true once each time.
 * vd_flow_tell() is called before.
 */
bool vd_intake_take_quiet(VdIntake *intake);

typedef struct VdIntakeStats {
    guint64 dropped; /* units that never went in */
    guint64 barren;  /* units of which no frame came */
    guint waiting;   /* units for the decoder, now */
} VdIntakeStats;
void vd_intake_stats(VdIntake *intake, VdIntakeStats *stats); /* [any] */
