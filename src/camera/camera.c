#include "camera/camera.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "camera/overlay.h"

#define MOST_GUESTS 32 /* viewers that a status names; all are counted */

/* Bytes turned into bits a second, from one look to the next. */
typedef struct Meter {
    guint64 bytes;
    gint64 read_us;
    double bitrate;
} Meter;

/* An audience and the view that works for it. */
typedef struct Show {
    VdAudience *audience;
    VdView *view;
    VdRendition rendition;
    bool large; /* of the main stream although there is a smaller one */
} Show;

struct VdCamera {
    VdCameraConfig *config;
    VdCameraConfig *main_config, *small_config; /* (nullable) what its streams were told of it */
    VdCameraPublish publish;
    void *data;
    VdReceiver *main;  /* uri */
    VdReceiver *small; /* (nullable) analysis-uri */
    VdReporter *reporter;
    VdOverlay *overlay; /* (nullable) the main stream's pictures with the small one's boxes */
    VdStages *stages;
    GPtrArray *shows;
    VdAudienceCounts gone; /* of audiences that are no more */
    Meter main_meter, small_meter;
    char *unknown; /* (nullable) classes that the model does not know, as the log said */
    bool busy;     /* being configured: what is published then is not the whole */
};

static VdReceiver *shown(const VdCamera *camera)
{
    return camera->small != NULL ? camera->small : camera->main;
}

/* --- views ------------------------------------------------------------------------------------ */

static void show_free(void *data)
{
    Show *show = data;

    vd_view_free(show->view);
    vd_audience_unref(show->audience);
    g_free(show);
}

static int chosen(int wish, int own)
{
    return wish >= 0 ? wish : own;
}

static VdRendition rendition_of(const VdCamera *camera, const VdWish *wish)
{
    bool video = wish->codec != VD_CODEC_JPEG;

    return (VdRendition){
        .width = chosen(wish->width, camera->config->stream_width) & ~1,
        .fps = chosen(wish->fps, camera->config->stream_fps),
        .quality = video ? 0 : chosen(wish->quality, camera->config->jpeg_quality),
        .annotate = chosen(wish->annotate, camera->config->annotate) != 0,
        .codec = wish->codec,
        .bitrate = !video || wish->bitrate > 0 ? wish->bitrate : VD_BITRATE,
    };
}

/* While the small stream is away, a main one that is there is shown in its place. */
static bool needs_large(const VdCamera *camera, const VdRendition *rendition)
{
    if (camera->small == NULL)
        return false;
    if (vd_receiver_is_away(camera->small) && vd_receiver_is_live(camera->main))
        return true;
    int width = vd_receiver_width(camera->small);
    return width > 0 && rendition->width > width;
}

static bool rendition_equal(const VdRendition *a, const VdRendition *b)
{
    return a->width == b->width && a->fps == b->fps && a->quality == b->quality &&
           a->annotate == b->annotate && a->codec == b->codec && a->bitrate == b->bitrate;
}

static void tell_view(const VdCamera *camera, Show *show)
{
    VdReceiver *receiver = show->large ? camera->main : shown(camera);
    VdReceiverFacts facts;

    vd_receiver_tell(receiver, &facts);
    vd_view_set_state(show->view, vd_receiver_shows(receiver), vd_state_name(facts.state),
                      facts.reason, facts.away.us != 0 ? facts.away : facts.since);
    vd_receiver_facts_clear(&facts);
}

/* Makes the view that this audience needs by now, unless that is what it has. */
static void place(VdCamera *camera, Show *show)
{
    VdRendition rendition = rendition_of(camera, vd_audience_wish(show->audience));
    bool large = needs_large(camera, &rendition);

    if (show->view != NULL && show->large == large && rendition_equal(&show->rendition, &rendition))
        return;
    vd_view_free(show->view);
    show->large = large;
    show->rendition = rendition;
    show->view =
        vd_view_new(camera->config, &rendition,
                    large ? vd_overlay_hub(camera->overlay) : vd_receiver_hub(shown(camera)),
                    vd_audience_mailbox(show->audience), camera->stages);
    tell_view(camera, show);
}

