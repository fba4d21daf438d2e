#include "media/video-encoder.h"

#include "base/error.h"
#include "plugins/vd-messages.h"

#include <gst/video/video.h>

static const VdVideoEncoder encoders[VD_N_CODECS] = {
    [VD_CODEC_H264] = {VD_H264ENC_FACTORY, "h264parse",
                       "video/x-h264,stream-format=avc3,alignment=au"},
    [VD_CODEC_H265] = {VD_H265ENC_FACTORY, "h265parse",
                       "video/x-h265,stream-format=hev1,alignment=au"},
};

static bool is_installed(const char *factory)
{
    g_autoptr(GstElementFactory) found = gst_element_factory_find(factory);

    return found != NULL;
}

const VdVideoEncoder *vd_video_encoder_find(VdCodec codec, GError **error)
{
    const VdVideoEncoder *encoder = &encoders[codec];
    const char *parts[] = {encoder->factory, encoder->parser};

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (is_installed(parts[i]))
            continue;
        g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED,
                    "nothing that encodes %s is installed (GStreamer's %s)", vd_codec_name(codec),
                    parts[i]);
        return NULL;
    }
    return encoder;
}

void vd_video_encoder_installed(VdCodec codec, char **software, char **nvenc)
{
    GstElement *element = vd_video_encoder_find(codec, NULL) != NULL
                              ? gst_element_factory_make(encoders[codec].factory, NULL)
                              : NULL;

    *software = *nvenc = NULL;
    if (element == NULL)
        return;
    g_object_get(element, VD_VIDEOENC_HAS_SOFTWARE, software, VD_VIDEOENC_HAS_NVENC, nvenc, NULL);
    gst_object_unref(element);
}

void vd_video_encoder_set_up(GstElement *encoder, int bitrate, int key_pictures)
{
    g_object_set(encoder, "bitrate", (guint)bitrate, "gop-size", (guint)key_pictures, NULL);
}

void vd_video_encoder_allow_gpu(GstElement *encoder, bool allow)
{
    g_object_set(encoder, "hardware", allow, NULL);
}

void vd_video_encoder_want_key(GstElement *encoder)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(encoder, "src");

    gst_pad_send_event(pad,
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

bool vd_video_encoder_is_news(GstMessage *message)
{
    return gst_message_has_name(message, VD_VIDEOENC_MESSAGE);
}

void vd_video_encoder_tell(GstElement *encoder, VdEncoderFacts *facts)
{
    g_object_get(encoder, VD_VIDEOENC_ENCODER, &facts->name, VD_VIDEOENC_WHY_SOFTWARE,
                 &facts->no_gpu, NULL);
    facts->on_gpu = facts->name != NULL && facts->no_gpu == NULL;
}
