#include "media/source-rtsp-wire.h"

#include <stdlib.h>
#include <string.h>

/* One packet with its header is at most 65539 bytes; twice that, so that reads are large. Only the
 * pages that are used become memory. */
#define SIZE (128 * 1024)
/* Some cameras send a packet's length wrong now and then; a stream that stays off is broken. */
#define MOST_JUNK (256 * 1024)

void vd_wire_init(VdWire *wire)
{
    *wire = (VdWire){.data = g_malloc(SIZE), .size = SIZE};
}

void vd_wire_clear(VdWire *wire)
{
    g_clear_pointer(&wire->data, g_free);
}

guint8 *vd_wire_room(VdWire *wire, gsize *room)
{
    if (wire->start > 0) { /* what is left is a part of one packet */
        memmove(wire->data, wire->data + wire->start, wire->end - wire->start);
        wire->end -= wire->start;
        wire->start = 0;
    }
    *room = wire->size - wire->end;
    return wire->data + wire->end;
}

void vd_wire_filled(VdWire *wire, gsize length)
{
    wire->end += length;
}

gsize vd_wire_wants(const VdWire *wire)
{
    const guint8 *at = wire->data + wire->start;
    gsize length = wire->end - wire->start;

    if (length == 0 || at[0] != '$')
        return 1;
    return length < 4 ? 4 - length : 4 + ((gsize)at[2] << 8 | at[3]) - length;
}

static VdWireKind next_packet(VdWire *wire, VdWireItem *item, const guint8 *at, gsize length)
{
    if (length < 4)
        return VD_WIRE_MORE;
    gsize size = (gsize)at[2] << 8 | at[3];
    if (length < 4 + size)
        return VD_WIRE_MORE;
    *item = (VdWireItem){.channel = at[1], .data = at + 4, .length = size};
    wire->start += 4 + size;
    wire->junk = 0;
    return VD_WIRE_PACKET;
}

/* The body's length by the header's Content-Length line; 0 without one. */
static gsize body_length(const char *header, gsize length)
{
    static const char name[] = "\ncontent-length:";
    gsize name_length = sizeof name - 1;

    for (gsize i = 0; i + name_length < length; i++) {
        if (g_ascii_strncasecmp(header + i, name, name_length) != 0)
            continue;
        const char *digits = header + i + name_length;
        const char *end = header + length;
        gsize value = 0;
        while (digits < end && *digits == ' ')
            digits++;
        while (digits < end && g_ascii_isdigit(*digits) && value <= VD_WIRE_MOST_TEXT)
            value = value * 10 + (gsize)(*digits++ - '0');
        return value;
    }
    return 0;
}

static VdWireKind next_text(VdWire *wire, VdWireItem *item, const guint8 *at, gsize length)
{
    const guint8 *blank = memmem(at, MIN(length, VD_WIRE_MOST_TEXT), "\r\n\r\n", 4);

    if (blank == NULL)
        return length < VD_WIRE_MOST_TEXT ? VD_WIRE_MORE : VD_WIRE_BROKEN;
    gsize header = (gsize)(blank - at) + 4;
    gsize whole = header + body_length((const char *)at, header);
    if (whole > VD_WIRE_MOST_TEXT)
        return VD_WIRE_BROKEN;
    if (length < whole)
        return VD_WIRE_MORE;
    *item = (VdWireItem){.data = at, .length = whole};
    wire->start += whole;
    wire->junk = 0;
    return VD_WIRE_TEXT;
}

/* An answer or a request begins with one of these; 'more' bytes may still be on their way. */
static bool begins_text(const guint8 *at, gsize length)
{
    static const char *const words[] = {"RTSP/",     "OPTIONS ",       "ANNOUNCE ",     "REDIRECT ",
                                        "TEARDOWN ", "SET_PARAMETER ", "GET_PARAMETER "};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (memcmp(at, words[i], MIN(length, strlen(words[i]))) == 0)
            return true;
    return false;
}

VdWireKind vd_wire_next(VdWire *wire, VdWireItem *item)
{
    while (wire->start < wire->end) {
        const guint8 *at = wire->data + wire->start;
        gsize length = wire->end - wire->start;

        if (at[0] == '$')
            return next_packet(wire, item, at, length);
        if (begins_text(at, length))
            return next_text(wire, item, at, length);
        wire->start++;
        if (++wire->junk > MOST_JUNK)
            return VD_WIRE_BROKEN;
    }
    return VD_WIRE_MORE;
}
