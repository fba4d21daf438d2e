#pragma once

#include "media/view.h"

#include <gst/gst.h>

/* What encodes a video: the one place that knows the elements. */
typedef struct VdVideoEncoder {
    const char *factory;
    const char *parser, *caps; /* what makes of its units those that lie in an MP4 */
} VdVideoEncoder;

/* [any] NULL with VD_ERROR_UNSUPPORTED when it is not installed. */
const VdVideoEncoder *vd_video_encoder_find(VdCodec codec, GError **error);

/* [main] Before it runs. bitrate: kbit/s; key_pictures: from one key picture to the next. */
void vd_video_encoder_set_up(GstElement *encoder, int bitrate, int key_pictures);
/* [any] */
void vd_video_encoder_allow_gpu(GstElement *encoder, bool allow);
/* The picture that comes next is to be a key picture. Not while one is in work. [any] */
void vd_video_encoder_want_key(GstElement *encoder);
/* Whether an element's message says that there is something new to be told. [any] */
bool vd_video_encoder_is_news(GstMessage *message);
/*
 * [main] Which of libavcodec's encoders of a video there are, in software and by NVENC (transfer
 * full); NULL: none. Loads them.
 */
void vd_video_encoder_installed(VdCodec codec, char **software, char **nvenc);
void vd_video_encoder_tell(GstElement *encoder, VdEncoderFacts *facts);