/* Decoders run for those who need them. */
static void count_wishes(VdCamera *camera)
{
    guint large = 0;

    for (guint i = 0; i < camera->shows->len; i++)
        large += ((Show *)camera->shows->pdata[i])->large;
    vd_receiver_want_pictures(shown(camera), camera->shows->len > large);
    if (camera->small != NULL)
        vd_receiver_want_pictures(camera->main, large > 0);
}

static void refresh_views(VdCamera *camera)
{
    if (camera->overlay != NULL && !vd_receiver_shows(camera->main))
        vd_frame_hub_clear(vd_overlay_hub(camera->overlay));
    for (guint i = 0; i < camera->shows->len; i++) {
        place(camera, camera->shows->pdata[i]);
        tell_view(camera, camera->shows->pdata[i]);
    }
}

static void drop_views(VdCamera *camera)
{
    for (guint i = 0; i < camera->shows->len; i++)
        g_clear_pointer(&((Show *)camera->shows->pdata[i])->view, vd_view_free);
}

static gint find_show(const VdCamera *camera, const VdAudience *audience)
{
    for (guint i = 0; i < camera->shows->len; i++)
        if (((Show *)camera->shows->pdata[i])->audience == audience)
            return (gint)i;
    return -1;
}

void vd_camera_open(VdCamera *camera, VdAudience *audience)
{
    if (find_show(camera, audience) >= 0)
        return;
    Show *show = g_new0(Show, 1);

    show->audience = vd_audience_ref(audience);
    g_ptr_array_add(camera->shows, show);
    place(camera, show);
    count_wishes(camera);
    vd_camera_publish(camera);
}

void vd_camera_close(VdCamera *camera, VdAudience *audience)
{
    gint at = find_show(camera, audience);

    if (at < 0)
        return;
    VdAudienceCounts counts = {0};
    vd_audience_count(audience, &counts);
    camera->gone.pictures += counts.pictures;
    camera->gone.skipped += counts.skipped;
    camera->gone.bytes += counts.bytes;
    g_ptr_array_remove_index(camera->shows, (guint)at);
    count_wishes(camera);
    vd_camera_publish(camera);
}

/* --- status ----------------------------------------------------------------------------------- */

static void read_meter(Meter *meter, guint64 bytes)
{
    gint64 now = vd_clock_now_us();

    if (now - meter->read_us < G_USEC_PER_SEC / 2)
        return;
    if (meter->read_us != 0)
        meter->bitrate = (double)(bytes - MIN(meter->bytes, bytes)) * 8.0 * G_USEC_PER_SEC /
                         (double)(now - meter->read_us);
    meter->bytes = bytes;
    meter->read_us = now;
}

static void tell_shows(const VdCamera *camera, VdStatusParts *parts)
{
    parts->renditions = g_array_new(FALSE, FALSE, sizeof(VdRenditionStatus));
    g_array_set_clear_func(parts->renditions, vd_rendition_status_clear);
    parts->guests = g_array_new(FALSE, FALSE, sizeof(VdGuest));
    g_array_set_clear_func(parts->guests, vd_guest_clear);
    parts->audience = camera->gone;
    for (guint i = 0; i < camera->shows->len; i++) {
        const Show *show = camera->shows->pdata[i];
        VdRenditionStatus one = {.rendition = show->rendition};

        vd_view_stats(show->view, &one.view);
        vd_view_tell_encoder(show->view, &one.encoder);
        vd_audience_count(show->audience, &one.audience);
        vd_audience_list(show->audience, parts->guests, MOST_GUESTS - parts->guests->len);
        parts->audience.viewers += one.audience.viewers;
        parts->audience.slow += one.audience.slow;
        parts->audience.pictures += one.audience.pictures;
        parts->audience.skipped += one.audience.skipped;
        parts->audience.bytes += one.audience.bytes;
        g_array_append_val(parts->renditions, one);
    }
}

