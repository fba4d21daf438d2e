#pragma once

#include "access/access.h"

#include <glib.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>

/* What a request's headers say, read out of libmicrohttpd. For the thread that serves. */

enum { VD_PEER_SIZE = INET6_ADDRSTRLEN };

const char *vd_header(struct MHD_Connection *connection, const char *name); /* (nullable) */
/* The client's address as text, "local" over a Unix socket; VD_PEER_SIZE bytes. */
void vd_headers_peer(struct MHD_Connection *connection, char *peer);
/* What they say of who sends it and for which page; role, changes and place are left alone. */
void vd_headers_ask(struct MHD_Connection *connection, VdAsk *ask);
/* 0: there is no body; -1: it does not say; G_MAXINT64: too long for a number, or none. */
gint64 vd_headers_body_length(struct MHD_Connection *connection);
/*
 * Whether lengths or hosts contradict each other. A proxy before us may take the one and we the
 * other: what is a body to it is a request to us.
 */
bool vd_headers_contradict(struct MHD_Connection *connection);
