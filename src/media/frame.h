#pragma once

#include "plugins/vd-messages.h"
#include "tracks/tracks.h"

#include <gst/gst.h>
#include <stdbool.h>

/* What analysis found in one frame: plain data, immutable, counted, beside the picture. */
typedef struct VdReport {
    gatomicrefcount refs;
    guint64 number;   /* analysed frames since the camera was added, from 1 */
    GstClockTime pts; /* ring time of the frame it belongs to */
    double share;     /* 0..1 of the picture in motion */
    double noise;     /* grey levels */
    bool primed;
    VdMotionFound found;
    VdLighting lighting;
    double aspect;       /* of the picture: height by width */
    guint n_tracks;      /* confirmed ones */
    VdTrackMark *tracks; /* (nullable) */
    guint64 *track_ids;  /* (nullable) of each box; 0: none */
    guint n_boxes;
    VdBox boxes[];
} VdReport;

/* Copies the boxes. Fill the rest before sharing. */
VdReport *vd_report_new(const VdBox *boxes, guint n_boxes);
VdReport *vd_report_ref(VdReport *report);
void vd_report_unref(VdReport *report);
/* Whether it may be shown with a picture of this time; report: (nullable) none may. */
bool vd_report_is_fresh(const VdReport *report, GstClockTime pts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdReport, vd_report_unref)

/* The objects of one picture: plain data, immutable, counted. */
typedef struct VdObjects {
    gatomicrefcount refs;
    GstClockTime pts; /* ring time of the picture they were seen in */
    guint n;
    VdObject each[];
} VdObjects;

/* Copies them, the first VD_MAX_OBJECTS at most. */
VdObjects *vd_objects_new(const VdObject *objects, guint n, GstClockTime pts);
VdObjects *vd_objects_ref(VdObjects *objects); /* (nullable) */
void vd_objects_unref(VdObjects *objects);     /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdObjects, vd_objects_unref)

/*
 * One decoded picture and what is known of it. Immutable, counted. The buffer may be the decoder's
 * own: never write to it.
 */
typedef struct VdFrame {
    gatomicrefcount refs;
    GstSample *sample;  /* raw video, with caps */
    guint64 number;     /* decoded frames since the camera was added, from 1 */
    gint64 captured_us; /* wall clock at which its access unit was complete */
    gint64 received_us; /* the same moment on vd_clock_now_us()'s clock */
    gint64 decoded_us;  /* vd_clock_now_us() when it came out of analysis */
    bool late;          /* newer ones waited to be decoded by then */
    VdReport *report;   /* (nullable) the newest report, of this frame or of one < 1 s before it */
    guint64 measured;   /* when its quality was, ns of ring time and 1; 0: it was not yet */
    VdQuality quality;  /* of this picture or of the newest before it that was looked at */
    VdObjects *objects; /* (nullable) the newest that were detected, in one < 4 s before it */
} VdFrame;

/* (transfer full). Fill the rest before sharing. */
VdFrame *vd_frame_new(GstSample *sample);
VdFrame *vd_frame_ref(VdFrame *frame);
void vd_frame_unref(VdFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdFrame, vd_frame_unref)

/*
 * Where analysis leaves the newest frame of a camera and views find it: one poster, any number of
 * listeners. All functions are [any].
 */
typedef struct VdFrameHub VdFrameHub;

VdFrameHub *vd_frame_hub_new(void);
VdFrameHub *vd_frame_hub_ref(VdFrameHub *hub);
void vd_frame_hub_unref(VdFrameHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdFrameHub, vd_frame_hub_unref)

/*
 * The hub lives as long as its camera, so it numbers what passes: the next frame's number and the
 * next report's, from 1, whichever analysis asks. A report that is primed is given its tracks as
 * well, before it is shared: no id of one comes twice.
 */
guint64 vd_frame_hub_number_frame(VdFrameHub *hub);
void vd_frame_hub_take_report(VdFrameHub *hub, VdReport *report);
void vd_frame_hub_numbers(VdFrameHub *hub, guint64 *frames, guint64 *reports); /* given so far */

/* (transfer none) A frame that is not newer than the newest is left aside. */
void vd_frame_hub_post(VdFrameHub *hub, VdFrame *frame);
VdFrame *vd_frame_hub_newest(VdFrameHub *hub); /* (nullable) (transfer full) */
/* Forgets the newest frame, so that a view does not take an old picture for a live one. */
void vd_frame_hub_clear(VdFrameHub *hub);

/*
 * What vdtamper has learned of the scene, for the analysis that comes next: kept while the camera
 * is away, but not for longer than VD_SCENE_LASTS_US. keep: (nullable) forget it.
 */
void vd_frame_hub_keep_scene(VdFrameHub *hub, GBytes *scene);
GBytes *vd_frame_hub_scene(VdFrameHub *hub); /* (nullable) (transfer full) */

/* Called on the poster's thread with no lock held; must be short. */
typedef void (*VdFrameListener)(VdFrame *frame, void *data);
guint vd_frame_hub_listen(VdFrameHub *hub, VdFrameListener listener, void *data);
/* When it returns the listener is not running and will not be called. Not from a listener. */
void vd_frame_hub_unlisten(VdFrameHub *hub, guint id);
