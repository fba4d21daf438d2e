#include "camera/receiver.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "camera/backoff.h"
#include "camera/news.h"

#include <string.h>

/* Ingest watches the connect time-out too and knows better what is wrong: it goes first. */
#define CONNECT_GRACE_MS 1000
#define OFF_REASON       "switched off in the configuration"

struct VdReceiver {
    VdNews news;
    VdStages *stages;
    VdReceiverChanged changed;
    void *data;
    VdCameraConfig *config;

    VdState state; /* written by enter() alone */
    char *reason;
    VdLoss loss;
    VdMoment since, away; /* away: since when there is no picture; zero while there is */
    gint64 next_try_us;
    guint timer;
    VdBackoff connecting, decoding;

    VdRing *ring;
    VdFrameHub *hub;
    VdIngest *ingest;     /* (nullable) */
    VdAnalysis *analysis; /* (nullable) */
    GstCaps *caps;        /* (nullable) of what is received */
    const char *codec;
    int width, height;
    char *decoder; /* (nullable) */
    bool watched;  /* somebody wants pictures */
    bool unsupported;
    gint64 pictures_us; /* since when there could be pictures, or the newest one's time */

    guint64 sessions, tries;
    char *error;
    VdMoment error_at;
    VdAnalysisStats stats; /* of the analysis that is or was */
};

static void handle(VdReceiver *receiver, VdStateEvent event, VdLoss loss, const char *text);

static bool wants_pictures(const VdReceiver *receiver)
{
    return receiver->watched || receiver->config->analysis;
}

/* --- what is told by the parts ---------------------------------------------------------------- */

static const struct {
    const char *media, *codec;
} codecs[] = {{"video/x-h264", "h264"}, {"video/x-h265", "h265"}, {"image/jpeg", "mjpeg"}};

static void take_size(VdReceiver *receiver, const GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);

    gst_structure_get_int(structure, "width", &receiver->width);
    gst_structure_get_int(structure, "height", &receiver->height);
}

static void take_caps(VdReceiver *receiver, GstCaps *caps)
{
    const char *media = gst_structure_get_name(gst_caps_get_structure(caps, 0));

    gst_caps_replace(&receiver->caps, caps);
    receiver->codec = "";
    receiver->width = receiver->height = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (g_str_equal(media, codecs[i].media))
            receiver->codec = codecs[i].codec;
    take_size(receiver, caps);
}

static void on_opened(VdIngest *ingest, GstCaps *caps, void *data)
{
    VdReceiver *receiver = data;

    take_caps(receiver, caps);
    receiver->sessions++;
    receiver->unsupported = false;
    receiver->pictures_us = vd_clock_now_us();
    handle(receiver, VD_EVENT_OPENED, VD_N_LOSSES, NULL);
}

static void on_changed(VdIngest *ingest, GstCaps *caps, void *data)
{
    VdReceiver *receiver = data;

    take_caps(receiver, caps);
    receiver->unsupported = false;
    receiver->pictures_us = vd_clock_now_us();
    vd_news_say_changed(&receiver->news, receiver->codec, receiver->width, receiver->height);
    handle(receiver, VD_EVENT_CHANGED, VD_N_LOSSES, NULL);
}

static void on_lost(VdIngest *ingest, VdLoss loss, const char *text, void *data)
{
    handle(data, VD_EVENT_LOST, loss, text);
}

static void on_running(VdAnalysis *analysis, const char *decoder, GstCaps *caps, void *data)
{
    VdReceiver *receiver = data;

    g_free(receiver->decoder);
    receiver->decoder = g_strdup(decoder);
    take_size(receiver, caps);
    if (receiver->state == VD_STATE_LIVE)
        receiver->changed(receiver, receiver->data);
    else
        handle(receiver, VD_EVENT_DELIVERED, VD_N_LOSSES, NULL);
}

static void on_failed(VdAnalysis *analysis, bool unsupported, const char *text, void *data)
{
    VdReceiver *receiver = data;

    receiver->unsupported = unsupported;
    handle(receiver, unsupported ? VD_EVENT_UNSUPPORTED : VD_EVENT_FAILED,
           unsupported ? VD_LOSS_UNSUPPORTED : VD_LOSS_FAILED, text);
}

static gboolean on_timer(gpointer data)
{
    VdReceiver *receiver = data;

    receiver->timer = 0;
    handle(receiver, VD_EVENT_TIMER, VD_LOSS_TIMEOUT, "no picture within the connect time-out");
    return G_SOURCE_REMOVE;
}

/* --- doing -------------------------------------------------------------------------------------*/

