#pragma once

#include "config/config.h"
#include "media/detections.h"
#include "media/frame.h"
#include "media/ring.h"

/*
 * Decodes what comes from a ring, masks it, finds motion and leaves each frame in a hub. A pipeline
 * of its own, restarted from the ring's newest key frame without touching ingest. [main]
 *
 * It runs on a GPU where gpu= and the machine let it. When that fails it goes on elsewhere by
 * itself, and returns to a GPU when that may be used again. When there is less to do on another
 * GPU, or gpu= changes, it moves: a pipeline there catches up from the ring's newest key frame and
 * takes over between two pictures, with the background that was learned. Nobody is told but by
 * running.
 */
typedef struct VdAnalysis VdAnalysis;

typedef struct VdAnalysisEvents {
    /*
     * The first frame came out; decoder is the factory in use, caps the raw picture's. Again when
     * it has moved, and when the pictures' caps change.
     */
    void (*running)(VdAnalysis *analysis, const char *decoder, GstCaps *caps, void *data);
    /* It cannot go on; unsupported: no other try will do better. text without secrets. */
    void (*failed)(VdAnalysis *analysis, bool unsupported, const char *text, void *data);
} VdAnalysisEvents;

/* caps: of the ring's units. Events are called from the main loop's default context. */
VdAnalysis *vd_analysis_new(const VdCameraConfig *camera, GstCaps *caps, VdRing *ring,
                            VdFrameHub *hub, const VdAnalysisEvents *events, void *data);
void vd_analysis_free(VdAnalysis *analysis); /* returns at once; the pipeline goes to the reaper */

/* Takes over thresholds, rates, masks, and where it is to run: nothing is interrupted. */
void vd_analysis_configure(VdAnalysis *analysis, const VdCameraConfig *camera);
/* Measures what it costs, and moves when it had better; to be called about twice a second. */
void vd_analysis_tick(VdAnalysis *analysis);

/* The number of the GPU it runs on, -1: the CPU. */
int vd_analysis_gpu(const VdAnalysis *analysis);
/* What it holds of GPUs' memory, bytes; while it moves, in both places. 0 with the CPU. */
guint64 vd_analysis_gpu_memory(const VdAnalysis *analysis);
/* Why it runs on the CPU. (nullable) (transfer none) */
const char *vd_analysis_why_no_gpu(const VdAnalysis *analysis);

typedef struct VdAnalysisStats {
    guint64 decoded, analysed; /* frames since the hub was made (they go on across restarts) */
    guint64 errors;            /* units that gave no picture or a damaged one */
    guint64 dropped;           /* access units thrown away because decoding cannot keep up */
    guint waiting;             /* access units for the decoder, now */
    gint64 last_us;            /* vd_clock_now_us() of the newest decoded frame; 0: none yet */
    double decoded_fps, analysed_fps;
    double motion_cost_us; /* mean of the operator's time */
} VdAnalysisStats;
void vd_analysis_tell_detections(VdAnalysis *analysis, VdDetectionStats *stats); /* [any] */
void vd_analysis_stats(VdAnalysis *analysis, VdAnalysisStats *stats);            /* [any] */
