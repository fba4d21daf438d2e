#include "plugins/gstvddrawing.h"

#include <gst/video/gstvideopool.h>

#include "plugins/vd-image.h"

GST_DEBUG_CATEGORY_STATIC(vd_drawing_debug);
#define GST_CAT_DEFAULT vd_drawing_debug

typedef struct GstVdDrawingPrivate {
    /* [streaming thread] */
    GstVideoInfo info;
    GstBufferPool *pool; /* active; NULL until a copy is needed */
} GstVdDrawingPrivate;

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("{ " VD_IMAGE_FORMATS " }")));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("{ " VD_IMAGE_FORMATS " }")));

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

static void drop_pool(GstVdDrawingPrivate *private)
{
    if (private->pool != NULL)
        gst_buffer_pool_set_active(private->pool, FALSE);
    gst_clear_object(&private->pool);
}

static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    GstVdDrawingPrivate *private = private_of(trans);
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, in) || !vd_image_size_ok(&info))
        return FALSE;
    drop_pool(private);
    private->info = info;
    GST_VD_DRAWING_GET_CLASS(trans)->resize(GST_VD_DRAWING(trans), &private->info);
    return TRUE;
}

static gboolean stop(GstBaseTransform *trans)
{
    drop_pool(private_of(trans));
    return TRUE;
}

/* The buffers go on as they are, so what downstream can take is what we can take. */
static gboolean propose_allocation(GstBaseTransform *trans, GstQuery *decide, GstQuery *query)
{
    return gst_pad_peer_query(trans->srcpad, query);
}

/* --- buffers --------------------------------------------------------------------------------- */

static GstBufferPool *make_pool(GstVdDrawing *drawing)
{
    GstVdDrawingPrivate *private = private_of(drawing);
    g_autoptr(GstCaps) caps = gst_video_info_to_caps(&private->info);
    GstBufferPool *pool = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool);

    gst_buffer_pool_config_set_params(config, caps, (guint) private->info.size, 0, 0);
    if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE))
        g_clear_pointer(&pool, gst_object_unref);
    return pool;
}

static gboolean copy_meta(GstBuffer *from, GstMeta **meta, gpointer to)
{
    const GstMetaInfo *info = (*meta)->info;
    GstMetaTransformCopy all = {FALSE, 0, (gsize)-1};

    if (!gst_meta_api_type_has_tag(info->api, _gst_meta_tag_memory) && info->transform_func != NULL)
        info->transform_func(to, *meta, from, _gst_meta_transform_copy, &all);
    return TRUE;
}

static gboolean copy_picture(const GstVideoInfo *info, GstBuffer *from, GstBuffer *to)
{
    GstVideoFrame source, target;
    gboolean done = FALSE;

    if (!gst_video_frame_map(&source, info, from, GST_MAP_READ))
        return FALSE;
    if (gst_video_frame_map(&target, info, to, GST_MAP_WRITE)) {
        done = gst_video_frame_copy(&target, &source);
        gst_video_frame_unmap(&target);
    }
    gst_video_frame_unmap(&source);
    gst_buffer_copy_into(to, from, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0,
                         (gsize)-1);
    gst_buffer_foreach_meta(from, copy_meta, to);
    return done;
}

static GstFlowReturn copy_buffer(GstVdDrawing *drawing, GstBuffer *in, GstBuffer **out)
{
    GstVdDrawingPrivate *private = private_of(drawing);

    if (private->pool == NULL)
    private->pool = make_pool(drawing);
    if (private->pool == NULL)
        return GST_FLOW_ERROR;
    GstFlowReturn flow = gst_buffer_pool_acquire_buffer(private->pool, out, NULL);
    if (flow == GST_FLOW_OK && !copy_picture(&private->info, in, *out)) {
        gst_clear_buffer(out);
        flow = GST_FLOW_ERROR;
    }
    return flow;
}

static GstFlowReturn prepare_output_buffer(GstBaseTransform *trans, GstBuffer *in, GstBuffer **out)
{
    if (gst_base_transform_is_passthrough(trans) ||
        (gst_buffer_is_writable(in) && gst_buffer_is_all_memory_writable(in))) {
        *out = in;
        return GST_FLOW_OK;
    }
    GstFlowReturn flow = copy_buffer(GST_VD_DRAWING(trans), in, out);
    if (flow == GST_FLOW_ERROR)
        GST_ELEMENT_ERROR(trans, RESOURCE, NO_SPACE_LEFT, ("A picture cannot be copied."), (NULL));
    return flow;
}

static void before_transform(GstBaseTransform *trans, GstBuffer *buffer)
{
    gboolean needed = GST_VD_DRAWING_GET_CLASS(trans)->prepare(GST_VD_DRAWING(trans), buffer);

    gst_base_transform_set_passthrough(trans, !needed);
}

static GstFlowReturn transform_ip(GstBaseTransform *trans, GstBuffer *buffer)
{
    GstVideoFrame frame;

    if (!gst_video_frame_map(&frame, &private_of(trans)->info, buffer, GST_MAP_READWRITE)) {
        GST_ELEMENT_ERROR(trans, RESOURCE, WRITE, ("A picture cannot be written."), (NULL));
        return GST_FLOW_ERROR;
    }
    VdkImage image = vd_image_from_frame(&frame);
    int error = GST_VD_DRAWING_GET_CLASS(trans)->draw(GST_VD_DRAWING(trans), buffer, &image);
    gst_video_frame_unmap(&frame);
    if (error == 0)
        return GST_FLOW_OK;
    GST_ELEMENT_ERROR(trans, LIBRARY, FAILED, ("Drawing into a picture failed."),
                      ("vdk: %s", g_strerror(-error)));
    return GST_FLOW_ERROR;
}

/* --- class ----------------------------------------------------------------------------------- */

static void gst_vd_drawing_class_init(GstVdDrawingClass *klass)
{
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_drawing_debug, "vddrawing", 0, "drawing into pictures");
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
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(drawing), TRUE);
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(drawing), TRUE);
}
