#include "media/source-pipe.h"

#include "base/lock.h"
#include "media/reaper.h"
#include "media/source-errand.h"

#include <gst/app/app.h>
#include <string.h>

struct VdSourcePipe {
    gatomicrefcount refs; /* of the owner and of each errand */
    VdSourceFeed *feed;
    GstElement *pipeline;
    guint watch;
    VdSourceHear hear; /* (nullable) */
    void *data;

    VdLock lock;
    bool freed; /* [lock] by the owner */
    bool busy;  /* [lock] an errand has the pipeline, and takes it down if it is freed meanwhile */
};

/* clang-format off */
static const struct {
    GQuark (*domain)(void);
    int code;
    VdLoss loss;
} losses[] = {
    {gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND,       VD_LOSS_NOT_FOUND},
    {gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_AUTHORIZED,  VD_LOSS_UNAUTHORIZED},
    {gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_READ,       VD_LOSS_REFUSED},
    {gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_READ_WRITE, VD_LOSS_REFUSED},
    {gst_resource_error_quark, GST_RESOURCE_ERROR_READ,            VD_LOSS_CLOSED},
    {gst_resource_error_quark, GST_RESOURCE_ERROR_WRITE,           VD_LOSS_CLOSED},
    {gst_stream_error_quark,   GST_STREAM_ERROR_WRONG_TYPE,        VD_LOSS_UNSUPPORTED},
    {gst_stream_error_quark,   GST_STREAM_ERROR_TYPE_NOT_FOUND,    VD_LOSS_UNSUPPORTED},
    {gst_stream_error_quark,   GST_STREAM_ERROR_CODEC_NOT_FOUND,   VD_LOSS_UNSUPPORTED},
    {gst_stream_error_quark,   GST_STREAM_ERROR_DECRYPT,           VD_LOSS_UNSUPPORTED},
    {gst_stream_error_quark,   GST_STREAM_ERROR_DECODE,            VD_LOSS_GARBAGE},
    {gst_stream_error_quark,   GST_STREAM_ERROR_DEMUX,             VD_LOSS_GARBAGE},
    {gst_stream_error_quark,   GST_STREAM_ERROR_FORMAT,            VD_LOSS_GARBAGE},
};
/* clang-format on */

VdLoss vd_source_pipe_loss(const GError *error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(losses); i++)
        if (g_error_matches(error, losses[i].domain(), losses[i].code))
            return losses[i].loss;
    return VD_LOSS_FAILED;
}

char *vd_source_pipe_words(GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *debug = NULL;

    gst_message_parse_error(message, &error, &debug);
    /* "file.c(1): function (): /path/of/element:\nwhat it was": only the last part is for people.
     */
    const char *more = debug != NULL ? strstr(g_strchomp(debug), ":\n") : NULL;
    return more != NULL ? g_strdup_printf("%s %s", error->message, more + 2)
                        : g_strdup(error->message);
}

static void say_error(VdSourcePipe *pipe, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);

    gst_message_parse_error(message, &error, NULL);
    vd_source_feed_lost(pipe->feed, vd_source_pipe_loss(error), "%s", words);
}

static gboolean on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    VdSourcePipe *pipe = data;

    if (pipe->hear != NULL && pipe->hear(pipe, message, pipe->data))
        return G_SOURCE_CONTINUE;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        say_error(pipe, message);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
        vd_source_feed_lost(pipe->feed, VD_LOSS_CLOSED, "the stream ended");
    return G_SOURCE_CONTINUE;
}

VdSourcePipe *vd_source_pipe_new(VdSourceFeed *feed, const char *description, VdSourceHear hear,
                                 void *data)
{
    g_autoptr(GError) error = NULL;
    GstElement *pipeline =
        gst_parse_launch_full(description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

    if (pipeline == NULL) {
        vd_source_feed_lost(feed, VD_LOSS_FAILED, "part of GStreamer is missing: %s",
                            error->message);
        return NULL;
    }
    if (!GST_IS_PIPELINE(pipeline)) { /* one element alone is given back alone */
        GstElement *element = pipeline;
        pipeline = gst_pipeline_new(NULL);
        gst_bin_add(GST_BIN(pipeline), element);
    }
    VdSourcePipe *pipe = g_new0(VdSourcePipe, 1);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);

    g_atomic_ref_count_init(&pipe->refs);
    vd_lock_init(&pipe->lock);
    pipe->feed = vd_source_feed_ref(feed);
    pipe->pipeline = gst_object_ref_sink(pipeline);
    pipe->hear = hear;
    pipe->data = data;
    pipe->watch = gst_bus_add_watch(bus, on_message, pipe);
    return pipe;
}

