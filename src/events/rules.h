#pragma once

#include "events/event.h"
#include "events/reason.h"

/*
 * From what is measured of one camera to what happened there. Arithmetic on times that are given:
 * it knows no clock. Motion has happened when there was some for min_us, and is over when there was
 * none for gap_us, or the camera is away. What flickers with pauses shorter than min_us is there;
 * from one picture to the next there is none, however far apart they are.
 *
 * With zones only boxes count that stand in one (config/foot.h), and each zone is judged by itself,
 * with the time that it has: the first in which there was motion for long enough begins the event,
 * those that follow are named at its end.
 */
#define VD_RULES_BOXES   16 /* of a picture that an event tells */
#define VD_RULES_CLASSES 8  /* of objects that an event tells */

/* Motion in one zone, or in any place where none counts; all zero while there is none. */
typedef struct VdPlace {
    VdMoment since;
    gint64 last_us;
    bool counts; /* it was there for long enough, and is until the event is over */
} VdPlace;

typedef struct VdRules {
    char *camera;
    VdRuleTimes times;
    VdZones *zones;                   /* (nullable) */
    VdLimits *limits;                 /* both of them, as reasons keep them */
    VdReason reason;                  /* of the newest sighting; borrows the limits */
    VdPlace places[VD_MAX_ZONES + 1]; /* by the bits of vd_foot_zones() */
    gint64 seen_us, interval_us;      /* the newest picture, and since the one before */
    /* motion: all zero while there is none */
    bool told;
    VdMoment since, last; /* of it; last: when it was seen last */
    double peak;          /* of the boxes that count */
    guint n_boxes;        /* of the peak */
    VdBox boxes[VD_RULES_BOXES];
    char classes[VD_RULES_CLASSES][VD_OBJECT_NAME]; /* of objects where it counts, since it began */
    guint n_classes;
    /* the camera's state as it was told; NULL: never */
    const char *state, *reason_code;
} VdRules;

void vd_rules_init(VdRules *rules, const char *camera, const VdRuleTimes *times);
void vd_rules_clear(VdRules *rules);
void vd_rules_set_times(VdRules *rules, const VdRuleTimes *times);

/* Each answers what happened by that, or NULL (transfer full). */
/* (nullable) Motion is over where these are others, and begins anew. */
VdEvent *vd_rules_set_zones(VdRules *rules, VdMoment now, VdZones *zones);
VdEvent *vd_rules_see(VdRules *rules, const VdSighting *sighting);
VdEvent *vd_rules_pass(VdRules *rules, VdMoment now);  /* time passed and nothing was measured */
VdEvent *vd_rules_leave(VdRules *rules, VdMoment now); /* the camera is away: nothing moves there */
/*
 * The camera is in a state that is worth telling, or still is. state and reason_code (nullable) are
 * static; reason is for people.
 */
VdEvent *vd_rules_enter(VdRules *rules, VdMoment now, const char *state, const char *reason_code,
                        const char *reason);
