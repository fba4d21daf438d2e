#pragma once

#include "base/lock.h"
#include "media/frame.h"
#include "media/ring.h"

#include <gst/video/video.h>

/* Streams made for a test, and somebody who watches what becomes of them. */

#define MADE_FPS 30

/* Draws frame number i into an I420-like picture that is grey so far. */
typedef void (*MadePainter)(GstVideoFrame *frame, guint i);

/* Grey but for a block in the upper left corner, whose brightness tells the frame's number. */
void made_paint_number(GstVideoFrame *frame, guint i);
guint8 made_number_grey(guint i);

typedef struct MadeSpec {
    const char *format; /* of the raw pictures; NULL: I420 */
    int width, height;
    guint frames;
    const char *encoder; /* in gst-launch's words, down to a parsed stream */
    MadePainter paint;   /* NULL: made_paint_number */
    bool interlaced;
} MadeSpec;

/* Key frames every 30, no frame is held back. */
#define MADE_H264                                                                           \
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 qp-max=24 ! h264parse " \
    "config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"
#define MADE_H265                                                                   \
    "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=30 "               \
    "option-string=log-level=0:pools=1:bframes=0 ! h265parse config-interval=-1 ! " \
    "video/x-h265,stream-format=byte-stream,alignment=au"
#define MADE_JPEG "jpegenc quality=90"

GPtrArray *made_units(const MadeSpec *spec); /* GstSample (transfer full) */

/* A raw picture as analysis would leave it in a hub; frame i's PTS is i frames after 0. */
VdFrame *made_frame(const MadeSpec *spec, guint i);
/* (transfer full) What is in a JPEG, as a frame. */
VdFrame *made_of_jpeg(GBytes *jpeg);

/* Units go to a ring with times that tell their place: count goes on over several streams. */
typedef struct MadeSource {
    VdRing *ring;
    VdStages *stages;
    guint count;
    gint64 first_us; /* both clocks' time of unit 0 */
} MadeSource;
void made_source_init(MadeSource *source);
void made_source_clear(MadeSource *source);
void made_push(MadeSource *source, GstSample *unit);
/* One that is shown in another place than it comes in. */
void made_push_shown(MadeSource *source, GstSample *unit, guint place);
gint64 made_unit_us(const MadeSource *source, guint i);

/* Keeps every frame of a hub. */
typedef struct MadeSeen {
    VdFrameHub *hub;
    guint id;
    VdLock lock;
    GPtrArray *frames; /* [lock] VdFrame */
} MadeSeen;
void made_seen_init(MadeSeen *seen, VdFrameHub *hub);
void made_seen_clear(MadeSeen *seen);
guint made_seen_count(MadeSeen *seen);
VdFrame *made_seen_frame(MadeSeen *seen, guint i); /* (transfer none) */

/* Pushes all, never so far ahead of the frames that any would be dropped. */
void made_play(MadeSource *source, GPtrArray *units, MadeSeen *seen);

/* Runs the main loop's context until it is so; fails after half a minute. */
typedef bool (*MadeCondition)(void *data);
void made_await(MadeCondition condition, void *data);
void made_await_frames(MadeSeen *seen, guint count);

/* The mean of a plane in a rectangle given in its own samples. */
double made_mean(VdFrame *frame, guint plane, int x, int y, int width, int height);
