#pragma once

#include "base/limits.h"

#include <glib.h>
#include <stdbool.h>

/* How somebody who is told of events takes it. Counters only grow. */
typedef struct VdSinkFacts {
    char name[VD_MAX_ID + 16]; /* "webhook:alarm", "mqtt" */
    bool failing;              /* what was tried last failed, or there is no connection */
    guint waiting;             /* events that are at hand for it */
    gint64 oldest_wall_us;     /* of the one that waits longest; 0: none does */
    guint64 told, failures, dropped;
} VdSinkFacts;

#define VD_MAX_SINKS (VD_MAX_WEBHOOKS + 1)
