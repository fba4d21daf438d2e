#include "media/source-rtsp.h"

#include "media/source-probe.h"

/* clang-format off */
static const struct {
    const char *codec;
    const char *description;
} depays[] = {
    /* avc in between: with byte-stream there, key frames of several slices are cut in two and a
     * piece comes without PTS */
    {"H.264", "rtph264depay ! video/x-h264,stream-format=avc,alignment=au "
              "! h264parse config-interval=-1 ! capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au"},
    {"H.265", "rtph265depay ! video/x-h265,stream-format=hvc1,alignment=au "
              "! h265parse config-interval=-1 ! capsfilter caps=video/x-h265,stream-format=byte-stream,alignment=au"},
    {"MJPEG", "rtpjpegdepay"},
};
/* clang-format on */

const char *vd_rtsp_depay(const char *codec)
{
    for (gsize i = 0; i < G_N_ELEMENTS(depays); i++)
        if (g_str_equal(codec, depays[i].codec))
            return depays[i].description;
    g_return_val_if_reached("identity");
}

static void say_refused(VdSourceFeed *feed, const VdSourceSettings *settings)
{
    if (g_str_equal(settings->scheme, "rtsps"))
        vd_source_probe(settings, feed, VD_LOSS_REFUSED, "no TLS connection with %s");
    else /* it has come meanwhile */
        vd_source_probe(settings, feed, VD_LOSS_REFUSED, "nobody took connections at %s");
}

void vd_rtsp_say(VdSourceFeed *feed, const VdSourceSettings *settings, VdLoss loss, int status)
{
    static const char *const texts[VD_N_LOSSES] = {
        [VD_LOSS_TIMEOUT] = "%s does not answer",
        [VD_LOSS_UNAUTHORIZED] = "%s does not accept this user and password",
        [VD_LOSS_NOT_FOUND] = "%s has no stream of this path",
        [VD_LOSS_CLOSED] = "%s ended the stream",
        [VD_LOSS_UNSUPPORTED] = "%s offers no stream that can be played here",
        [VD_LOSS_GARBAGE] = "%s does not speak RTSP as it should",
    };
    const char *text = texts[loss] != NULL ? texts[loss] : "%s cannot be played";

    if (loss == VD_LOSS_REFUSED && status == 0) {
        say_refused(feed, settings);
        return;
    }
    g_autofree char *host = vd_source_settings_host(settings);
    g_autofree char *number = status != 0 ? g_strdup_printf(" (RTSP %d)", status) : g_strdup("");
    g_auto(GStrv) parts = g_strsplit(text, "%s", 2);

    vd_source_feed_lost(feed, loss, "%s%s%s%s", parts[0], host, parts[1], number);
}

typedef struct VdRtsp {
    const VdSourceSettings *settings;
    VdSourceFeed *feed;
    VdRtspTcp *tcp; /* (nullable) */
    VdRtspUdp *udp; /* (nullable) */
    guint timer;    /* until udp; 0: none */
} VdRtsp;

/* Servers that have just been left answer 503 to who comes back at once. */
#define PAUSE_MS 250

static gboolean start_udp(gpointer data)
{
    VdRtsp *rtsp = data;

    rtsp->timer = 0;
    rtsp->udp = vd_rtsp_udp_new(rtsp->settings, rtsp->feed);
    return G_SOURCE_REMOVE;
}

/* VLC and others only know UDP; they say so at SETUP. */
static void on_no_tcp(void *data)
{
    VdRtsp *rtsp = data;

    vd_rtsp_tcp_free(g_steal_pointer(&rtsp->tcp));
    rtsp->timer = g_timeout_add(PAUSE_MS, start_udp, rtsp);
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdRtsp *rtsp = g_new0(VdRtsp, 1);

    rtsp->settings = settings;
    rtsp->feed = vd_source_feed_ref(feed);
    /* Automatic is TCP first: it passes where UDP is filtered, loses nothing and costs less. */
    if (settings->transport == VD_TRANSPORT_UDP)
        rtsp->udp = vd_rtsp_udp_new(settings, feed);
    else
        rtsp->tcp = vd_rtsp_tcp_new(settings, feed, on_no_tcp, rtsp);
    return rtsp;
}

static void stop(void *source)
{
    VdRtsp *rtsp = source;

    if (rtsp->timer != 0)
        g_source_remove(rtsp->timer);
    vd_rtsp_tcp_free(rtsp->tcp);
    vd_rtsp_udp_free(rtsp->udp);
    vd_source_feed_unref(rtsp->feed);
    g_free(rtsp);
}

static const char *transport(const void *source)
{
    return ((const VdRtsp *)source)->udp != NULL ? "udp" : "tcp";
}

const VdSourceKind vd_source_rtsp = {start, stop, transport};
