#include "media/source-check.h"
#include "media/source-pipe.h"
#include "media/source-rtsp-sdp.h"
#include "media/source-rtsp.h"
#include "media/source-trust.h"

#include <gio/gio.h>
#include <gst/rtsp/rtsp.h>
#include <string.h>

/*
 * RTSP by rtspsrc: gst-launch-1.0 rtspsrc location=rtsp://... protocols=udp latency=100
 *   ! rtph264depay ! h264parse ! ...
 * rtspsrc never reconnects and tells of a dead camera in five ways, one of them silence.
 */
#define LATENCY_MS 100

struct VdRtspUdp {
    gatomicrefcount refs; /* of the owner and of each signal handler */
    VdSourceFeed *feed;
    gint videos;                      /* atomic; streams set up */
    VdSourcePipe *pipe;               /* [main] (nullable) */
    const VdSourceSettings *settings; /* [main] */
};

/* [streaming thread] */
static void on_sdp(GstElement *src, GstSDPMessage *sdp, gpointer data)
{
    vd_rtsp_sdp_trim(sdp);
}

/* [streaming thread] Only the first video is set up: what is not asked for costs nothing. */
static gboolean on_stream(GstElement *src, guint number, GstCaps *caps, gpointer data)
{
    VdRtspUdp *udp = data;
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *media = gst_structure_get_string(s, "media");
    const char *encoding = gst_structure_get_string(s, "encoding-name");

    if (g_strcmp0(media, "video") != 0)
        return FALSE;
    if (encoding == NULL || vd_source_codec(encoding) == NULL) {
        vd_source_feed_lost(udp->feed, VD_LOSS_UNSUPPORTED,
                            "the video is %s; only H.264, H.265 and MJPEG are supported",
                            encoding != NULL ? encoding : "of an unknown kind");
        return FALSE;
    }
    vd_source_feed_hear(udp->feed, VD_HEARD_ANSWER);
    return g_atomic_int_add(&udp->videos, 1) == 0;
}

/* [streaming thread] */
static void on_pad(GstElement *src, GstPad *pad, gpointer data)
{
    VdRtspUdp *udp = data;
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const char *encoding =
        caps != NULL ? gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name")
                     : NULL;
    const char *codec = encoding != NULL ? vd_source_codec(encoding) : NULL;
    g_autoptr(GError) error = NULL;

    if (codec == NULL)
        return;
    g_autofree char *description =
        g_strdup_printf("%s ! appsink name=sink sync=false", vd_rtsp_depay(codec));
    GstElement *bin = gst_parse_bin_from_description_full(description, TRUE, NULL,
                                                          GST_PARSE_FLAG_FATAL_ERRORS, &error);
    if (bin == NULL) {
        vd_source_feed_lost(udp->feed, VD_LOSS_FAILED, "part of GStreamer is missing: %s",
                            error->message);
        return;
    }
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(bin), "sink");
    g_autoptr(GstPad) into = gst_element_get_static_pad(bin, "sink");
    g_autoptr(GstObject) pipeline = gst_object_get_parent(GST_OBJECT(src));
    vd_source_pipe_deliver(udp->feed, sink);
    gst_bin_add(GST_BIN(pipeline), bin);
    gst_element_sync_state_with_parent(bin);
    gst_pad_link(pad, into);
}

static void rest(GstElement *element, gpointer unused)
{
    gst_element_set_state(element, GST_STATE_NULL);
}

static GstPadProbeReturn on_greeting(GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
    g_autoptr(GstElement) element = gst_pad_get_parent_element(pad);

    if (element != NULL && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS)
        gst_element_call_async(element, rest, NULL, NULL);
    return GST_PAD_PROBE_OK;
}

/*
 * [streaming thread] A few packets to the camera open the way through NAT and firewalls. Who sends
 * them keeps a thread for the life of the session, unless it is sent to rest.
 */
static void on_element(GstBin *src, GstElement *element, gpointer data)
{
    const char *factory = GST_OBJECT_NAME(gst_element_get_factory(element));
    g_autoptr(GstPad) pad = NULL;

    if (!g_str_equal(factory, "fakesrc"))
        return;
    pad = gst_element_get_static_pad(element, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_greeting, NULL, NULL);
}

