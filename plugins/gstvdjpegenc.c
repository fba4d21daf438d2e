/**
 * SECTION:element-vdjpegenc
 * @title: vdjpegenc
 * @short_description: JPEG from planes, by libjpeg-turbo
 *
 * Compresses the planes as they are: JPEG means full range BT.601, so put vdscale in front of it
 * when the source may be something else. #GstVdJpegenc:quality may change at any time.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! vdscale ! vdjpegenc quality=85 ! fakesink
 * ]|
 */
#include "plugins/gstvdjpegenc.h"

#include <string.h>
#include <turbojpeg.h>

#include "plugins/vd-elements.h"
#include "plugins/vd-image.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_jpegenc_debug);
#define GST_CAT_DEFAULT vd_jpegenc_debug

#define DEFAULT_QUALITY 75
#define INPUT_CAPS      GST_VIDEO_CAPS_MAKE("{ I420, Y42B, Y444, GRAY8 }")
#define OUTPUT_CAPS                                                         \
    "image/jpeg, width = (int) [ 1, 65535 ], height = (int) [ 1, 65535 ], " \
    "framerate = " GST_VIDEO_FPS_RANGE ", sof-marker = (int) 0"

enum { PROP_0, PROP_QUALITY, N_PROPS };

struct _GstVdJpegenc {
    GstVideoEncoder parent;

    int quality; /* [object lock] */

    /* [streaming thread] */
    GstVideoCodecState *input;
    tjhandle handle;
    int subsampling;
    guint8 *jpeg; /* room for the largest result */
    gulong room;
    guint8 *luma; /* (nullable) luma with its edges repeated, for odd sizes */
    int luma_width, luma_height;
};

static GParamSpec *props[N_PROPS];
static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(INPUT_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(OUTPUT_CAPS));

G_DEFINE_TYPE(GstVdJpegenc, gst_vd_jpegenc, GST_TYPE_VIDEO_ENCODER)
GST_ELEMENT_REGISTER_DEFINE(vdjpegenc, VD_JPEGENC_FACTORY, GST_RANK_NONE, GST_TYPE_VD_JPEGENC)

/* --- properties ------------------------------------------------------------------------------ */

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    if (id != PROP_QUALITY) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    GST_VD_JPEGENC(object)->quality = g_value_get_int(value);
    GST_OBJECT_UNLOCK(object);
}

static int quality_of(GstVdJpegenc *self)
{
    GST_OBJECT_LOCK(self);
    int quality = self->quality;
    GST_OBJECT_UNLOCK(self);
    return quality;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_QUALITY)
        g_value_set_int(value, quality_of(GST_VD_JPEGENC(object)));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/* --- caps ------------------------------------------------------------------------------------ */

static gboolean start(GstVideoEncoder *encoder)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);

    self->handle = tjInitCompress();
    if (self->handle != NULL)
        return TRUE;
    GST_ELEMENT_ERROR(self, LIBRARY, INIT, ("The JPEG library cannot be used."),
                      ("%s", tjGetErrorStr2(NULL)));
    return FALSE;
}

static void free_memory(GstVdJpegenc *self)
{
    g_clear_pointer(&self->input, gst_video_codec_state_unref);
    g_clear_pointer(&self->jpeg, g_free);
    g_clear_pointer(&self->luma, g_free);
}

static gboolean stop(GstVideoEncoder *encoder)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);

    free_memory(self);
    g_clear_pointer(&self->handle, tjDestroy);
    return TRUE;
}

static int subsampling_of(GstVideoFormat format)
{
    switch (format) {
    case GST_VIDEO_FORMAT_I420:
        return TJSAMP_420;
    case GST_VIDEO_FORMAT_Y42B:
        return TJSAMP_422;
    case GST_VIDEO_FORMAT_Y444:
        return TJSAMP_444;
    default:
        return TJSAMP_GRAY;
    }
}

static gboolean set_format(GstVideoEncoder *encoder, GstVideoCodecState *state)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);
    int width = state->info.width, height = state->info.height;

    if (!vd_image_size_ok(&state->info))
        return FALSE;
    free_memory(self);
    self->input = gst_video_codec_state_ref(state);
    self->subsampling = subsampling_of(GST_VIDEO_INFO_FORMAT(&state->info));
    self->room = tjBufSize(width, height, self->subsampling);
    self->jpeg = g_malloc(self->room);
    self->luma_width = tjPlaneWidth(0, width, self->subsampling);
    self->luma_height = tjPlaneHeight(0, height, self->subsampling);
    if (self->luma_width != width || self->luma_height != height)
        self->luma = g_malloc((gsize)self->luma_width * (gsize)self->luma_height);
    GstCaps *caps = gst_caps_new_simple("image/jpeg", "sof-marker", G_TYPE_INT, 0, NULL);
    gst_video_codec_state_unref(gst_video_encoder_set_output_state(encoder, caps, state));
    return gst_video_encoder_negotiate(encoder);
}

