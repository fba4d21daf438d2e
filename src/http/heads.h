#pragma once

#include "http/wire.h"

/*
 * Connections whose next request is not whole yet, oldest first. Who sends a byte now and then is
 * never idle, and would keep a connection for hours: a head as a whole has a limit, too. Everything
 * here is for the thread that serves.
 */
typedef struct VdHead {
    GList link; /* in the queue, while it waits */
    gint64 since_us;
    VdWire wire; /* the connection's */
    gboolean waiting;
} VdHead;

void vd_head_begin(GQueue *heads, VdHead *head); /* to wait for a request's first byte */
void vd_head_end(GQueue *heads, VdHead *head);   /* it is whole, or the connection is over */

/* Tells those that began before `oldest_us` and ends their connections; how many. */
guint vd_heads_expire(GQueue *heads, gint64 oldest_us);
