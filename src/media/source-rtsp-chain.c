#include "media/source-rtsp-chain.h"

#include "media/source-check.h"
#include "media/source-rtp-order.h"

#include <gst/rtp/rtp.h>

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

/* From packets of this codec to what the ring keeps, as gst-launch-1.0 takes it. */
static const char *depay(const char *codec)
{
    for (gsize i = 0; i < G_N_ELEMENTS(depays); i++)
        if (g_str_equal(codec, depays[i].codec))
            return depays[i].description;
    g_return_val_if_reached("identity");
}

struct VdRtspChain {
    VdSourceFeed *feed;
    GstElement *bin; /* depayloader ! parser */
    GstPad *into;    /* our source pad before it */
    GstPad *out;     /* our sink pad behind it */
    GstCaps *caps;   /* of the units */
    bool wanted;
    guint8 payload; /* RTP payload type; others are ignored */
    guint clock_rate;
    guint64 rtp_time; /* extended, of the newest packet */
    guint64 first;    /* extended, of the first packet */
};

static GstFlowReturn on_unit(GstPad *pad, GstObject *parent, GstBuffer *unit)
{
    VdRtspChain *chain = gst_pad_get_element_private(pad);

    if (chain->caps == NULL) {
        gst_buffer_unref(unit);
        return GST_FLOW_OK;
    }
    chain->wanted = vd_source_feed_unit(chain->feed, unit, chain->caps);
    return chain->wanted ? GST_FLOW_OK : GST_FLOW_EOS;
}

static gboolean on_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    VdRtspChain *chain = gst_pad_get_element_private(pad);

    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        GstCaps *caps;
        gst_event_parse_caps(event, &caps);
        gst_caps_replace(&chain->caps, caps);
    }
    return gst_pad_event_default(pad, parent, event);
}

/* A pad without a template takes nothing but the caps it has. */
static GstStaticPadTemplate templates[] = {
    [GST_PAD_SRC] =
        GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY),
    [GST_PAD_SINK] =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY),
};

static GstPad *pad_new(VdRtspChain *chain, GstPadDirection direction)
{
    GstPad *pad =
        gst_object_ref_sink(gst_pad_new_from_static_template(&templates[direction], NULL));

    gst_pad_set_element_private(pad, chain);
    if (direction == GST_PAD_SINK) {
        gst_pad_set_chain_function(pad, on_unit);
        gst_pad_set_event_function(pad, on_event);
    }
    gst_pad_set_active(pad, TRUE);
    return pad;
}

static void link_up(VdRtspChain *chain, GstCaps *caps)
{
    g_autoptr(GstPad) sink = gst_element_get_static_pad(chain->bin, "sink");
    g_autoptr(GstPad) src = gst_element_get_static_pad(chain->bin, "src");
    GstSegment segment;

    chain->into = pad_new(chain, GST_PAD_SRC);
    chain->out = pad_new(chain, GST_PAD_SINK);
    gst_pad_link(chain->into, sink);
    gst_pad_link(src, chain->out);
    gst_element_set_state(chain->bin, GST_STATE_PLAYING);

    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(chain->into, gst_event_new_stream_start("rtp"));
    gst_pad_push_event(chain->into, gst_event_new_caps(caps));
    gst_pad_push_event(chain->into, gst_event_new_segment(&segment));
}

VdRtspChain *vd_rtsp_chain_new(VdSourceFeed *feed, GstCaps *caps)
{
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *encoding = gst_structure_get_string(s, "encoding-name");
    g_autofree char *description = g_strdup(depay(vd_source_codec(encoding)));
    g_autoptr(GError) error = NULL;
    GstElement *bin = gst_parse_bin_from_description_full(description, TRUE, NULL,
                                                          GST_PARSE_FLAG_FATAL_ERRORS, &error);
    int payload = 0, clock_rate = 90000;

    if (bin == NULL) {
        vd_source_feed_lost(feed, VD_LOSS_FAILED, "part of GStreamer is missing: %s",
                            error->message);
        return NULL;
    }
    VdRtspChain *chain = g_new0(VdRtspChain, 1);

    gst_structure_get_int(s, "payload", &payload);
    gst_structure_get_int(s, "clock-rate", &clock_rate);
    chain->feed = vd_source_feed_ref(feed);
    chain->bin = gst_object_ref_sink(bin);
    chain->wanted = true;
    chain->payload = (guint8)payload;
    chain->clock_rate = (guint)MAX(clock_rate, 1);
    chain->rtp_time = G_MAXUINT64;
    link_up(chain, caps);
    return chain;
}

void vd_rtsp_chain_free(VdRtspChain *chain)
{
    if (chain == NULL)
        return;
    gst_pad_set_active(chain->into, FALSE);
    gst_element_set_state(chain->bin, GST_STATE_NULL);
    gst_pad_set_active(chain->out, FALSE);
    gst_object_unref(chain->into);
    gst_object_unref(chain->out);
    gst_object_unref(chain->bin);
    gst_clear_caps(&chain->caps);
    vd_source_feed_unref(chain->feed);
    g_free(chain);
}

/* Time since the first packet; a sender's clock that starts anew is followed, see source-time.c */
static GstClockTime time_of(VdRtspChain *chain, guint32 timestamp)
{
    bool first = chain->rtp_time == G_MAXUINT64;
    guint64 time = gst_rtp_buffer_ext_timestamp(&chain->rtp_time, timestamp);

    if (first)
        chain->first = time;
    /* Pictures may come before the first one's time when they are reordered: stay above 0. */
    return gst_util_uint64_scale(time - chain->first + 10 * (guint64)chain->clock_rate, GST_SECOND,
                                 chain->clock_rate);
}

static guint32 timestamp_of(const guint8 *packet)
{
    return (guint32)packet[4] << 24 | (guint32)packet[5] << 16 | (guint32)packet[6] << 8 |
           packet[7];
}

bool vd_rtsp_chain_push(VdRtspChain *chain, const guint8 *packet, gsize length)
{
    if (length < VD_RTP_HEADER || packet[0] >> 6 != 2 || (packet[1] & 0x7f) != chain->payload)
        return true;
    GstBuffer *buffer = gst_buffer_new_memdup(packet, length);

    GST_BUFFER_PTS(buffer) = time_of(chain, timestamp_of(packet));
    if (gst_pad_push(chain->into, buffer) < GST_FLOW_EOS) {
        vd_source_feed_lost(chain->feed, VD_LOSS_GARBAGE, "what comes is not the announced codec");
        return false;
    }
    return chain->wanted;
}

guint vd_rtsp_chain_clock_rate(const VdRtspChain *chain)
{
    return chain->clock_rate;
}
