#include "media/video-encoder.h"

#include "base/error.h"

#include <gst/video/video.h>

/* Of each codec the first that is installed is taken. */
static const VdVideoEncoder encoders[] = {
    {VD_CODEC_H264, "vdh264enc", "h264parse", "video/x-h264,stream-format=avc3,alignment=au"},
    {VD_CODEC_H265, "vdh265enc", "h265parse", "video/x-h265,stream-format=hev1,alignment=au"},
    {VD_CODEC_H264, "x264enc", "h264parse", "video/x-h264,stream-format=avc3,alignment=au"},
    {VD_CODEC_H265, "x265enc", "h265parse", "video/x-h265,stream-format=hev1,alignment=au"},
};

/* What those that are not ours need to give each picture at once. */
static const struct {
    const char *property, *value;
} settings[] = {{"tune", "zerolatency"}, {"speed-preset", "ultrafast"}};

static bool is_installed(const char *factory)
{
    g_autoptr(GstElementFactory) found = gst_element_factory_find(factory);

    return found != NULL;
}

const VdVideoEncoder *vd_video_encoder_find(VdCodec codec, GError **error)
{
    const char *missing = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(encoders); i++) {
        const VdVideoEncoder *one = &encoders[i];

        if (one->codec != codec)
            continue;
        if (is_installed(one->factory) && is_installed(one->parser))
            return one;
        if (missing == NULL)
            missing = is_installed(one->factory) ? one->parser : one->factory;
    }
    g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED,
                "nothing that encodes %s is installed (GStreamer's %s)", vd_codec_name(codec),
                missing);
    return NULL;
}

static bool has(GstElement *encoder, const char *property)
{
    return g_object_class_find_property(G_OBJECT_GET_CLASS(encoder), property) != NULL;
}

static void set(GstElement *encoder, const char *property, const char *value)
{
    if (has(encoder, property))
        gst_util_set_object_arg(G_OBJECT(encoder), property, value);
}

static void set_number(GstElement *encoder, const char *property, int number)
{
    g_autofree char *value = g_strdup_printf("%d", number);

    set(encoder, property, value);
}

void vd_video_encoder_set_up(GstElement *encoder, int bitrate, int key_pictures)
{
    set_number(encoder, "bitrate", bitrate);
    set_number(encoder, "gop-size", key_pictures);
    set_number(encoder, "key-int-max", key_pictures);
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        set(encoder, settings[i].property, settings[i].value);
}

void vd_video_encoder_allow_gpu(GstElement *encoder, bool allow)
{
    set(encoder, "hardware", allow ? "true" : "false");
}

void vd_video_encoder_want_key(GstElement *encoder)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(encoder, "src");

    gst_pad_send_event(pad,
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void vd_video_encoder_tell(GstElement *encoder, VdEncoderFacts *facts)
{
    if (has(encoder, "why-software")) {
        g_object_get(encoder, "encoder", &facts->name, "why-software", &facts->no_gpu, NULL);
        facts->on_gpu = facts->name != NULL && facts->no_gpu == NULL;
    } else {
        facts->name = g_strdup(GST_OBJECT_NAME(encoder));
        facts->no_gpu = g_strdup("this encoder knows no GPU");
        facts->on_gpu = false;
    }
}
