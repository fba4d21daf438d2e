#include "media/decoder.h"

#include "base/error.h"
#include "base/limits.h"

#include <gst/video/video.h>
#include <string.h>

#define MAX_FATAL_UNITS 100

/* Of the driver's surfaces: what rows are rounded up to, and the number of rows. */
#define SURFACE_ROW  512
#define SURFACE_ROWS 16
#define NVDEC_FPS    25 /* what GStreamer's element takes where caps do not say */

typedef struct Codec {
    const char *caps;
    const char *name;
    const char *factories[2]; /* the first that is installed is taken */
} Codec;

/* jpegdec costs 0.6 of avdec_mjpeg and takes all samplings to 4:2:0, which motion and JPEG want. */
static const Codec codecs[] = {
    {"video/x-h264", "H.264", {"avdec_h264"}},
    {"video/x-h265", "H.265", {"avdec_h265"}},
    {"image/jpeg", "JPEG", {"jpegdec", "avdec_mjpeg"}},
};

/*
 * std-compliance normal: with "strict", what libav takes for a pipeline that is not live, H.264
 * without a bitstream restriction is held back for 16 frames. max-errors: damaged units are
 * counted, and the camera judges by the frames that come. max-display-delay: of NVDEC, frames that
 * it keeps back. qos: nothing here is ever late.
 */
static const struct {
    const char *property, *value;
} settings[] = {
    {"max-threads", "1"}, {"max-display-delay", "0"}, {"std-compliance", "normal"},
    {"max-errors", "-1"}, {"qos", "false"},
};

static const GstVideoFormat formats[] = {
    GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12,  GST_VIDEO_FORMAT_Y42B,
    GST_VIDEO_FORMAT_Y444, GST_VIDEO_FORMAT_GRAY8,
};

static bool depth_is_8(const Codec *codec, const GstStructure *structure, GError **error)
{
    guint depth;

    if (!gst_structure_get_uint(structure, "bit-depth-luma", &depth) || depth == 8)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                "the stream is %u-bit %s; only 8-bit video can be analysed", depth, codec->name);
    return false;
}

static const char *installed(const Codec *codec, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(codec->factories) && codec->factories[i] != NULL; i++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(codec->factories[i]);
        if (factory != NULL)
            return codec->factories[i];
    }
    g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND,
                "no decoder for %s is installed (GStreamer's %s)", codec->name,
                codec->factories[0]);
    return NULL;
}

const char *vd_decoder_choose(const GstCaps *caps, GError **error)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);

    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++) {
        if (!gst_structure_has_name(structure, codecs[i].caps))
            continue;
        if (!depth_is_8(&codecs[i], structure, error))
            return NULL;
        return installed(&codecs[i], error);
    }
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                "the stream is %s; only H.264, H.265 and JPEG can be decoded",
                gst_structure_get_name(structure));
    return NULL;
}

/*
 * jpegdec ends the stream at a header that damage has made strange, whatever max-errors says. It
 * can go on with the next unit, but keeps the bad one until it is stopped: hence a limit.
 */
typedef struct Patience {
    GstPadChainFunction chain; /* the decoder's own */
    guint left;                /* [streaming thread] */
} Patience;

static GstFlowReturn chain_patiently(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    Patience *patience = pad->chaindata;
    GstFlowReturn result = patience->chain(pad, parent, buffer);

    if (result != GST_FLOW_ERROR || patience->left == 0)
        return result;
    patience->left--;
    return GST_FLOW_OK;
}

static void be_patient(GstElement *decoder)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(decoder, "sink");
    Patience *patience = g_new(Patience, 1);

    patience->chain = GST_PAD_CHAINFUNC(pad);
    patience->left = MAX_FATAL_UNITS;
    gst_pad_set_chain_function_full(pad, chain_patiently, patience, g_free);
}

void vd_decoder_set_up(GstElement *decoder)
{
    GObjectClass *class = G_OBJECT_GET_CLASS(decoder);

    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        if (g_object_class_find_property(class, settings[i].property) != NULL)
            gst_util_set_object_arg(G_OBJECT(decoder), settings[i].property, settings[i].value);
    if (!g_str_has_prefix(GST_OBJECT_NAME(decoder), "nv")) /* whose errors are those of a GPU */
        be_patient(decoder);
}

static bool format_is_known(GstVideoFormat format)
{
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
        if (formats[i] == format)
            return true;
    return false;
}

bool vd_decoder_accepts(const GstCaps *raw, GError **error)
{
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, raw) ||
        GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_ENCODED) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "the decoder's pictures are not plain video");
        return false;
    }
    if (!format_is_known(GST_VIDEO_INFO_FORMAT(&info))) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "the pictures are %d-bit %s; only 8-bit YUV can be analysed",
                    GST_VIDEO_INFO_COMP_DEPTH(&info, 0), GST_VIDEO_INFO_NAME(&info));
        return false;
    }
    if (GST_VIDEO_INFO_INTERLACE_MODE(&info) == GST_VIDEO_INTERLACE_MODE_ALTERNATE) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "each picture comes as two fields; set the camera to progressive video");
        return false;
    }
    if (info.width > VD_MAX_WIDTH || info.height > VD_MAX_HEIGHT) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT,
                    "the pictures are %dx%d; at most %dx%d can be analysed", info.width,
                    info.height, VD_MAX_WIDTH, VD_MAX_HEIGHT);
        return false;
    }
    return true;
}

/* (nullable) (transfer full) */
static GstCaps *caps_at(GstElement *decoder, const char *name)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(decoder, name);

    return gst_pad_get_current_caps(pad);
}

/*
 * GStreamer's element asks the driver for no more surfaces than its parser wants, and tells how
 * many these are as its latency, each for a picture's time; display is not delayed.
 */
static guint64 surfaces_of(GstElement *decoder, const GstCaps *coded)
{
    int numerator = 0, denominator = 1;
    GstClockTime latency = 0;

    gst_structure_get_fraction(gst_caps_get_structure(coded, 0), "framerate", &numerator,
                               &denominator);
    if (numerator < 1 || denominator < 1) {
        numerator = NVDEC_FPS;
        denominator = 1;
    }
    gst_video_decoder_get_latency(GST_VIDEO_DECODER(decoder), &latency, NULL);
    return gst_util_uint64_scale_round(latency, (guint64)numerator,
                                       (guint64)denominator * GST_SECOND);
}

static guint64 surface_size(const GstVideoInfo *picture, gint rows)
{
    GstVideoInfo surface;
    gint width = (picture->width + SURFACE_ROW - 1) / SURFACE_ROW * SURFACE_ROW;
    gint height = (picture->height + rows - 1) / rows * rows;

    gst_video_info_set_format(&surface, GST_VIDEO_INFO_FORMAT(picture), (guint)width,
                              (guint)height);
    return surface.size;
}

guint64 vd_decoder_gpu_memory(GstElement *decoder)
{
    g_autoptr(GstCaps) coded = caps_at(decoder, "sink"), raw = caps_at(decoder, "src");
    GstVideoInfo info;

    if (coded == NULL || raw == NULL || !gst_video_info_from_caps(&info, raw))
        return 0;
    return surfaces_of(decoder, coded) * surface_size(&info, SURFACE_ROWS) + surface_size(&info, 1);
}
