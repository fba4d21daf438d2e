#include "media/source-rtcp.h"

#include <gst/gst.h>

/* What is told to a sender, byte by byte as RFC 3550, sections 6.4.2 and 6.5 have it. */
#define OURS   0x01020304u
#define SENDER 0xa0b0c0d0u
#define CLOCK  90000

typedef struct Talk {
    VdRtpOrder order;
    VdRtcp rtcp;
} Talk;

static void talk_init(Talk *talk)
{
    vd_rtp_order_init(&talk->order, 0);
    vd_rtcp_init(&talk->rtcp, CLOCK, OURS);
}

static void write_32(guint8 *at, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        at[i] = (guint8)(value >> (24 - 8 * i));
}

static guint32 read_32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

static void come(Talk *talk, guint16 sequence, guint32 stamp, guint32 sender, gint64 now_us)
{
    guint8 packet[VD_RTP_HEADER] = {0x80, 96, (guint8)(sequence >> 8), (guint8)sequence};
    GBytes *kept;

    write_32(packet + 4, stamp);
    write_32(packet + 8, sender);
    if (vd_rtp_order_put(&talk->order, packet, sizeof packet, now_us) != VD_RTP_NONE)
        vd_rtcp_count(&talk->rtcp, &talk->order, packet, now_us);
    while ((kept = vd_rtp_order_take(&talk->order, now_us)) != NULL)
        g_bytes_unref(kept);
}

static const guint8 *report(Talk *talk, gint64 now_us, GBytes **bytes, gsize *length)
{
    *bytes = vd_rtcp_report(&talk->rtcp, &talk->order, now_us);
    return g_bytes_get_data(*bytes, length);
}

static void a_report_before_any_packet_has_our_name_alone(void)
{
    static const guint8 wanted[] = {
        0x80, 201, 0,   1,   1,   2,   3,   4,   /* receiver's report without a block */
        0x81, 202, 0,   6,   1,   2,   3,   4,   /* description of one source */
        1,    16,  '0', '1', '0', '2', '0', '3', /* CNAME */
        '0',  '4', '@', 'v', 'e', 'd', 'e', 't', 't', 'e', 0, 0,
    };
    g_autoptr(GBytes) bytes = NULL;
    Talk talk;
    gsize length;

    talk_init(&talk);
    const guint8 *data = report(&talk, 0, &bytes, &length);
    g_assert_cmpmem(data, length, wanted, sizeof wanted);
}

/* 10 numbers, 8 packets; over the end of the numbers; then 4 more, all of them. */
static void what_is_missing_is_told(void)
{
    Talk talk;
    gsize length;
    GBytes *bytes;

    talk_init(&talk);
    for (guint i = 0; i < 10; i++)
        if (i != 4 && i != 5)
            come(&talk, (guint16)(65530 + i), i * 3000, SENDER, i * 33333);
    const guint8 *data = report(&talk, 400000, &bytes, &length);
    g_assert_cmpuint(length, ==, 32 + 28);
    g_assert_cmphex(read_32(data), ==, 0x81c90007);
    g_assert_cmphex(read_32(data + 4), ==, OURS);
    g_assert_cmphex(read_32(data + 8), ==, SENDER);
    g_assert_cmpuint(data[12], ==, 2 * 256 / 10);
    g_assert_cmpuint(read_32(data + 12) & 0xffffff, ==, 2);
    g_assert_cmphex(read_32(data + 16), ==, 0x00010003);
    g_assert_cmpuint(read_32(data + 24), ==, 0); /* no sender's report yet */
    g_assert_cmpuint(read_32(data + 28), ==, 0);
    g_bytes_unref(bytes);

    for (guint i = 10; i < 14; i++)
        come(&talk, (guint16)(65530 + i), i * 3000, SENDER, i * 33333);
    data = report(&talk, 500000, &bytes, &length);
    g_assert_cmpuint(data[12], ==, 0);
    g_assert_cmpuint(read_32(data + 12) & 0xffffff, ==, 2);
    g_assert_cmphex(read_32(data + 16), ==, 0x00010007);
    g_bytes_unref(bytes);
    vd_rtp_order_clear(&talk.order);
}

