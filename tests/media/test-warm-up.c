#include "media/warm-up.h"

#include "media/reaper.h"

#include <gst/gst.h>
#include <stdbool.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

static bool runs(const char *name)
{
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task;
    bool found = false;

    while ((task = g_dir_read_name(tasks)) != NULL) {
        g_autofree char *path = g_build_filename("/proc/self/task", task, "comm", NULL);
        g_autofree char *comm = NULL;
        if (g_file_get_contents(path, &comm, NULL, NULL))
            found |= g_str_has_prefix(comm, name);
    }
    return found;
}

static void it_ends_by_itself(void)
{
    gint64 until_us = g_get_monotonic_time() + PATIENCE_US;
    VdWarmUp *warm_up = vd_warm_up_new();

    /* its thread; only the main loop ends it, which does not run yet */
    while (!runs("appsrc") && g_get_monotonic_time() < until_us)
        g_usleep(1000);
    while (runs("appsrc") && g_get_monotonic_time() < until_us)
        g_main_context_iteration(NULL, FALSE);
    g_assert_false(runs("appsrc"));
    vd_warm_up_free(warm_up);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + PATIENCE_US), ==, 0);
}

static void it_can_be_ended_at_any_time(void)
{
    for (guint i = 0; i < 100; i++) {
        VdWarmUp *warm_up = vd_warm_up_new();
        g_usleep(i * 100);
        if (i % 2 == 0)
            g_main_context_iteration(NULL, FALSE);
        vd_warm_up_free(warm_up);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + PATIENCE_US), ==, 0);
    vd_warm_up_free(NULL);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    g_thread_pool_set_max_idle_time(10); /* GStreamer's threads keep their names while they rest */
#define ADD(name) g_test_add_func("/warm-up/" #name, name)
    ADD(it_ends_by_itself);
    ADD(it_can_be_ended_at_any_time);
    return g_test_run();
}
