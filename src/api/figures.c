#include "api/figures.h"

#include "api/metrics.h"
#include "api/process.h"
#include "api/system.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "media/gpu.h"

#define KEPT_US (G_USEC_PER_SEC / 2)

/* An answer that is given for a while. */
typedef struct Kept {
    GBytes *body; /* (nullable) */
    gint64 made_us;
} Kept;

struct VdFigures {
    VdRoster *roster;
    VdEvents *events;
    VdMoment started;
    VdSystem *system;
    VdLock lock;
    Kept stats, metrics; /* [lock] */
};

static void sum_up(VdFigures *figures, const GPtrArray *statuses, VdTotals *totals)
{
    *totals = (VdTotals){
        .uptime_us = vd_clock_now_us() - figures->started.us,
        .started_wall_us = figures->started.wall_us,
    };
    for (guint i = 0; i < statuses->len; i++)
        vd_totals_add(totals, vd_status_parts(statuses->pdata[i]));
    vd_roster_viewers(figures->roster, &totals->viewers, &totals->max_viewers);
    vd_journal_stats(vd_events_journal(figures->events), &totals->journal);
    totals->n_sinks = vd_events_sinks(figures->events, totals->sinks);
}

static GBytes *make_stats(VdFigures *figures)
{
    g_autoptr(GPtrArray) statuses = vd_roster_all(figures->roster, NULL);
    VdTotals totals;

    sum_up(figures, statuses, &totals);
    return vd_totals_json(&totals);
}

static GBytes *make_metrics(VdFigures *figures)
{
    g_autoptr(GPtrArray) statuses = vd_roster_all(figures->roster, NULL);
    VdGpuFacts gpus[VD_MAX_GPUS];
    VdProcessFacts process;
    VdTotals totals;
    VdMetricsFacts facts = {&totals, &process, statuses, gpus, MIN(vd_gpu_count(), VD_MAX_GPUS)};

    sum_up(figures, statuses, &totals);
    vd_process_read(&process);
    for (guint i = 0; i < facts.n_gpus; i++)
        vd_gpu_tell(i, &gpus[i]);
    return vd_metrics_text(&facts);
}

/* Whoever asks again at once gets the same answer: making one takes time from others. */
static GBytes *keep(VdFigures *figures, Kept *kept, GBytes *(*make)(VdFigures *figures))
{
    gint64 now = vd_clock_now_us();

    vd_lock(&figures->lock);
    bool fresh = kept->body != NULL && now - kept->made_us < KEPT_US;
    GBytes *body = fresh ? g_bytes_ref(kept->body) : NULL;
    vd_unlock(&figures->lock);
    if (body != NULL)
        return body;

    body = make(figures);
    vd_lock(&figures->lock);
    GBytes *before = kept->body;
    kept->body = g_bytes_ref(body);
    kept->made_us = now;
    vd_unlock(&figures->lock);
    g_bytes_unref(before);
    return body;
}

GBytes *vd_figures_stats(VdFigures *figures)
{
    return keep(figures, &figures->stats, make_stats);
}

GBytes *vd_figures_metrics(VdFigures *figures)
{
    return keep(figures, &figures->metrics, make_metrics);
}

void vd_figures_system(VdFigures *figures, VdTicket *ticket)
{
    guint viewers, max_viewers;

    vd_roster_viewers(figures->roster, &viewers, &max_viewers);
    vd_system_ask(figures->system, max_viewers, ticket);
}

VdFigures *vd_figures_new(VdRoster *roster, VdEvents *events)
{
    VdFigures *figures = g_new0(VdFigures, 1);

    figures->roster = roster;
    figures->events = events;
    figures->started = vd_moment_now();
    figures->system = vd_system_new();
    vd_lock_init(&figures->lock);
    return figures;
}

void vd_figures_free(VdFigures *figures)
{
    if (figures == NULL)
        return;
    g_bytes_unref(figures->stats.body);
    g_bytes_unref(figures->metrics.body);
    vd_system_free(figures->system);
    vd_lock_clear(&figures->lock);
    g_free(figures);
}

void vd_figures_configure(VdFigures *figures, const VdConfig *config)
{
    vd_system_configure(figures->system, config);
}
