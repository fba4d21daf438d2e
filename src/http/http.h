#pragma once

#include "access/access.h"
#include "api/api.h"
#include "http/https.h"

/*
 * The HTTP server: pages, JSON and live pictures out of a VdApi, on a thread of its own. It knows
 * nothing of cameras but what the VdApi says.
 */
typedef struct VdHttp VdHttp;

typedef struct VdHttpSettings {
    const char *listen;  /* "127.0.0.1:8080", "[::1]:8080" (port 0: any free one), "/run/x.sock" */
    int listen_fd;       /* a listening socket to use instead, taken over in any case; -1: none */
    const char *control; /* (nullable) path of the control socket: control.h */
    int max_connections; /* 1..VD_MAX_CONNECTIONS; 0: 1024 */
    VdAccess *access; /* (nullable) who may do what, which must outlive it; NULL: everybody all */
    VdHttps *tls;     /* (nullable) configured: what TCP is encrypted with, which must outlive it */
    bool insecure_listen; /* other addresses than loopback are allowed, of both; so they are with
                             tls, where access asks who it is */
} VdHttpSettings;

/*
 * Listens and serves from now on. `api` must outlive it. NULL with VD_ERROR_INVALID (listen, what
 * listen_fd is bound to, a limit) or _FAILED (the address is in use, ...): then nothing listens.
 * [main]
 */
VdHttp *vd_http_new(const VdHttpSettings *settings, VdApi *api, GError **error);
/* Ends every connection, also those that wait for pictures; every viewer is unwatched. [main] */
void vd_http_free(VdHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdHttp, vd_http_free)

/* Whether other machines reach it, which they may only while accounts are asked for. [any] */
bool vd_http_needs_accounts(VdHttp *http);
/* The TCP port that is listened on; 0 for a Unix socket. [any] */
guint16 vd_http_port(VdHttp *http);
/*
 * When the server's thread last came round, on vd_clock_now_us()'s clock: at least once a second
 * while it is healthy. [any]
 */
gint64 vd_http_last_progress_us(VdHttp *http);
