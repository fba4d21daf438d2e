#pragma once

#include "camera/status.h"
#include "events/events.h"

/* Sums over all cameras, and what the process itself uses. */
typedef struct VdTotals {
    gint64 uptime_us, started_wall_us;
    guint cameras, enabled, states[VD_N_STATES];
    guint viewers, max_viewers, slow_viewers, renditions;
    guint64 pictures, skipped, bytes_sent; /* to viewers */
    guint64 units, bytes_received, frames, reconnects;
    guint64 dropped;
    double fps, fps_decoded, fps_analysed, bitrate;
    VdJournalStats journal;
    VdSinkFacts sinks[VD_MAX_SINKS];
    guint n_sinks;
} VdTotals;

/* What /proc says of the process now. */
typedef struct VdProcessFacts {
    double cpu_seconds; /* user and system, of all threads */
    guint64 resident_bytes, virtual_bytes;
    guint threads, descriptors;
    guint64 max_descriptors;
    guint abandoned_pipelines;
} VdProcessFacts;
void vd_process_read(VdProcessFacts *facts); /* [any] */

/* Seconds since what waits longest happened; 0: nothing waits. [any] */
double vd_sink_behind(const VdSinkFacts *sink);

void vd_totals_add(VdTotals *totals, const VdStatusParts *camera);
GBytes *vd_totals_json(const VdTotals *totals); /* [any] */
/* What this is and what it is made of. [any] */
GBytes *vd_version_json(void);