/* "Service Unavailable (503)": how rtspsrc tells of an answer it did not expect; 0: none. */
static int status_of(const char *words)
{
    const char *mark = strrchr(words, '(');

    return mark != NULL ? (int)g_ascii_strtoll(mark + 1, NULL, 10) : 0;
}

static VdLoss loss_of(const GError *error, const char *words, int status)
{
    if (g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ)) {
        if (status != 0)
            return VD_LOSS_FAILED;
        return strstr(words, "imeout") != NULL ? VD_LOSS_TIMEOUT : VD_LOSS_CLOSED;
    }
    return vd_source_pipe_loss(error);
}

static void say_error(VdRtspUdp *udp, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);
    int status = status_of(words);

    gst_message_parse_error(message, &error, NULL);
    VdLoss loss = loss_of(error, words, status);
    if (loss == VD_LOSS_UNSUPPORTED && status == 0 && g_atomic_int_get(&udp->videos) == 0)
        vd_source_feed_lost(udp->feed, VD_LOSS_UNSUPPORTED, "the stream carries no video");
    else if (!vd_source_trust_say(udp->settings->trust, udp->settings, udp->feed))
        vd_rtsp_say(udp->feed, udp->settings, loss, status);
}

static bool hear(VdSourcePipe *pipe, GstMessage *message, void *data)
{
    VdRtspUdp *udp = data;

    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        say_error(udp, message);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS ||
             gst_message_has_name(message, "GstRTSPSrcTimeout"))
        vd_rtsp_say(udp->feed, udp->settings, VD_LOSS_CLOSED, 0);
    else
        return false;
    return true;
}

static void unref(gpointer data, GClosure *unused)
{
    VdRtspUdp *udp = data;

    if (!g_atomic_ref_count_dec(&udp->refs))
        return;
    vd_source_feed_unref(udp->feed);
    g_free(udp);
}

/* Handlers run on rtspsrc's threads, also while the reaper takes it down. */
static void connect(VdRtspUdp *udp, GstElement *src, const char *name, GCallback handler)
{
    g_atomic_ref_count_inc(&udp->refs);
    g_signal_connect_data(src, name, handler, udp, unref, 0);
}

VdRtspUdp *vd_rtsp_udp_new(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdRtspUdp *udp = g_new0(VdRtspUdp, 1);

    g_atomic_ref_count_init(&udp->refs);
    udp->settings = settings;
    udp->feed = vd_source_feed_ref(feed);
    udp->pipe = vd_source_pipe_new(feed, "rtspsrc name=src", hear, udp);
    if (udp->pipe == NULL) {
        vd_rtsp_udp_free(udp);
        return NULL;
    }
    GstElement *src = vd_source_pipe_element(udp->pipe, "src");
    g_object_set(src, "location", settings->location, "user-id", settings->user, "user-pw",
                 settings->password, "latency",
                 (guint)(settings->latency_ms < 0 ? LATENCY_MS : settings->latency_ms), "protocols",
                 GST_RTSP_LOWER_TRANS_UDP, "tcp-timeout",
                 (guint64)settings->connect_timeout_ms * 1000, "timeout", (guint64)0,
                 "tls-validation-flags",
                 settings->tls == VD_TLS_ANY ? 0 : G_TLS_CERTIFICATE_VALIDATE_ALL, "tls-database",
                 settings->trust, NULL);
    connect(udp, src, "on-sdp", G_CALLBACK(on_sdp));
    connect(udp, src, "select-stream", G_CALLBACK(on_stream));
    connect(udp, src, "pad-added", G_CALLBACK(on_pad));
    connect(udp, src, "element-added", G_CALLBACK(on_element));
    vd_source_pipe_play(udp->pipe);
    return udp;
}

void vd_rtsp_udp_free(VdRtspUdp *udp)
{
    if (udp == NULL)
        return;
    vd_source_pipe_free(udp->pipe);
    unref(udp, NULL);
}
