#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * What an RTSP connection carries after PLAY: RTP and RTCP packets framed by "$" and answers to
 * keep-alives between them, in chunks of any size. Pure; one thread.
 */
#define VD_WIRE_MOST_TEXT (16 * 1024) /* bytes of one answer */

typedef struct VdWire {
    guint8 *data;
    gsize size, start, end; /* bytes start..end are not taken yet */
    gsize junk;             /* bytes skipped since the last item that made sense */
} VdWire;

typedef enum VdWireKind {
    VD_WIRE_MORE,   /* nothing whole: read on */
    VD_WIRE_PACKET, /* data behind the "$" header */
    VD_WIRE_TEXT,   /* an answer or a request, header and body */
    VD_WIRE_BROKEN, /* this is no RTSP any more */
} VdWireKind;

typedef struct VdWireItem {
    guint channel;
    const guint8 *data; /* valid until vd_wire_room() */
    gsize length;
} VdWireItem;

void vd_wire_init(VdWire *wire);
void vd_wire_clear(VdWire *wire);
/* Where to read to; *room is never 0. Then say how much was read. */
guint8 *vd_wire_room(VdWire *wire, gsize *room);
void vd_wire_filled(VdWire *wire, gsize length);
/*
 * After VD_WIRE_MORE: so many bytes can be read without reading past what comes first. It is 1
 * where nothing says that more must follow.
 */
gsize vd_wire_wants(const VdWire *wire);
VdWireKind vd_wire_next(VdWire *wire, VdWireItem *item);
