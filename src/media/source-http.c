#include "media/multipart.h"
#include "media/source-jpeg.h"
#include "media/source-kind.h"
#include "media/source-pipe.h"
#include "media/source-probe.h"
#include "media/source-trust.h"

#include <gst/app/app.h>
#include <string.h>

/*
 * MJPEG over HTTP: souphttpsrc for the connection, and our own reader of its body, since
 * multipartdemux refuses what many cameras send.
 */
#define BLOCK (64 * 1024)

typedef struct VdHttp {
    gatomicrefcount refs; /* of the owner and of the callbacks */
    VdSourceFeed *feed;
    VdSourcePipe *pipe;               /* [main] (nullable) */
    const VdSourceSettings *settings; /* [main] */
    gint pictures;                    /* atomic; good ones ever */

    /* [streaming thread] */
    char *content_type;     /* (nullable) */
    VdMultipart *multipart; /* (nullable) made with the first bytes */
    GstCaps *caps;
    int width, height;
} VdHttp;

static void http_unref(gpointer data)
{
    VdHttp *http = data;

    if (!g_atomic_ref_count_dec(&http->refs))
        return;
    vd_multipart_free(http->multipart);
    gst_clear_caps(&http->caps);
    g_free(http->content_type);
    vd_source_feed_unref(http->feed);
    g_free(http);
}

static VdHttp *http_ref(VdHttp *http)
{
    g_atomic_ref_count_inc(&http->refs);
    return http;
}

/* [streaming thread] A part that is no picture (some cameras send alarms between) is passed over.
 */
static void on_part(const guint8 *body, gsize length, void *data)
{
    VdHttp *http = data;
    VdJpegWalk walk = {0};
    int width, height;
    gsize end = vd_jpeg_end(&walk, body, length);

    if (end == 0 || !vd_jpeg_size(body, end, &width, &height))
        return;
    if (http->caps == NULL || width != http->width || height != http->height) {
        gst_clear_caps(&http->caps);
        http->caps = gst_caps_new_simple("image/jpeg", "parsed", G_TYPE_BOOLEAN, TRUE, "width",
                                         G_TYPE_INT, width, "height", G_TYPE_INT, height, NULL);
        http->width = width;
        http->height = height;
    }
    GstBuffer *unit = gst_buffer_new_memdup(body, end);
    /* There is no time in it: that of its arrival is all we have. */
    GST_BUFFER_PTS(unit) = (GstClockTime)g_get_monotonic_time() * GST_USECOND;
    g_atomic_int_set(&http->pictures, 1);
    vd_source_feed_unit(http->feed, unit, http->caps);
}

/* What plainly is something else is said at once; wrong types are common, so the rest is tried. */
static bool judge_type(VdHttp *http)
{
    const char *type = http->content_type;

    if (type != NULL && g_ascii_strncasecmp(type, "image/", 6) == 0)
        vd_source_feed_lost(
            http->feed, VD_LOSS_UNSUPPORTED,
            "the address gives a single picture, not a stream; use the camera's MJPEG "
            "address");
    else if (type != NULL && g_ascii_strncasecmp(type, "text/", 5) == 0)
        vd_source_feed_lost(
            http->feed, VD_LOSS_UNSUPPORTED,
            "the address gives a page, not a stream; use the camera's MJPEG address");
    else
        return true;
    return false;
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    VdHttp *http = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    g_autoptr(GError) error = NULL;
    GstMapInfo map;

    if (sample == NULL || !gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ))
        return GST_FLOW_EOS;
    vd_source_feed_arrived(http->feed);
    bool good = http->multipart != NULL || judge_type(http);
    if (good && http->multipart == NULL)
        http->multipart = vd_multipart_new(http->content_type, on_part, http);
    if (good && !vd_multipart_feed(http->multipart, map.data, map.size, &error)) {
        vd_source_feed_lost(http->feed, VD_LOSS_GARBAGE, "%s", error->message);
        good = false;
    }
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    if (good && vd_multipart_ended(http->multipart))
        vd_source_feed_lost(http->feed, VD_LOSS_CLOSED, "the camera ended the stream");
    return good ? GST_FLOW_OK : GST_FLOW_EOS;
}

static gboolean take_type(GQuark field, const GValue *value, gpointer data)
{
    VdHttp *http = data;

    if (g_ascii_strcasecmp(g_quark_to_string(field), "content-type") == 0 &&
        G_VALUE_HOLDS_STRING(value)) {
        g_free(http->content_type);
        http->content_type = g_value_dup_string(value);
    }
    return TRUE;
}

