#include "gpubench/timing.h"

#include <errno.h>
#include <stdlib.h>

#define MOST_THREADS 8
#define MOST_ROUNDS  20000

typedef struct Worker {
    VdBenchLane *lanes; /* every step-th of n, from the first */
    guint n, step;
    VdBenchRun run;
    guint rounds;       /* 0: until the deadline, and waits for each picture */
    gint64 deadline_us; /* on the monotonic clock */
    guint64 done;       /* pictures */
    int result;
    GThread *thread;
} Worker;

static void work_in_rounds(Worker *worker)
{
    for (guint round = 0; round < worker->rounds && worker->result == 0; round++)
        for (guint i = 0; i < worker->n && worker->result == 0; i += worker->step)
            worker->result = worker->run(&worker->lanes[i]);
}

static void work_until_deadline(Worker *worker)
{
    while (worker->result == 0 && g_get_monotonic_time() < worker->deadline_us) {
        worker->result = worker->run(worker->lanes);
        if (worker->result == 0)
            worker->result = vd_bench_lane_wait(worker->lanes);
        worker->done++;
    }
}

static gpointer work(gpointer data)
{
    Worker *worker = data;
    GstContext *context = worker->lanes->scene->gpu->context;

    if (!vd_bench_context_enter(context)) {
        worker->result = -ENODEV;
        return NULL;
    }
    if (worker->rounds > 0)
        work_in_rounds(worker);
    else
        work_until_deadline(worker);
    vd_bench_context_leave();
    return NULL;
}

/* Answers the first thing that went wrong. */
static int run_all(Worker *workers, guint n)
{
    int result = 0;

    for (guint i = 0; i < n; i++)
        workers[i].thread = g_thread_new("gpubench", work, &workers[i]);
    for (guint i = 0; i < n; i++) {
        g_thread_join(workers[i].thread);
        if (result == 0)
            result = workers[i].result;
    }
    return result;
}

guint vd_bench_threads(guint n)
{
    return MIN(n, CLAMP(g_get_num_processors(), 1, MOST_THREADS));
}

/* --- by the GPU's events --------------------------------------------------------------------- */

static int launch_rounds(VdBenchLane *lanes, guint n, VdBenchRun run, guint rounds)
{
    guint n_threads = vd_bench_threads(n);
    Worker workers[MOST_THREADS];

    for (guint i = 0; i < n_threads; i++)
        workers[i] = (Worker){
            .lanes = &lanes[i], .n = n - i, .step = n_threads, .run = run, .rounds = rounds};
    return run_all(workers, n_threads);
}

/* All lanes begin after `start`, and `end` is after all of them. */
static int time_rounds(VdBenchLane *lanes, guint n, VdBenchRun run, guint rounds, CUevent start,
                       CUevent end)
{
    const VdBenchGpu *gpu = lanes[0].scene->gpu;
    CUstream first = lanes[0].stream;
    int result = (int)gpu->cu->cuEventRecord(start, first);

    for (guint i = 1; i < n && result == 0; i++)
        result = (int)gpu->stream_wait(lanes[i].stream, start, 0);
    if (result == 0)
        result = launch_rounds(lanes, n, run, rounds);
    for (guint i = 1; i < n && result == 0; i++) {
        result = (int)gpu->cu->cuEventRecord(lanes[i].done, lanes[i].stream);
        if (result == 0)
            result = (int)gpu->stream_wait(first, lanes[i].done, 0);
    }
    if (result == 0)
        result = (int)gpu->cu->cuEventRecord(end, first);
    return result == 0 ? (int)gpu->cu->cuEventSynchronize(end) : result;
}

static bool time_batch(VdBenchLane *lanes, guint n, VdBenchRun run, guint rounds, double *us,
                       GError **error)
{
    const VdBenchGpu *gpu = lanes[0].scene->gpu;
    CUevent start = NULL, end = NULL;
    float ms = 0;

    int result = (int)gpu->cu->cuEventCreate(&start, 0);
    if (result == 0)
        result = (int)gpu->cu->cuEventCreate(&end, 0);
    if (result == 0)
        result = time_rounds(lanes, n, run, rounds, start, end);
    if (result == 0)
        result = (int)gpu->event_elapsed(&ms, start, end);
    if (start != NULL)
        gpu->cu->cuEventDestroy(start);
    if (end != NULL)
        gpu->cu->cuEventDestroy(end);
    *us = (double)ms * 1e3;
    return vd_bench_ok(gpu, result, "an operator", error);
}

static int by_value(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

bool vd_bench_time(const VdBenchPlan *plan, VdBenchLane *lanes, guint n, VdBenchRun run, double *us,
                   GError **error)
{
    double times[VD_BENCH_MOST_BATCHES];
    double took_us = 0;
    guint rounds = 1;

    /* The first ones warm up, and show how many rounds are enough. */
    if (!time_batch(lanes, n, run, rounds, &took_us, error))
        return false;
    while (took_us < plan->batch_us / 2 && rounds < MOST_ROUNDS) {
        double more = plan->batch_us / MAX(took_us, 1);

        rounds = (guint)CLAMP(rounds * MIN(more, 100), rounds + 1, MOST_ROUNDS);
        if (!time_batch(lanes, n, run, rounds, &took_us, error))
            return false;
    }
    for (guint i = 0; plan->batches > 1 && i < plan->batches; i++)
        if (!time_batch(lanes, n, run, rounds, &times[i], error))
            return false;
    if (plan->batches == 1)
        times[0] = took_us;
    qsort(times, plan->batches, sizeof *times, by_value);
    *us = times[plan->batches / 2] / rounds / n;
    return true;
}

/* --- by the clock ---------------------------------------------------------------------------- */

bool vd_bench_rate(const VdBenchPlan *plan, VdBenchLane *lanes, guint n, VdBenchRun run,
                   VdBenchRate *rate, GError **error)
{
    g_autofree Worker *workers = g_new0(Worker, n);
    double cpu_s = vd_bench_cpu_seconds();
    gint64 begin_us = g_get_monotonic_time();
    guint64 done = 0;

    for (guint i = 0; i < n; i++)
        workers[i] = (Worker){.lanes = &lanes[i],
                              .run = run,
                              .deadline_us = begin_us + (gint64)(plan->seconds * 1e6)};
    int result = run_all(workers, n);
    double took_s = (double)(g_get_monotonic_time() - begin_us) / 1e6;

    cpu_s = vd_bench_cpu_seconds() - cpu_s;
    for (guint i = 0; i < n; i++)
        done += workers[i].done;
    *rate = (VdBenchRate){(double)done / took_s, done > 0 ? cpu_s * 1e3 / (double)done : 0};
    return vd_bench_ok(lanes[0].scene->gpu, result, "an operator", error);
}
