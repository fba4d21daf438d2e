#pragma once

#include "base/clock.h"
#include "config/foot.h"
#include "plugins/vd-messages.h"

#include <jansson.h>

/*
 * Why what moves in a picture is an event, or is none: how far it came on its way from pixels that
 * changed, and what it was measured by. It knows no clock.
 */
#define VD_REASON_BOXES 8 /* that are told, the largest */

/* What a picture is judged by. */
typedef struct VdSighting {
    gint64 us;      /* when, on the clock that nobody sets */
    gint64 wall_us; /* the same moment as it is told */
    bool young;     /* the background is not to be believed yet: nothing else is looked at */
    bool light;     /* what changed is in another light */
    double share;   /* 0..1 of the picture, of all boxes */
    double noise;   /* grey levels */
    const VdMotionFound *found; /* (nullable) how the boxes that moved came to be */
    const VdBox *boxes;
    guint n_boxes; /* 0: nothing moves */
    const VdObject *objects;
    guint n_objects;
    bool of_objects;    /* boxes are of objects, in the place of those that moved ... */
    const VdBox *moved; /* ... which are these */
    guint n_moved;
} VdSighting;

typedef struct VdRuleTimes {
    gint64 min_us, gap_us;
} VdRuleTimes;

/* What motion is judged by for a while. Counted, immutable. */
typedef struct VdLimits {
    gatomicrefcount refs;
    VdRuleTimes times;
    VdZones *zones; /* (nullable) */
} VdLimits;
VdLimits *vd_limits_new(const VdRuleTimes *times, VdZones *zones);
VdLimits *vd_limits_ref(VdLimits *limits); /* (nullable) */
void vd_limits_unref(VdLimits *limits);    /* (nullable) */
/* How long something must move in a place, one of the bits of vd_foot_zones(). */
gint64 vd_limits_least_us(const VdLimits *limits, guint place);

/* How far it came; what stands later came farther. */
typedef enum VdReach {
    VD_REACH_AWAY,      /* there was no picture */
    VD_REACH_YOUNG,     /* the background is not to be believed yet */
    VD_REACH_STILL,     /* nothing is left of what changed */
    VD_REACH_LIGHT,     /* it is in another light */
    VD_REACH_NO_BOX,    /* all of it is too small */
    VD_REACH_NO_OBJECT, /* it moves and is none of the objects that count */
    VD_REACH_OUTSIDE,   /* as VdFate has them */
    VD_REACH_IGNORED,
    VD_REACH_SMALL,
    VD_REACH_SHORT, /* it counts, and not for long enough yet */
    VD_REACH_COUNTS,
    VD_N_REACHES,
} VdReach;

/* What came of it. */
typedef enum VdOutcome {
    VD_OUTCOME_NONE,
    VD_OUTCOME_GOES_ON, /* an event that had begun before */
    VD_OUTCOME_OVER,    /* it has ended */
    VD_OUTCOME_BEGAN,
    VD_N_OUTCOMES,
} VdOutcome;

typedef struct VdReasonBox {
    guint16 x, y, width, height; /* 0..65535 of the picture's width and height */
    guint16 area;                /* the same of its pixels */
    guint8 fate;                 /* VdFate */
    guint8 zone;                 /* as VdStand has it */
} VdReasonBox;

/* One picture, which may stand for others; small, since many are kept. */
typedef struct VdReason {
    VdLimits *limits;         /* (nullable) */
    const char *state;        /* (nullable) static: why there was no picture */
    const char *code;         /* (nullable) static */
    gint64 wall_us;           /* of the picture */
    gint64 first_us, last_us; /* of those that it stands for */
    gint64 since_us;          /* the event that goes on, begins or is over began then */
    guint32 pictures;
    guint32 pause_ms; /* since when nothing counted, while an event goes on */
    guint32 components;
    float changed, clean, noise;
    guint16 largest, min_area; /* of 65536 and of 10000 of the picture */
    guint8 threshold;
    guint8 reach, outcome;
    guint8 place;                     /* VD_REACH_SHORT, _COUNTS: that came farthest */
    gint32 margin_ms;                 /* of the time there */
    guint8 n_moved;                   /* boxes that moved */
    guint8 fates[VD_N_FATES];         /* how many boxes have each */
    guint8 counted[VD_MAX_ZONES + 1]; /* boxes in each place, ignored ones too */
    guint16 ms[VD_MAX_ZONES + 1];     /* for how long something has moved there */
    guint8 n_boxes;
    bool of_objects;
    VdReasonBox boxes[VD_REASON_BOXES];
} VdReason;

/* From what was found to the boxes that are told, whose fate is still to be said. */
void vd_reason_begin(VdReason *reason, const VdSighting *sighting, VdLimits *limits);
void vd_reason_add(VdReason *reason, const VdBox *box, const VdStand *stand);
/* Something has moved in this place for so long; counts: that is long enough. */
void vd_reason_place(VdReason *reason, guint place, gint64 us, bool counts);
/* There was no picture. state, code (nullable): static. */
void vd_reason_away(VdReason *reason, gint64 wall_us, const char *state, const char *code);

const char *vd_reach_name(VdReach reach); /* "too-short" */
const char *vd_outcome_name(VdOutcome outcome);
const char *vd_fate_name(VdFate fate);
/* A sentence or two, for people (transfer full). */
char *vd_reason_text(const VdReason *reason);
/* All there is to say, a line in a list, and what an event that begins says of it (transfer full).
 */
json_t *vd_reason_json(const VdReason *reason);
json_t *vd_reason_line(const VdReason *reason);
json_t *vd_reason_brief(const VdReason *reason);