static void stop_timer(VdReceiver *receiver)
{
    g_clear_handle_id(&receiver->timer, g_source_remove);
    receiver->next_try_us = 0;
}

static void start_timer(VdReceiver *receiver, gint64 delay_us)
{
    receiver->timer = g_timeout_add((guint)(delay_us / 1000), on_timer, receiver);
}

static void read_stats(VdReceiver *receiver)
{
    if (receiver->analysis == NULL)
        return;
    vd_analysis_stats(receiver->analysis, &receiver->stats);
    receiver->pictures_us = MAX(receiver->pictures_us, receiver->stats.last_us);
}

static void drop_analysis(VdReceiver *receiver)
{
    read_stats(receiver);
    receiver->stats.decoded_fps = receiver->stats.analysed_fps = 0;
    g_clear_pointer(&receiver->analysis, vd_analysis_free);
    g_clear_pointer(&receiver->decoder, g_free);
}

static void drop_session(VdReceiver *receiver)
{
    drop_analysis(receiver);
    if (receiver->ingest != NULL) {
        g_clear_pointer(&receiver->ingest, vd_ingest_free);
        vd_ring_break(receiver->ring);
    }
    vd_frame_hub_clear(receiver->hub);
}

static void connect_anew(VdReceiver *receiver)
{
    static const VdIngestEvents events = {on_opened, on_changed, on_lost};

    drop_session(receiver);
    receiver->tries++;
    receiver->ingest =
        vd_ingest_new(receiver->config, receiver->config->uri, receiver->ring, &events, receiver);
    start_timer(receiver, (receiver->config->connect_timeout_ms + CONNECT_GRACE_MS) * 1000LL);
}

static void decode_anew(VdReceiver *receiver)
{
    static const VdAnalysisEvents events = {on_running, on_failed};

    drop_analysis(receiver);
    if (!wants_pictures(receiver))
        return;
    receiver->pictures_us = vd_clock_now_us();
    receiver->analysis = vd_analysis_new(receiver->config, receiver->caps, receiver->ring,
                                         receiver->hub, &events, receiver);
}

static void wait_for(VdReceiver *receiver, VdBackoff *backoff)
{
    gint64 now = vd_clock_now_us(), delay = vd_backoff_delay_us(backoff, now);

    receiver->next_try_us = now + delay;
    start_timer(receiver, delay);
}

/* What entering a state means. */
static void act(VdReceiver *receiver)
{
    switch (receiver->state) {
    case VD_STATE_CONNECTING:
        connect_anew(receiver);
        break;
    case VD_STATE_STARTING:
        decode_anew(receiver);
        break;
    case VD_STATE_LIVE:
        receiver->tries = 0;
        vd_backoff_working(&receiver->connecting, vd_clock_now_us());
        if (receiver->analysis != NULL)
            vd_backoff_working(&receiver->decoding, vd_clock_now_us());
        break;
    case VD_STATE_UNDECODABLE:
        drop_analysis(receiver);
        vd_frame_hub_clear(receiver->hub);
        if (!receiver->unsupported)
            wait_for(receiver, &receiver->decoding);
        break;
    case VD_STATE_WAITING:
        drop_session(receiver);
        wait_for(receiver, &receiver->connecting);
        break;
    default:
        drop_session(receiver);
    }
}

/* --- deciding --------------------------------------------------------------------------------- */

/* Why it is in this state, as far as the event says. Without a text the reason stays what it was.
 */
static void take_reason(VdReceiver *receiver, VdLoss loss, const char *text)
{
    if (receiver->state == VD_STATE_LIVE)
        text = "";
    if (text == NULL)
        return;
    g_free(receiver->reason);
    receiver->reason = g_strdup(text);
    receiver->loss = loss;
    if (loss == VD_N_LOSSES || receiver->state == VD_STATE_LIVE)
        return;
    g_free(receiver->error);
    receiver->error = g_strdup(text);
    receiver->error_at = vd_moment_now();
}

static void tell_news(VdReceiver *receiver, gint64 away_us)
{
    VdReceiverFacts facts;

    vd_receiver_tell(receiver, &facts);
    vd_news_say(&receiver->news, &facts, receiver->config->uri, away_us);
    vd_receiver_facts_clear(&facts);
}

/* The one place where the state is written. text is not needed after this returns. */
static void enter(VdReceiver *receiver, VdState state, VdLoss loss, const char *text)
{
    gint64 away_us = receiver->away.us;

    receiver->state = state;
    receiver->since = vd_moment_now();
    if (state == VD_STATE_LIVE)
        receiver->away = (VdMoment){0};
    else if (away_us == 0)
        receiver->away = receiver->since;
    take_reason(receiver, loss, text);
    stop_timer(receiver);
    act(receiver);
    tell_news(receiver, away_us);
    receiver->changed(receiver, receiver->data);
    if (receiver->state == VD_STATE_STARTING && receiver->analysis == NULL)
        handle(receiver, VD_EVENT_DELIVERED, VD_N_LOSSES, NULL);
}

