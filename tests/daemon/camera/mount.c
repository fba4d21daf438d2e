#include "mount.h"

#include <gst/app/app.h>
#include <time.h>

struct CamMount {
    GstRTSPMountPoints *points;
    char *path;
    gboolean audio;
    GstRTSPLowerTrans transports;

    GMutex lock;
    CamClip *announced; /* [lock] */
    CamClip *sending;   /* [lock] */
    GstElement *source; /* [lock] of the media now playing, or NULL */
    GstRTSPMedia
        *media;    /* [lock] that media, compared only: an old one may go after its heir came */
    guint at;      /* [lock] next picture */
    gint64 due_us; /* pacer only */
    guint64 sent;  /* [lock] */
    guint lose_permille; /* [lock] */
    guint garble_bytes;  /* [lock] */
    guint32 dice;        /* [lock] */
    gboolean stalled;    /* [lock] */
    gboolean want_key;   /* [lock] */
};

/* clang-format off */
static const char *const payloaders[] = {
    [CAM_H264] = "rtph264pay config-interval=-1 pt=96",
    [CAM_H265] = "rtph265pay config-interval=-1 pt=96",
    [CAM_JPEG] = "rtpjpegpay pt=26",
};
/* clang-format on */
static GThread *pacer;
static GPtrArray *paced;
static FILE *mark_file;
static gboolean stopping;

static void on_unprepared(GstRTSPMedia *media, CamMount *mount)
{
    g_mutex_lock(&mount->lock);
    if (mount->media == media) {
        gst_clear_object(&mount->source);
        mount->media = NULL;
    }
    g_mutex_unlock(&mount->lock);
}

/* What was sent between DESCRIBE and PLAY went nowhere. */
static void on_new_state(GstRTSPMedia *media, int state, CamMount *mount)
{
    g_mutex_lock(&mount->lock);
    if (state == GST_STATE_PLAYING)
        mount->want_key = TRUE;
    g_mutex_unlock(&mount->lock);
}

/* Without this the server would seek in the test sound at every PLAY, and fail. */
static GstPadProbeReturn refuse_seeking(GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
    GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);

    return GST_QUERY_TYPE(query) == GST_QUERY_SEEKING ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void make_unseekable(GstElement *top)
{
    g_autoptr(GstElement) sound = gst_bin_get_by_name(GST_BIN(top), "sound");
    g_autoptr(GstPad) pad = sound ? gst_element_get_static_pad(sound, "src") : NULL;

    if (pad)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, refuse_seeking, NULL, NULL);
}

static void on_configure(GstRTSPMediaFactory *factory, GstRTSPMedia *media, CamMount *mount)
{
    g_autoptr(GstElement) top = gst_rtsp_media_get_element(media);
    GstElement *source = gst_bin_get_by_name(GST_BIN(top), "src");

    make_unseekable(top);
    g_mutex_lock(&mount->lock);
    gst_app_src_set_caps(GST_APP_SRC(source), mount->announced->caps);
    gst_clear_object(&mount->source);
    mount->source = source;
    mount->media = media;
    mount->want_key = TRUE;
    g_mutex_unlock(&mount->lock);
    g_signal_connect(media, "unprepared", G_CALLBACK(on_unprepared), mount);
    g_signal_connect(media, "new-state", G_CALLBACK(on_new_state), mount);
}

CamMount *cam_mount_new(GstRTSPMountPoints *points, const char *name, CamClip *clip, gboolean audio)
{
    CamMount *mount = g_new0(CamMount, 1);

    mount->points = points;
    mount->path = g_strdup_printf("/%s", name);
    mount->audio = audio;
    mount->transports = GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP;
    mount->announced = mount->sending = clip;
    mount->dice = g_str_hash(name);
    g_mutex_init(&mount->lock);
    return mount;
}

const char *cam_mount_path(const CamMount *mount)
{
    return mount->path;
}

void cam_mount_show(CamMount *mount)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    g_autofree char *launch =
        g_strdup_printf("( appsrc name=src is-live=true do-timestamp=true format=time block=false "
                        "max-bytes=8000000 leaky-type=upstream ! %s name=pay0 %s )",
                        payloaders[mount->announced->codec],
                        mount->audio ? "audiotestsrc name=sound is-live=true wave=silence ! "
                                       "audio/x-raw,rate=8000,channels=1 ! alawenc ! "
                                       "rtppcmapay name=pay1 pt=8"
                                     : "");

    gst_rtsp_media_factory_set_launch(factory, launch);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_latency(factory, 0);
    gst_rtsp_media_factory_set_protocols(factory, mount->transports);
    gst_rtsp_media_factory_add_role(factory, "user", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                    G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                    G_TYPE_BOOLEAN, TRUE, NULL);
    g_signal_connect(factory, "media-configure", G_CALLBACK(on_configure), mount);
    gst_rtsp_mount_points_add_factory(mount->points, mount->path, factory);
}

void cam_mount_hide(CamMount *mount)
{
    gst_rtsp_mount_points_remove_factory(mount->points, mount->path);
}

void cam_mount_stall(CamMount *mount, gboolean stalled)
{
    g_mutex_lock(&mount->lock);
    mount->stalled = stalled;
    g_mutex_unlock(&mount->lock);
}

