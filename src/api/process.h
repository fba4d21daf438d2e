#pragma once

#include "camera/status.h"

/* Sums over all cameras, and what the process itself uses. */
typedef struct VdTotals {
    gint64 uptime_us;
    guint cameras, enabled, states[VD_N_STATES];
    guint viewers, max_viewers, slow_viewers, renditions;
    guint64 pictures, skipped, bytes_sent; /* to viewers */
    guint64 units, bytes_received, frames, reconnects;
    guint64 dropped;
    double fps, fps_decoded, fps_analysed, bitrate;
} VdTotals;

void vd_totals_add(VdTotals *totals, const VdStatusParts *camera);
/* With what /proc says of the process now. [any] */
GBytes *vd_totals_json(const VdTotals *totals);