static gboolean propose_allocation(GstVideoEncoder *encoder, GstQuery *query)
{
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    return GST_VIDEO_ENCODER_CLASS(gst_vd_jpegenc_parent_class)->propose_allocation(encoder, query);
}

/* --- pictures -------------------------------------------------------------------------------- */

/*
 * The library reads luma up to the last chroma sample's edge, one row and column beyond an odd
 * picture: what lies there is nobody's, so it gets a copy whose edge is repeated.
 */
static void pad_luma(GstVdJpegenc *self, VdkPlane *luma)
{
    for (int y = 0; y < self->luma_height; y++) {
        const guint8 *from = luma->data + (gsize)MIN(y, luma->height - 1) * (gsize)luma->pitch;
        guint8 *to = self->luma + (gsize)y * (gsize)self->luma_width;

        memcpy(to, from, (gsize)luma->width);
        memset(to + luma->width, from[luma->width - 1], (gsize)(self->luma_width - luma->width));
    }
    luma->data = self->luma;
    luma->pitch = self->luma_width;
}

/* Answers the length of what is then in self->jpeg, 0 on failure. */
static gulong compress(GstVdJpegenc *self, GstVideoFrame *frame)
{
    VdkImage image = vd_image_from_frame(frame);
    int width = image.luma.width, height = image.luma.height;

    if (self->luma != NULL)
        pad_luma(self, &image.luma);
    const guint8 *planes[3] = {image.luma.data, image.chroma[0].data, image.chroma[1].data};
    int pitches[3] = {image.luma.pitch, image.chroma[0].pitch, image.chroma[1].pitch};
    guint8 *jpeg = self->jpeg;
    gulong length = self->room;
    if (tjCompressFromYUVPlanes(self->handle, planes, width, pitches, height, self->subsampling,
                                &jpeg, &length, quality_of(self), TJFLAG_NOREALLOC) == 0)
        return length;
    GST_ELEMENT_ERROR(self, STREAM, ENCODE, ("A picture cannot be made into a JPEG."),
                      ("%s", tjGetErrorStr2(self->handle)));
    return 0;
}

static GstFlowReturn handle_frame(GstVideoEncoder *encoder, GstVideoCodecFrame *codec_frame)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);
    GstVideoFrame frame;
    gulong length = 0;

    if (gst_video_frame_map(&frame, &self->input->info, codec_frame->input_buffer, GST_MAP_READ)) {
        length = compress(self, &frame);
        gst_video_frame_unmap(&frame);
    } else {
        GST_ELEMENT_ERROR(self, RESOURCE, READ, ("A picture cannot be read."), (NULL));
    }
    GstFlowReturn flow = GST_FLOW_ERROR;
    if (length > 0)
        flow = gst_video_encoder_allocate_output_frame(encoder, codec_frame, length);
    if (flow == GST_FLOW_OK) {
        gst_buffer_fill(codec_frame->output_buffer, 0, self->jpeg, length);
        GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(codec_frame);
    }
    GstFlowReturn finished = gst_video_encoder_finish_frame(encoder, codec_frame);
    return flow == GST_FLOW_OK ? finished : flow;
}

/* --- class ----------------------------------------------------------------------------------- */

static void gst_vd_jpegenc_class_init(GstVdJpegencClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstVideoEncoderClass *encoder_class = GST_VIDEO_ENCODER_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_jpegenc_debug, VD_JPEGENC_FACTORY, 0, "JPEG");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    props[PROP_QUALITY] = g_param_spec_int(
        "quality", "Quality", "1 is the worst, 100 the best", 1, 100, DEFAULT_QUALITY,
        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
    g_object_class_install_properties(object_class, N_PROPS, props);
    gst_element_class_set_static_metadata(element_class, "JPEG encoder", "Codec/Encoder/Image",
                                          "Makes JPEG pictures of planes", PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    encoder_class->start = start;
    encoder_class->stop = stop;
    encoder_class->set_format = set_format;
    encoder_class->propose_allocation = propose_allocation;
    encoder_class->handle_frame = handle_frame;
}

static void gst_vd_jpegenc_init(GstVdJpegenc *self)
{
    self->quality = DEFAULT_QUALITY;
}
