/*
 * Packets as they come over UDP: a byte for the time that passes, one for the length, then so many
 * bytes. Those of one sender go on in the order of their numbers, and each can be reported.
 */
#include "media/source-rtcp.h"

#include <gst/gst.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Seen {
    VdRtpOrder order;
    VdRtcp rtcp;
    guint64 next;
} Seen;

static void take_all(Seen *seen, gint64 now_us)
{
    GBytes *kept;

    while ((kept = vd_rtp_order_take(&seen->order, now_us)) != NULL) {
        const guint8 *packet = g_bytes_get_data(kept, NULL);
        g_assert_cmpuint(seen->order.next, >, seen->next);
        seen->next = seen->order.next;
        g_assert_cmpuint((guint16)(seen->next - 1), ==, packet[2] << 8 | packet[3]);
        g_bytes_unref(kept);
    }
    g_assert_cmpint(vd_rtp_order_deadline_us(&seen->order), >, now_us);
}

static void put(Seen *seen, const uint8_t *packet, size_t length, gint64 now_us)
{
    VdRtpPlace place = vd_rtp_order_put(&seen->order, packet, length, now_us);

    if (place == VD_RTP_NEXT && seen->order.came == 1) /* it begins anew */
        seen->next = 0;
    if (place != VD_RTP_NONE)
        vd_rtcp_count(&seen->rtcp, &seen->order, packet, now_us);
    if (place == VD_RTP_NEXT) {
        g_assert_cmpuint(seen->order.next, >, seen->next);
        seen->next = seen->order.next;
    }
    take_all(seen, now_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Seen seen = {0};
    gint64 now_us = 0;

    gst_init(NULL, NULL);
    vd_rtp_order_init(&seen.order, 100 * 1000);
    vd_rtcp_init(&seen.rtcp, 90000, 1);
    for (size_t at = 0; at + 2 <= size;) {
        size_t length = MIN(data[at + 1], size - at - 2);
        now_us += data[at] * 1000;
        put(&seen, data + at + 2, length, now_us);
        vd_rtcp_says_bye(data + at + 2, length);
        vd_rtcp_hear(&seen.rtcp, data + at + 2, length, now_us);
        at += 2 + length;
    }
    g_bytes_unref(vd_rtcp_report(&seen.rtcp, &seen.order, now_us));
    vd_rtp_order_clear(&seen.order);
    return 0;
}
