#pragma once

#include "config/config.h"
#include "media/frame.h"
#include "media/gpu.h"
#include "media/intake.h"
#include "media/ring.h"

/*
 * One pipeline of an analysis, on a GPU or with the CPU: decodes what comes from a ring, masks it
 * and looks for motion. [main]
 */
typedef struct VdLane VdLane;

typedef struct VdLaneEvents {
    /*
     * [streaming thread] A picture is decoded. False: it goes no further. Otherwise it does, in the
     * same thread, before the next one.
     */
    bool (*decoded)(VdLane *lane, GstClockTime pts, void *data);
    /* [streaming thread] Motion was looked for (transfer none); the owner numbers the report. */
    void (*looked)(VdLane *lane, VdReport *report, guint64 cost_us, void *data);
    /* [streaming thread] What vdtamper has learned of the scene by now (transfer none). */
    void (*learned)(VdLane *lane, GBytes *scene, void *data);
    /* [detection thread] Objects were looked for (transfer none). */
    void (*detected)(VdLane *lane, VdObjects *objects, guint64 cost_us, void *data);
    /* [main or detection thread] why_not: (nullable) why none are; classes: (nullable) all that the
     * model knows. */
    void (*detects)(VdLane *lane, const char *why_not, const char *const *classes, void *data);
    /*
     * [streaming thread] A picture came out, with the times of its unit; the owner numbers the
     * frame and gives it its report (transfer none). old: it is too old to be shown. decode_us:
     * since its unit was given to the decoder, which may have had others to work on.
     */
    void (*picture)(VdLane *lane, VdFrame *frame, bool old, gint64 decode_us, void *data);
    /* [main] The first picture is out, or one with other caps. */
    void (*running)(VdLane *lane, GstCaps *caps, void *data);
    /* [main] On a GPU: no picture has come for longer than usual, which may mean nothing. */
    void (*quiet)(VdLane *lane, void *data);
    /*
     * [main] On a GPU: the decoder has worked off the first units and not even said what pictures
     * it will make of them. The driver has refused them and nobody says so, or they are damaged.
     */
    void (*refused)(VdLane *lane, void *data);
    /* [main] It cannot go on; unsupported: none could. */
    void (*failed)(VdLane *lane, bool unsupported, const char *text, void *data);
} VdLaneEvents;

/*
 * caps: of the ring's units. seat: (nullable) (transfer full) on a GPU, without one it is the CPU.
 * NULL with an error: it could not be built. Nothing runs before vd_lane_start().
 */
VdLane *vd_lane_new(const VdCameraConfig *camera, GstCaps *caps, VdGpuSeat *seat,
                    const VdLaneEvents *events, void *data, GError **error);
/* What another one has learned of the scene; before vd_lane_start(). */
void vd_lane_remember(VdLane *lane, GBytes *scene);
void vd_lane_start(VdLane *lane, VdRing *ring); /* from the ring's newest key frame on */
/* (nullable) Returns at once, and nothing is called any more; the pipeline goes to the reaper. */
void vd_lane_free(VdLane *lane);

/* Takes over thresholds, rates, masks. */
void vd_lane_configure(VdLane *lane, const VdCameraConfig *camera);

const char *vd_lane_decoder(const VdLane *lane);
VdGpuSeat *vd_lane_seat(const VdLane *lane); /* (nullable) (transfer none) */
int vd_lane_gpu(const VdLane *lane);         /* its number; -1: the CPU */
/* What logs call the place with this number (transfer full). */
char *vd_lane_place(int gpu);
/* What it holds of its GPU's memory, bytes; 0 with the CPU. */
guint64 vd_lane_gpu_memory(VdLane *lane);
void vd_lane_intake(VdLane *lane, VdIntakeStats *stats);

/* The element that looks for motion, which outlives the lane. (nullable) (transfer full) */
GstElement *vd_lane_motion(VdLane *lane);
/*
 * [streaming thread] From `decoded` alone, before the picture goes on: the lane goes on with the
 * background that another's element has learned.
 */
void vd_lane_go_on_from(VdLane *lane, GstElement *motion);
