#pragma once

#include <gst/video/video.h>
#include <libavcodec/avcodec.h>
#include <stdbool.h>

/*
 * One of libavcodec's video encoders, set up so that every picture comes out at once: no B
 * pictures, no looking ahead, key pictures where they are asked for and nowhere else, parameter
 * sets in front of each. [streaming thread] Answers are 0 or libavcodec's errors (< 0).
 */
typedef enum VdAvcodecKind { VD_AVCODEC_H264, VD_AVCODEC_H265, VD_AVCODEC_N_KINDS } VdAvcodecKind;

typedef struct VdAvcodecSettings {
    const GstVideoInfo *info; /* of the pictures: rate and colours */
    int width, height;        /* even */
    guint bitrate;            /* kbit/s */
} VdAvcodecSettings;

/* Names as libavcodec has them. */
const char *vd_avcodec_name(VdAvcodecKind kind, bool hardware);
bool vd_avcodec_is_there(VdAvcodecKind kind, bool hardware); /* in libavcodec */

/* frames (nullable): those of the GPU's encoder; format: of pictures in the host's memory. */
int vd_avcodec_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, AVBufferRef *frames,
                    enum AVPixelFormat format, AVCodecContext **opened);
/* Holds from the next picture on. False: this encoder has to be opened anew for it. */
bool vd_avcodec_set_bitrate(AVCodecContext *encoder, guint bitrate);
/* (transfer full) A picture without planes, of the encoder's size and colours. */
AVFrame *vd_avcodec_new_frame(const AVCodecContext *encoder);
/* (transfer full) *packet, of this very picture. */
int vd_avcodec_encode(AVCodecContext *encoder, AVFrame *frame, gint64 number, bool key,
                      AVPacket **packet);
/* (transfer full) What the error means. */
char *vd_avcodec_error_text(int error);
