#pragma once

#include "base/clock.h"
#include "base/mailbox.h"
#include "base/stages.h"
#include "config/config.h"
#include "media/frame.h"

/*
 * One rendition of one camera: a pipeline that scales, draws and encodes the newest frame for as
 * long as it lives, and posts to one mailbox for all its viewers. A frame that comes while the one
 * before is in work replaces the waiting one. Pictures are JPEGs or those of a video; this has a
 * key picture first, after VD_KEY_PICTURES, and when the mailbox wants one, once a second at most.
 */
typedef struct VdView VdView;

/* What encodes. */
typedef struct VdEncoderFacts {
    char *name;         /* (nullable) not known yet; "libx264", "h264_nvenc", "vdjpegenc" */
    bool on_gpu;        /* it works on a GPU */
    char *no_gpu;       /* (nullable) why a video's does not */
    guint64 gpu_memory; /* bytes that are held there, without NVENC's own */
    char *codecs; /* (nullable) what comes out of a video's, as RFC 6381 has it: "avc3.42c01e" */
} VdEncoderFacts;
void vd_encoder_facts_clear(VdEncoderFacts *facts);

typedef struct VdRendition {
    int width;     /* pixels, 0: the frame's own; never larger than that; even */
    int fps;       /* most pictures a second, 0: all */
    int quality;   /* JPEG, 1..100 */
    bool annotate; /* draw boxes, name, time, state, masks */
    VdCodec codec;
    int bitrate; /* of a video, kbit/s */
} VdRendition;

#define VD_KEY_PICTURES 60
#define VD_BITRATE      2000 /* kbit/s of a video, when nothing else is asked for */

/* [any] Whether what encodes it is installed; else VD_ERROR_UNSUPPORTED. */
bool vd_view_can(VdCodec codec, GError **error);

/* [main] The newest frame, if there is one, is encoded at once. stages: (nullable) */
VdView *vd_view_new(const VdCameraConfig *camera, const VdRendition *rendition, VdFrameHub *hub,
                    VdMailbox *mailbox, VdStages *stages);
void vd_view_free(VdView *view); /* returns at once */

/* [main] Names, colours, what is drawn: from the next picture on. */
void vd_view_configure(VdView *view, const VdCameraConfig *camera);
/*
 * [main] The camera's state, drawn into the picture. When there is no live picture (live FALSE) the
 * view posts a card once a second that says state, reason and since when; same size as before.
 */
void vd_view_set_state(VdView *view, bool live, const char *state, const char *reason,
                       VdMoment since);

typedef struct VdViewStats {
    guint64 pictures, skipped, bytes;
    double cost_us; /* mean time of scale + draw + encode */
} VdViewStats;
void vd_view_stats(VdView *view, VdViewStats *stats); /* [any] */
/* [main] Zeros while there is none. */
void vd_view_tell_encoder(VdView *view, VdEncoderFacts *facts);
