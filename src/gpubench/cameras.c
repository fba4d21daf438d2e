#include "gpubench/cameras.h"

#include <gio/gio.h>
#include <math.h>

#include "gpubench/camera.h"

#define RATE       30
#define FLAT_OUT   16   /* pipelines */
#define PATIENCE_S 30.0 /* until each has its first picture */
#define MOST_LATE  0.02 /* of all pictures */
#define WARM_UP_S  0.2

/* --- some at once ---------------------------------------------------------------------------- */

typedef struct Fleet {
    VdBenchCamera **cameras;
    guint n;
    bool fed;
    size_t memory; /* that was taken before */
} Fleet;

typedef struct Outcome {
    double fed, pictures, seconds;
    double cpu_s;
    double memory_each; /* bytes */
} Outcome;

static void free_fleet(Fleet *fleet)
{
    for (guint i = 0; i < fleet->n; i++)
        vd_bench_camera_free(fleet->cameras[i]);
    g_free(fleet->cameras);
}

static bool start_fleet(Fleet *fleet, const VdBenchGpu *gpu, const VdBenchClip *clip, guint n,
                        VdBenchWork work, VdBenchPace pace, GError **error)
{
    *fleet = (Fleet){.cameras = g_new0(VdBenchCamera *, n),
                     .n = n,
                     .fed = pace == VD_BENCH_FED,
                     .memory = vd_bench_memory_used(gpu)};
    for (guint i = 0; i < n; i++) {
        fleet->cameras[i] = vd_bench_camera_new(gpu, clip, work, pace, error);
        if (fleet->cameras[i] == NULL)
            return false;
    }
    return true;
}

/* Feeds one camera after the other, each 30 times a second; answers how many units. */
static double feed_for(Fleet *fleet, double seconds)
{
    gint64 begin_us = g_get_monotonic_time(), end_us = begin_us + (gint64)(seconds * 1e6);
    guint64 fed = 0;

    for (;; fed++) {
        gint64 due_us = begin_us + (gint64)((double)fed * 1e6 / (RATE * (double)fleet->n));
        gint64 ahead_us = due_us - g_get_monotonic_time();

        if (due_us >= end_us)
            return (double)fed;
        if (ahead_us > 0)
            g_usleep((gulong)ahead_us);
        if (fleet->fed)
            vd_bench_camera_feed(fleet->cameras[fed % fleet->n]);
    }
}

static bool count(const Fleet *fleet, double *pictures, GError **error)
{
    *pictures = 0;
    for (guint i = 0; i < fleet->n; i++) {
        guint64 one;

        if (!vd_bench_camera_count(fleet->cameras[i], &one, error))
            return false;
        *pictures += (double)one;
    }
    return true;
}

static bool all_play(const Fleet *fleet, gint64 deadline_us, GError **error)
{
    for (guint i = 0; i < fleet->n; i++)
        if (!vd_bench_camera_wait(fleet->cameras[i], deadline_us, error))
            return false;
    return true;
}