void cam_mount_lose(CamMount *mount, guint permille)
{
    g_mutex_lock(&mount->lock);
    mount->lose_permille = permille;
    g_mutex_unlock(&mount->lock);
}

void cam_mount_garble(CamMount *mount, guint bytes)
{
    g_mutex_lock(&mount->lock);
    mount->garble_bytes = bytes;
    g_mutex_unlock(&mount->lock);
}

void cam_mount_send(CamMount *mount, CamClip *clip)
{
    g_mutex_lock(&mount->lock);
    mount->sending = clip;
    mount->at = 0;
    g_mutex_unlock(&mount->lock);
}

void cam_mount_announce(CamMount *mount, CamClip *clip)
{
    g_mutex_lock(&mount->lock);
    mount->announced = mount->sending = clip;
    mount->at = 0;
    g_mutex_unlock(&mount->lock);
}

void cam_mount_transports(CamMount *mount, GstRTSPLowerTrans allowed)
{
    mount->transports = allowed;
}

void cam_mount_counts(CamMount *mount, CamMountCounts *counts)
{
    g_mutex_lock(&mount->lock);
    counts->sent = mount->sent;
    counts->playing = mount->source != NULL;
    counts->stalled = mount->stalled;
    g_mutex_unlock(&mount->lock);
}

/* [lock] */
static guint roll(CamMount *mount)
{
    mount->dice = mount->dice * 1664525u + 1013904223u;
    return mount->dice >> 8;
}

/* [lock] Looks like a unit of the codec to the payloader and is nothing to the decoder. */
static GstBuffer *rubbish(CamMount *mount)
{
    GstBuffer *unit = gst_buffer_new_allocate(NULL, mount->garble_bytes, NULL);
    GstMapInfo map;

    gst_buffer_map(unit, &map, GST_MAP_WRITE);
    for (gsize i = 0; i < map.size; i++)
        map.data[i] = (guint8)(roll(mount) | 1); /* no start code inside */
    if (map.size > 5 && mount->announced->codec != CAM_JPEG)
        memcpy(map.data, "\0\0\0\1\x65", 5);
    gst_buffer_unmap(unit, &map);
    return unit;
}

/* [lock] (nullable) The picture that is due, when somebody is there to get it. */
static GstBuffer *next_unit(CamMount *mount)
{
    CamClip *clip = mount->sending;
    /* Before PLAYING do-timestamp has no base time: the sink would wait for that picture for hours.
     */
    gboolean ready = mount->source && GST_STATE(mount->source) == GST_STATE_PLAYING;

    if (mount->at >= clip->units->len)
        mount->at = 0;
    if (mount->want_key && ready) {
        while (!cam_clip_is_key(clip, mount->at))
            mount->at = mount->at ? mount->at - 1 : clip->units->len - 1;
        mount->want_key = FALSE;
    }
    if (!ready || mount->stalled || roll(mount) % 1000 < mount->lose_permille)
        return NULL;
    mount->sent++;
    if (mount->garble_bytes)
        return rubbish(mount);
    if (mark_file && cam_clip_is_key(clip, mount->at)) {
        fprintf(mark_file, "mark %s %" G_GINT64_FORMAT "\n", mount->path, g_get_monotonic_time());
        fflush(mark_file);
    }
    return gst_buffer_copy(g_ptr_array_index(clip->units, mount->at));
}

static void send_due(CamMount *mount)
{
    GstElement *source = NULL;
    GstBuffer *unit;

    g_mutex_lock(&mount->lock);
    unit = next_unit(mount);
    if (unit)
        source = gst_object_ref(mount->source);
    mount->at++;
    mount->due_us += (gint64)(G_USEC_PER_SEC / mount->sending->fps);
    g_mutex_unlock(&mount->lock);
    if (unit) {
        gst_app_src_push_buffer(GST_APP_SRC(source), unit);
        gst_object_unref(source);
    }
}

static gpointer pace(gpointer unused)
{
    while (!g_atomic_int_get(&stopping)) {
        CamMount *next = g_ptr_array_index(paced, 0);
        struct timespec due;

        for (guint i = 1; i < paced->len; i++) {
            CamMount *mount = g_ptr_array_index(paced, i);

            if (mount->due_us < next->due_us)
                next = mount;
        }
        due.tv_sec = next->due_us / G_USEC_PER_SEC;
        due.tv_nsec = next->due_us % G_USEC_PER_SEC * 1000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        send_due(next);
    }
    return NULL;
}

/* Spreads the mounts over time and clip, so that they neither send at once nor look the same. */
void cam_pace_start(GPtrArray *mounts, FILE *marks)
{
    gint64 now = g_get_monotonic_time();

    for (guint i = 0; i < mounts->len; i++) {
        CamMount *mount = g_ptr_array_index(mounts, i);

        mount->at = (guint)((guint64)mount->sending->units->len * i / mounts->len);
        mount->due_us = now + (gint64)(G_USEC_PER_SEC / mount->sending->fps * i / mounts->len);
    }
    paced = mounts;
    mark_file = marks;
    pacer = g_thread_new("pace", pace, NULL);
}

void cam_pace_stop(void)
{
    g_atomic_int_set(&stopping, TRUE);
    g_thread_join(pacer);
}
