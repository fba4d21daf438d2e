#pragma once

#include "http/certificate.h"
#include "http/wire.h"

#include <microhttpd.h>

/*
 * TLS connections whose first request has not begun. libmicrohttpd does their handshakes but does
 * not wait for them: one whose client is expected to say something keeps it busy without a pause
 * until that is said (0.9.75: a handshake that would block leaves the connection marked as ready).
 * So each is suspended after every step, and resumed when its socket has something. For the thread
 * that serves.
 */
typedef struct VdHandshakes {
    int epoll_fd; /* readable when there is something to do */
    GQueue running, waiting;
} VdHandshakes;

/* One of them; all zero for a connection that is none. */
typedef struct VdHandshake {
    VdHandshakes *owner; /* (nullable) */
    struct MHD_Connection *connection;
    VdWire *wire;
    VdCertificate *certificate; /* that it is shown, for as long as it lives */
    GList link;
    bool begun; /* the client has said something */
} VdHandshake;

/* What libmicrohttpd is to know for TLS. */
const struct MHD_OptionItem *vd_handshake_options(void);

bool vd_handshakes_init(VdHandshakes *all, GError **error);
void vd_handshakes_clear(VdHandshakes *all);

/* certificate: (transfer full) */
void vd_handshake_begin(VdHandshakes *all, VdHandshake *handshake,
                        struct MHD_Connection *connection, VdWire *wire,
                        VdCertificate *certificate);
/* Its first request begins, or it is over. */
void vd_handshake_end(VdHandshake *handshake);

/* Before libmicrohttpd runs: lets some of those go on that can. */
void vd_handshakes_go_on(VdHandshakes *all);
/* After it ran: suspends the others. */
void vd_handshakes_wait(VdHandshakes *all);
/* The server stops: all go on. */
void vd_handshakes_end(VdHandshakes *all);
