#pragma once

#include <glib.h>

/* Events a second, over windows of two seconds. The caller locks. Zeroed memory is a fresh one. */
typedef struct VdRate {
    gint64 start_us;
    guint count;
    double per_second; /* of the last whole window */
} VdRate;

void vd_rate_tick(VdRate *rate, gint64 now_us);
double vd_rate_read(const VdRate *rate, gint64 now_us);
