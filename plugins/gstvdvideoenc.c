#include "plugins/gstvdvideoenc.h"

#include "plugins/vd-encoders.h"
#include "plugins/vd-engine.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_videoenc_debug);
#define GST_CAT_DEFAULT  vd_videoenc_debug

#define DEFAULT_BITRATE  2000
#define DEFAULT_GOP_SIZE 60
#define SMALLEST         2 /* 4:2:0 has no odd sizes */
#define FORMATS          "{ NV12, I420 }"
#ifdef HAVE_CUDA
#define INPUT_CAPS VD_ENGINE_CUDA(FORMATS) "; " GST_VIDEO_CAPS_MAKE(FORMATS)
#else
#define INPUT_CAPS GST_VIDEO_CAPS_MAKE(FORMATS)
#endif

enum {
    PROP_0,
    PROP_BITRATE,
    PROP_GOP_SIZE,
    PROP_HARDWARE,
    PROP_ENCODER,
    PROP_WHY,
    PROP_SOFTWARE,
    PROP_NVENC,
    N_PROPS
};

typedef struct GstVdVideoencPrivate {
    guint bitrate;  /* [object lock] */
    guint gop_size; /* [object lock] */
    bool hardware;  /* [object lock] */
    char *encoder;  /* [object lock] (nullable) */
    char *why;      /* [object lock] (nullable) */

    /* [streaming thread] */
    VdEncoders *encoders; /* NULL: stopped */
    guint since_key;      /* pictures since the last key picture, itself included; 0: none yet */
} GstVdVideoencPrivate;

static GParamSpec *props[N_PROPS];
static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(INPUT_CAPS));

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GstVdVideoenc, gst_vd_videoenc, GST_TYPE_VIDEO_ENCODER)

static GstVdVideoencPrivate *private_of(gpointer self)
{
    return gst_vd_videoenc_get_instance_private(self);
}

