#pragma once

#include "config/config.h"
#include "events/crossings.h"
#include "events/light.h"
#include "events/rules.h"
#include "media/play.h"

/*
 * What the rules make of a recording's pictures, by the recording's time alone, and what is told of
 * it. One thread at a time.
 */

/* Motion from its first picture to its last. */
typedef struct VdIncident {
    gint64 since_us, until_us; /* of the recording */
} VdIncident;

/* (transfer full) An event as it is told, without the recording it is of. */
typedef void (*VdTold)(json_t *event, void *data);

typedef struct VdJudge {
    VdRules rules;
    VdCrossings crossings;
    VdLight light;
    VdTracks *tracks;
    GString *track_lines; /* (nullable) (transfer none) as the MOTChallenge has them, added to */
    gint64 start_us;      /* when the recording begins; 0: nobody knows */
    gint64 last_us;       /* of the newest picture */
    guint64 frame;        /* its number */
    guint64 looked;       /* how many there were */
    GArray *incidents;
    VdTold told;
    void *data;
} VdJudge;

void vd_judge_init(VdJudge *judge, const VdCameraConfig *camera, gint64 start_us, VdTold told,
                   void *data);
void vd_judge_clear(VdJudge *judge);
void vd_judge_see(VdJudge *judge, const VdPlayed *played);
void vd_judge_end(VdJudge *judge); /* the recording is over, and so is what moved at its end */
