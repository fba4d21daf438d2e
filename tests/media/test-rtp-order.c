#include "media/source-rtp-order.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define LATENCY_US 100000

/*
 * What is done, by words: "N" packet N of sender 1 comes; "+MS" time passes; "*N" packet N of
 * sender 2. What is told: the packets in the order in which they go on.
 */
typedef struct Row {
    const char *name, *events, *wanted;
    guint64 lost;
} Row;

static const Row rows[] = {
    {"in order", "7 8 9 10", "7 8 9 10", 0},
    {"two that overtake each other", "1 3 2 4", "1 2 3 4", 0},
    {"a whole picture the other way round", "1 9 8 7 6 5 4 3 2", "1 2 3 4 5 6 7 8 9", 0},
    {"one that is missing is waited for", "1 3 4 +99 5", "1", 0},
    {"but not longer than that", "1 3 4 +99 5 +1", "1 3 4 5", 1},
    {"each gap has its own time", "1 3 +50 6 +50 +49", "1 3", 1},
    {"and its own end", "1 3 +50 6 +50 +50", "1 3 6", 3},
    {"who comes just in time", "1 3 +99 2", "1 2 3", 0},
    {"who comes too late", "1 3 +100 2 4", "1 3 4", 1},
    {"one that comes twice", "1 2 2 1 4 4 3 3", "1 2 3 4", 0},
    {"over the end of the numbers", "65534 65535 0 1", "65534 65535 0 1", 0},
    {"overtaking over the end of the numbers", "65534 1 0 65535 2", "65534 65535 0 1 2", 0},
    {"a gap over the end of the numbers", "65535 1 +100", "65535 1", 1},
    {"a number from far away is not believed", "100 60000 101 20000 102", "100 101 102", 0},
    {"two in a row from far away are", "100 101 60000 60001 60002", "100 101 60001 60002", 0},
    {"and what waited is void", "100 102 60000 60001 101 +200", "100 60001", 0},
    {"3000 ahead is a gap", "1 3001 +100", "1 3001", 2999},
    {"3001 ahead is a jump", "1 3002 +100 2", "1 2", 0},
    {"100 back is late", "500 400 401 402", "500", 0},
    {"101 back and on is a jump", "500 398 399 400", "500 399 400", 0},
    {"another sender begins anew", "100 102 *7 *8 +200", "100 *7 *8", 0},
};

static GBytes *packet_of(guint16 sequence, guint8 sender, gsize length)
{
    guint8 *data = g_malloc0(length);

    data[0] = 0x80;
    data[2] = (guint8)(sequence >> 8);
    data[3] = (guint8)sequence;
    data[11] = sender;
    return g_bytes_new_take(data, length);
}

static void tell(GString *told, const guint8 *packet)
{
    g_string_append_printf(told, "%s%s%u", told->len > 0 ? " " : "", packet[11] == 2 ? "*" : "",
                           (guint)(packet[2] << 8 | packet[3]));
}

static void take_all(VdRtpOrder *order, gint64 now_us, GString *told)
{
    GBytes *kept;

    while ((kept = vd_rtp_order_take(order, now_us)) != NULL) {
        tell(told, g_bytes_get_data(kept, NULL));
        g_bytes_unref(kept);
    }
}

static void put(VdRtpOrder *order, const char *event, gint64 now_us, GString *told)
{
    bool second = event[0] == '*';
    g_autoptr(GBytes) packet =
        packet_of((guint16)atoi(event + second), second ? 2 : 1, VD_RTP_HEADER);
    const guint8 *data = g_bytes_get_data(packet, NULL);

    if (vd_rtp_order_put(order, data, VD_RTP_HEADER, now_us) == VD_RTP_NEXT)
        tell(told, data);
}

static void packets_go_on_in_the_order_of_their_numbers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) events = g_strsplit(rows[i].events, " ", -1);
        g_autoptr(GString) told = g_string_new(NULL);
        gint64 now_us = 5000;
        VdRtpOrder order;

        g_test_message("%s", rows[i].name);
        vd_rtp_order_init(&order, LATENCY_US);
        for (guint e = 0; events[e] != NULL; e++) {
            if (events[e][0] == '+')
                now_us += atoi(events[e] + 1) * 1000;
            else
                put(&order, events[e], now_us, told);
            take_all(&order, now_us, told);
        }
        g_assert_cmpstr(told->str, ==, rows[i].wanted);
        g_assert_cmpuint(order.lost, ==, rows[i].lost);
        vd_rtp_order_clear(&order);
    }
}

