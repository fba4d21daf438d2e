#include "media/flow.h"

#include "base/error.h"
#include "base/lock.h"
#include "media/frame-pool.h"
#include "media/gate.h"
#include "media/reaper.h"
#include "plugins/vd-messages.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <string.h>

struct VdFlow {
    gatomicrefcount refs; /* the owner, the pipeline's callbacks, news under way */
    GstElement *pipeline; /* (nullable) gone to the reaper */
    GstAppSrc *source;
    GstContext *context; /* (nullable) */
    VdFlowEvents events;
    void *data;
    VdGate gate; /* shut by free */
    bool closed; /* [main] */

    VdLock lock;
    bool news;     /* [lock] deliver() is on its way */
    bool told;     /* [lock] */
    bool over;     /* [lock] it has failed: what follows is only an echo */
    char *failure; /* [lock] (nullable) not delivered yet */

    VdLock feeding;          /* held while the source takes a buffer: one moment for both counts */
    guint64 pushed, drained; /* [feeding] buffers */
};

static VdFlow *flow_ref(VdFlow *flow)
{
    g_atomic_ref_count_inc(&flow->refs);
    return flow;
}

void vd_flow_unref(VdFlow *flow)
{
    if (flow == NULL || !g_atomic_ref_count_dec(&flow->refs))
        return;
    gst_clear_object(&flow->source);
    if (flow->context != NULL)
        gst_context_unref(flow->context);
    g_free(flow->failure);
    vd_gate_clear(&flow->gate);
    vd_lock_clear(&flow->lock);
    vd_lock_clear(&flow->feeding);
    g_free(flow);
}

static void flow_unref(void *data)
{
    vd_flow_unref(data);
}

/* [main] The last call out may free the flow: nothing of it is touched after that. */
static gboolean deliver(void *data)
{
    VdFlow *flow = data;

    vd_lock(&flow->lock);
    bool told = flow->told;
    g_autofree char *failure = g_steal_pointer(&flow->failure);
    flow->told = false;
    flow->news = false;
    vd_unlock(&flow->lock);
    if (told && !flow->closed && flow->events.told != NULL)
        flow->events.told(flow->data);
    if (failure != NULL && !flow->closed)
        flow->events.failed(failure, flow->data);
    return G_SOURCE_REMOVE;
}

static void send_news(VdFlow *flow)
{
    GSource *source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, deliver, flow_ref(flow), flow_unref);
    g_source_attach(source, NULL);
    g_source_unref(source);
}

void vd_flow_tell(VdFlow *flow)
{
    vd_lock(&flow->lock);
    bool send = !flow->news;
    flow->told = true;
    flow->news = true;
    vd_unlock(&flow->lock);
    if (send)
        send_news(flow);
}

void vd_flow_fail(VdFlow *flow, const char *text)
{
    bool send = false;

    vd_lock(&flow->lock);
    if (!flow->over) {
        flow->over = true;
        flow->failure = g_strdup(text);
        send = !flow->news;
        flow->news = true;
    }
    vd_unlock(&flow->lock);
    if (send)
        send_news(flow);
}

/* When an element downstream says nothing, the source only tells how its push was answered. */
static char *error_text(GstMessage *message)
{
    const GstStructure *details = NULL;
    g_autoptr(GError) error = NULL;
    int result;

    gst_message_parse_error(message, &error, NULL);
    gst_message_parse_error_details(message, &details);
    if (details != NULL && gst_structure_get_int(details, "flow-return", &result))
        return g_strdup_printf("the stream came to a stop: %s", gst_flow_get_name(result));
    return g_strdup_printf("%s: %s", GST_MESSAGE_SRC_NAME(message), error->message);
}

static void take_error(VdFlow *flow, GstMessage *message)
{
    g_autofree char *text = error_text(message);

    vd_flow_fail(flow, text);
}

