#pragma once

#include "access/access.h"
#include "api/api.h"
#include "base/lock.h"
#include "http/handshake.h"
#include "http/heads.h"
#include "http/listener.h"
#include "http/streams.h"

#include <microhttpd.h>

/*
 * One request and its reply: judged when its headers are there, acted on when it is whole, and
 * answered at once, by streams.c, or when somebody else has the answer. In the last two cases
 * libmicrohttpd's connection is suspended meanwhile. For the thread that serves.
 */

/* What all of a server's have in common. */
typedef struct VdExchanges {
    VdApi *api;
    VdAccess *access; /* (nullable) everybody may do everything */
    VdStreams *streams;
    struct MHD_Daemon *control; /* (nullable) of the control socket */
    gid_t control_group;        /* whose members are its admins */
    guint connections, max_connections;
    GQueue heads;   /* VdHead: connections whose next request is not whole */
    GQueue waiting; /* suspended until somebody answers */
    VdLock lock;
    GQueue answered;  /* [lock] of those */
    GQueue listening; /* suspended until something happens, the longest first */
    bool happened;    /* [lock] something did */
    guint heard;      /* what the API is told to hear no more by */
    gint stop;        /* atomic: from now on nobody waits */
} VdExchanges;

/* libmicrohttpd's callbacks; their first argument is the VdExchanges. */
void *vd_exchange_begin(void *all, const char *uri, struct MHD_Connection *connection);
void vd_exchange_end(void *all, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode why);
enum MHD_Result vd_exchange_answer(void *all, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *body,
                                   size_t *body_size, void **state);

/* Whether it came by the control socket. */
bool vd_exchange_controls(const VdExchanges *all, struct MHD_Connection *connection);
/* What is kept of a connection, made with it. */
typedef struct VdConnection {
    VdHead head;
    VdHandshake handshake;
} VdConnection;
VdConnection *vd_exchange_connection(struct MHD_Connection *connection);

/* From now on, and until vd_exchanges_end(), it is heard what happens. */
void vd_exchanges_hear(VdExchanges *all);
/* Those that were answered since go on, and those who listen when something happened. */
void vd_exchanges_take_answered(VdExchanges *all);
/* Who waits for an answer and has left is noticed: nobody else looks at a suspended connection. */
void vd_exchanges_notice_leavers(VdExchanges *all);
/* Who is not answered by now is told that the server stops. */
void vd_exchanges_end(VdExchanges *all);
