#pragma once

#include <glib.h>
#include <stdbool.h>

/* How pictures are encoded. */
typedef enum VdCodec { VD_CODEC_JPEG, VD_CODEC_H264, VD_CODEC_H265, VD_N_CODECS } VdCodec;

const char *vd_codec_name(VdCodec codec); /* "jpeg", "h264", "h265" [any] */

/* One encoded picture of one camera with what a viewer is told about it. Immutable, counted. */
typedef struct VdPicture {
    gatomicrefcount refs;
    GBytes *bytes;      /* a JPEG, or a video's picture as a fragment of an MP4 */
    GBytes *opening;    /* (nullable) of a video: what goes before the first fragment */
    bool delta;         /* it is of no use without the one before it; never a JPEG */
    char *camera;       /* id */
    guint64 number;     /* of the frame since the camera was added; 0 for a placeholder */
    gint64 captured_us; /* wall clock when the access unit's last byte was received */
    gint64 received_us; /* the same moment on vd_clock_now_us()'s clock */
    gint64 encoded_us;  /* vd_clock_now_us() when it was encoded */
    int width, height;  /* pixels */
    bool placeholder;   /* a card that says why there is no picture, not the camera's own */
} VdPicture;

/* Takes the bytes' reference (transfer full) and copies the id. Fill the rest before sharing. */
VdPicture *vd_picture_new(const char *camera, GBytes *bytes);
VdPicture *vd_picture_ref(VdPicture *picture);
void vd_picture_unref(VdPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdPicture, vd_picture_unref)