/* --- properties ------------------------------------------------------------------------------ */

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstVdVideoencPrivate *self = private_of(object);

    GST_OBJECT_LOCK(object);
    switch (id) {
    case PROP_BITRATE:
        self->bitrate = g_value_get_uint(value);
        break;
    case PROP_GOP_SIZE:
        self->gop_size = g_value_get_uint(value);
        break;
    case PROP_HARDWARE:
        self->hardware = g_value_get_boolean(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstVdVideoencPrivate *self = private_of(object);

    GST_OBJECT_LOCK(object);
    switch (id) {
    case PROP_BITRATE:
        g_value_set_uint(value, self->bitrate);
        break;
    case PROP_GOP_SIZE:
        g_value_set_uint(value, self->gop_size);
        break;
    case PROP_HARDWARE:
        g_value_set_boolean(value, self->hardware);
        break;
    case PROP_ENCODER:
        g_value_set_string(value, self->encoder);
        break;
    case PROP_WHY:
        g_value_set_string(value, self->why);
        break;
    case PROP_SOFTWARE:
    case PROP_NVENC:
        g_value_set_string(value, vd_encoders_installed(GST_VD_VIDEOENC_GET_CLASS(object)->kind,
                                                        id == PROP_NVENC));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

/* --- caps ------------------------------------------------------------------------------------ */

static gboolean set_format(GstVideoEncoder *encoder, GstVideoCodecState *state)
{
    GstVdVideoencPrivate *self = private_of(encoder);
    GstCaps *caps = gst_caps_from_string(GST_VD_VIDEOENC_GET_CLASS(encoder)->output);

    if (state->info.width < SMALLEST || state->info.height < SMALLEST ||
        !vd_image_size_ok(&state->info)) {
        GST_WARNING_OBJECT(encoder, "no stream of 4:2:0 has pictures of %dx%d", state->info.width,
                           state->info.height);
        gst_caps_unref(caps);
        return FALSE;
    }
    vd_encoders_begin(self->encoders, &state->info);
    self->since_key = 0;
    GstVideoCodecState *output = gst_video_encoder_set_output_state(encoder, caps, state);
    output->info.width = state->info.width & ~1;
    output->info.height = state->info.height & ~1;
    gst_video_codec_state_unref(output);
    return gst_video_encoder_negotiate(encoder);
}

/* Upstream has CUDA memory of its own: ours would be of another context than the one it is in. */
static gboolean propose_allocation(GstVideoEncoder *encoder, GstQuery *query)
{
    GstVideoEncoderClass *parent = GST_VIDEO_ENCODER_CLASS(gst_vd_videoenc_parent_class);
    GstCaps *caps = NULL;

    gst_query_parse_allocation(query, &caps, NULL);
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    if (caps != NULL && vd_engine_is_cuda(caps))
        return TRUE;
    return parent->propose_allocation(encoder, query);
}

static gboolean start(GstVideoEncoder *encoder)
{
    GstVdVideoencClass *klass = GST_VD_VIDEOENC_GET_CLASS(encoder);

    private_of(encoder)->encoders = vd_encoders_new(klass->kind, klass->sessions);
    return TRUE;
}

static gboolean stop(GstVideoEncoder *encoder)
{
    g_clear_pointer(&private_of(encoder)->encoders, vd_encoders_free);
    return TRUE;
}

/* The next picture follows none of those before. */
static gboolean flush(GstVideoEncoder *encoder)
{
    private_of(encoder)->since_key = 0;
    return TRUE;
}

/* --- pictures -------------------------------------------------------------------------------- */

static VdEncodersRequest request_for(GstVideoEncoder *encoder, GstVideoCodecFrame *frame)
{
    GstVdVideoencPrivate *self = private_of(encoder);
    bool forced = GST_VIDEO_CODEC_FRAME_IS_FORCE_KEYFRAME(frame);

    GST_OBJECT_LOCK(encoder);
    VdEncodersRequest request = {
        .bitrate = self->bitrate,
        .hardware = self->hardware,
        .key = forced || self->since_key == 0 || self->since_key >= self->gop_size,
        .pts = frame->pts,
    };
    GST_OBJECT_UNLOCK(encoder);
    return request;
}

static bool replace(char **old, const char *new)
{
    if (g_strcmp0(*old, new) == 0)
        return false;
    g_free(*old);
    *old = g_strdup(new);
    return true;
}

/* A change of encoder or of reason is news. */
static void tell(GstVideoEncoder *encoder)
{
    GstVdVideoencPrivate *self = private_of(encoder);
    const char *name = vd_encoders_name(self->encoders), *why = vd_encoders_why(self->encoders);

    GST_OBJECT_LOCK(encoder);
    bool news = replace(&self->encoder, name);
    news |= replace(&self->why, why);
    GST_OBJECT_UNLOCK(encoder);
    if (!news)
        return;
    GST_INFO_OBJECT(encoder, "%s%s%s", name, why != NULL ? ": " : "", why != NULL ? why : "");
    GstStructure *message =
        gst_structure_new(VD_VIDEOENC_MESSAGE, VD_VIDEOENC_ENCODER, G_TYPE_STRING, name,
                          VD_VIDEOENC_WHY_SOFTWARE, G_TYPE_STRING, why, NULL);
    gst_element_post_message(GST_ELEMENT(encoder),
                             gst_message_new_element(GST_OBJECT(encoder), message));
}

static void free_packet(gpointer packet)
{
    av_packet_free((AVPacket **)&packet);
}

static void hand_over(GstVideoEncoder *encoder, GstVideoCodecFrame *frame, AVPacket *packet)
{
    GstVdVideoencPrivate *self = private_of(encoder);

    frame->output_buffer =
        gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, packet->data, (gsize)packet->size, 0,
                                    (gsize)packet->size, packet, free_packet);
    if (packet->flags & AV_PKT_FLAG_KEY) {
        GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
        self->since_key = 0;
    }
    self->since_key++;
}

static GstFlowReturn handle_frame(GstVideoEncoder *encoder, GstVideoCodecFrame *frame)
{
    GstVdVideoencPrivate *self = private_of(encoder);
    VdEncodersRequest request = request_for(encoder, frame);
    AVPacket *packet = NULL;
    int error = vd_encoders_encode(self->encoders, frame->input_buffer, &request, &packet);

    tell(encoder);
    if (error != 0) {
        g_autofree char *text = vd_encoders_error_text(error);

        gst_video_encoder_finish_frame(encoder, frame); /* without a buffer: dropped */
        GST_ELEMENT_ERROR(encoder, STREAM, ENCODE, ("A picture cannot be encoded."),
                          ("%s: %s (%d)", vd_encoders_name(self->encoders), text, error));
        return GST_FLOW_ERROR;
    }
    hand_over(encoder, frame, packet);
    return gst_video_encoder_finish_frame(encoder, frame);
}

/* --- class ----------------------------------------------------------------------------------- */

void gst_vd_videoenc_class_set_codec(GstVdVideoencClass *klass, VdAvcodecKind kind,
                                     const char *name, const char *output)
{
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    g_autoptr(GstCaps) caps = gst_caps_from_string(output);
    g_autofree char *long_name = g_strconcat(name, " encoder", NULL);
    g_autofree char *description =
        g_strconcat("Encodes ", name, " on the GPU where it can, else in software", NULL);

    klass->kind = kind;
    klass->output = output;
    gst_element_class_set_metadata(element_class, long_name, "Codec/Encoder/Video", description,
                                   PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_pad_template(
        element_class, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
}

static void finalize(GObject *object)
{
    GstVdVideoencPrivate *self = private_of(object);

    g_free(self->encoder);
    g_free(self->why);
    G_OBJECT_CLASS(gst_vd_videoenc_parent_class)->finalize(object);
}

static void install_properties(GObjectClass *klass)
{
    const GParamFlags live = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;
    const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    props[PROP_BITRATE] =
        g_param_spec_uint("bitrate", "Bitrate", "In kbit/s", 1, 1000000, DEFAULT_BITRATE, live);
    props[PROP_GOP_SIZE] =
        g_param_spec_uint("gop-size", "GOP size", "Pictures from one key picture to the next", 1,
                          G_MAXINT, DEFAULT_GOP_SIZE, live);
    props[PROP_HARDWARE] =
        g_param_spec_boolean("hardware", "Hardware",
                             "Whether NVENC may be used, from the next key picture on", TRUE, live);
    props[PROP_ENCODER] = g_param_spec_string(
        "encoder", "Encoder", "libavcodec's encoder of the last picture", NULL, told);
    props[PROP_WHY] = g_param_spec_string("why-software", "Why software",
                                          "Why NVENC is not used; null where it is", NULL, told);
    props[PROP_SOFTWARE] =
        g_param_spec_string(VD_VIDEOENC_HAS_SOFTWARE, "Installed software",
                            "libavcodec's encoder in software; null where it has none", NULL, told);
    props[PROP_NVENC] =
        g_param_spec_string(VD_VIDEOENC_HAS_NVENC, "Installed NVENC",
                            "libavcodec's encoder by NVENC; null where it or the driver's library "
                            "is missing",
                            NULL, told);
    g_object_class_install_properties(klass, N_PROPS, props);
}

static void gst_vd_videoenc_class_init(GstVdVideoencClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstVideoEncoderClass *encoder_class = GST_VIDEO_ENCODER_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_videoenc_debug, "vdvideoenc", 0, "H.264 and H.265");
    klass->sessions = vd_sessions_new();
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);
    encoder_class->start = start;
    encoder_class->stop = stop;
    encoder_class->flush = flush;
    encoder_class->set_format = set_format;
    encoder_class->propose_allocation = propose_allocation;
    encoder_class->handle_frame = handle_frame;
    gst_type_mark_as_plugin_api(GST_TYPE_VD_VIDEOENC, 0);
}

static void gst_vd_videoenc_init(GstVdVideoenc *videoenc)
{
    GstVdVideoencPrivate *self = private_of(videoenc);

    self->bitrate = DEFAULT_BITRATE;
    self->gop_size = DEFAULT_GOP_SIZE;
    self->hardware = true;
}
