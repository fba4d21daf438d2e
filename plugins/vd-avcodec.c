#include "plugins/vd-avcodec.h"

#include <libavutil/opt.h>

/* Key pictures are asked for one by one. */
#define NEVER (1 << 30)
/* Above all levels that are shown, and below what libavutil cuts off: whoever uses an encoder tells
 * what went wrong. */
#define SILENT 100

typedef struct Encoder {
    const char *name;
    int gop;
    bool bitrate_is_live;
    const char *options;
} Encoder;

/* clang-format off */
static const Encoder encoders[VD_AVCODEC_N_KINDS][2] = {
    [VD_AVCODEC_H264] = {
        {"libx264", NEVER, true, "preset=ultrafast:tune=zerolatency:profile=main:coder=cabac:"
                                 "forced-idr=1:sc_threshold=0"},
        {"h264_nvenc", -1, true, "preset=p4:tune=ll:profile=main:delay=0:zerolatency=1:forced-idr=1"},
    },
    [VD_AVCODEC_H265] = {
        {"libx265", NEVER, false, "preset=ultrafast:tune=zerolatency:profile=main:forced-idr=1:"
                                  "x265-params=log-level=none\\:pools=none\\:frame-threads=1\\:"
                                  "scenecut=0\\:open-gop=0\\:info=0"},
        {"hevc_nvenc", -1, true, "preset=p4:tune=ll:profile=main:delay=0:zerolatency=1:forced-idr=1"},
    },
};
/* clang-format on */

const char *vd_avcodec_name(VdAvcodecKind kind, bool hardware)
{
    return encoders[kind][hardware].name;
}

bool vd_avcodec_is_there(VdAvcodecKind kind, bool hardware)
{
    return avcodec_find_encoder_by_name(encoders[kind][hardware].name) != NULL;
}

static const Encoder *row_of(const AVCodecContext *encoder)
{
    for (int kind = 0; kind < VD_AVCODEC_N_KINDS; kind++)
        for (int hardware = 0; hardware < 2; hardware++)
            if (g_str_equal(encoders[kind][hardware].name, encoder->codec->name))
                return &encoders[kind][hardware];
    g_assert_not_reached();
}

/* The numbers are those of ISO/IEC 23091-2 in either library. */
static void set_colours(AVCodecContext *encoder, const GstVideoColorimetry *colours)
{
    bool full = colours->range == GST_VIDEO_COLOR_RANGE_0_255;

    encoder->color_range = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    encoder->colorspace = (enum AVColorSpace)gst_video_color_matrix_to_iso(colours->matrix);
    encoder->color_primaries =
        (enum AVColorPrimaries)gst_video_color_primaries_to_iso(colours->primaries);
    encoder->color_trc =
        (enum AVColorTransferCharacteristic)gst_video_transfer_function_to_iso(colours->transfer);
}

static void set_rate(AVCodecContext *encoder, guint bitrate)
{
    encoder->bit_rate = encoder->rc_max_rate = (gint64)bitrate * 1000;
    encoder->rc_buffer_size = (int)MIN(encoder->bit_rate, G_MAXINT); /* a second */
}

/* A rate that is not told: what cameras have. */
static void set_up(AVCodecContext *encoder, const Encoder *row, const VdAvcodecSettings *settings)
{
    const GstVideoInfo *info = settings->info;
    bool known = info->fps_n > 0 && info->fps_d > 0;

    encoder->log_level_offset = SILENT;
    encoder->width = settings->width;
    encoder->height = settings->height;
    encoder->framerate = known ? (AVRational){info->fps_n, info->fps_d} : (AVRational){25, 1};
    encoder->time_base = (AVRational){encoder->framerate.den, encoder->framerate.num};
    encoder->sample_aspect_ratio = (AVRational){info->par_n, info->par_d};
    encoder->gop_size = row->gop;
    encoder->max_b_frames = 0;
    encoder->thread_count = 1;
    set_rate(encoder, settings->bitrate);
    set_colours(encoder, &info->colorimetry);
}

int vd_avcodec_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, AVBufferRef *frames,
                    enum AVPixelFormat format, AVCodecContext **opened)
{
    const Encoder *row = &encoders[kind][frames != NULL];
    const AVCodec *codec = avcodec_find_encoder_by_name(row->name);

    if (codec == NULL)
        return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    set_up(encoder, row, settings);
    encoder->pix_fmt = format;
    if (frames != NULL)
        encoder->hw_frames_ctx = av_buffer_ref(frames);
    int error = av_set_options_string(encoder->priv_data, row->options, "=", ":");
    if (error >= 0)
        error = avcodec_open2(encoder, codec, NULL);
    if (error < 0) {
        avcodec_free_context(&encoder);
        return error;
    }
    *opened = encoder;
    return 0;
}

bool vd_avcodec_set_bitrate(AVCodecContext *encoder, guint bitrate)
{
    if (encoder->bit_rate == (gint64)bitrate * 1000)
        return true;
    if (!row_of(encoder)->bitrate_is_live)
        return false;
    set_rate(encoder, bitrate);
    return true;
}

AVFrame *vd_avcodec_new_frame(const AVCodecContext *encoder)
{
    AVFrame *frame = av_frame_alloc();

    frame->format = encoder->pix_fmt;
    frame->width = encoder->width;
    frame->height = encoder->height;
    frame->color_range = encoder->color_range;
    frame->colorspace = encoder->colorspace;
    frame->color_primaries = encoder->color_primaries;
    frame->color_trc = encoder->color_trc;
    frame->sample_aspect_ratio = encoder->sample_aspect_ratio;
    return frame;
}

int vd_avcodec_encode(AVCodecContext *encoder, AVFrame *frame, gint64 number, bool key,
                      AVPacket **packet)
{
    frame->pts = number;
    frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    int error = avcodec_send_frame(encoder, frame);
    if (error < 0)
        return error;
    AVPacket *received = av_packet_alloc();
    error = avcodec_receive_packet(encoder, received);
    if (error < 0) {
        av_packet_free(&received);
        return error;
    }
    *packet = received;
    return 0;
}

char *vd_avcodec_error_text(int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    av_strerror(error, text, sizeof text);
    return g_strdup(text);
}
