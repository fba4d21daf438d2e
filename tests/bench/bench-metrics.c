/*
 * bench-metrics - what it costs to see inside: one time that is counted, one look at the clock, the
 * share of a CPU that both take of a camera, and the page of /metrics.
 */
#include "api/metrics.h"
#include "base/clock.h"

#include <gst/gst.h>
#include <stdio.h>
#include <time.h>

enum { TURNS = 10 * 1000 * 1000, PAGES = 50, CAMERAS = 50, FPS = 30, ANALYSED = 10 };

/*
 * Of a picture: received, decoded, drawn, encoded, and its viewer's three; and read for that: what
 * arrived, in the ring, given, decoded, put, drawn, encoded, sent.
 */
enum { TIMES = 7, LOOKS = 8 };

/* CPU time of all threads, which others on the machine do not lengthen much. */
static gint64 cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static double ns_each(gint64 begun_ns, double count)
{
    return (double)(cpu_ns() - begun_ns) / count;
}

static void *count_up(void *stages)
{
    for (gint64 i = 0; i < TURNS; i++)
        vd_stages_observe(stages, VD_STAGE_TOTAL, i & 0x7fff);
    return NULL;
}

static double time_counted(guint threads)
{
    g_autoptr(VdStages) stages = vd_stages_new();
    GThread *all[2];
    gint64 begun_ns = cpu_ns();

    for (guint i = 0; i < threads; i++)
        all[i] = g_thread_new("count", count_up, stages);
    for (guint i = 0; i < threads; i++)
        g_thread_join(all[i]);
    return ns_each(begun_ns, (double)TURNS * threads);
}

static double clock_read(void)
{
    gint64 begun_ns = cpu_ns();

    for (guint i = 0; i < TURNS; i++)
        vd_clock_now_us();
    return ns_each(begun_ns, TURNS);
}

static VdStatus *camera(guint number)
{
    g_autofree char *id = g_strdup_printf("camera-%u", number);
    VdStatusParts parts = {
        .config = vd_camera_config_new(id, "test:quiet", NULL),
        .stages = vd_stages_new(),
        .shown = {.ring = {.units = 1234567, .bytes = 12345678901}, .analysis = {.decoded = 1234}},
        .renditions = g_array_new(FALSE, FALSE, sizeof(VdRenditionStatus)),
        .guests = g_array_new(FALSE, FALSE, sizeof(VdGuest)),
    };

    for (VdStage stage = 0; stage < VD_N_STAGES; stage++)
        for (gint64 i = 0; i < 100000; i += 7)
            vd_stages_observe(parts.stages, stage, i);
    return vd_status_new(&parts);
}

static double page_ms(gsize *size)
{
    g_autoptr(GPtrArray) statuses = g_ptr_array_new_with_free_func((GDestroyNotify)vd_status_unref);
    VdTotals totals = {.cameras = CAMERAS};
    VdProcessFacts process;
    VdMetricsFacts facts = {.totals = &totals, .process = &process, .statuses = statuses};

    for (guint i = 0; i < CAMERAS; i++)
        g_ptr_array_add(statuses, camera(i));
    gint64 begun_ns = cpu_ns();
    for (guint i = 0; i < PAGES; i++) {
        vd_process_read(&process);
        GBytes *page = vd_metrics_text(&facts);
        *size = g_bytes_get_size(page);
        g_bytes_unref(page);
    }
    return ns_each(begun_ns, PAGES) / 1e6;
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    double one = time_counted(1), two = time_counted(2), look = clock_read();
    double share = (double)FPS * (TIMES * one + LOOKS * look) + ANALYSED * one;
    gsize size;
    double page = page_ms(&size);

    printf("a time is counted                    %6.1f ns\n", one);
    printf("by two threads in the same histogram %6.1f ns\n", two);
    printf("a look at the clock                  %6.1f ns\n", look);
    printf("a camera of %d pictures/s, a viewer  %7.5f %% of a CPU\n", FPS, share / 1e9 * 100);
    printf("/metrics of %d cameras, %zu kB       %6.2f ms\n", CAMERAS, size / 1000, page);
    return 0;
}