static void pipe_unref(VdSourcePipe *pipe)
{
    if (!g_atomic_ref_count_dec(&pipe->refs))
        return;
    gst_object_unref(pipe->pipeline);
    vd_source_feed_unref(pipe->feed);
    vd_lock_clear(&pipe->lock);
    g_free(pipe);
}

void vd_source_pipe_free(VdSourcePipe *pipe)
{
    if (pipe == NULL)
        return;
    g_source_remove(pipe->watch);
    vd_lock(&pipe->lock);
    pipe->freed = true;
    bool busy = pipe->busy;
    vd_unlock(&pipe->lock);
    if (!busy)
        vd_reaper_take(gst_object_ref(pipe->pipeline));
    pipe_unref(pipe);
}

VdSourceFeed *vd_source_pipe_feed(VdSourcePipe *pipe)
{
    return pipe->feed;
}

GstElement *vd_source_pipe_pipeline(VdSourcePipe *pipe)
{
    return pipe->pipeline;
}

GstElement *vd_source_pipe_element(VdSourcePipe *pipe, const char *name)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipe->pipeline), name);

    g_assert(element != NULL);
    gst_object_unref(element); /* the pipeline's own reference stays */
    return element;
}

/* Running time goes on across the turns of a looped file. */
static GstClockTime running_time(const GstSegment *segment, GstClockTime time)
{
    guint64 result;

    if (!GST_CLOCK_TIME_IS_VALID(time) || segment->format != GST_FORMAT_TIME)
        return time;
    if (gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, time, &result) > 0)
        return result;
    return 0; /* before the start: a DTS of reordered pictures */
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer feed)
{
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);

    if (sample == NULL)
        return GST_FLOW_EOS;
    const GstSegment *segment = gst_sample_get_segment(sample);
    GstCaps *caps = gst_sample_get_caps(sample);
    GstBuffer *unit = gst_buffer_ref(gst_sample_get_buffer(sample));

    if (caps == NULL) {
        gst_buffer_unref(unit);
        return GST_FLOW_OK;
    }
    unit = gst_buffer_make_writable(unit);
    GST_BUFFER_PTS(unit) = running_time(segment, GST_BUFFER_PTS(unit));
    GST_BUFFER_DTS(unit) = running_time(segment, GST_BUFFER_DTS(unit));
    return vd_source_feed_unit(feed, unit, caps) ? GST_FLOW_OK : GST_FLOW_EOS;
}

static void unref_feed(gpointer feed)
{
    vd_source_feed_unref(feed);
}

void vd_source_pipe_deliver(VdSourceFeed *feed, GstElement *appsink)
{
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};

    gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, vd_source_feed_ref(feed),
                               unref_feed);
}

typedef struct PipeErrand {
    VdSourcePipe *pipe;
    void (*work)(GstElement *pipeline, void *data);
    void *data;
    GDestroyNotify unref; /* (nullable) */
} PipeErrand;

static bool take_pipeline(VdSourcePipe *pipe)
{
    vd_lock(&pipe->lock);
    pipe->busy = !pipe->freed;
    bool taken = pipe->busy;
    vd_unlock(&pipe->lock);
    return taken;
}

/* False: nobody wants it any more. */
static bool give_pipeline_back(VdSourcePipe *pipe)
{
    vd_lock(&pipe->lock);
    pipe->busy = false;
    bool wanted = !pipe->freed;
    vd_unlock(&pipe->lock);
    return wanted;
}

/* [path's thread] */
static void do_errand(void *data)
{
    PipeErrand *errand = data;
    VdSourcePipe *pipe = errand->pipe;

    if (!take_pipeline(pipe))
        return;
    errand->work(pipe->pipeline, errand->data);
    if (!give_pipeline_back(pipe))
        vd_reaper_take(gst_object_ref(pipe->pipeline));
}

static void pipe_errand_free(gpointer data)
{
    PipeErrand *errand = data;

    if (errand->unref != NULL)
        errand->unref(errand->data);
    pipe_unref(errand->pipe);
    g_free(errand);
}

void vd_source_pipe_errand(VdSourcePipe *pipe, const char *path,
                           void (*work)(GstElement *pipeline, void *data), void *data,
                           GDestroyNotify unref)
{
    PipeErrand *errand = g_new0(PipeErrand, 1);

    *errand = (PipeErrand){pipe, work, data, unref};
    g_atomic_ref_count_inc(&pipe->refs);
    vd_errand(path, do_errand, NULL, errand, pipe_errand_free);
}

void vd_source_pipe_play(VdSourcePipe *pipe)
{
    gst_element_set_state(pipe->pipeline, GST_STATE_PLAYING);
}
