#include "media/source-rtcp.h"

#include <gst/rtp/rtp.h>

#define RTCP_SENDER_REPORT 200
#define RTCP_BYE           203
#define LEAST_REPORT       28 /* bytes of a sender's, without blocks */
#define MTU                1200

void vd_rtcp_init(VdRtcp *rtcp, guint clock_rate, guint32 ssrc)
{
    *rtcp = (VdRtcp){.ssrc = ssrc, .clock_rate = clock_rate};
}

static guint32 read_32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

/* RFC 3550, appendix A.8 */
void vd_rtcp_count(VdRtcp *rtcp, const VdRtpOrder *order, const guint8 *packet, gint64 now_us)
{
    guint32 arrival = (guint32)gst_util_uint64_scale((guint64)now_us, rtcp->clock_rate, 1000000);
    guint32 transit = arrival - read_32(packet + 4);
    gint32 change = (gint32)(transit - rtcp->transit);

    if (order->ssrc != rtcp->sender || order->highest - order->first + 1 < rtcp->told) {
        vd_rtcp_init(rtcp, rtcp->clock_rate, rtcp->ssrc);
        rtcp->sender = order->ssrc;
    }
    if (rtcp->timed)
        rtcp->jitter += (guint32)ABS((gint64)change) - ((rtcp->jitter + 8) >> 4);
    rtcp->timed = true;
    rtcp->transit = transit;
}

/* Calls for each packet of a compound one, as far as it can be read. */
#define FOR_EACH_PACKET(at, data, length)                          \
    for (gsize at = 0; at + 4 <= (length) && (data)[at] >> 6 == 2; \
         at += 4 * (1 + ((gsize)(data)[at + 2] << 8 | (data)[at + 3])))

bool vd_rtcp_says_bye(const guint8 *data, gsize length)
{
    FOR_EACH_PACKET(at, data, length)
    if (data[at + 1] == RTCP_BYE)
        return true;
    return false;
}

void vd_rtcp_hear(VdRtcp *rtcp, const guint8 *data, gsize length, gint64 now_us)
{
    FOR_EACH_PACKET(at, data, length)
    {
        if (data[at + 1] != RTCP_SENDER_REPORT || length - at < LEAST_REPORT ||
            read_32(data + at + 4) != rtcp->sender)
            continue;
        rtcp->sent_ntp = read_32(data + at + 8) << 16 | read_32(data + at + 12) >> 16;
        rtcp->sent_heard_us = now_us;
    }
}

/* RFC 3550, section 6.4.1 and appendix A.3 */
static void add_block(VdRtcp *rtcp, GstRTCPPacket *packet, const VdRtpOrder *order, gint64 now_us)
{
    guint64 should = order->highest - order->first + 1;
    gint64 lost = (gint64)should - (gint64)order->came;
    guint64 new_should = should - rtcp->told, new_came = order->came - rtcp->came;
    guint64 new_lost = new_should > new_came ? new_should - new_came : 0;
    guint32 delay = 0;

    if (rtcp->sent_ntp != 0)
        delay =
            (guint32)gst_util_uint64_scale((guint64)(now_us - rtcp->sent_heard_us), 65536, 1000000);
    gst_rtcp_packet_add_rb(
        packet, order->ssrc, new_should > 0 ? (guint8)(MIN(new_lost * 256 / new_should, 255)) : 0,
        (gint32)CLAMP(lost, -0x800000, 0x7fffff), (guint32)(order->highest - 0x10000),
        rtcp->jitter >> 4, rtcp->sent_ntp, delay);
    rtcp->told = should;
    rtcp->came = order->came;
}

static void add_name(GstRTCPPacket *packet, guint32 ssrc)
{
    g_autofree char *name = g_strdup_printf("%08x@vedette", ssrc);

    gst_rtcp_packet_sdes_add_item(packet, ssrc);
    gst_rtcp_packet_sdes_add_entry(packet, GST_RTCP_SDES_CNAME, (guint8)strlen(name),
                                   (const guint8 *)name);
}

GBytes *vd_rtcp_report(VdRtcp *rtcp, const VdRtpOrder *order, gint64 now_us)
{
    GstBuffer *buffer = gst_rtcp_buffer_new(MTU);
    GstRTCPBuffer compound = GST_RTCP_BUFFER_INIT;
    GstRTCPPacket packet;
    gpointer data;
    gsize length;

    gst_rtcp_buffer_map(buffer, GST_MAP_READWRITE, &compound);
    gst_rtcp_buffer_add_packet(&compound, GST_RTCP_TYPE_RR, &packet);
    gst_rtcp_packet_rr_set_ssrc(&packet, rtcp->ssrc);
    if (order->started)
        add_block(rtcp, &packet, order, now_us);
    gst_rtcp_buffer_add_packet(&compound, GST_RTCP_TYPE_SDES, &packet);
    add_name(&packet, rtcp->ssrc);
    gst_rtcp_buffer_unmap(&compound);
    gst_buffer_extract_dup(buffer, 0, gst_buffer_get_size(buffer), &data, &length);
    gst_buffer_unref(buffer);
    return g_bytes_new_take(data, length);
}
