#pragma once

#include "gpubench/lane.h"

#define VD_BENCH_MOST_BATCHES 9

/* How long and how often things are measured. */
typedef struct VdBenchPlan {
    double seconds;  /* of each step that is timed by the clock */
    double growth_s; /* after which no more cameras are added */
    double batch_us; /* work that is timed at once, about */
    guint batches;   /* of which the median is taken */
    guint most_streams;
} VdBenchPlan;

typedef int (*VdBenchRun)(VdBenchLane *lane);

/*
 * The time of a picture on the GPU, by its events, while n lanes are given work by a few threads:
 * as often as makes it long enough to be told. Waits until all is done.
 */
bool vd_bench_time(const VdBenchPlan *plan, VdBenchLane *lanes, guint n, VdBenchRun run, double *us,
                   GError **error);
/* Threads that give n lanes their work. */
guint vd_bench_threads(guint n);

/* What n threads do when each works on a lane of its own and waits for each picture. */
typedef struct VdBenchRate {
    double per_second; /* all together */
    double cpu_ms;     /* of a picture, user and system */
} VdBenchRate;
bool vd_bench_rate(const VdBenchPlan *plan, VdBenchLane *lanes, guint n, VdBenchRun run,
                   VdBenchRate *rate, GError **error);
