#pragma once

#include "plugins/vd-engine.h"
#include "plugins/vd-onnx.h"
#include "plugins/vd-regions.h"

/* One picture that a model is to see, and what it is asked for. */
typedef struct VdLook {
    GstBuffer *buffer; /* a reference */
    GstCaps *caps;     /* a reference */
    GstVideoInfo info;
    GstClockTime pts;
    bool whole; /* all of the picture, and not just where something moves */
    bool tiles; /* all of it in parts as well */
    int side;   /* pixels of a part; 0: as the model's picture has */
    float least;
    VdBox boxes[VDK_MAX_BOXES]; /* what moved */
    int n_boxes;
    bool awaited; /* somebody waits for the answer: no budget holds it up, and none is cut short */
    gint64 longest_us; /* after this time no further part is begun, unless awaited */
} VdLook;

void vd_look_free(VdLook *look); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdLook, vd_look_free)

/* What somebody who has pictures looked at keeps between them; one thread at a time. */
typedef struct VdSight {
    VdTally *tally;   /* (nullable) */
    VdEngine *engine; /* (nullable) of the memory in which the pictures are */
    int width, height;
    VdFoundList seen; /* in the newest picture */
    VdFoundList now;  /* during a look */
} VdSight;

void vd_sight_clear(VdSight *sight);

/*
 * Lets the model see it, part by part; *runs is how many there were. sight->seen is what is in the
 * picture then: of parts that were not looked at, what was seen there before. When it fails, that
 * is what it was.
 */
bool vd_look(const VdLook *look, VdOnnx *onnx, VdSight *sight, guint *runs, GError **error);
