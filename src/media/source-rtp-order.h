#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * RTP packets of one sender that came over UDP, put back into the order of their numbers. What is
 * next goes on at once; what came too early is kept until those before it are there or it has
 * waited long enough, and then they are given up. Numbers as RFC 3550, appendix A.1 has them: one
 * that is far off is believed when the next one goes on from there, and what was known is void.
 * Pure; one thread.
 */
#define VD_RTP_HEADER 12 /* bytes, the least of a packet */

typedef struct VdRtpOrder {
    gint64 latency_us;
    bool started;
    guint32 ssrc;    /* of the sender */
    guint64 next;    /* number that goes on next, extended past 16 bits */
    guint64 first;   /* extended, of the sender's first packet */
    guint64 highest; /* extended, of all that came */
    guint64 came;    /* packets since first, without those given twice */
    guint64 lost;    /* numbers given up since the beginning, of all senders */
    guint32 strange; /* the number that would confirm a jump; above 0xffff: none */
    GQueue held;     /* by number, all above next */
    gsize held_bytes;
} VdRtpOrder;

void vd_rtp_order_init(VdRtpOrder *order, gint64 latency_us);
void vd_rtp_order_clear(VdRtpOrder *order);

typedef enum VdRtpPlace {
    VD_RTP_NEXT,  /* it goes on now */
    VD_RTP_EARLY, /* it was copied and is kept */
    VD_RTP_NONE,  /* no RTP, too late, given twice, or not believed yet */
} VdRtpPlace;

VdRtpPlace vd_rtp_order_put(VdRtpOrder *order, const guint8 *packet, gsize length, gint64 now_us);
/*
 * A kept packet whose turn it is. (transfer full) NULL: none. To be asked after each put until
 * there is none, and when the deadline is over.
 */
GBytes *vd_rtp_order_take(VdRtpOrder *order, gint64 now_us);
/* When the first of those kept has waited long enough; G_MAXINT64: none is kept. */
gint64 vd_rtp_order_deadline_us(const VdRtpOrder *order);
