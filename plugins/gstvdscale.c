/**
 * SECTION:element-vdscale
 * @title: vdscale
 * @short_description: scales to I420 with the colours that JPEG wants
 *
 * Takes the size that downstream asks for; when only the width or only the height is asked for, the
 * other one follows the picture's shape, rounded to an even number. The result is I420, full range,
 * BT.601, in the memory in which the picture came, system or CUDA. A picture that is all that
 * already passes untouched.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! vdscale ! video/x-raw,width=320 ! vdjpegenc ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdscale ! "video/x-raw(memory:CUDAMemory),width=320" ! fakesink
 * ]|
 */
#include "plugins/gstvdscale.h"

#include "plugins/vd-elements.h"
#include "plugins/vd-engine.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_scale_debug);
#define GST_CAT_DEFAULT vd_scale_debug

/* Full range, BT.601 matrix, the rest unsaid: what JFIF is. */
#define JPEG_COLORIMETRY "1:4:0:0"
#define JPEG_I420        ", colorimetry = (string) " JPEG_COLORIMETRY
#ifdef HAVE_CUDA
#define OUTPUT_CAPS VD_ENGINE_CUDA("I420") JPEG_I420 "; " GST_VIDEO_CAPS_MAKE("I420") JPEG_I420
#else
#define OUTPUT_CAPS GST_VIDEO_CAPS_MAKE("I420") JPEG_I420
#endif

enum { PROP_0, PROP_GPU_MEMORY };

struct _GstVdScale {
    GstVideoFilter parent;
    VdTally *tally;

    /* [streaming thread] */
    VdEngine *engine; /* NULL: no caps yet */
    gboolean on_gpu, convert;
    VdkConversion conversion;
};

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(OUTPUT_CAPS));

G_DEFINE_TYPE(GstVdScale, gst_vd_scale, GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE(vdscale, VD_SCALE_FACTORY, GST_RANK_NONE, GST_TYPE_VD_SCALE)

/* --- caps ------------------------------------------------------------------------------------ */

static bool is_format(const GstStructure *structure, const char *format)
{
    return g_strcmp0(gst_structure_get_string(structure, "format"), format) == 0;
}

static void make_output(GstStructure *structure)
{
    /* Where chroma lies is kept by scaling 4:2:0 and is unknown after other formats. */
    if (!is_format(structure, "I420") && !is_format(structure, "NV12"))
        gst_structure_remove_field(structure, "chroma-site");
    gst_structure_set(structure, "format", G_TYPE_STRING, "I420", "colorimetry", G_TYPE_STRING,
                      JPEG_COLORIMETRY, NULL);
}

static void make_input(GstStructure *structure)
{
    gst_structure_remove_fields(structure, "format", "colorimetry", "chroma-site", NULL);
}

static GstCaps *transform_caps(GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps,
                               GstCaps *filter)
{
    GstPad *other = direction == GST_PAD_SINK ? trans->srcpad : trans->sinkpad;
    g_autoptr(GstCaps) allowed = gst_pad_get_pad_template_caps(other);
    g_autoptr(GstCaps) wanted = gst_caps_copy(caps);

    for (guint i = 0; i < gst_caps_get_size(wanted); i++) {
        GstStructure *structure = gst_caps_get_structure(wanted, i);

        gst_structure_set(structure, "width", GST_TYPE_INT_RANGE, 1, VDK_MAX_SIZE, "height",
                          GST_TYPE_INT_RANGE, 1, VDK_MAX_SIZE, NULL);
        (direction == GST_PAD_SINK ? make_output : make_input)(structure);
    }
    GstCaps *result = gst_caps_intersect_full(wanted, allowed, GST_CAPS_INTERSECT_FIRST);
    if (filter != NULL) {
        GstCaps *filtered = gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST);

        gst_caps_unref(result);
        result = filtered;
    }
    return result;
}

static int follow(int given, int from, int to)
{
    gint64 length = ((gint64)given * to + from) / (2 * (gint64)from) * 2;

    return (int)CLAMP(length, 2, VDK_MAX_SIZE);
}