/* RFC 3550, A.8: J += (|D| - J) / 16, in steps of 16 ticks here. Regular packets have none. */
static void jitter_is_a_sixteenth_of_each_change(void)
{
    Talk talk;
    double wanted = 0;

    talk_init(&talk);
    for (guint i = 0; i < 100; i++)
        come(&talk, (guint16)i, i * 3600, SENDER, i * 40000);
    g_assert_cmpuint(talk.rtcp.jitter, ==, 0);
    for (guint i = 100; i < 200; i++) { /* each second one 10 ms late: 900 ticks there and back */
        come(&talk, (guint16)i, i * 3600, SENDER, i * 40000 + (i % 2) * 10000);
        wanted += ((i > 100 ? 900 : 0) - wanted) / 16;
    }
    g_assert_cmpfloat_with_epsilon(talk.rtcp.jitter / 16.0, wanted, 2);
    vd_rtp_order_clear(&talk.order);
}

static void the_sender_s_time_is_given_back(void)
{
    guint8 said[28] = {0x80, 200, 0, 6};
    Talk talk;
    gsize length;
    g_autoptr(GBytes) bytes = NULL;

    talk_init(&talk);
    come(&talk, 1, 0, SENDER, 0);
    write_32(said + 8, 0x11112222);
    write_32(said + 12, 0x33334444);
    write_32(said + 4, SENDER + 1);
    vd_rtcp_hear(&talk.rtcp, said, sizeof said, 1000000); /* somebody else's */
    g_assert_cmphex(talk.rtcp.sent_ntp, ==, 0);
    write_32(said + 4, SENDER);
    vd_rtcp_hear(&talk.rtcp, said, sizeof said - 1, 1000000); /* not whole */
    g_assert_cmphex(talk.rtcp.sent_ntp, ==, 0);
    vd_rtcp_hear(&talk.rtcp, said, sizeof said, 1000000);
    const guint8 *data = report(&talk, 3500000, &bytes, &length);
    g_assert_cmphex(read_32(data + 24), ==, 0x22223333);
    g_assert_cmpuint(read_32(data + 28), ==, 65536 * 5 / 2);
    vd_rtp_order_clear(&talk.order);
}

static void another_sender_is_counted_anew(void)
{
    Talk talk;
    gsize length;
    GBytes *bytes;

    talk_init(&talk);
    for (guint i = 0; i < 10; i++)
        come(&talk, (guint16)(2 * i), 0, SENDER, 0);
    report(&talk, 0, &bytes, &length);
    g_bytes_unref(bytes);
    come(&talk, 500, 0, SENDER + 1, 0);
    const guint8 *data = report(&talk, 0, &bytes, &length);
    g_assert_cmphex(read_32(data + 8), ==, SENDER + 1);
    g_assert_cmpuint(read_32(data + 12), ==, 0);
    g_assert_cmpuint(read_32(data + 16), ==, 500);
    g_bytes_unref(bytes);
    vd_rtp_order_clear(&talk.order);
}

static void an_end_is_found_behind_a_report(void)
{
    static const struct {
        guint8 data[16];
        gsize length;
        bool bye;
    } says[] = {
        {{0x81, 203, 0, 1, 1, 1, 1, 1}, 8, true},
        {{0x80, 201, 0, 1, 1, 1, 1, 1, 0x81, 203, 0, 1}, 12, true}, /* the end is not whole */
        {{0x80, 201, 0, 1, 1, 1, 1, 1}, 8, false},
        {{0x80, 201, 0, 9, 1, 1, 1, 1, 0x81, 203, 0, 1}, 12, false}, /* says to be longer */
        {{0x80, 201, 0, 1, 1, 1, 1, 1, 0x01, 203, 0, 1}, 12, false}, /* another version */
        {{0x81, 203, 0}, 3, false},
        {{0}, 0, false},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(says); i++)
        g_assert_true(vd_rtcp_says_bye(says[i].data, says[i].length) == says[i].bye);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/rtcp/" #name, name)
    ADD(a_report_before_any_packet_has_our_name_alone);
    ADD(what_is_missing_is_told);
    ADD(jitter_is_a_sixteenth_of_each_change);
    ADD(the_sender_s_time_is_given_back);
    ADD(another_sender_is_counted_anew);
    ADD(an_end_is_found_behind_a_report);
    return g_test_run();
}
