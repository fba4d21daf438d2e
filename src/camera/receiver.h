#pragma once

#include "base/clock.h"
#include "camera/state.h"
#include "config/config.h"
#include "media/analysis.h"
#include "media/frame.h"
#include "media/ingest.h"
#include "media/ring.h"

/*
 * One stream of a camera, supervised: connects to it, keeps what comes in a ring, decodes it into
 * a hub, notices when nothing comes any more, and tries again. It decides by state.h and
 * backoff.h and does what they say. [main]
 */
typedef struct VdReceiver VdReceiver;

/* Its state or what is known of the stream changed. */
typedef void (*VdReceiverChanged)(VdReceiver *receiver, void *data);

/* stages: (nullable) where what it does is timed. camera: its id; NULL: nothing is logged. label:
 * (nullable) what tells it from the camera's other stream in the log. */
VdReceiver *vd_receiver_new(const char *camera, const char *label, VdStages *stages,
                            VdReceiverChanged changed, void *data);
void vd_receiver_free(VdReceiver *receiver); /* returns at once */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdReceiver, vd_receiver_free)

/*
 * Takes over a configuration whose strongest difference from the one before is `change`
 * (VD_APPLY_RECONNECT the first time). config->uri is the stream's own; config->analysis: pictures
 * are wanted always.
 */
void vd_receiver_configure(VdReceiver *receiver, VdCameraConfig *config, VdApply change);
/* Connects anew, as if for the first time. */
void vd_receiver_restart(VdReceiver *receiver);
/* Whether somebody wants pictures now, beyond what the configuration says. */
void vd_receiver_want_pictures(VdReceiver *receiver, bool wanted);
/* Looks at ages; to be called about twice a second. */
void vd_receiver_tick(VdReceiver *receiver);

VdFrameHub *vd_receiver_hub(VdReceiver *receiver); /* (transfer none) */
/* Whether the newest frame of the hub may be shown as the camera's picture of now. */
bool vd_receiver_shows(const VdReceiver *receiver);
bool vd_receiver_is_live(const VdReceiver *receiver);
/* Whether it has failed and is not back: there are no pictures, and not just not yet. */
bool vd_receiver_is_away(const VdReceiver *receiver);
int vd_receiver_width(const VdReceiver *receiver); /* of its pictures; 0: not known yet */

/* What there is to say of it: a copy. */
typedef struct VdReceiverFacts {
    VdState state;
    char *reason;       /* why there is no picture, for people; "" while there is */
    VdLoss loss;        /* VD_N_LOSSES: none */
    VdMoment since;     /* of the state */
    VdMoment away;      /* since when there is no picture; zero: there is */
    gint64 next_try_us; /* vd_clock_now_us(); 0: none is due */
    const char *transport;
    const char *codec; /* "h264", "h265", "mjpeg", "" */
    int width, height;
    double announced_fps; /* by the stream itself; 0: it does not say */
    char *decoder;        /* "" while nothing is decoded */
    int gpu;              /* that it is decoded and analysed on; -1: none */
    guint64 gpu_memory;   /* bytes that are held there */
    char *no_gpu;         /* (nullable) why not, while something is decoded */
    guint64 reconnects;   /* connections that were made, but for the first */
    guint64 tries;        /* since there was a picture */
    char *error;          /* (nullable) the last one, also after it is over */
    VdMoment error_at;
    VdRingStats ring;
    VdDetectionStats detections; /* by this analysis */
    VdAnalysisStats analysis;    /* the newest, also when nothing is decoded any more */
} VdReceiverFacts;
void vd_receiver_tell(VdReceiver *receiver, VdReceiverFacts *facts);
void vd_receiver_facts_clear(VdReceiverFacts *facts);