static void the_deadline_is_that_of_the_first_that_waits(void)
{
    VdRtpOrder order;
    GString *told = g_string_new(NULL);

    vd_rtp_order_init(&order, LATENCY_US);
    g_assert_cmpint(vd_rtp_order_deadline_us(&order), ==, G_MAXINT64);
    put(&order, "1", 1000, told);
    g_assert_cmpint(vd_rtp_order_deadline_us(&order), ==, G_MAXINT64);
    put(&order, "5", 2000, told);
    put(&order, "6", 3000, told);
    g_assert_cmpint(vd_rtp_order_deadline_us(&order), ==, 2000 + LATENCY_US);
    put(&order, "4", 4000, told);
    g_assert_cmpint(vd_rtp_order_deadline_us(&order), ==, 4000 + LATENCY_US);
    vd_rtp_order_clear(&order);
    g_assert_cmpint(vd_rtp_order_deadline_us(&order), ==, G_MAXINT64);
    g_string_free(told, TRUE);
}

static void what_is_no_rtp_is_left_out(void)
{
    static const guint8 first[VD_RTP_HEADER] = {0x80}, other[VD_RTP_HEADER] = {0x40};
    VdRtpOrder order;

    vd_rtp_order_init(&order, 0);
    g_assert_cmpint(vd_rtp_order_put(&order, other, sizeof other, 0), ==, VD_RTP_NONE);
    g_assert_cmpint(vd_rtp_order_put(&order, first, sizeof first - 1, 0), ==, VD_RTP_NONE);
    g_assert_cmpint(vd_rtp_order_put(&order, first, 0, 0), ==, VD_RTP_NONE);
    g_assert_false(order.started);
    g_assert_cmpint(vd_rtp_order_put(&order, first, sizeof first, 0), ==, VD_RTP_NEXT);
    vd_rtp_order_clear(&order);
}

/* Packets of the largest size behind a gap: the limit is filled, and one more ends the waiting. */
static void what_waits_has_a_limit(void)
{
    const gsize length = 64 * 1024;
    const guint fits = VD_MAX_EARLY_BYTES / length;
    VdRtpOrder order;

    vd_rtp_order_init(&order, LATENCY_US);
    for (guint i = 0; i <= fits + 1; i++) {
        g_autoptr(GBytes) packet = packet_of((guint16)(i == 0 ? 0 : i + 1), 1, length);
        VdRtpPlace place = vd_rtp_order_put(&order, g_bytes_get_data(packet, NULL), length, 0);
        g_assert_cmpint(place, ==, i == 0 ? VD_RTP_NEXT : VD_RTP_EARLY);
        g_autoptr(GBytes) kept = i <= fits ? vd_rtp_order_take(&order, 0) : NULL;
        g_assert_null(kept);
    }
    for (guint i = 0; i <= fits; i++) {
        g_autoptr(GBytes) kept = vd_rtp_order_take(&order, 0);
        g_assert_nonnull(kept);
    }
    g_assert_cmpuint(order.held_bytes, ==, 0);
    g_assert_cmpuint(order.lost, ==, 1);
    vd_rtp_order_clear(&order);
}

#define WINDOW 64

/* However packets are shuffled among their neighbours: sorted, whole and once. */
static void shuffled_packets_come_out_sorted(void)
{
    GRand *random = g_rand_new_with_seed(4);
    VdRtpOrder order;
    guint16 numbers[4096], begin = 65000;
    GString *told = g_string_new(NULL), *wanted = g_string_new(NULL);

    vd_rtp_order_init(&order, LATENCY_US);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        numbers[i] = (guint16)(begin + i);
        g_string_append_printf(wanted, "%s%u", i > 0 ? " " : "", numbers[i]);
    }
    for (guint i = 1; i < G_N_ELEMENTS(numbers); i++) {
        guint end = MIN((i / WINDOW + 1) * WINDOW, G_N_ELEMENTS(numbers));
        guint j = (guint)g_rand_int_range(random, (gint)i, (gint)end);
        guint16 swapped = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = swapped;
    }
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *event = g_strdup_printf("%u", numbers[i]);
        put(&order, event, 0, told);
        take_all(&order, 0, told);
    }
    g_assert_true(g_string_equal(told, wanted));
    g_assert_cmpuint(order.came, ==, G_N_ELEMENTS(numbers));
    g_assert_cmpuint(order.highest - order.first + 1, ==, G_N_ELEMENTS(numbers));
    vd_rtp_order_clear(&order);
    g_string_free(told, TRUE);
    g_string_free(wanted, TRUE);
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/rtp-order/" #name, name)
    ADD(packets_go_on_in_the_order_of_their_numbers);
    ADD(the_deadline_is_that_of_the_first_that_waits);
    ADD(what_is_no_rtp_is_left_out);
    ADD(what_waits_has_a_limit);
    ADD(shuffled_packets_come_out_sorted);
    return g_test_run();
}
