#pragma once

#include "media/source-rtp-order.h"

/*
 * A receiver's side of RTCP (RFC 3550, section 6): how the stream comes is counted and told to its
 * sender; of what the sender tells only the end is news. Pure; one thread.
 */
typedef struct VdRtcp {
    guint32 ssrc;       /* ours */
    guint32 sender;     /* whose packets these numbers are about */
    guint clock_rate;   /* of the packets' timestamps, Hz */
    bool timed;         /* transit is known */
    guint32 transit;    /* of the newest packet, in ticks, from no time in particular */
    guint32 jitter;     /* ticks, times 16 */
    guint64 told, came; /* when the last report was made: packets that should have come, and did */
    guint32 sent_ntp;   /* of the sender's newest report: the middle of its time stamp; 0: none */
    gint64 sent_heard_us; /* when it came */
} VdRtcp;

void vd_rtcp_init(VdRtcp *rtcp, guint clock_rate, guint32 ssrc);
/* One RTP packet came: order has been given it. */
void vd_rtcp_count(VdRtcp *rtcp, const VdRtpOrder *order, const guint8 *packet, gint64 now_us);

/*
 * Whether a compound packet says that the stream is over. Cameras send some that are not whole:
 * what can be read of them counts.
 */
bool vd_rtcp_says_bye(const guint8 *data, gsize length);
/* Keeps what the sender's report says of its time. */
void vd_rtcp_hear(VdRtcp *rtcp, const guint8 *data, gsize length, gint64 now_us);

/*
 * A receiver's report about the order's sender, or an empty one when nothing has come, with our
 * name. (transfer full)
 */
GBytes *vd_rtcp_report(VdRtcp *rtcp, const VdRtpOrder *order, gint64 now_us);