/* [streaming thread] The response's headers come as an event before the first byte. */
static GstPadProbeReturn on_event(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);

    if (gst_event_has_name(event, "http-headers")) {
        const GValue *headers =
            gst_structure_get_value(gst_event_get_structure(event), "response-headers");
        vd_source_feed_hear(((VdHttp *)data)->feed, VD_HEARD_ANSWER);
        if (headers != NULL && GST_VALUE_HOLDS_STRUCTURE(headers))
            gst_structure_foreach(gst_value_get_structure(headers), take_type, data);
    }
    return GST_PAD_PROBE_OK;
}

/* "Not Found (404), URL: ..." is how souphttpsrc tells the answer's status; 0: no such words. */
static int status_of(const char *words)
{
    const char *mark = strstr(words, "), URL:");

    return mark != NULL && mark - words > 3 ? (int)g_ascii_strtoll(mark - 3, NULL, 10) : 0;
}

static void say_status(VdHttp *http, const char *host, VdLoss loss, int status)
{
    if (loss == VD_LOSS_UNAUTHORIZED)
        vd_source_feed_lost(http->feed, loss, "%s does not accept this user and password (HTTP %d)",
                            host, status);
    else if (loss == VD_LOSS_NOT_FOUND)
        vd_source_feed_lost(http->feed, loss, "%s has no stream of this path (HTTP %d)", host,
                            status);
    else if (status >= 300 && status < 400)
        vd_source_feed_lost(http->feed, VD_LOSS_FAILED,
                            "%s sends on to an address that is not followed (HTTP %d)", host,
                            status);
    else
        vd_source_feed_lost(http->feed, VD_LOSS_FAILED, "%s answers with HTTP %d", host, status);
}

/* souphttpsrc keeps to itself whether it could not connect or could not read the answer. */
static void say_no_answer(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    if (!g_str_equal(settings->scheme, "https"))
        vd_source_probe(settings, feed, VD_LOSS_GARBAGE, "%s does not speak HTTP as it should");
    else
        vd_source_probe(settings, feed, VD_LOSS_GARBAGE, "%s does not speak HTTPS as it should");
}

static void say_error(VdHttp *http, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);
    g_autofree char *host = vd_source_settings_host(http->settings);
    int status = status_of(words);

    gst_message_parse_error(message, &error, NULL);
    VdLoss loss = vd_source_pipe_loss(error);
    if (g_error_matches(error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED) &&
        vd_source_feed_heard(http->feed) != VD_HEARD_TRAFFIC)
        loss = VD_LOSS_REFUSED;
    if (status != 0)
        say_status(http, host, loss, status);
    else if (loss != VD_LOSS_REFUSED)
        vd_source_feed_lost(http->feed, loss, "%s: %s", host, words);
    else if (!vd_source_trust_say(http->settings->trust, http->settings, http->feed))
        say_no_answer(http->settings, http->feed);
}

static bool hear(VdSourcePipe *pipe, GstMessage *message, void *data)
{
    VdHttp *http = data;

    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        say_error(http, message);
    else if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS)
        return false;
    else if (g_atomic_int_get(&http->pictures))
        vd_source_feed_lost(http->feed, VD_LOSS_CLOSED, "the camera ended the stream");
    else
        vd_source_feed_lost(http->feed, VD_LOSS_GARBAGE, "the answer holds no picture");
    return true;
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdHttp *http = g_new0(VdHttp, 1);

    g_atomic_ref_count_init(&http->refs);
    http->feed = vd_source_feed_ref(feed);
    http->settings = settings;
    http->pipe =
        vd_source_pipe_new(feed, "souphttpsrc name=src ! appsink name=sink sync=false", hear, http);
    if (http->pipe == NULL)
        return http;
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    GstElement *sink = vd_source_pipe_element(http->pipe, "sink");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");
    /*
     * No timeout of its own: how long a stream may be silent is judged for all sources alike. No
     * redirects where there is a password: it would be told to whoever the camera names.
     */
    g_object_set(vd_source_pipe_element(http->pipe, "src"), "location", settings->location,
                 "user-id", settings->user, "user-pw", settings->password, "ssl-strict",
                 settings->tls != VD_TLS_ANY, "tls-database", settings->trust, "is-live", TRUE,
                 "retries", 0, "timeout", 0, "blocksize", BLOCK, "keep-alive", FALSE,
                 "automatic-redirect", settings->user == NULL, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, http_ref(http), http_unref);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, http_ref(http),
                      http_unref);
    vd_source_pipe_play(http->pipe);
    return http;
}

static void stop(void *source)
{
    VdHttp *http = source;

    vd_source_pipe_free(g_steal_pointer(&http->pipe));
    http_unref(http);
}

static const char *transport(const void *source)
{
    return "http";
}

const VdSourceKind vd_source_http = {start, stop, transport};