static void handle(VdReceiver *receiver, VdStateEvent event, VdLoss loss, const char *text)
{
    VdState next;

    if (!vd_state_next(receiver->state, event, &next))
        return;
    /* a timer's text is about a connection that was not made, not about the next try */
    if (event == VD_EVENT_TIMER && next != VD_STATE_WAITING)
        enter(receiver, next, VD_N_LOSSES, NULL);
    else
        enter(receiver, next, loss, text);
}

/* --- for the camera --------------------------------------------------------------------------- */

void vd_receiver_tick(VdReceiver *receiver)
{
    gint64 now = vd_clock_now_us();
    gint64 limit = receiver->config->stall_timeout_ms * 1000LL;
    g_autofree char *text = NULL;
    VdRingStats ring;

    if (!vd_state_is_connected(receiver->state) || receiver->state == VD_STATE_CONNECTING)
        return;
    vd_ring_stats(receiver->ring, &ring);
    if (receiver->analysis != NULL)
        vd_analysis_tick(receiver->analysis);
    read_stats(receiver);
    if (ring.last_us != 0 && now - ring.last_us > limit)
        text = g_strdup_printf("stalled: nothing came for %.1f s", (double)limit / 1e6);
    else if (wants_pictures(receiver) && !receiver->unsupported &&
             now - receiver->pictures_us > limit)
        text = g_strdup_printf("stalled: data comes, but no picture of it for %.1f s",
                               (double)limit / 1e6);
    if (text != NULL)
        handle(receiver, VD_EVENT_STALLED, VD_LOSS_STALLED, text);
}

void vd_receiver_want_pictures(VdReceiver *receiver, bool wanted)
{
    bool before = wants_pictures(receiver);

    receiver->watched = wanted;
    if (wants_pictures(receiver) == before)
        return;
    if (before && receiver->state != VD_STATE_LIVE) {
        receiver->unsupported = false;
        handle(receiver, VD_EVENT_CHANGED, VD_N_LOSSES, NULL);
    } else if (before) {
        drop_analysis(receiver);
        vd_frame_hub_clear(receiver->hub);
        receiver->changed(receiver, receiver->data);
    } else if (receiver->state == VD_STATE_LIVE) {
        decode_anew(receiver);
    }
}

/* What was learnt about the old source says nothing about the new one. */
static void start_over(VdReceiver *receiver)
{
    VdRing *before = receiver->ring;

    receiver->unsupported = false;
    vd_backoff_init(&receiver->connecting, receiver->connecting.random);
    vd_backoff_init(&receiver->decoding, receiver->decoding.random);
    vd_news_forget(&receiver->news);
    receiver->ring =
        vd_ring_new((guint)receiver->config->ring_seconds, VD_MAX_RING_BYTES, receiver->stages);
    if (!receiver->config->enabled)
        handle(receiver, VD_EVENT_DISABLE, VD_N_LOSSES, OFF_REASON);
    else
        handle(receiver, receiver->state == VD_STATE_OFF ? VD_EVENT_ENABLE : VD_EVENT_RENEW,
               VD_N_LOSSES, "");
    vd_ring_unref(before);
}

void vd_receiver_restart(VdReceiver *receiver)
{
    start_over(receiver);
}

/* What no GPU could decode, or may have to be none, the CPU may. */
static bool may_decode_now(const VdReceiver *receiver, const VdCameraConfig *before)
{
    return receiver->state == VD_STATE_UNDECODABLE &&
           !g_str_equal(before->gpu, receiver->config->gpu);
}

void vd_receiver_configure(VdReceiver *receiver, VdCameraConfig *config, VdApply change)
{
    VdCameraConfig *before = receiver->config;

    receiver->config = vd_camera_config_ref(config);
    if (change == VD_APPLY_RECONNECT) {
        if (before != NULL && !g_str_equal(before->uri, config->uri))
            vd_frame_hub_keep_scene(receiver->hub, NULL);
        start_over(receiver);
    } else if (change == VD_APPLY_ANALYSIS || may_decode_now(receiver, before))
        handle(receiver, VD_EVENT_CHANGED, VD_N_LOSSES, NULL);
    else if (change == VD_APPLY_LIVE && receiver->analysis != NULL)
        vd_analysis_configure(receiver->analysis, config);
    vd_camera_config_unref(before);
}

