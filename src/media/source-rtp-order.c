#include "media/source-rtp-order.h"

#include "base/limits.h"

/* RFC 3550, appendix A.1 */
#define MOST_MISSING 3000
#define MOST_BACK    100
#define NOT_STRANGE  G_MAXUINT32

typedef struct Held {
    GBytes *packet;
    guint64 number;
    gint64 deadline_us;
} Held;

static void held_free(gpointer data)
{
    Held *held = data;

    g_bytes_unref(held->packet);
    g_free(held);
}

static void drop_held(VdRtpOrder *order)
{
    g_queue_clear_full(&order->held, held_free);
    order->held_bytes = 0;
}

void vd_rtp_order_init(VdRtpOrder *order, gint64 latency_us)
{
    *order = (VdRtpOrder){.latency_us = latency_us, .strange = NOT_STRANGE};
    g_queue_init(&order->held);
}

void vd_rtp_order_clear(VdRtpOrder *order)
{
    drop_held(order);
}

static guint32 read_32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

/* One turn above 0, so that what came before the first has a number, too. */
static void begin(VdRtpOrder *order, guint16 sequence, guint32 ssrc)
{
    drop_held(order);
    order->started = true;
    order->ssrc = ssrc;
    order->next = order->first = order->highest = 0x10000 + (guint64)sequence;
    order->came = 0;
    order->strange = NOT_STRANGE;
}

/* False: it is not believed yet. */
static bool extend(VdRtpOrder *order, guint16 sequence, guint32 ssrc, guint64 *number)
{
    gint16 ahead = (gint16)(sequence - (guint16)order->highest);

    if (!order->started || ssrc != order->ssrc)
        begin(order, sequence, ssrc);
    else if (ahead < -MOST_BACK || ahead > MOST_MISSING) {
        if (sequence != order->strange) {
            order->strange = (guint16)(sequence + 1);
            return false;
        }
        begin(order, sequence, ssrc);
    } else {
        order->strange = NOT_STRANGE;
        *number = order->highest + (guint64)(gint64)ahead;
        return true;
    }
    *number = order->highest;
    return true;
}

/* False: it is there already. */
static bool hold(VdRtpOrder *order, guint64 number, const guint8 *packet, gsize length,
                 gint64 now_us)
{
    GList *before = order->held.tail;

    while (before != NULL && ((Held *)before->data)->number > number)
        before = before->prev;
    if (before != NULL && ((Held *)before->data)->number == number)
        return false;
    Held *held = g_new(Held, 1);

    *held = (Held){g_bytes_new(packet, length), number, now_us + order->latency_us};
    if (before != NULL)
        g_queue_insert_after(&order->held, before, held);
    else
        g_queue_push_head(&order->held, held);
    order->held_bytes += length;
    return true;
}

VdRtpPlace vd_rtp_order_put(VdRtpOrder *order, const guint8 *packet, gsize length, gint64 now_us)
{
    guint64 number;

    if (length < VD_RTP_HEADER || packet[0] >> 6 != 2)
        return VD_RTP_NONE;
    if (!extend(order, (guint16)(packet[2] << 8 | packet[3]), read_32(packet + 8), &number))
        return VD_RTP_NONE;
    order->highest = MAX(order->highest, number);
    if (number < order->next)
        return VD_RTP_NONE;
    VdRtpPlace place = VD_RTP_NEXT;
    if (number == order->next)
        order->next++;
    else
        place = hold(order, number, packet, length, now_us) ? VD_RTP_EARLY : VD_RTP_NONE;
    order->came += place != VD_RTP_NONE;
    return place;
}

GBytes *vd_rtp_order_take(VdRtpOrder *order, gint64 now_us)
{
    Held *first = g_queue_peek_head(&order->held);

    if (first == NULL || (first->number != order->next && now_us < first->deadline_us &&
                          order->held_bytes <= VD_MAX_EARLY_BYTES))
        return NULL;
    GBytes *packet = g_bytes_ref(first->packet);

    order->lost += first->number - order->next;
    order->next = first->number + 1;
    order->held_bytes -= g_bytes_get_size(packet);
    held_free(g_queue_pop_head(&order->held));
    return packet;
}

gint64 vd_rtp_order_deadline_us(const VdRtpOrder *order)
{
    const Held *first = order->held.head != NULL ? order->held.head->data : NULL;

    return first != NULL ? first->deadline_us : G_MAXINT64;
}
