#include "base/clock.h"
#include "base/log.h"
#include "camera/cameras.h"
#include "media/reaper.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

/*
 * Cameras come, are watched and go. VEDETTE_SOAK says how many times; descriptors and threads must
 * be as many at the end as after the first tenth, and memory about as much.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CYCLES    20
#define MEMORY_KB (512 * 1024) /* what is freed is kept for a while to be guarded */
#else
#define CYCLES    500
#define MEMORY_KB (8 * 1024)
#endif

/* Threads that GLib's pools keep for the next to come: a leak would be one a cycle. */
#define SPARE_THREADS 8

typedef struct Use {
    guint descriptors, threads;
    guint64 rss_kb;
} Use;

typedef struct Soak {
    VdCameras *cameras;
    bool live;
} Soak;

static void on_published(VdStatus *status, void *data)
{
    ((Soak *)data)->live = vd_status_parts(status)->shown.state == VD_STATE_LIVE;
}

static void on_removed(const char *id, void *data)
{
}

static void on_happened(VdEvent *event, void *data)
{
    vd_event_unref(event);
}

static void on_alive(void *data)
{
}

static guint entries_of(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static bool has_reaper(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    bool found = false;

    for (const char *id; !found && (id = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/comm", id);
        g_autofree char *name = NULL;

        /* one that has ended meanwhile has no name any more */
        found = g_file_get_contents(path, &name, NULL, NULL) && g_str_has_prefix(name, "reaper");
    }
    return found;
}

/* A thread that is still on its way out counts as one, and LeakSanitizer stumbles over it. */
static void await_reapers(void)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    while (has_reaper()) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_thread_yield();
    }
}

static Use look(void)
{
    g_autofree char *statm = NULL;
    char *end;

    /* pipelines that are on their way out do not count */
    g_assert_cmpuint(vd_reaper_drain(vd_clock_now_us() + 10 * G_USEC_PER_SEC), ==, 0);
    await_reapers();
    g_assert_true(g_file_get_contents("/proc/self/statm", &statm, NULL, NULL));
    strtoull(statm, &end, 10);
    return (Use){entries_of("/proc/self/fd"), entries_of("/proc/self/task"),
                 strtoull(end, NULL, 10) * 4};
}

static void configure(VdCameras *cameras, const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) config = vd_config_parse(text, strlen(text), "test", errors);

    g_assert_nonnull(config);
    vd_cameras_configure(cameras, config);
}

static void one_cycle(Soak *soak)
{
    static const VdWish wish = {.width = 64, .fps = 0, .quality = 50, .annotate = 1};
    g_autoptr(VdAudience) audience = vd_audience_new(&wish);
    guint64 seen = 0;

    soak->live = false;
    configure(soak->cameras, "[camera front]\nuri=test:quiet?width=160&height=120&fps=60\n");
    vd_cameras_open(soak->cameras, "front", audience);
    while (!soak->live)
        g_main_context_iteration(NULL, TRUE);
    VdPicture *picture = NULL;
    while (picture == NULL || picture->placeholder) {
        vd_picture_unref(picture);
        g_main_context_iteration(NULL, FALSE);
        picture = vd_mailbox_wait(vd_audience_mailbox(audience), &seen, vd_clock_now_us() + 1000);
    }
    vd_picture_unref(picture);
    configure(soak->cameras, "");
}

static void cycles_leave_nothing_behind(void)
{
    static const VdCamerasEvents events = {on_published, on_removed, on_alive, on_happened};
    Soak soak = {0};
    int cycles = g_getenv("VEDETTE_SOAK") != NULL ? atoi(g_getenv("VEDETTE_SOAK")) : CYCLES;

    soak.cameras = vd_cameras_new(&events, &soak);
    for (int i = 0; i < cycles / 10; i++)
        one_cycle(&soak);
    Use before = look();
    for (int i = cycles / 10; i < cycles; i++)
        one_cycle(&soak);
    Use after = look();
    g_test_message("%d cycles: descriptors %u -> %u, threads %u -> %u, RSS %" G_GUINT64_FORMAT
                   " -> %" G_GUINT64_FORMAT " kB",
                   cycles, before.descriptors, after.descriptors, before.threads, after.threads,
                   before.rss_kb, after.rss_kb);
    g_assert_cmpuint(after.descriptors, <=, before.descriptors + 2);
    g_assert_cmpuint(after.threads, <=, before.threads + SPARE_THREADS);
    g_assert_cmpuint(after.rss_kb, <=, before.rss_kb + MEMORY_KB);
    vd_cameras_free(soak.cameras);
    while (g_main_context_iteration(NULL, FALSE))
        ; /* news of cameras that are no more */
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    vd_log_set_level(VD_LOG_WARNING);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soak/cycles_leave_nothing_behind", cycles_leave_nothing_behind);
    return g_test_run();
}