VdFrameHub *vd_receiver_hub(VdReceiver *receiver)
{
    return receiver->hub;
}

/* While only the decoder is replaced, the last picture is still the newest. */
bool vd_receiver_shows(const VdReceiver *receiver)
{
    if (receiver->state != VD_STATE_STARTING)
        return receiver->state == VD_STATE_LIVE;
    g_autoptr(VdFrame) newest = vd_frame_hub_newest(receiver->hub);
    return newest != NULL;
}

bool vd_receiver_is_live(const VdReceiver *receiver)
{
    return receiver->state == VD_STATE_LIVE;
}

/* Also on its way back, so that who shows another stream meanwhile changes over once. */
bool vd_receiver_is_away(const VdReceiver *receiver)
{
    return receiver->state != VD_STATE_OFF && receiver->error != NULL &&
           !vd_receiver_shows(receiver);
}

int vd_receiver_width(const VdReceiver *receiver)
{
    return receiver->width;
}

void vd_receiver_tell(VdReceiver *receiver, VdReceiverFacts *facts)
{
    int numerator = 0, denominator = 1;

    read_stats(receiver);
    if (receiver->caps != NULL)
        gst_structure_get_fraction(gst_caps_get_structure(receiver->caps, 0), "framerate",
                                   &numerator, &denominator);
    *facts = (VdReceiverFacts){
        .state = receiver->state,
        .reason = g_strdup(receiver->reason),
        .loss = receiver->loss,
        .since = receiver->since,
        .away = receiver->away,
        .next_try_us = receiver->next_try_us,
        .transport = receiver->ingest != NULL ? vd_ingest_transport(receiver->ingest) : "",
        .codec = receiver->codec,
        .width = receiver->width,
        .height = receiver->height,
        .announced_fps = denominator > 0 ? (double)numerator / denominator : 0,
        .decoder = g_strdup(receiver->decoder != NULL ? receiver->decoder : ""),
        .gpu = receiver->decoder != NULL ? vd_analysis_gpu(receiver->analysis) : -1,
        .gpu_memory = receiver->analysis != NULL ? vd_analysis_gpu_memory(receiver->analysis) : 0,
        .no_gpu =
            receiver->decoder != NULL ? g_strdup(vd_analysis_why_no_gpu(receiver->analysis)) : NULL,
        .reconnects = receiver->sessions > 0 ? receiver->sessions - 1 : 0,
        .tries = receiver->tries,
        .error = g_strdup(receiver->error),
        .error_at = receiver->error_at,
        .analysis = receiver->stats,
    };
    if (receiver->analysis != NULL)
        vd_analysis_tell_detections(receiver->analysis, &facts->detections);
    vd_ring_stats(receiver->ring, &facts->ring);
}

void vd_receiver_facts_clear(VdReceiverFacts *facts)
{
    g_clear_pointer(&facts->reason, g_free);
    g_clear_pointer(&facts->decoder, g_free);
    g_clear_pointer(&facts->no_gpu, g_free);
    vd_detection_stats_clear(&facts->detections);
    g_clear_pointer(&facts->error, g_free);
}

VdReceiver *vd_receiver_new(const char *camera, const char *label, VdStages *stages,
                            VdReceiverChanged changed, void *data)
{
    VdReceiver *receiver = g_new0(VdReceiver, 1);
    guint64 seed = g_str_hash(camera != NULL ? camera : "") + (label != NULL ? 1 : 0);

    vd_news_init(&receiver->news, camera, label);
    receiver->stages = vd_stages_ref(stages);
    receiver->changed = changed;
    receiver->data = data;
    receiver->reason = g_strdup(OFF_REASON);
    receiver->loss = VD_N_LOSSES;
    receiver->codec = "";
    receiver->since = receiver->away = vd_moment_now();
    receiver->hub = vd_frame_hub_new();
    vd_backoff_init(&receiver->connecting, seed);
    vd_backoff_init(&receiver->decoding, ~seed);
    return receiver;
}

void vd_receiver_free(VdReceiver *receiver)
{
    if (receiver == NULL)
        return;
    stop_timer(receiver);
    vd_analysis_free(receiver->analysis);
    vd_ingest_free(receiver->ingest);
    vd_ring_unref(receiver->ring);
    vd_stages_unref(receiver->stages);
    vd_frame_hub_unref(receiver->hub);
    vd_camera_config_unref(receiver->config);
    gst_clear_caps(&receiver->caps);
    g_free(receiver->decoder);
    g_free(receiver->reason);
    g_free(receiver->error);
    vd_news_clear(&receiver->news);
    g_free(receiver);
}
