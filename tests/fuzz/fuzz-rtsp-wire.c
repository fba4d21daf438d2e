/*
 * What an RTSP connection carries after PLAY. The first byte says how large the pieces are.
 * Whatever the pieces, the same items come out, and whoever reads only what is wanted reads past
 * none.
 */
#include "media/source-rtsp-wire.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_item(GChecksum *checksum, VdWireKind kind, const VdWireItem *item)
{
    const guchar head[] = {(guchar)kind, (guchar)item->channel};

    g_assert_cmpuint(item->channel, <=, 0xff);
    g_assert_cmpuint(item->length, <=, kind == VD_WIRE_TEXT ? VD_WIRE_MOST_TEXT : 0xffff);
    g_checksum_update(checksum, head, sizeof head);
    g_checksum_update(checksum, item->data, (gssize)item->length);
}

/* False: it is broken. *items: how many came. */
static bool take_items(VdWire *wire, GChecksum *checksum, guint *items)
{
    VdWireItem item = {0};
    VdWireKind kind;

    *items = 0;
    while ((kind = vd_wire_next(wire, &item)) == VD_WIRE_PACKET || kind == VD_WIRE_TEXT) {
        add_item(checksum, kind, &item);
        (*items)++;
    }
    return kind == VD_WIRE_MORE;
}

static size_t fill(VdWire *wire, const uint8_t *data, size_t size)
{
    gsize room;
    guint8 *into = vd_wire_room(wire, &room);
    size_t take = MIN(size, room);

    g_assert_cmpuint(room, >, 0);
    memcpy(into, data, take);
    vd_wire_filled(wire, take);
    return take;
}

/* piece 0: what is wanted, which ends at most one item */
static char *items_of(const uint8_t *data, size_t size, size_t piece)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_MD5);
    VdWire wire;
    bool on = true;
    guint items;

    vd_wire_init(&wire);
    for (size_t at = 0; on && at < size;) {
        size_t wanted = piece != 0 ? piece : vd_wire_wants(&wire);
        g_assert_cmpuint(wanted, >, 0);
        at += fill(&wire, data + at, MIN(wanted, size - at));
        on = take_items(&wire, checksum, &items);
        g_assert_true(piece != 0 || items <= 1);
    }
    vd_wire_clear(&wire);
    return g_strdup(g_checksum_get_string(checksum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    g_autofree char *pieces = items_of(data + 1, size - 1, 1 + data[0]);
    g_autofree char *whole = items_of(data + 1, size - 1, size - 1);
    g_autofree char *wanted = items_of(data + 1, size - 1, 0);

    g_assert_cmpstr(pieces, ==, whole);
    g_assert_cmpstr(wanted, ==, whole);
    return 0;
}
