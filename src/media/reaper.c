#include "media/reaper.h"

#include "base/lock.h"
#include "media/gpu.h"

#include <malloc.h>

/*
 * One thread a pipeline, since a pool of them would be used up by the first few cameras that hang,
 * and the healthy would wait behind them.
 */
#define PATIENCE_US (5 * G_USEC_PER_SEC)

typedef struct Job {
    GstElement *pipeline;
    GThread *thread; /* [lock] its own */
    gint64 deadline_us;
    bool abandoned; /* [lock] counted as lost */
} Job;

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static VdCond done;
static gsize ready;
static GQueue jobs = G_QUEUE_INIT; /* [lock] Job, under way and not abandoned; oldest first */
static guint abandoned;            /* [lock] ever */
static guint hanging;              /* [lock] abandoned and still not done */
/*
 * [lock] (nullable) The thread that was done last, and may still end: what libraries keep for it is
 * freed then, which must be over before the process takes those libraries down.
 */
static GThread *ending;

/* On the real clock and not on vd_clock's: a held clock must not make it wait for ever. */
static gint64 now_us(void)
{
    return g_get_monotonic_time();
}

/* [lock] */
static void judge(void)
{
    gint64 now = now_us();
    Job *oldest;

    while ((oldest = g_queue_peek_head(&jobs)) != NULL && oldest->deadline_us <= now) {
        g_queue_pop_head(&jobs);
        oldest->abandoned = true;
        abandoned++;
        hanging++;
    }
}

/*
 * A pipeline leaves holes in the heap, and malloc keeps them: each arena grows to the most that
 * ever fell together in it. Ten cameras of 320x240 that came back 600 times used 61 MB at any time
 * and held between 72 and 84 MB. It takes 0.1 to 3 ms and a few page faults when a camera comes
 * back.
 */
static void give_back(void)
{
    malloc_trim(0);
}

/*
 * NVDEC's elements do not come down when their GPU is lost, and must not be freed before: each of
 * the others is taken down by itself, and what is left stays until the process ends.
 */
static void leave(GstElement *pipeline)
{
    GstIterator *elements = gst_bin_iterate_elements(GST_BIN(pipeline));
    GValue element = G_VALUE_INIT;

    while (gst_iterator_next(elements, &element) == GST_ITERATOR_OK) {
        gst_element_set_state(g_value_get_object(&element), GST_STATE_NULL);
        g_value_reset(&element);
    }
    g_value_unset(&element);
    gst_iterator_free(elements);
}

static gpointer take_down(gpointer data)
{
    Job *job = data;

    if (gst_element_set_state(job->pipeline, GST_STATE_NULL) == GST_STATE_CHANGE_FAILURE)
        leave(job->pipeline);
    else
        gst_object_unref(job->pipeline);
    vd_gpu_ask_memory_of_all();

    vd_lock(&lock);
    judge();
    if (job->abandoned)
        hanging--;
    else
        g_queue_remove(&jobs, job);
    bool last = g_queue_is_empty(&jobs);
    GThread *before = ending;
    ending = job->thread;
    vd_cond_broadcast(&done);
    vd_unlock(&lock);
    if (before != NULL)
        g_thread_join(before);
    g_free(job);
    if (last)
        give_back();
    return NULL;
}

void vd_reaper_take(GstElement *pipeline)
{
    if (pipeline == NULL)
        return;
    if (g_once_init_enter(&ready)) {
        vd_cond_init(&done);
        g_once_init_leave(&ready, 1);
    }
    Job *job = g_new0(Job, 1);

    job->pipeline = pipeline;
    job->deadline_us = now_us() + PATIENCE_US;
    vd_lock(&lock);
    judge();
    g_queue_push_tail(&jobs, job);
    job->thread = g_thread_new("reaper", take_down, job);
    vd_unlock(&lock);
}

guint vd_reaper_drain(gint64 deadline_us)
{
    vd_lock(&lock);
    judge();
    while (!g_queue_is_empty(&jobs)) {
        Job *oldest = g_queue_peek_head(&jobs);
        gint64 until = MIN(oldest->deadline_us, deadline_us);

        if (!vd_cond_wait_until(&done, &lock, until) && until == deadline_us)
            break;
        judge();
    }
    guint left = g_queue_get_length(&jobs) + hanging;
    GThread *last = g_steal_pointer(&ending);
    vd_unlock(&lock);
    if (last != NULL)
        g_thread_join(last);
    return left;
}

guint vd_reaper_abandoned(void)
{
    vd_lock(&lock);
    judge();
    guint count = abandoned;
    vd_unlock(&lock);
    return count;
}
