#include "plugins/gstvddrawing.h"

GST_DEBUG_CATEGORY_STATIC(vd_drawing_debug);
#define GST_CAT_DEFAULT vd_drawing_debug

enum { PROP_0, PROP_GPU_MEMORY };

typedef struct GstVdDrawingPrivate {
    VdTally *tally;

    /* [streaming thread] */
    GstVideoInfo info;
    VdEngine *engine;     /* NULL: no caps yet */
    GstBuffer *copied_of; /* what the buffer to draw into is to begin as; NULL: as itself */
} GstVdDrawingPrivate;

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GstVdDrawing, gst_vd_drawing, GST_TYPE_BASE_TRANSFORM)

static GstVdDrawingPrivate *private_of(gpointer drawing)
{
    return gst_vd_drawing_get_instance_private(GST_VD_DRAWING(drawing));
}

const GstVideoInfo *gst_vd_drawing_info(GstVdDrawing *drawing)
{
    return &private_of(drawing)->info;
}

/* --- caps ------------------------------------------------------------------------------------ */

static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    GstVdDrawingPrivate *private = private_of(trans);
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, in) || !vd_image_size_ok(&info))
        return FALSE;
    vd_engine_set_caps(&private->engine, private->tally, in);
    vd_engine_drop_pool(private->engine);
    private->info = info;
    GST_VD_DRAWING_GET_CLASS(trans)->resize(GST_VD_DRAWING(trans), &private->info);
    return TRUE;
}

static gboolean stop(GstBaseTransform *trans)
{
    g_clear_pointer(&private_of(trans)->engine, vd_engine_free);
    return TRUE;
}

/* The buffers go on as they are, so what downstream can take is what we can take. */
static gboolean propose_allocation(GstBaseTransform *trans, GstQuery *decide, GstQuery *query)
{
    return gst_pad_peer_query(trans->srcpad, query);
}

/* --- buffers --------------------------------------------------------------------------------- */

static gboolean copy_meta(GstBuffer *from, GstMeta **meta, gpointer to)
{
    const GstMetaInfo *info = (*meta)->info;
    GstMetaTransformCopy all = {FALSE, 0, (gsize)-1};

    if (!gst_meta_api_type_has_tag(info->api, _gst_meta_tag_memory) && info->transform_func != NULL)
        info->transform_func(to, *meta, from, _gst_meta_transform_copy, &all);
    return TRUE;
}

static GstFlowReturn acquire(GstVdDrawing *drawing, GstBuffer *in, GstBuffer **out)
{
    GstVdDrawingPrivate *private = private_of(drawing);
    int error = vd_engine_acquire(private->engine, in, &private->info, out);

    if (error != 0) {
        vd_engine_post_error(GST_ELEMENT(drawing), "There is no room for another picture.", error);
        return GST_FLOW_ERROR;
    }
    gst_buffer_copy_into(*out, in, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0,
                         (gsize)-1);
    gst_buffer_foreach_meta(in, copy_meta, *out);
    private->copied_of = in;
    return GST_FLOW_OK;
}

static GstFlowReturn prepare_output_buffer(GstBaseTransform *trans, GstBuffer *in, GstBuffer **out)
{
    private_of(trans)->copied_of = NULL;
    if (gst_base_transform_is_passthrough(trans) ||
        (gst_buffer_is_writable(in) && gst_buffer_is_all_memory_writable(in))) {
        *out = in;
        return GST_FLOW_OK;
    }
    return acquire(GST_VD_DRAWING(trans), in, out);
}

static void before_transform(GstBaseTransform *trans, GstBuffer *buffer)
{
    gboolean needed = GST_VD_DRAWING_GET_CLASS(trans)->prepare(GST_VD_DRAWING(trans), buffer);

    vd_tally_add_picture(private_of(trans)->tally, buffer);
    gst_base_transform_set_passthrough(trans, !needed);
}

/* A copy, if there is one to make, and the drawing are waited for together. */
static int draw_on(GstVdDrawing *drawing, GstBuffer *buffer, VdkImage *image,
                   const VdkImage *source)
{
    VdEngine *engine = private_of(drawing)->engine;
    int error = source != NULL ? engine->ops->copy(engine, source, image) : 0;

    if (error == 0)
        error = GST_VD_DRAWING_GET_CLASS(drawing)->draw(drawing, engine, buffer, image);
    return engine->ops->end(engine, error);
}

static int draw_on_copy(GstVdDrawing *drawing, GstBuffer *buffer, VdkImage *image)
{
    GstVdDrawingPrivate *private = private_of(drawing);
    VdEngine *engine = private->engine;
    VdPicture source;

    if (private->copied_of == NULL)
        return draw_on(drawing, buffer, image, NULL);
    int error = engine->ops->map(engine, &private->info, private->copied_of, GST_MAP_READ, &source);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = draw_on(drawing, buffer, image, &source.image);
    engine->ops->unmap(engine, &source);
    return error;
}

static int draw_into(GstVdDrawing *drawing, GstBuffer *buffer)
{
    GstVdDrawingPrivate *private = private_of(drawing);
    VdEngine *engine = private->engine;
    VdPicture picture;
    int error = engine->ops->begin(engine, buffer);

    if (error != 0)
        return error;
    error = engine->ops->map(engine, &private->info, buffer, GST_MAP_READWRITE, &picture);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = draw_on_copy(drawing, buffer, &picture.image);
    engine->ops->unmap(engine, &picture);
    return error;
}

static GstFlowReturn transform_ip(GstBaseTransform *trans, GstBuffer *buffer)
{
    int error = draw_into(GST_VD_DRAWING(trans), buffer);

    private_of(trans)->copied_of = NULL;
    if (error == 0)
        return GST_FLOW_OK;
    vd_engine_post_error(GST_ELEMENT(trans), "Drawing into a picture failed.", error);
    return GST_FLOW_ERROR;
}

/* --- class ----------------------------------------------------------------------------------- */

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_GPU_MEMORY)
        vd_tally_get(private_of(object)->tally, value);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void finalize(GObject *object)
{
    vd_tally_unref(private_of(object)->tally);
    G_OBJECT_CLASS(gst_vd_drawing_parent_class)->finalize(object);
}

static void gst_vd_drawing_class_init(GstVdDrawingClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_drawing_debug, "vddrawing", 0, "drawing into pictures");
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    vd_tally_install(object_class, PROP_GPU_MEMORY);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_type_mark_as_plugin_api(GST_TYPE_VD_DRAWING, 0);
    trans_class->set_caps = set_caps;
    trans_class->stop = stop;
    trans_class->propose_allocation = propose_allocation;
    trans_class->prepare_output_buffer = prepare_output_buffer;
    trans_class->before_transform = before_transform;
    trans_class->transform_ip = transform_ip;
    trans_class->transform_ip_on_passthrough = FALSE;
}

static void gst_vd_drawing_init(GstVdDrawing *drawing)
{
    gst_video_info_init(&private_of(drawing)->info);
    private_of(drawing)->tally = vd_tally_new();
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(drawing), TRUE);
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(drawing), TRUE);
}
