#include "base/clock.h"
#include "base/lock.h"
#include "view-rig.h"

/* How views end, begin again, and go on where they are slow. */

#define PATIENCE_US (30 * G_USEC_PER_SEC)

static const MadeSpec spec = {.width = 320, .height = 240};
static const VdRendition plain = {.quality = 90};

static gboolean tick(void *data)
{
    return G_SOURCE_CONTINUE;
}

/* Pictures that no element takes end the pipeline; the view makes another. */
static void a_view_that_failed_starts_again(void)
{
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &plain);
    rig_post(&rig, 0);
    vd_picture_unref(rig_next(&rig));
    rig_break(&rig);
    rig_clear(&rig);
}

typedef struct Breaking {
    Rig rig;
    guint posted, shown; /* the newest frame's number, and the newest picture's */
    guint bad;           /* that of the one that breaks it */
} Breaking;

static void look(Breaking *breaking)
{
    VdPicture *picture;

    while ((picture = vd_mailbox_take(breaking->rig.mailbox, &breaking->rig.seen)) != NULL) {
        breaking->shown = (guint)picture->number;
        vd_picture_unref(picture);
    }
}

static bool shows_newest(void *data)
{
    Breaking *breaking = data;

    look(breaking);
    return breaking->shown == breaking->posted;
}

/* More frames come until then. */
static bool is_mended(void *data)
{
    Breaking *breaking = data;

    look(breaking);
    if (breaking->shown <= breaking->bad)
        rig_post(&breaking->rig, breaking->posted++);
    return breaking->shown > breaking->bad;
}

/* How long it takes until it shows pictures again. */
static gint64 break_once(Breaking *breaking)
{
    static const MadeSpec bad = {.format = "I420_10LE", .width = 320, .height = 240};
    gint64 start_us = g_get_monotonic_time();

    rig_post_like(&breaking->rig, &bad, breaking->posted++);
    breaking->bad = breaking->posted;
    made_await(is_mended, breaking);
    gint64 took_us = g_get_monotonic_time() - start_us;
    made_await(shows_newest, breaking); /* nothing is in work any more */
    return took_us;
}

/* How long it takes from each of n breaks on, all together, in a new view. */
static gint64 break_view(guint n)
{
    Breaking breaking = {0};
    gint64 took_us = 0;

    rig_init(&breaking.rig);
    rig_view(&breaking.rig, &plain);
    guint ticks = g_timeout_add(20, tick, NULL);
    rig_post(&breaking.rig, breaking.posted++);
    made_await(shows_newest, &breaking);
    for (guint i = 0; i < n; i++)
        took_us += break_once(&breaking);
    g_source_remove(ticks);
    rig_clear(&breaking.rig);
    return took_us;
}

/* The first three times at once. */
static void a_view_that_keeps_failing_starts_again_once_a_second(void)
{
    gint64 least_us = G_MAXINT64;

    vd_clock_hold(vd_clock_now_us(), vd_clock_wall_us());
    for (guint i = 0; i < 3; i++)
        least_us = MIN(least_us, break_view(1));
    gint64 six_us = break_view(6);
    vd_clock_release();
    g_test_message("one takes %.0f ms, six %.0f ms", (double)least_us / 1e3, (double)six_us / 1e3);
    g_assert_cmpint(least_us, <, G_USEC_PER_SEC);
    g_assert_cmpint(six_us, >=, 3 * G_USEC_PER_SEC);
}

/* The encoder's thread stands in the posting of the first picture until it is let on. */
typedef struct Barrier {
    VdLock lock;
    VdCond moved;
    bool reached, open;
} Barrier;

static void stand(void *data)
{
    Barrier *barrier = data;

    vd_lock(&barrier->lock);
    barrier->reached = true;
    vd_cond_signal(&barrier->moved);
    while (!barrier->open)
        vd_cond_wait(&barrier->moved, &barrier->lock);
    vd_unlock(&barrier->lock);
}

static void await(Barrier *barrier)
{
    vd_lock(&barrier->lock);
    while (!barrier->reached)
        vd_cond_wait(&barrier->moved, &barrier->lock);
    vd_unlock(&barrier->lock);
}

static void let_on(Barrier *barrier)
{
    vd_lock(&barrier->lock);
    barrier->open = true;
    vd_cond_signal(&barrier->moved);
    vd_unlock(&barrier->lock);
}

/* Seconds go by while one picture is in work: it comes all the same, and by the same encoder. */
static void a_picture_that_takes_long_is_waited_for(void)
{
    Barrier barrier = {0};
    VdViewStats stats;
    Rig rig;

    vd_clock_hold(G_USEC_PER_SEC, G_USEC_PER_SEC);
    vd_lock_init(&barrier.lock);
    vd_cond_init(&barrier.moved);
    rig_init(&rig);
    vd_mailbox_watch(rig.mailbox, stand, &barrier);
    rig_view(&rig, &plain);
    rig_post(&rig, 0);
    await(&barrier);
    for (guint i = 1; i < 6; i++) { /* the first of these is in work now */
        rig_post(&rig, i);
        vd_clock_advance(3 * G_USEC_PER_SEC);
    }
    while (g_main_context_iteration(NULL, FALSE)) /* where a failure would be told */
        ;
    let_on(&barrier);
    vd_clock_release();
    gint64 until_us = g_get_monotonic_time() + PATIENCE_US;
    while (vd_view_stats(rig.view, &stats), stats.pictures < 3 && g_get_monotonic_time() < until_us)
        g_usleep(1000);
    g_assert_cmpuint(stats.pictures, ==, 3);
    g_assert_cmpuint(stats.skipped, ==, 3);
    vd_mailbox_unwatch(rig.mailbox);
    rig_clear(&rig);
    vd_cond_clear(&barrier.moved);
    vd_lock_clear(&barrier.lock);
}

typedef struct Flow {
    VdFrameHub *hub;
    gint ended; /* atomic */
} Flow;

static gpointer flow(gpointer data)
{
    Flow *stream = data;
    guint i = 0;

    while (!g_atomic_int_get(&stream->ended)) {
        g_autoptr(VdFrame) frame = made_frame(&spec, i++);
        vd_frame_hub_post(stream->hub, frame);
        g_usleep(500); /* a camera's pace, not the test's */
    }
    return NULL;
}

static void a_view_can_be_freed_while_frames_flow(void)
{
    VdRendition rendition = {.quality = 60, .width = 160, .annotate = true};
    Rig rig;

    rig_init(&rig);
    Flow stream = {.hub = rig.hub};
    GThread *poster = g_thread_new("poster", flow, &stream);
    for (guint i = 0; i < 200; i++) {
        g_autoptr(VdMailbox) box = vd_mailbox_new();
        guint64 seen = 0;
        VdView *view = vd_view_new(rig.camera, &rendition, rig.hub, box, NULL);
        if (i % 2 == 0)
            vd_picture_unref(vd_mailbox_wait(box, &seen, g_get_monotonic_time() + PATIENCE_US));
        if (i % 3 == 0)
            vd_view_set_state(view, false, "waiting", "", vd_moment_now());
        vd_view_free(view);
        vd_picture_unref(vd_mailbox_take(box, &seen));
        g_assert_null(vd_mailbox_take(box, &seen)); /* nothing after free */
    }
    g_atomic_int_set(&stream.ended, 1);
    g_thread_join(poster);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/view-life/" #name, name)
    ADD(a_view_that_failed_starts_again);
    ADD(a_view_that_keeps_failing_starts_again_once_a_second);
    ADD(a_picture_that_takes_long_is_waited_for);
    ADD(a_view_can_be_freed_while_frames_flow);
    return g_test_run();
}