/* A decoder wants some units before its first picture. */
static bool warm_up(Fleet *fleet, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + (gint64)(PATIENCE_S * 1e6);
    bool play = false;

    while (!play && g_get_monotonic_time() < deadline_us) {
        g_clear_error(error);
        feed_for(fleet, WARM_UP_S);
        play = all_play(fleet, g_get_monotonic_time(), error);
        if (!play && !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
            return false;
    }
    return play;
}

static bool measure(Fleet *fleet, const VdBenchGpu *gpu, double seconds, Outcome *outcome,
                    GError **error)
{
    double before, after;

    if (!warm_up(fleet, error) || !count(fleet, &before, error))
        return false;
    double cpu_s = vd_bench_cpu_seconds();
    gint64 begin_us = g_get_monotonic_time();
    outcome->fed = feed_for(fleet, seconds);
    outcome->seconds = (double)(g_get_monotonic_time() - begin_us) / 1e6;
    outcome->cpu_s = vd_bench_cpu_seconds() - cpu_s;
    if (!count(fleet, &after, error))
        return false;
    outcome->pictures = after - before;
    outcome->memory_each = ((double)vd_bench_memory_used(gpu) - (double)fleet->memory) / fleet->n;
    return true;
}

static bool run_fleet(const VdBenchPlan *plan, const VdBenchGpu *gpu, const VdBenchClip *clip,
                      guint n, VdBenchWork work, VdBenchPace pace, Outcome *outcome, GError **error)
{
    Fleet fleet;
    bool done = start_fleet(&fleet, gpu, clip, n, work, pace, error) &&
                measure(&fleet, gpu, plan->seconds, outcome, error);

    free_fleet(&fleet);
    return done;
}

/* --- as fast as they can --------------------------------------------------------------------- */

static const VdBenchColumn nvdec_columns[] = {
    {"streams", "streams", 0},
    {"per_second", "pictures/s", 0},
    {"cameras", "cameras' worth", 1},
    {"cpu_ms", "CPU ms each", 3},
};

static bool measure_flat_out(const VdBenchPlan *plan, const VdBenchGpu *gpu,
                             const VdBenchClip *clip, VdBenchTable *table,
                             VdBenchFindings *findings, GError **error)
{
    static const char *const names[] = {
        [VD_BENCH_DECODE] = "decode alone",
        [VD_BENCH_ANALYSE] = "decode, mask and motion",
    };
    guint n = MIN(FLAT_OUT, plan->most_streams);

    for (VdBenchWork work = VD_BENCH_DECODE; work <= VD_BENCH_ANALYSE; work++) {
        Outcome outcome;

        if (!run_fleet(plan, gpu, clip, n, work, VD_BENCH_FLAT_OUT, &outcome, error))
            return false;
        double per_second = outcome.pictures / outcome.seconds;
        const double row[] = {n, per_second, per_second / RATE,
                              outcome.cpu_s * 1e3 / fmax(outcome.pictures, 1)};
        vd_bench_table_row(table, names[work], row);
        if (work == VD_BENCH_DECODE)
            findings->decode_per_second = per_second;
    }
    return true;
}

/* --- at a camera's pace ---------------------------------------------------------------------- */

static const VdBenchColumn camera_columns[] = {
    {"streams", "streams", 0},
    {"per_second", "pictures/s", 0},
    {"late_percent", "% late", 1},
    {"cpu_ms", "CPU ms each", 3},
    {"megabytes_each", "MB a camera", 1},
};

static double add_step(VdBenchTable *table, guint n, const Outcome *outcome)
{
    double late = fmax(0, 1 - outcome->pictures / fmax(outcome->fed, 1));
    g_autofree char *name = g_strdup_printf("%u camera%s", n, n > 1 ? "s" : "");
    const double row[] = {n, outcome->pictures / outcome->seconds, late * 100,
                          outcome->cpu_s * 1e3 / fmax(outcome->pictures, 1),
                          outcome->memory_each / 1e6};

    vd_bench_table_row(table, name, row);
    return late;
}

static void measure_paced(const VdBenchPlan *plan, const VdBenchGpu *gpu, const VdBenchClip *clip,
                          VdBenchTable *table, VdBenchFindings *findings)
{
    gint64 end_us = g_get_monotonic_time() + (gint64)(plan->growth_s * 1e6);

    for (guint n = 1; n <= plan->most_streams; n *= 2) {
        g_autoptr(GError) error = NULL;
        Outcome outcome;

        if (g_get_monotonic_time() > end_us) {
            vd_bench_table_note(table, g_strdup_printf("ended before %u: it took too long", n));
            return;
        }
        if (!run_fleet(plan, gpu, clip, n, VD_BENCH_ANALYSE, VD_BENCH_FED, &outcome, &error)) {
            vd_bench_table_note(table,
                                g_strdup_printf("ended at %u cameras: %s", n, error->message));
            return;
        }
        findings->camera_megabytes = outcome.memory_each / 1e6;
        if (add_step(table, n, &outcome) > MOST_LATE) {
            vd_bench_table_note(table, g_strdup_printf("ended at %u: pictures were late", n));
            return;
        }
        findings->cpu_ms = outcome.cpu_s * 1e3 / fmax(outcome.pictures, 1);
    }
}

bool vd_bench_cameras(const VdBenchPlan *plan, const VdBenchGpu *gpu, const VdBenchClip *clip,
                      VdBenchReport *report, VdBenchFindings *findings, GError **error)
{
    VdBenchTable *flat = vd_bench_report_table(report, "nvdec", "NVDEC, flat out", nvdec_columns,
                                               G_N_ELEMENTS(nvdec_columns));
    VdBenchTable *paced = vd_bench_report_table(
        report, "cameras", "Cameras at 30 pictures/s, decoded and analysed on the GPU",
        camera_columns, G_N_ELEMENTS(camera_columns));

    findings->clip_bytes = (double)clip->bytes / clip->units->len;
    vd_bench_table_note(flat, g_strdup_printf("clip: %s", clip->what));
    if (!measure_flat_out(plan, gpu, clip, flat, findings, error))
        return false;
    measure_paced(plan, gpu, clip, paced, findings);
    vd_bench_table_note(paced, g_strdup("CPU: this process, feeding its decoders included; MB: GPU "
                                        "memory taken since before the first of them"));
    return true;
}