/* Left without an answer it would make one of its own, for each pipeline another. */
static void give_context(VdFlow *flow, GstMessage *message)
{
    const char *type;

    if (flow->context != NULL && gst_message_parse_context_type(message, &type) &&
        gst_context_has_context_type(flow->context, type))
        gst_element_set_context(GST_ELEMENT(GST_MESSAGE_SRC(message)), flow->context);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, void *data)
{
    VdFlow *flow = data;

    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        take_error(flow, message);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_NEED_CONTEXT) {
        give_context(flow, message);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT && flow->events.message != NULL &&
               vd_gate_enter(&flow->gate)) {
        flow->events.message(message, flow->data);
        vd_gate_leave(&flow->gate);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static GstFlowReturn on_sample(GstAppSink *sink, void *data)
{
    VdFlow *flow = data;

    if (!vd_gate_enter(&flow->gate))
        return GST_FLOW_FLUSHING;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (sample != NULL) {
        flow->events.sample(sample, flow->data);
        gst_sample_unref(sample);
    }
    vd_gate_leave(&flow->gate);
    return GST_FLOW_OK;
}

static GstPadProbeReturn judge_caps(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    VdFlow *flow = data;
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    bool accepted = true;
    GstCaps *caps;

    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS || !vd_gate_enter(&flow->gate))
        return GST_PAD_PROBE_OK;
    gst_event_parse_caps(event, &caps);
    accepted = flow->events.caps(caps, flow->data);
    vd_gate_leave(&flow->gate);
    return accepted ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

static GstPadProbeReturn judge_buffer(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    VdFlow *flow = data;
    bool accepted = true;

    if (!vd_gate_enter(&flow->gate))
        return GST_PAD_PROBE_DROP;
    accepted = flow->events.decoded(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)), flow->data);
    vd_gate_leave(&flow->gate);
    return accepted ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

static GstElement *add(VdFlow *flow, const char *factory, GError **error)
{
    bool is_caps = strchr(factory, '/') != NULL;
    GstElement *element = is_caps ? gst_element_factory_make("capsfilter", NULL)
                                  : gst_element_factory_make(factory, factory);

    if (element == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "the GStreamer element %s is missing",
                    is_caps ? "capsfilter" : factory);
        return NULL;
    }
    if (is_caps)
        gst_util_set_object_arg(G_OBJECT(element), "caps", factory);
    gst_bin_add(GST_BIN(flow->pipeline), element);
    return element;
}

static GstElement *append(VdFlow *flow, GstElement *last, const char *factory, GError **error)
{
    GstElement *next = add(flow, factory, error);

    if (next != NULL && !gst_element_link(last, next)) {
        g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s and %s do not fit together",
                    GST_OBJECT_NAME(last), factory);
        return NULL;
    }
    return next;
}

/*
 * [streaming thread] It is back for more and finds nothing: what was pushed is worked off, also
 * what never left the source because nobody takes its caps.
 */
static void on_need_data(GstAppSrc *source, guint length, void *data)
{
    VdFlow *flow = data;

    vd_lock(&flow->feeding);
    bool drained = gst_app_src_get_current_level_buffers(source) == 0;
    if (drained)
        flow->drained = flow->pushed;
    drained = drained && flow->pushed > 0;
    vd_unlock(&flow->feeding);
    if (!drained || flow->events.drained == NULL || !vd_gate_enter(&flow->gate))
        return;
    flow->events.drained(flow->data);
    vd_gate_leave(&flow->gate);
}

static void set_up_source(VdFlow *flow, GstElement *source)
{
    GstAppSrcCallbacks callbacks = {.need_data = on_need_data};

    /* clang-format off */
    g_object_set(source, "is-live", TRUE, "format", GST_FORMAT_TIME, "emit-signals", FALSE,
                 "block", FALSE,
                 /* the owner bounds the queue: only it knows what can be dropped */
                 "max-bytes", G_GUINT64_CONSTANT(0), "max-buffers", G_GUINT64_CONSTANT(0),
                 "max-time", G_GUINT64_CONSTANT(0), NULL);
    /* clang-format on */
    flow->source = GST_APP_SRC(gst_object_ref(source));
    gst_app_src_set_callbacks(flow->source, &callbacks, flow_ref(flow), flow_unref);
}

/* We hold the source, so what it holds of us must go for either to be freed. */
static void let_go_of_source(VdFlow *flow)
{
    GstAppSrcCallbacks none = {0};

    if (flow->source != NULL)
        gst_app_src_set_callbacks(flow->source, &none, NULL, NULL);
}

