#pragma once

#include "base/error.h"

#include <gio/gio.h>
#include <stdbool.h>

/*
 * Where to listen: ADDRESS:PORT, [ADDRESS6]:PORT or the absolute path of a Unix socket. Addresses
 * are numbers, not names.
 */

/* NULL with VD_ERROR_INVALID: what is wrong, and what is allowed. (transfer full) [any] */
GSocketAddress *vd_address_parse(const char *text, GError **error);

/* Whether only this machine reaches it: a Unix socket or a loopback address. [any] */
bool vd_address_is_local(GSocketAddress *address);

/*
 * Whether it may be listened on: when it is local, or when it may be reached by anybody. False with
 * VD_ERROR_INVALID: why not, and what is allowed. [any]
 */
bool vd_address_allowed(GSocketAddress *address, bool reached, GError **error);
