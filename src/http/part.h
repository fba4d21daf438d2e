#pragma once

#include "base/picture.h"
#include "http/pipe.h"
#include "http/wire.h"

/*
 * A picture as one part of a stream, made once for all its viewers. In a multipart stream: headers,
 * the JPEG, and the boundary line of the part that comes next, which tells a reader at once that
 * the picture is whole. In a video: the fragment, and before the first one its opening. Counted
 * without atomics: it belongs to one thread.
 */
typedef struct VdPart {
    guint refs;
    guint64 number; /* of the mailbox's post */
    VdPicture *picture;
    gsize head_size;
    char head[384];
} VdPart;

/* How parts follow each other. */
typedef enum VdFraming {
    VD_FRAMING_FULL,    /* headers, picture, boundary */
    VD_FRAMING_AHEAD,   /* picture, boundary, the next part's headers: those known by then */
    VD_FRAMING_OPENING, /* the first of a video: opening, fragment */
    VD_FRAMING_BARE,    /* the others: fragments alone */
    VD_N_FRAMINGS,
} VdFraming;

VdPart *vd_part_new(VdPicture *picture, guint64 number); /* picture: (transfer full) */
VdPart *vd_part_ref(VdPart *part);
void vd_part_unref(VdPart *part);
gsize vd_part_size(const VdPart *part, VdFraming framing);
/* What a stream begins with before any part; it is short: a new socket has room for it. */
const char *vd_part_opening(VdFraming framing);

/* Appends, to what a stream begins with, a part that says in JSON why a camera is not in it. */
void vd_part_append_refusal(GString *parts, const char *camera, GBytes *json);

/* What most of its viewers get. */
VdFraming vd_part_usual(const VdPart *part);
/* Puts the part into the pipe in that framing; false: it does not go in. */
bool vd_part_fill(const VdPart *part, VdPipe *pipe);

/*
 * Writes the part from byte `at` on, as vd_wire_send() does. A pipe that has the part in this
 * framing may save a plain connection a copy.
 */
gssize vd_part_send(const VdPart *part, VdFraming framing, gsize at, VdPipe *pipe, VdWire *wire);