static void set_up_sink(VdFlow *flow, GstElement *sink)
{
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};

    g_object_set(sink, "max-buffers", 1, "drop", TRUE, "sync", FALSE, "async", FALSE,
                 "enable-last-sample", FALSE, "wait-on-eos", FALSE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, flow_ref(flow), flow_unref);
    vd_frame_pool_offer(sink);
}

static void watch_output(VdFlow *flow, GstElement *first)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(first, "src");

    if (flow->events.caps != NULL)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, judge_caps, flow_ref(flow),
                          flow_unref);
    if (flow->events.decoded != NULL)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, judge_buffer, flow_ref(flow), flow_unref);
}

static bool build(VdFlow *flow, const char *const *factories, GError **error)
{
    GstElement *last = add(flow, "appsrc", error);

    if (last == NULL)
        return false;
    set_up_source(flow, last);
    for (guint i = 0; factories[i] != NULL; i++) {
        last = append(flow, last, factories[i], error);
        if (last == NULL)
            return false;
        if (i == 0)
            watch_output(flow, last);
    }
    last = append(flow, last, "appsink", error);
    if (last == NULL)
        return false;
    set_up_sink(flow, last);
    return true;
}

VdFlow *vd_flow_new(const char *const *factories, GstContext *context, const VdFlowEvents *events,
                    void *data, GError **error)
{
    VdFlow *flow = g_new0(VdFlow, 1);
    g_autoptr(GstBus) bus = NULL;

    g_atomic_ref_count_init(&flow->refs);
    vd_gate_init(&flow->gate);
    vd_lock_init(&flow->lock);
    vd_lock_init(&flow->feeding);
    flow->events = *events;
    flow->data = data;
    flow->context = context != NULL ? gst_context_ref(context) : NULL;
    flow->pipeline = gst_object_ref_sink(gst_pipeline_new(NULL));
    bus = gst_pipeline_get_bus(GST_PIPELINE(flow->pipeline));
    gst_bus_set_sync_handler(bus, on_message, flow_ref(flow), flow_unref);
    if (!build(flow, factories, error)) {
        vd_flow_close(flow);
        g_clear_pointer(&flow, vd_flow_unref);
    }
    return flow;
}

GstElement *vd_flow_element(VdFlow *flow, const char *factory)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(flow->pipeline), factory);

    if (element != NULL)
        gst_object_unref(element); /* the bin keeps it */
    return element;
}

void vd_flow_start(VdFlow *flow)
{
    if (gst_element_set_state(flow->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        vd_flow_fail(flow, "the pipeline does not start");
}

void vd_flow_close(VdFlow *flow)
{
    flow->closed = true;
    vd_gate_shut(&flow->gate);
    let_go_of_source(flow);
    vd_reaper_take(g_steal_pointer(&flow->pipeline));
}

void vd_flow_set_caps(VdFlow *flow, GstCaps *caps)
{
    gst_app_src_set_caps(flow->source, caps);
}

void vd_flow_push(VdFlow *flow, GstBuffer *buffer)
{
    vd_lock(&flow->feeding);
    gst_app_src_push_buffer(flow->source, buffer); /* never blocks */
    flow->pushed++;
    vd_unlock(&flow->feeding);
}

guint64 vd_flow_drained(VdFlow *flow)
{
    vd_lock(&flow->feeding);
    guint64 drained = flow->drained;
    vd_unlock(&flow->feeding);
    return drained;
}

guint vd_flow_level(VdFlow *flow)
{
    return (guint)gst_app_src_get_current_level_buffers(flow->source);
}

static void add_gpu_memory(const GValue *value, gpointer sum)
{
    GObject *element = g_value_get_object(value);
    guint64 bytes = 0;

    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), VD_GPU_MEMORY) != NULL)
        g_object_get(element, VD_GPU_MEMORY, &bytes, NULL);
    *(guint64 *)sum += bytes;
}

guint64 vd_flow_gpu_memory(VdFlow *flow)
{
    GstIterator *elements = gst_bin_iterate_elements(GST_BIN(flow->pipeline));
    guint64 sum = 0;

    gst_iterator_foreach(elements, add_gpu_memory, &sum);
    gst_iterator_free(elements);
    return sum;
}
