#pragma once

#include "fake-api.h"
#include "http/http.h"

/* A server on a port of its own, whose cameras are a fake API's. */
typedef struct Site {
    FakeApi *fake;
    VdHttp *http;
    guint16 port;
} Site;

/* Sites that are opened from now on speak TLS, and so do clients. */
void site_speak_tls(bool tls);
/* access: (nullable), who may do what. */
void site_open_for(Site *site, const char *const *ids, VdAccess *access);
/* most_connections: 0 for the server's own limit. */
void site_open(Site *site, const char *const *ids, int most_connections);
/* Nobody may be watching any more then. */
void site_close(Site *site);
