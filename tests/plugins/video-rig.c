#include "video-rig.h"

#include <math.h>
#include <string.h>

const Codec codecs[N_CODECS] = {
    {"vdh264enc", "libx264", "h264_nvenc", AV_CODEC_ID_H264},
    {"vdh265enc", "libx265", "hevc_nvenc", AV_CODEC_ID_HEVC},
};

/* --- pictures -------------------------------------------------------------------------------- */

static guint8 wave_at(int component, int x, int y, int number)
{
    if (component == 0)
        return (guint8)lrint(128 + 50 * sin((x + 2 * number) / 17.0) + 50 * cos(y / 23.0));
    return (guint8)lrint(128 + 40 * component / 2.0 * sin((x + y + number) / 29.0));
}

GstBuffer *wave_new(const GstVideoInfo *info, int number)
{
    GstBuffer *picture = gst_buffer_new_allocate(NULL, info->size, NULL);
    GstVideoFrame frame;

    g_assert_true(gst_video_frame_map(&frame, info, picture, GST_MAP_WRITE));
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c); y++) {
            guint8 *row = (guint8 *)GST_VIDEO_FRAME_COMP_DATA(&frame, c) +
                          y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, c);

            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&frame, c); x++)
                row[x * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c)] = wave_at(c, x, y, number);
        }
    }
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(picture) = (GstClockTime)number * FRAME_MS * GST_MSECOND;
    GST_BUFFER_DURATION(picture) = FRAME_MS * GST_MSECOND;
    return picture;
}

/* --- units ----------------------------------------------------------------------------------- */

bool is_key(GstBuffer *unit)
{
    return !GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
}

static guint type_of(const Codec *codec, guint8 byte)
{
    return codec->id == AV_CODEC_ID_H264 ? byte & 0x1f : byte >> 1 & 0x3f;
}

/* The types of units that are there, one bit each. */
static guint64 types_in(const Codec *codec, GstBuffer *unit)
{
    GstMapInfo map;
    guint64 types = 0;

    g_assert_true(gst_buffer_map(unit, &map, GST_MAP_READ));
    for (gsize i = 0; i + 3 < map.size; i++)
        if (map.data[i] == 0 && map.data[i + 1] == 0 && map.data[i + 2] == 1)
            types |= G_GUINT64_CONSTANT(1) << type_of(codec, map.data[i + 3]);
    gst_buffer_unmap(unit, &map);
    return types;
}

bool has_parameter_sets(const Codec *codec, GstBuffer *unit)
{
    static const guint64 h264 = 1U << 5 | 1U << 7 | 1U << 8; /* IDR, SPS, PPS */
    static const guint64 h265_sets = G_GUINT64_CONSTANT(7) << 32;
    static const guint64 h265_idr = 1U << 19 | 1U << 20; /* with and without leading pictures */
    guint64 types = types_in(codec, unit);

    if (codec->id == AV_CODEC_ID_H264)
        return (types & h264) == h264;
    return (types & h265_sets) == h265_sets && (types & h265_idr) != 0;
}

void assert_times(GPtrArray *units, guint pictures)
{
    g_assert_cmpuint(units->len, ==, pictures);
    for (guint i = 0; i < pictures; i++) {
        GstBuffer *unit = g_ptr_array_index(units, i);

        g_assert_cmpuint(GST_BUFFER_PTS(unit), ==, (GstClockTime)i * FRAME_MS * GST_MSECOND);
        g_assert_cmpuint(GST_BUFFER_DURATION(unit), ==, FRAME_MS * GST_MSECOND);
    }
}

/* --- decoding -------------------------------------------------------------------------------- */

static double psnr_of(const AVFrame *frame, int number)
{
    double sum = 0, n = 0;

    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < frame->height >> (c > 0); y++) {
            for (int x = 0; x < frame->width >> (c > 0); x++) {
                double off = frame->data[c][y * frame->linesize[c] + x] - wave_at(c, x, y, number);

                sum += off * off;
                n++;
            }
        }
    }
    return sum == 0 ? 100 : 10 * log10(255.0 * 255.0 * n / sum);
}

static AVPacket *packet_of(GstBuffer *unit)
{
    AVPacket *packet = av_packet_alloc();

    g_assert_cmpint(av_new_packet(packet, (int)gst_buffer_get_size(unit)), ==, 0);
    gst_buffer_extract(unit, 0, packet->data, (gsize)packet->size);
    return packet;
}

/* How many came out; the worst goes to *worst. */
static guint look(AVCodecContext *decoder, const GstVideoInfo *info, guint number, double *worst)
{
    AVFrame *frame = av_frame_alloc();
    guint n = 0;

    for (; avcodec_receive_frame(decoder, frame) == 0; n++) {
        g_assert_cmpint(frame->width, ==, info->width & ~1);
        g_assert_cmpint(frame->height, ==, info->height & ~1);
        g_assert_cmpint(frame->decode_error_flags, ==, 0);
        *worst = MIN(*worst, psnr_of(frame, (int)(number + n)));
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return n;
}

void assert_waves(const Codec *codec, GPtrArray *units, guint from, guint to,
                  const GstVideoInfo *info, double least)
{
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(codec->id));
    double worst = 1000;
    guint next = from;

    decoder->thread_count = 1;
    decoder->err_recognition = AV_EF_EXPLODE;
    g_assert_cmpint(avcodec_open2(decoder, NULL, NULL), ==, 0);
    g_assert_true(has_parameter_sets(codec, g_ptr_array_index(units, from)));
    for (guint i = from; i < to; i++) {
        AVPacket *packet = packet_of(g_ptr_array_index(units, i));

        g_assert_cmpint(avcodec_send_packet(decoder, packet), ==, 0);
        av_packet_free(&packet);
        next += look(decoder, info, next, &worst);
    }
    avcodec_send_packet(decoder, NULL);
    next += look(decoder, info, next, &worst);
    avcodec_free_context(&decoder);
    g_test_message("%s %s %dx%d, pictures %u to %u: %.1f dB at worst", codec->factory,
                   info->finfo->name, info->width, info->height, from, to, worst);
    g_assert_cmpuint(next, ==, to);
    g_assert_cmpfloat(worst, >=, least);
}

char *text_of(GstElement *element, const char *property)
{
    char *text = NULL;

    g_object_get(element, property, &text, NULL);
    return text;
}