static VdStatus *make_status(VdCamera *camera)
{
    VdStatusParts parts = {.config = vd_camera_config_ref(camera->config),
                           .stages = vd_stages_ref(camera->stages)};
    g_autoptr(VdFrame) newest = vd_frame_hub_newest(vd_receiver_hub(shown(camera)));

    vd_receiver_tell(shown(camera), &parts.shown);
    parts.two_streams = camera->small != NULL;
    if (parts.two_streams) {
        vd_receiver_tell(camera->main, &parts.main);
        read_meter(&camera->small_meter, parts.shown.ring.bytes);
        read_meter(&camera->main_meter, parts.main.ring.bytes);
        parts.bitrate = camera->small_meter.bitrate;
        parts.main_bitrate = camera->main_meter.bitrate;
    } else {
        read_meter(&camera->main_meter, parts.shown.ring.bytes);
        parts.bitrate = camera->main_meter.bitrate;
    }
    if (newest != NULL && newest->report != NULL)
        parts.report = vd_report_ref(newest->report);
    if (newest != NULL)
        parts.objects = vd_objects_ref(newest->objects);
    parts.crossed = vd_reporter_crossed(camera->reporter);
    vd_reporter_tampering(camera->reporter, &parts.tampering);
    parts.newest_frame_us = parts.shown.analysis.last_us;
    tell_shows(camera, &parts);
    return vd_status_new(&parts);
}

/* What a model knows, for a log: the first of it where that is much. */
static char *some_of(char **classes)
{
    enum { SHOWN = 12 };
    g_auto(GStrv) first = g_strdupv(classes);
    guint n = g_strv_length(classes);

    if (n <= SHOWN)
        return g_strjoinv(", ", first);
    for (guint i = SHOWN; i < n; i++)
        g_clear_pointer(&first[i], g_free);
    g_autofree char *text = g_strjoinv(", ", first);
    return g_strdup_printf("%s and %u more", text, n - SHOWN);
}

static const char *or_nothing(const char *text)
{
    return text != NULL ? text : "";
}

/* Said once: a class that is misspelt would never make an event, and nobody would know why. */
static void say_unknown(VdCamera *camera, const VdDetectionStats *stats)
{
    g_autofree char *wanted = g_strdup_printf("%s,%s", or_nothing(camera->config->detect_classes),
                                              or_nothing(camera->config->event_classes));
    g_auto(GStrv) missing = stats->classes != NULL
                                ? vd_words_missing(wanted, (const char *const *)stats->classes)
                                : NULL;
    g_autofree char *text = missing != NULL ? g_strjoinv(", ", missing) : NULL;

    if (text != NULL && g_strcmp0(text, camera->unknown) != 0) {
        g_autofree char *known = some_of(stats->classes);
        vd_log_warning(camera->config->id, "the model does not know: %s; it knows %s", text, known);
    }
    if (stats->classes == NULL)
        return;
    g_free(camera->unknown);
    camera->unknown = g_steal_pointer(&text);
}

void vd_camera_publish(VdCamera *camera)
{
    if (camera->busy)
        return;
    g_autoptr(VdStatus) status = make_status(camera);

    vd_reporter_take(camera->reporter, &vd_status_parts(status)->shown);
    say_unknown(camera, &vd_status_parts(status)->shown.detections);
    camera->publish(status, camera->data);
}

static void on_changed(VdReceiver *receiver, void *data)
{
    VdCamera *camera = data;

    if (camera->busy)
        return;
    refresh_views(camera);
    count_wishes(camera);
    vd_camera_publish(camera);
}

/* --- configuration ---------------------------------------------------------------------------- */

/* Beside a small stream the main one is decoded for those who ask, never for analysis. */
static VdCameraConfig *main_config_of(VdCameraConfig *config)
{
    if (config->analysis_uri == NULL)
        return vd_camera_config_ref(config);
    VdCameraConfig *copy = vd_camera_config_copy(config);
    g_clear_pointer(&copy->analysis_uri, g_free);
    copy->analysis = false;
    return copy;
}

/* (nullable) */
static VdCameraConfig *small_config_of(const VdCameraConfig *config)
{
    if (config->analysis_uri == NULL)
        return NULL;
    VdCameraConfig *copy = vd_camera_config_copy(config);
    g_free(copy->uri);
    copy->uri = g_steal_pointer(&copy->analysis_uri);
    return copy;
}

/* A stream hears of what is different for it: a new small one is no news to the main one. */
static void tell_stream(VdReceiver *receiver, VdCameraConfig **told, VdCameraConfig *now)
{
    VdCameraConfig *before = *told;

    *told = now;
    if (receiver != NULL)
        vd_receiver_configure(receiver, now,
                              before != NULL ? vd_camera_config_compare(before, now)
                                             : VD_APPLY_RECONNECT);
    vd_camera_config_unref(before);
}

