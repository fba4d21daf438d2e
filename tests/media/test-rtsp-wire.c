#include "media/source-rtsp-wire.h"

#include <string.h>

#define LONGEST 0xffff /* bytes of a packet */
#define OK      "RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n"
#define BODY    "RTSP/1.0 200 OK\r\ncontent-LENGTH:  4\r\n\r\n$\r\n!"
#define ASK     "SET_PARAMETER rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"

/* Items are told as "CHANNEL:DATA|" and "text:DATA|"; what is broken ends with "broken". */
typedef struct Row {
    const char *name;
    const char *bytes;
    gsize length;
    const char *items;
} Row;

#define ROW(name, bytes, items)               \
    {                                         \
        name, bytes, sizeof(bytes) - 1, items \
    }

static const Row rows[] = {
    ROW("a packet", "$\0\0\3abc", "0:abc|"),
    ROW("packets of two channels", "$\0\0\3abc$\1\0\1d$\0\0\2ef", "0:abc|1:d|0:ef|"),
    ROW("the largest channel", "$\xff\0\1a", "255:a|"),
    ROW("a packet without a byte", "$\0\0\0$\0\0\1a", "0:|0:a|"),
    ROW("a packet with a dollar and an answer in it", "$\0\0\x08$RTSP/1.$\0\0\1a",
        "0:$RTSP/1.|0:a|"),
    ROW("a packet that is not whole", "$\0\0\1a$\0\0\3ab", "0:a|"),
    ROW("a header that is not whole", "$\0\0\1a$\0\0", "0:a|"),
    ROW("garbage between", "xyz$\0\0\1a\r\n\xff\xfe$\0\0\1b--", "0:a|0:b|"),
    ROW("garbage that begins like an answer", "RTS$\0\0\1aRTSP!$\0\0\1b", "0:a|0:b|"),
    ROW("an answer between", "$\0\0\1a" OK "$\0\0\1b", "0:a|text:" OK "|0:b|"),
    ROW("an answer with a body between", "$\0\0\1a" BODY "$\0\0\1b", "0:a|text:" BODY "|0:b|"),
    ROW("a request between", "$\0\0\1a" ASK "$\0\0\1b", "0:a|text:" ASK "|0:b|"),
    ROW("answers and garbage", OK "\n\n" OK "$\0\0\1a", "text:" OK "|text:" OK "|0:a|"),
    ROW("an answer that is not whole", "$\0\0\1aRTSP/1.0 200 OK\r\nCSeq: 5\r\n", "0:a|"),
    ROW("an answer's body that is not whole", "RTSP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n1234",
        ""),
    ROW("a length that is none", "RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n$\0\0\1a",
        "text:RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n|0:a|"),
    ROW("a body that is too long", "RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "broken"),
    ROW("nothing", "", ""),
};

/* False: it is broken. */
static bool tell_items(VdWire *wire, GString *told)
{
    VdWireItem item;

    for (;;) {
        switch (vd_wire_next(wire, &item)) {
        case VD_WIRE_MORE:
            return true;
        case VD_WIRE_BROKEN:
            g_string_append(told, "broken");
            return false;
        case VD_WIRE_PACKET:
            g_string_append_printf(told, "%u:", item.channel);
            break;
        case VD_WIRE_TEXT:
            g_string_append(told, "text:");
            break;
        }
        g_string_append_len(told, (const char *)item.data, (gssize)item.length);
        g_string_append_c(told, '|');
    }
}

static void give(VdWire *wire, const char *bytes, gsize length)
{
    gsize room;
    guint8 *into = vd_wire_room(wire, &room);

    g_assert_cmpuint(room, >=, length);
    memcpy(into, bytes, length);
    vd_wire_filled(wire, length);
}

/* piece: how many bytes come at once; 0: as many as are wanted */
static char *items_of(const char *bytes, gsize length, gsize piece)
{
    GString *told = g_string_new(NULL);
    VdWire wire;
    bool on = true;

    vd_wire_init(&wire);
    for (gsize at = 0, take; on && at < length; at += take) {
        take = MIN(piece != 0 ? piece : vd_wire_wants(&wire), length - at);
        give(&wire, bytes + at, take);
        on = tell_items(&wire, told);
    }
    vd_wire_clear(&wire);
    return g_string_free(told, FALSE);
}

static void the_same_comes_out_whatever_the_pieces(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        for (gsize piece = 0; piece <= row->length; piece++) {
            g_autofree char *items = items_of(row->bytes, row->length, piece);
            g_test_message("%s, %zu at once", row->name, piece);
            g_assert_cmpstr(items, ==, row->items);
        }
    }
}

