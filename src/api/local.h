#pragma once

#include "api/api.h"
#include "base/command.h"
#include "config/settings.h"
#include "events/events.h"

/*
 * The daemon's own VdApi: it has the cameras, keeps the newest status of each, and knows who
 * watches what. Requests come on any thread and are answered from what is kept; what must be done
 * to a camera is posted to the main loop.
 */
typedef struct VdLocal VdLocal;

/*
 * No camera yet. settings: (transfer none) what holds; orders from outside change it. What happens
 * is posted to events, which outlives it. [main]
 */
VdLocal *vd_local_new(VdCommands *commands, VdSettings *settings, VdEvents *events);
/* Nobody may hold a viewer any more. [main] */
void vd_local_free(VdLocal *local);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdLocal, vd_local_free)

/* Takes over the cameras and limits that settings say now, by difference. [main] */
void vd_local_configure(VdLocal *local);

VdApi *vd_local_api(VdLocal *local);       /* (transfer none) */
VdEvents *vd_local_events(VdLocal *local); /* (transfer none) [any] */

typedef struct VdLocalCounts {
    guint cameras; /* that are enabled */
    guint live;
    guint viewers;
} VdLocalCounts;
void vd_local_count(VdLocal *local, VdLocalCounts *counts); /* [any] */
/* When the cameras were last looked after, on vd_clock_now_us()'s clock. [any] */
gint64 vd_local_last_progress_us(VdLocal *local);
