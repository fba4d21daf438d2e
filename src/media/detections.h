#pragma once

#include "base/lock.h"
#include "media/frame.h"

/* What was detected of one camera, from whichever lane: told by detectors, asked by pictures. */
typedef struct VdDetectionStats {
    guint64 pictures; /* in which objects were looked for */
    double cost_us;   /* mean of the time that took */
    char *why_not;    /* (nullable) why none are */
    char **classes;   /* (nullable) all that the model knows */
} VdDetectionStats;

typedef struct VdDetections {
    char *camera; /* (nullable) its id; NULL: there is no model */
    VdLock lock;
    VdObjects *objects; /* [lock] (nullable) the newest */
    guint64 pictures;   /* [lock] */
    double cost_us;     /* [lock] */
    char *why_not;      /* [lock] (nullable) */
    char **classes;     /* [lock] (nullable) */
} VdDetections;

/* camera: (nullable) whose they are; NULL: no objects are wanted of it. */
void vd_detections_init(VdDetections *detections, const char *camera);
void vd_detections_clear(VdDetections *detections);

/* All of these are [any]. */
void vd_detections_take(VdDetections *detections, VdObjects *objects, guint64 cost_us);
/* Both are (nullable). The log tells what is news. */
void vd_detections_set_state(VdDetections *detections, const char *why_not,
                             const char *const *classes);
/*
 * What was seen lately before a picture of that time. Nothing, until the first look and when the
 * newest are too old; NULL where no objects are wanted or can be detected. (transfer full)
 */
VdObjects *vd_detections_of(VdDetections *detections, GstClockTime pts);
void vd_detections_tell(VdDetections *detections, VdDetectionStats *stats);
void vd_detection_stats_clear(VdDetectionStats *stats);