/* A reader that gets no part of what it asks for must not ask for what may never come. */
static void no_more_is_wanted_than_must_follow(void)
{
    static const struct {
        const char *bytes;
        gsize length, wanted;
    } wants[] = {
        {"", 0, 1},
        {"$", 1, 3},
        {"$\0", 2, 2},
        {"$\0\1", 3, 1},
        {"$\0\1\2", 4, 258},
        {"$\0\0\2a", 5, 1},
        {"$\0\xff\xff", 4, LONGEST},
        {"$\0\0\1a", 5, 1},
        {"xx", 2, 1},
        {"RTSP/1.0 200", 12, 1},
        {"$\0\0\1a$\0", 7, 2},
        {"RTSP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n1", 40, 1},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wants); i++) {
        g_autoptr(GString) told = g_string_new(NULL);
        VdWire wire;
        g_test_message("row %zu", i);
        vd_wire_init(&wire);
        give(&wire, wants[i].bytes, wants[i].length);
        g_assert_true(tell_items(&wire, told));
        g_assert_cmpuint(vd_wire_wants(&wire), ==, wants[i].wanted);
        vd_wire_clear(&wire);
    }
}

/* Fills whatever room there is, as a reader does that has a whole burst before it. */
static void packets_of_the_largest_length_come_whole(void)
{
    static const char head[] = {'$', 0, (char)0xff, (char)0xff};
    const gsize whole = sizeof head + LONGEST, count = 9;
    g_autofree char *bytes = g_malloc(count * whole);
    guint got = 0;
    VdWire wire;
    VdWireItem item;
    gsize room;

    for (gsize i = 0; i < count; i++) {
        memset(bytes + i * whole, '0' + (int)i, whole);
        memcpy(bytes + i * whole, head, sizeof head);
    }
    vd_wire_init(&wire);
    for (gsize at = 0, take; at < count * whole; at += take) {
        vd_wire_room(&wire, &room);
        take = MIN(room, count * whole - at);
        give(&wire, bytes + at, take);
        while (vd_wire_next(&wire, &item) == VD_WIRE_PACKET) {
            g_assert_cmpmem(item.data, item.length, bytes + got * whole + 4, LONGEST);
            got++;
        }
    }
    g_assert_cmpuint(got, ==, count);
    vd_wire_clear(&wire);
}

static void garbage_without_end_is_broken(void)
{
    g_autoptr(GString) told = g_string_new(NULL);
    VdWire wire;

    vd_wire_init(&wire);
    for (gsize i = 0; i < 256 * 1024; i++) {
        give(&wire, "x", 1);
        g_assert_true(tell_items(&wire, told));
    }
    give(&wire, "x", 1);
    g_assert_false(tell_items(&wire, told));
    vd_wire_clear(&wire);
}

static void what_makes_sense_ends_the_count_of_garbage(void)
{
    g_autofree char *junk = g_strnfill(60 * 1024, 'x');
    g_autoptr(GString) told = g_string_new(NULL);
    VdWire wire;

    vd_wire_init(&wire);
    for (guint i = 0; i < 10; i++) {
        give(&wire, junk, strlen(junk));
        g_assert_true(tell_items(&wire, told));
        give(&wire, "$\0\0\1a", 5);
        g_assert_true(tell_items(&wire, told));
    }
    g_assert_cmpuint(told->len, ==, 10 * strlen("0:a|"));
    vd_wire_clear(&wire);
}

/* (transfer full) Of this length: head, as many 'x' as it takes, and end. */
static char *text_of(const char *head, gsize length, const char *end)
{
    g_autofree char *filler = g_strnfill(length - strlen(head) - strlen(end), 'x');

    return g_strconcat(head, filler, end, NULL);
}

static void an_answer_has_a_largest_length(void)
{
    for (gsize over = 0; over < 2; over++) {
        gsize length = VD_WIRE_MOST_TEXT + over;
        g_autofree char *text = text_of("RTSP/1.0 200 OK\r\nX: ", length, "\r\n\r\n");
        g_autofree char *items = items_of(text, length, length);
        g_autofree char *bytewise = items_of(text, length, 1);
        g_autofree char *whole = g_strconcat("text:", text, "|", NULL);
        g_assert_cmpstr(items, ==, over ? "broken" : whole);
        g_assert_cmpstr(bytewise, ==, items);
    }
}

static void an_answers_body_counts_as_well(void)
{
    for (gsize over = 0; over < 2; over++) {
        g_autofree char *head = g_strdup_printf("RTSP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n",
                                                VD_WIRE_MOST_TEXT - 42 + over);
        gsize length = VD_WIRE_MOST_TEXT + over;
        g_assert_cmpuint(strlen(head), ==, 42);
        g_autofree char *text = text_of(head, length, "");
        g_autofree char *items = items_of(text, length, length);
        g_autofree char *whole = g_strconcat("text:", text, "|", NULL);
        g_assert_cmpstr(items, ==, over ? "broken" : whole);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/rtsp-wire/" #name, name)
    ADD(the_same_comes_out_whatever_the_pieces);
    ADD(no_more_is_wanted_than_must_follow);
    ADD(packets_of_the_largest_length_come_whole);
    ADD(garbage_without_end_is_broken);
    ADD(what_makes_sense_ends_the_count_of_garbage);
    ADD(an_answer_has_a_largest_length);
    ADD(an_answers_body_counts_as_well);
    return g_test_run();
}
