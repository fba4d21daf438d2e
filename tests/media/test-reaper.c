#include "media/reaper.h"

#include "base/lock.h"

/* An element whose way down waits until the test lets it go. */
typedef struct Stuck {
    GstElement parent;
} Stuck;
typedef struct StuckClass {
    GstElementClass parent_class;
} StuckClass;
GType stuck_get_type(void);
G_DEFINE_TYPE(Stuck, stuck, GST_TYPE_ELEMENT)

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static VdCond changed;
static bool let_go;   /* [lock] */
static guint waiting; /* [lock] */
static guint gone;    /* [lock] pipelines finalised */
static int freed;     /* atomic: of threads that took one down */

static GstStateChangeReturn stuck_change_state(GstElement *element, GstStateChange transition)
{
    if (transition == GST_STATE_CHANGE_READY_TO_NULL) {
        vd_lock(&lock);
        waiting++;
        vd_cond_broadcast(&changed);
        while (!let_go)
            vd_cond_wait(&changed, &lock);
        vd_unlock(&lock);
    }
    return GST_ELEMENT_CLASS(stuck_parent_class)->change_state(element, transition);
}

static void stuck_class_init(StuckClass *klass)
{
    GST_ELEMENT_CLASS(klass)->change_state = stuck_change_state;
}

static void stuck_init(Stuck *stuck)
{
}

/* What a library keeps for a thread, and frees slowly at its end. */
static void free_kept(gpointer kept)
{
    g_usleep(20000);
    g_atomic_int_inc(&freed);
}
static GPrivate keeps = G_PRIVATE_INIT(free_kept);

static void on_gone(gpointer unused, GObject *object)
{
    g_private_set(&keeps, &keeps);
    vd_lock(&lock);
    gone++;
    vd_cond_broadcast(&changed);
    vd_unlock(&lock);
}

static GstElement *pipeline(bool stuck)
{
    GstElement *made = gst_pipeline_new(NULL);

    gst_bin_add(GST_BIN(made), stuck ? g_object_new(stuck_get_type(), NULL)
                                     : gst_element_factory_make("fakesrc", NULL));
    gst_element_set_state(made, GST_STATE_READY);
    g_object_weak_ref(G_OBJECT(made), on_gone, NULL);
    return made;
}

static void await_gone(guint count)
{
    vd_lock(&lock);
    while (gone < count)
        vd_cond_wait(&changed, &lock);
    vd_unlock(&lock);
}

static void pipelines_go_and_draining_waits_for_them(void)
{
    gone = 0;
    for (guint i = 0; i < 20; i++)
        vd_reaper_take(pipeline(false));
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 30 * G_USEC_PER_SEC), ==, 0);
    await_gone(20);
    g_assert_cmpuint(vd_reaper_abandoned(), ==, 0);
}

/* Their ends would meet that of the process. */
static void draining_waits_for_the_threads_ends(void)
{
    freed = 0;
    for (int i = 0; i < 5; i++)
        vd_reaper_take(pipeline(false));
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 30 * G_USEC_PER_SEC), ==, 0);
    g_assert_cmpint(g_atomic_int_get(&freed), ==, 5);
}

static void nothing_is_not_taken(void)
{
    vd_reaper_take(NULL);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time()), ==, 0);
}

static void who_hangs_holds_nobody_up_and_is_counted_after_its_time(void)
{
    gone = 0;
    gint64 start = g_get_monotonic_time();
    vd_reaper_take(pipeline(true));
    vd_reaper_take(pipeline(false));
    await_gone(1); /* the healthy one behind it, which is counted for a moment longer */
    while (vd_reaper_drain(g_get_monotonic_time() + 1000) > 1)
        ;

    /* A short patience: one is left, and not given up yet. */
    g_assert_cmpuint(vd_reaper_drain(start + 100000), ==, 1);
    g_assert_cmpuint(vd_reaper_abandoned(), ==, 0);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
    /* A long one ends with its deadline of 5 s: it is given up. */
    g_assert_cmpuint(vd_reaper_drain(start + 60 * G_USEC_PER_SEC), ==, 1);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 5 * G_USEC_PER_SEC);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 50 * G_USEC_PER_SEC);
    g_assert_cmpuint(vd_reaper_abandoned(), ==, 1);

    vd_lock(&lock);
    let_go = true;
    vd_cond_broadcast(&changed);
    vd_unlock(&lock);
    await_gone(2);
    while (vd_reaper_drain(g_get_monotonic_time() + 1000) > 0) /* it comes to its end, late */
        ;
    g_assert_cmpuint(vd_reaper_abandoned(), ==, 1);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    vd_cond_init(&changed);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reaper/pipelines_go_and_draining_waits_for_them",
                    pipelines_go_and_draining_waits_for_them);
    g_test_add_func("/reaper/draining_waits_for_the_threads_ends",
                    draining_waits_for_the_threads_ends);
    g_test_add_func("/reaper/nothing_is_not_taken", nothing_is_not_taken);
    g_test_add_func("/reaper/who_hangs_holds_nobody_up_and_is_counted_after_its_time",
                    who_hangs_holds_nobody_up_and_is_counted_after_its_time);
    return g_test_run();
}