static void fixate_size(GstStructure *structure, int width, int height)
{
    int fixed_width = 0, fixed_height = 0;

    gst_structure_get_int(structure, "width", &fixed_width);
    gst_structure_get_int(structure, "height", &fixed_height);
    if (fixed_height > 0 && fixed_width == 0) {
        width = follow(fixed_height, height, width);
        gst_structure_fixate_field_nearest_int(structure, "width", width);
        return;
    }
    int original = width;
    gst_structure_fixate_field_nearest_int(structure, "width", width);
    gst_structure_get_int(structure, "width", &width);
    if (width != original)
        height = follow(width, original, height);
    gst_structure_fixate_field_nearest_int(structure, "height", height);
}

static GstCaps *fixate_caps(GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps,
                            GstCaps *other)
{
    int width, height;

    other = gst_caps_make_writable(gst_caps_truncate(other));
    GstStructure *from = gst_caps_get_structure(caps, 0);
    if (gst_structure_get_int(from, "width", &width) &&
        gst_structure_get_int(from, "height", &height))
        fixate_size(gst_caps_get_structure(other, 0), width, height);
    return gst_caps_fixate(other);
}

static gboolean set_info(GstVideoFilter *filter, GstCaps *in, GstVideoInfo *from, GstCaps *out,
                         GstVideoInfo *to)
{
    GstVdScale *self = GST_VD_SCALE(filter);
    GstVideoColorMatrix matrix = from->colorimetry.matrix;

    if (!vd_image_size_ok(from) || !vd_image_size_ok(to))
        return FALSE;
    vd_engine_set_caps(&self->engine, self->tally, in);
    self->on_gpu = vd_engine_is_cuda(in);
    self->conversion.limited = from->colorimetry.range != GST_VIDEO_COLOR_RANGE_0_255;
    self->conversion.matrix = matrix == GST_VIDEO_COLOR_MATRIX_BT709 ||
                                      matrix == GST_VIDEO_COLOR_MATRIX_SMPTE240M ||
                                      matrix == GST_VIDEO_COLOR_MATRIX_BT2020
                                  ? VDK_BT709
                                  : VDK_BT601;
    self->convert = self->conversion.limited || self->conversion.matrix != VDK_BT601;
    return TRUE;
}

/* The base class takes whoever has no transform_frame for one that works in place. */
static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    gboolean done = GST_BASE_TRANSFORM_CLASS(gst_vd_scale_parent_class)->set_caps(trans, in, out);

    gst_base_transform_set_in_place(trans, FALSE);
    return done;
}

/* --- buffers --------------------------------------------------------------------------------- */

static bool is_for_cuda(GstQuery *query)
{
    GstCaps *caps = NULL;

    gst_query_parse_allocation(query, &caps, NULL);
    return caps != NULL && vd_engine_is_cuda(caps);
}

/* Upstream has memory of its own: ours would be of another context than the one that it is in. */
static gboolean propose_allocation(GstBaseTransform *trans, GstQuery *decide, GstQuery *query)
{
    if (decide == NULL || !is_for_cuda(query))
        return GST_BASE_TRANSFORM_CLASS(gst_vd_scale_parent_class)
            ->propose_allocation(trans, decide, query);
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    return TRUE;
}

/* Of CUDA memory buffers come from a pool of the engine's, in the context of what comes in. */
static gboolean decide_allocation(GstBaseTransform *trans, GstQuery *query)
{
    if (!is_for_cuda(query))
        return GST_BASE_TRANSFORM_CLASS(gst_vd_scale_parent_class)->decide_allocation(trans, query);
    while (gst_query_get_n_allocation_pools(query) > 0)
        gst_query_remove_nth_allocation_pool(query, 0);
    return TRUE;
}

static GstFlowReturn prepare_output_buffer(GstBaseTransform *trans, GstBuffer *in, GstBuffer **out)
{
    GstBaseTransformClass *klass = GST_BASE_TRANSFORM_CLASS(gst_vd_scale_parent_class);
    GstVdScale *self = GST_VD_SCALE(trans);

    if (gst_base_transform_is_passthrough(trans) || !self->on_gpu)
        return klass->prepare_output_buffer(trans, in, out);
    int error = vd_engine_acquire(self->engine, in, &GST_VIDEO_FILTER(trans)->out_info, out);
    if (error != 0) {
        vd_engine_post_error(GST_ELEMENT(trans), "There is no room for another picture.", error);
        return GST_FLOW_ERROR;
    }
    klass->copy_metadata(trans, in, *out);
    return GST_FLOW_OK;
}

