#include "gpubench/camera.h"

#include <gio/gio.h>
#include <gst/app/gstappsrc.h>

#include "plugins/vd-messages.h"

#define RATE        30
#define MOST_QUEUED 8 /* units */

#define DECODED     "%s name=decoder ! video/x-raw(" VD_CUDA_MEMORY ")"
/* Of the clip's 30 pictures/s each is analysed. */
#define ANALYSED                                                                 \
    " ! " VD_MASK_FACTORY                                                        \
    " polygons=\"0.25,0.25 0.75,0.25 0.75,0.75 0.25,0.75\" ! " VD_MOTION_FACTORY \
    " analysis-fps=60"

struct VdBenchCamera {
    const VdBenchGpu *gpu;
    const VdBenchClip *clip;
    GstElement *pipeline;
    GstAppSrc *source;
    guint64 sent; /* units; of whoever feeds it */

    GMutex lock;
    GCond changed;
    guint64 pictures; /* [lock] */
    GError *error;    /* [lock] (nullable) the first */
};

/* --- what comes out -------------------------------------------------------------------------- */

static GstPadProbeReturn count_picture(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    VdBenchCamera *camera = data;

    g_mutex_lock(&camera->lock);
    if (camera->pictures++ == 0)
        g_cond_signal(&camera->changed);
    g_mutex_unlock(&camera->lock);
    return GST_PAD_PROBE_OK;
}

static void take_error(VdBenchCamera *camera, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *details = NULL;

    gst_message_parse_error(message, &error, &details);
    g_mutex_lock(&camera->lock);
    if (camera->error == NULL)
        camera->error = g_steal_pointer(&error);
    g_cond_signal(&camera->changed);
    g_mutex_unlock(&camera->lock);
}

/* Nobody reads the bus: motion's reports would pile up there. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    VdBenchCamera *camera = data;

    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        take_error(camera, message);
    else
        vd_bench_context_answer(camera->gpu->context, message);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

/* --- what goes in ---------------------------------------------------------------------------- */

void vd_bench_camera_feed(VdBenchCamera *camera)
{
    GPtrArray *units = camera->clip->units;
    GstBuffer *unit = gst_buffer_copy(units->pdata[camera->sent % units->len]);

    GST_BUFFER_PTS(unit) = GST_BUFFER_DTS(unit) =
        gst_util_uint64_scale(camera->sent, GST_SECOND, RATE);
    GST_BUFFER_DURATION(unit) = GST_SECOND / RATE;
    camera->sent++;
    gst_app_src_push_buffer(camera->source, unit);
}

static void feed_again(GstAppSrc *source, guint length, gpointer camera)
{
    vd_bench_camera_feed(camera);
}

/* --- the pipeline ---------------------------------------------------------------------------- */

/* GStreamer registers those decoders alone that the driver has. */
static bool decoder_is_there(const char *decoder, GError **error)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(decoder);

    if (factory == NULL)
        g_set_error(
            error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
            "GStreamer has no %s here: the driver comes without libnvcuvid, the card's NVDEC "
            "does not decode this, or GStreamer's nvcodec plug-in is missing",
            decoder);
    return factory != NULL;
}

static bool build(VdBenchCamera *camera, VdBenchWork work, GError **error)
{
    if (!decoder_is_there(camera->clip->decoder, error))
        return false;
    g_autofree char *line =
        g_strdup_printf("appsrc name=in ! " DECODED "%s ! fakesink name=out sync=false async=false",
                        camera->clip->decoder, work == VD_BENCH_ANALYSE ? ANALYSED : "");

    camera->pipeline = gst_parse_launch_full(line, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    if (camera->pipeline == NULL)
        return false;
    g_autoptr(GstElement) decoder = gst_bin_get_by_name(GST_BIN(camera->pipeline), "decoder");
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(decoder), "max-display-delay") != NULL)
        g_object_set(decoder, "max-display-delay", 0, NULL);
    return true;
}

static void connect_ends(VdBenchCamera *camera, VdBenchPace pace)
{
    GstAppSrcCallbacks callbacks = {.need_data = feed_again};
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(camera->pipeline), "out");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");
    g_autoptr(GstBus) bus = gst_element_get_bus(camera->pipeline);

    camera->source = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(camera->pipeline), "in"));
    g_object_set(camera->source, "caps", camera->clip->caps, "format", GST_FORMAT_TIME, "is-live",
                 TRUE, "max-buffers", (guint64)MOST_QUEUED, "max-bytes", (guint64)0, "leaky-type",
                 GST_APP_LEAKY_TYPE_DOWNSTREAM, NULL);
    if (pace == VD_BENCH_FLAT_OUT)
        gst_app_src_set_callbacks(camera->source, &callbacks, camera, NULL);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, count_picture, camera, NULL);
    gst_bus_set_sync_handler(bus, on_message, camera, NULL);
}

static bool has_failed(VdBenchCamera *camera, GError **error)
{
    g_mutex_lock(&camera->lock);
    GError *found = camera->error != NULL ? g_error_copy(camera->error) : NULL;
    g_mutex_unlock(&camera->lock);
    if (found != NULL)
        g_propagate_error(error, found);
    return found != NULL;
}

VdBenchCamera *vd_bench_camera_new(const VdBenchGpu *gpu, const VdBenchClip *clip, VdBenchWork work,
                                   VdBenchPace pace, GError **error)
{
    VdBenchCamera *camera = g_new0(VdBenchCamera, 1);

    camera->gpu = gpu;
    camera->clip = clip;
    g_mutex_init(&camera->lock);
    g_cond_init(&camera->changed);
    bool built = build(camera, work, error);
    if (built)
        connect_ends(camera, pace);
    if (built &&
        gst_element_set_state(camera->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return camera;
    if (built && !has_failed(camera, error))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s does not start", clip->decoder);
    vd_bench_camera_free(camera);
    return NULL;
}

void vd_bench_camera_free(VdBenchCamera *camera)
{
    if (camera == NULL)
        return;
    if (camera->pipeline != NULL) {
        g_autoptr(GstBus) bus = gst_element_get_bus(camera->pipeline);

        gst_element_set_state(camera->pipeline, GST_STATE_NULL);
        gst_bus_set_sync_handler(bus, NULL, NULL, NULL);
    }
    g_clear_object(&camera->source);
    g_clear_object(&camera->pipeline);
    g_clear_error(&camera->error);
    g_cond_clear(&camera->changed);
    g_mutex_clear(&camera->lock);
    g_free(camera);
}

bool vd_bench_camera_wait(VdBenchCamera *camera, gint64 deadline_us, GError **error)
{
    g_mutex_lock(&camera->lock);
    while (camera->pictures == 0 && camera->error == NULL)
        if (!g_cond_wait_until(&camera->changed, &camera->lock, deadline_us))
            break;
    bool has_picture = camera->pictures > 0;
    g_mutex_unlock(&camera->lock);
    if (has_failed(camera, error))
        return false;
    if (!has_picture)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s gives no picture",
                    camera->clip->decoder);
    return has_picture;
}

bool vd_bench_camera_count(VdBenchCamera *camera, guint64 *pictures, GError **error)
{
    g_mutex_lock(&camera->lock);
    *pictures = camera->pictures;
    g_mutex_unlock(&camera->lock);
    return !has_failed(camera, error);
}
