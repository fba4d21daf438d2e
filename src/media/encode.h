#pragma once

#include "config/config.h"
#include "media/timeline.h"
#include "media/view.h"

#include <gst/gst.h>

/*
 * The pipeline of one rendition: scale, draw, encode. Its owner puts one picture in at a time and
 * waits for it to come out, so what is set before a put belongs to that picture.
 */
typedef struct VdEncode VdEncode;

/* What a picture became: see VdPicture. */
typedef struct VdEncoded {
    GBytes *bytes;   /* (nullable) it cannot be read */
    GBytes *opening; /* (nullable) */
    bool delta;
    int width, height;
} VdEncoded;

typedef struct VdEncodeEvents {
    /* [streaming thread] The picture that was put in (transfer none). */
    void (*done)(const VdEncoded *encoded, void *data);
    /* [main] (nullable for JPEG) There is something new to be told of a video's encoder. */
    void (*encoder)(void *data);
    /* [main] It cannot go on; said once. */
    void (*failed)(const char *text, void *data);
} VdEncodeEvents;

/* What goes with one picture. */
typedef struct VdDrawing {
    VdStep step;              /* its place in a video */
    bool key;                 /* a video's viewers can begin with it */
    const VdReport *report;   /* (nullable) its boxes */
    const VdObjects *objects; /* (nullable) */
    gint64 captured_us;       /* wall clock */
    const char *lines;        /* (nullable) text of a card: nothing else is drawn */
} VdDrawing;

/*
 * [main] close returns at once; no event comes after it and what is put in is lost. stages:
 * (nullable) where pictures are timed, but for cards.
 */
VdEncode *vd_encode_new(const VdCameraConfig *camera, const VdRendition *rendition,
                        VdStages *stages, const VdEncodeEvents *events, void *data, GError **error);
void vd_encode_close(VdEncode *encode);
VdEncode *vd_encode_ref(VdEncode *encode); /* [any] */
void vd_encode_unref(VdEncode *encode);    /* [any] the last one after close */

/* [any] From the next picture on. */
void vd_encode_configure(VdEncode *encode, const VdCameraConfig *camera);
void vd_encode_set_state(VdEncode *encode, const char *state);

/* [any] Not before the one before is done. sample: raw video, is only read (transfer none). */
void vd_encode_put(VdEncode *encode, GstSample *sample, const VdDrawing *drawing);

/* [any] How many of all that were put in are worked off for certain, done or lost on the way. */
guint64 vd_encode_drained(VdEncode *encode);

/* [any] Gives it up: `failed` comes as if an element had failed. */
void vd_encode_fail(VdEncode *encode, const char *text);

void vd_encode_tell(VdEncode *encode, VdEncoderFacts *facts); /* [main] before close */

/* The size that pictures of this size come out in; even in a video. */
void vd_encode_size(const VdRendition *rendition, int width, int height, int *out_width,
                    int *out_height);