static gboolean stop(GstBaseTransform *trans)
{
    g_clear_pointer(&GST_VD_SCALE(trans)->engine, vd_engine_free);
    return TRUE;
}

/* --- pictures -------------------------------------------------------------------------------- */

/* Regions take the new size; what knows nothing of sizes is copied by the base class. */
static gboolean transform_meta(GstBaseTransform *trans, GstBuffer *out, GstMeta *meta,
                               GstBuffer *in)
{
    GstVideoFilter *filter = GST_VIDEO_FILTER(trans);
    GstVideoMetaTransform scale = {&filter->in_info, &filter->out_info};

    if (meta->info->api != GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)
        return GST_BASE_TRANSFORM_CLASS(gst_vd_scale_parent_class)
            ->transform_meta(trans, out, meta, in);
    meta->info->transform_func(out, meta, in, gst_video_meta_transform_scale_get_quark(), &scale);
    return FALSE;
}

static int scale(GstVdScale *self, VdPicture *from, GstBuffer *out)
{
    VdEngine *engine = self->engine;
    VdPicture to;
    int error =
        engine->ops->map(engine, &GST_VIDEO_FILTER(self)->out_info, out, GST_MAP_WRITE, &to);

    if (error != 0)
        return engine->ops->end(engine, error);
    error = engine->ops->scale(engine, &from->image, self->convert ? &self->conversion : NULL,
                               &to.image);
    error = engine->ops->end(engine, error);
    engine->ops->unmap(engine, &to);
    return error;
}

static int map_and_scale(GstVdScale *self, GstBuffer *in, GstBuffer *out)
{
    VdEngine *engine = self->engine;
    VdPicture from;
    int error = engine->ops->begin(engine, in);

    if (error != 0)
        return error;
    error = engine->ops->map(engine, &GST_VIDEO_FILTER(self)->in_info, in, GST_MAP_READ, &from);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = scale(self, &from, out);
    engine->ops->unmap(engine, &from);
    return error;
}

static GstFlowReturn transform(GstBaseTransform *trans, GstBuffer *in, GstBuffer *out)
{
    int error = map_and_scale(GST_VD_SCALE(trans), in, out);

    if (error == 0)
        return GST_FLOW_OK;
    vd_engine_post_error(GST_ELEMENT(trans), "Scaling the picture failed.", error);
    return GST_FLOW_ERROR;
}

/* --- class ----------------------------------------------------------------------------------- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_GPU_MEMORY)
        vd_tally_get(GST_VD_SCALE(object)->tally, value);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void finalize(GObject *object)
{
    vd_tally_unref(GST_VD_SCALE(object)->tally);
    G_OBJECT_CLASS(gst_vd_scale_parent_class)->finalize(object);
}

static void gst_vd_scale_class_init(GstVdScaleClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);
    GstVideoFilterClass *filter_class = GST_VIDEO_FILTER_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_scale_debug, VD_SCALE_FACTORY, 0, "scaling");
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    vd_tally_install(object_class, PROP_GPU_MEMORY);
    gst_element_class_set_static_metadata(
        element_class, "Scaler for JPEG", "Filter/Converter/Video/Scaler",
        "Scales raw video to I420 with full range BT.601 colours", PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    trans_class->transform_caps = transform_caps;
    trans_class->fixate_caps = fixate_caps;
    trans_class->set_caps = set_caps;
    trans_class->propose_allocation = propose_allocation;
    trans_class->decide_allocation = decide_allocation;
    trans_class->prepare_output_buffer = prepare_output_buffer;
    trans_class->transform_meta = transform_meta;
    trans_class->transform = transform;
    trans_class->stop = stop;
    trans_class->passthrough_on_same_caps = TRUE;
    filter_class->set_info = set_info;
}

static void gst_vd_scale_init(GstVdScale *self)
{
    self->tally = vd_tally_new();
}
