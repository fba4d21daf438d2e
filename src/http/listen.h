#pragma once

#include "base/error.h"

#include <stdbool.h>

/*
 * Opens a listening socket at ADDRESS:PORT, [ADDRESS6]:PORT or a Unix socket's absolute path (one
 * that nobody listens on any more is replaced). Addresses are numbers, not names. -1 with
 * VD_ERROR_INVALID, also for an address that is not loopback unless it may be `reached` from other
 * machines, or _FAILED.
 */
int vd_listen(const char *where, bool reached, GError **error);
/*
 * A listening socket that somebody else opened; what it is bound to is judged in the same way. fd,
 * or -1 when it is refused: then it is closed.
 */
int vd_listen_take(int fd, bool reached, GError **error);
/* Whether only this machine reaches a listening socket. */
bool vd_listen_is_local(int fd);
/* The port of a listening socket; 0 for a Unix one. */
guint16 vd_listen_port(int fd);
