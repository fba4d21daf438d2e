#pragma once

#include "api/process.h"
#include "media/gpu.h"

/* What /metrics says: cameras, stages, process and GPUs as Prometheus reads them. [any] */
typedef struct VdMetricsFacts {
    const VdTotals *totals;
    const VdProcessFacts *process;
    const GPtrArray *statuses; /* VdStatus */
    const VdGpuFacts *gpus;
    guint n_gpus;
} VdMetricsFacts;

/* The text exposition format, version 0.0.4 (transfer full). */
GBytes *vd_metrics_text(const VdMetricsFacts *facts);

/* The families in it, each a row of one table. */
typedef struct VdMetric {
    const char *name, *type, *help;
} VdMetric;
const VdMetric *vd_metric(guint number); /* (nullable) there are no more */