/* Views hold the hubs of streams that may go: they are made anew behind this. */
static void arrange_streams(VdCamera *camera)
{
    bool two = camera->config->analysis_uri != NULL;

    if (two == (camera->small != NULL))
        return;
    drop_views(camera);
    vd_reporter_follow(camera->reporter, NULL);
    if (two) {
        camera->small =
            vd_receiver_new(camera->config->id, "small stream", camera->stages, on_changed, camera);
        camera->overlay =
            vd_overlay_new(vd_receiver_hub(camera->main), vd_receiver_hub(camera->small));
    } else {
        g_clear_pointer(&camera->overlay, vd_overlay_free);
        g_clear_pointer(&camera->small, vd_receiver_free);
    }
    vd_reporter_follow(camera->reporter, vd_receiver_hub(shown(camera)));
}

static void tell_views(VdCamera *camera)
{
    for (guint i = 0; i < camera->shows->len; i++) {
        Show *show = camera->shows->pdata[i];

        if (show->view != NULL)
            vd_view_configure(show->view, camera->config);
    }
}

static void take_config(VdCamera *camera, VdCameraConfig *config)
{
    VdCameraConfig *before = camera->config;

    camera->config = vd_camera_config_ref(config);
    vd_camera_config_unref(before);
    camera->busy = true;
    vd_reporter_configure(camera->reporter, config);
    arrange_streams(camera);
    tell_stream(camera->small, &camera->small_config, small_config_of(config));
    tell_stream(camera->main, &camera->main_config, main_config_of(config));
    tell_views(camera);
    camera->busy = false;
    refresh_views(camera);
    count_wishes(camera);
    vd_camera_publish(camera);
}

void vd_camera_configure(VdCamera *camera, VdCameraConfig *config)
{
    if (vd_camera_config_compare(camera->config, config) != VD_APPLY_NOTHING)
        take_config(camera, config);
}

bool vd_camera_restart(VdCamera *camera)
{
    if (!camera->config->enabled)
        return false;
    camera->busy = true;
    vd_receiver_restart(camera->main);
    if (camera->small != NULL)
        vd_receiver_restart(camera->small);
    camera->busy = false;
    refresh_views(camera);
    vd_camera_publish(camera);
    return true;
}

VdCamera *vd_camera_new(VdCameraConfig *config, VdCameraPublish publish, VdHappened happened,
                        void *data)
{
    VdCamera *camera = g_new0(VdCamera, 1);

    camera->publish = publish;
    camera->data = data;
    camera->stages = vd_stages_new();
    camera->shows = g_ptr_array_new_with_free_func(show_free);
    camera->main = vd_receiver_new(config->id, NULL, camera->stages, on_changed, camera);
    camera->reporter = vd_reporter_new(config->id, happened, data);
    vd_reporter_follow(camera->reporter, vd_receiver_hub(camera->main));
    take_config(camera, config);
    return camera;
}

void vd_camera_free(VdCamera *camera)
{
    if (camera == NULL)
        return;
    camera->busy = true;
    for (guint i = 0; i < camera->shows->len; i++)
        vd_mailbox_close(vd_audience_mailbox(((Show *)camera->shows->pdata[i])->audience));
    g_ptr_array_unref(camera->shows);
    vd_overlay_free(camera->overlay);
    vd_reporter_free(camera->reporter);
    vd_receiver_free(camera->small);
    vd_receiver_free(camera->main);
    vd_stages_unref(camera->stages);
    g_free(camera->unknown);
    vd_log_forget(camera->config->id);
    vd_camera_config_unref(camera->main_config);
    vd_camera_config_unref(camera->small_config);
    vd_camera_config_unref(camera->config);
    g_free(camera);
}

const char *vd_camera_id(const VdCamera *camera)
{
    return camera->config->id;
}

VdReporter *vd_camera_reporter(VdCamera *camera)
{
    return camera->reporter;
}

void vd_camera_tick(VdCamera *camera)
{
    vd_receiver_tick(camera->main);
    if (camera->small != NULL)
        vd_receiver_tick(camera->small);
    vd_reporter_tick(camera->reporter);
}
