/**
 * SECTION:element-vdjpegenc
 * @title: vdjpegenc
 * @short_description: JPEG from planes
 *
 * Compresses the planes as they are: JPEG means full range BT.601, so put vdscale in front of it
 * when the source may be something else. #GstVdJpegenc:quality may change at any time.
 *
 * Pictures in CUDA memory (I420, NV12) are compressed there, and what leaves the GPU is the JPEG
 * alone, in system memory. It is the same to the byte as that of a picture in system memory.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! vdscale ! vdjpegenc quality=85 ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdscale ! "video/x-raw(memory:CUDAMemory)" ! vdjpegenc ! fakesink
 * ]|
 */
#include "plugins/gstvdjpegenc.h"

#include <errno.h>

#include "plugins/vd-elements.h"
#include "plugins/vd-engine.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_jpegenc_debug);
#define GST_CAT_DEFAULT vd_jpegenc_debug

#define DEFAULT_QUALITY 75
#define OUTPUT_CAPS                                                         \
    "image/jpeg, width = (int) [ 1, 65535 ], height = (int) [ 1, 65535 ], " \
    "framerate = " GST_VIDEO_FPS_RANGE ", sof-marker = (int) 0"

enum { PROP_0, PROP_QUALITY, PROP_GPU_MEMORY };

struct _GstVdJpegenc {
    GstVideoEncoder parent;
    VdTally *tally;

    int quality; /* [object lock] */

    /* [streaming thread] */
    VdEngine *engine;          /* NULL: no caps yet */
    GstVideoCodecState *input; /* (nullable) as engine */
    VdkJpegSettings settings;  /* of the picture at hand */
    GstFlowReturn flow;        /* of its buffer */
};

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
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
    else if (id == PROP_GPU_MEMORY)
        vd_tally_get(GST_VD_JPEGENC(object)->tally, value);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/* --- caps ------------------------------------------------------------------------------------ */

static void take_input(GstVdJpegenc *self, GstVideoCodecState *state)
{
    const GstVideoInfo *info = &state->info;
    bool grey = GST_VIDEO_INFO_N_COMPONENTS(info) < 3;

    g_clear_pointer(&self->input, gst_video_codec_state_unref);
    self->input = gst_video_codec_state_ref(state);
    self->settings.sx = grey ? 1 : 1 << GST_VIDEO_FORMAT_INFO_W_SUB(info->finfo, 1);
    self->settings.sy = grey ? 1 : 1 << GST_VIDEO_FORMAT_INFO_H_SUB(info->finfo, 1);
}

static gboolean set_format(GstVideoEncoder *encoder, GstVideoCodecState *state)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);

    if (!vd_image_size_ok(&state->info))
        return FALSE;
    vd_engine_set_caps(&self->engine, self->tally, state->caps);
    take_input(self, state);
    GstCaps *caps = gst_caps_new_simple("image/jpeg", "sof-marker", G_TYPE_INT, 0, NULL);
    gst_video_codec_state_unref(gst_video_encoder_set_output_state(encoder, caps, state));
    return gst_video_encoder_negotiate(encoder);
}

/* Upstream has CUDA memory of its own: ours would be of another context than the one it is in. */
static gboolean propose_allocation(GstVideoEncoder *encoder, GstQuery *query)
{
    GstCaps *caps = NULL;

    gst_query_parse_allocation(query, &caps, NULL);
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    if (caps != NULL && vd_engine_is_cuda(caps))
        return TRUE;
    return GST_VIDEO_ENCODER_CLASS(gst_vd_jpegenc_parent_class)->propose_allocation(encoder, query);
}

static gboolean stop(GstVideoEncoder *encoder)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);

    g_clear_pointer(&self->input, gst_video_codec_state_unref);
    g_clear_pointer(&self->engine, vd_engine_free);
    return TRUE;
}

/* --- pictures -------------------------------------------------------------------------------- */

/* Makes the frame's buffer and has the JPEG copied to it; *to has to stay mapped until then. */
static int hand_over(GstVdJpegenc *self, GstVideoCodecFrame *frame, size_t length, GstMapInfo *to)
{
    self->flow = gst_video_encoder_allocate_output_frame(GST_VIDEO_ENCODER(self), frame, length);
    if (self->flow != GST_FLOW_OK)
        return 0;
    if (!gst_buffer_map(frame->output_buffer, to, GST_MAP_WRITE))
        return -EIO;
    return self->engine->ops->fetch(self->engine, to->data);
}

/* Between begin and end. */
static int compress(GstVdJpegenc *self, const VdkImage *image, GstVideoCodecFrame *frame,
                    GstMapInfo *to)
{
    size_t length = 0;
    int error = self->engine->ops->jpeg(self->engine, image, &self->settings, &length);

    return error != 0 ? error : hand_over(self, frame, length, to);
}

static int map_and_compress(GstVdJpegenc *self, GstVideoCodecFrame *frame)
{
    VdEngine *engine = self->engine;
    GstBuffer *in = frame->input_buffer;
    GstMapInfo to = {.memory = NULL};
    VdPicture picture;
    int error = engine->ops->begin(engine, in);

    if (error != 0)
        return error;
    error = engine->ops->map(engine, &self->input->info, in, GST_MAP_READ, &picture);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = engine->ops->end(engine, compress(self, &picture.image, frame, &to));
    if (to.memory != NULL)
        gst_buffer_unmap(frame->output_buffer, &to);
    engine->ops->unmap(engine, &picture);
    return error;
}

static GstFlowReturn handle_frame(GstVideoEncoder *encoder, GstVideoCodecFrame *frame)
{
    GstVdJpegenc *self = GST_VD_JPEGENC(encoder);

    self->flow = GST_FLOW_OK;
    self->settings.quality = quality_of(self);
    int error = map_and_compress(self, frame);
    if (error != 0) {
        vd_engine_post_error(GST_ELEMENT(self), "A picture cannot be made into a JPEG.", error);
        self->flow = GST_FLOW_ERROR;
    }
    if (self->flow == GST_FLOW_OK)
        GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
    else
        gst_clear_buffer(&frame->output_buffer);
    GstFlowReturn finished = gst_video_encoder_finish_frame(encoder, frame);
    return self->flow == GST_FLOW_OK ? finished : self->flow;
}

/* --- class ----------------------------------------------------------------------------------- */

static void finalize(GObject *object)
{
    vd_tally_unref(GST_VD_JPEGENC(object)->tally);
    G_OBJECT_CLASS(gst_vd_jpegenc_parent_class)->finalize(object);
}

static void gst_vd_jpegenc_class_init(GstVdJpegencClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstVideoEncoderClass *encoder_class = GST_VIDEO_ENCODER_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_jpegenc_debug, VD_JPEGENC_FACTORY, 0, "JPEG");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    g_object_class_install_property(
        object_class, PROP_QUALITY,
        g_param_spec_int("quality", "Quality", "1 is the worst, 100 the best", 1, 100,
                         DEFAULT_QUALITY,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING));
    vd_tally_install(object_class, PROP_GPU_MEMORY);
    gst_element_class_set_static_metadata(element_class, "JPEG encoder", "Codec/Encoder/Image",
                                          "Makes JPEG pictures of planes", PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    encoder_class->stop = stop;
    encoder_class->set_format = set_format;
    encoder_class->propose_allocation = propose_allocation;
    encoder_class->handle_frame = handle_frame;
}

static void gst_vd_jpegenc_init(GstVdJpegenc *self)
{
    self->quality = DEFAULT_QUALITY;
    self->tally = vd_tally_new();
}
