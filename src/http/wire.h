#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/uio.h>

struct gnutls_session_int;

/*
 * What a connection is written to past libmicrohttpd: its socket or, under TLS, libmicrohttpd's own
 * session on it. It belongs to the thread that serves.
 */
typedef struct VdWire {
    int fd;
    struct gnutls_session_int *tls; /* (nullable) plain */
    bool busy;                      /* it has begun with bytes that it does not count as taken */
} VdWire;

enum { VD_WIRE_PIECES = 4 };

/*
 * Writes pieces, VD_WIRE_PIECES at most, from byte `at` of them all on, without waiting. The bytes
 * taken, 0 when there is no room, -1 when the connection is dead. A wire that is busy afterwards
 * has made a record of what comes next, which it can only go on with: it must be given the same
 * bytes again when the socket has room.
 */
gssize vd_wire_send(VdWire *wire, const struct iovec *pieces, int count, gsize at);

/* Whether the other side sends nothing any more, or is gone, which looks the same at first. */
bool vd_wire_is_left(const VdWire *wire);
