#include "base/lock.h"
#include "media/frame.h"

#include <gst/gst.h>

static VdFrame *frame(guint64 number)
{
    VdFrame *made = vd_frame_new(gst_sample_new(NULL, NULL, NULL, NULL));

    made->number = number;
    return made;
}

static void post(VdFrameHub *hub, guint64 number)
{
    g_autoptr(VdFrame) made = frame(number);

    vd_frame_hub_post(hub, made);
}

static guint64 newest_number(VdFrameHub *hub)
{
    g_autoptr(VdFrame) newest = vd_frame_hub_newest(hub);

    return newest != NULL ? newest->number : 0;
}

static void the_hub_keeps_the_newest_frame(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();

    g_assert_cmpuint(newest_number(hub), ==, 0);
    post(hub, 1);
    post(hub, 2);
    g_assert_cmpuint(newest_number(hub), ==, 2);
    vd_frame_hub_clear(hub);
    g_assert_cmpuint(newest_number(hub), ==, 0);
    post(hub, 3);
    g_assert_cmpuint(newest_number(hub), ==, 3);
}

static void a_late_comer_does_not_replace_a_newer_frame(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();

    post(hub, 5);
    post(hub, 4);
    post(hub, 5);
    g_assert_cmpuint(newest_number(hub), ==, 5);
    vd_frame_hub_clear(hub);
    post(hub, 5);
    g_assert_cmpuint(newest_number(hub), ==, 0);
}

static void numbers_go_on_from_one(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    guint64 frames, reports;

    g_assert_cmpuint(vd_frame_hub_number_frame(hub), ==, 1);
    g_assert_cmpuint(vd_frame_hub_number_frame(hub), ==, 2);
    g_assert_cmpuint(vd_frame_hub_number_report(hub), ==, 1);
    vd_frame_hub_numbers(hub, &frames, &reports);
    g_assert_cmpuint(frames, ==, 2);
    g_assert_cmpuint(reports, ==, 1);
}

static void a_report_carries_copies_of_its_boxes(void)
{
    VdBox boxes[2] = {{.x = 1, .area = 7}, {.x = 2}};
    g_autoptr(VdReport) report = vd_report_new(boxes, 2);
    g_autoptr(VdReport) empty = vd_report_new(NULL, 0);

    boxes[0].x = 9;
    g_assert_cmpuint(report->n_boxes, ==, 2);
    g_assert_cmpint(report->boxes[0].x, ==, 1);
    g_assert_cmpint(report->boxes[0].area, ==, 7);
    g_assert_cmpint(report->boxes[1].x, ==, 2);
    g_assert_cmpuint(empty->n_boxes, ==, 0);
}

static void add_number(VdFrame *posted, void *sum)
{
    *(guint64 *)sum += posted->number;
}

static void every_listener_hears_every_frame_until_it_leaves(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    guint64 a = 0, b = 0;
    guint id_a = vd_frame_hub_listen(hub, add_number, &a);

    post(hub, 1);
    guint id_b = vd_frame_hub_listen(hub, add_number, &b);
    post(hub, 10);
    vd_frame_hub_unlisten(hub, id_a);
    post(hub, 100);
    vd_frame_hub_unlisten(hub, id_b);
    post(hub, 1000);
    g_assert_cmpuint(a, ==, 11);
    g_assert_cmpuint(b, ==, 110);
    vd_frame_hub_unlisten(hub, id_b); /* one that is not there is no harm */
}

static void a_hub_with_listeners_can_go(void)
{
    VdFrameHub *hub = vd_frame_hub_new();
    guint64 sum = 0;

    vd_frame_hub_listen(hub, add_number, &sum);
    post(hub, 1);
    vd_frame_hub_unref(hub);
    g_assert_cmpuint(sum, ==, 1);
}

/* A listener that stays inside until it is let go. */
typedef struct Slow {
    VdFrameHub *hub;
    guint id;
    VdLock lock;
    VdCond changed;
    bool inside, let_go, left, unlistened; /* [lock] */
} Slow;

static void be_slow(VdFrame *posted, void *data)
{
    Slow *slow = data;

    vd_lock(&slow->lock);
    slow->inside = true;
    vd_cond_broadcast(&slow->changed);
    while (!slow->let_go)
        vd_cond_wait(&slow->changed, &slow->lock);
    slow->left = true;
    vd_unlock(&slow->lock);
}

static gpointer post_to_slow(gpointer data)
{
    post(((Slow *)data)->hub, 1);
    return NULL;
}

static gpointer unlisten_slow(gpointer data)
{
    Slow *slow = data;

    vd_frame_hub_unlisten(slow->hub, slow->id);
    vd_lock(&slow->lock);
    g_assert_true(slow->left);
    slow->unlistened = true;
    vd_unlock(&slow->lock);
    return NULL;
}

static void unlisten_waits_for_a_running_listener_and_holds_up_nobody(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    Slow slow = {.hub = hub};

    vd_lock_init(&slow.lock);
    vd_cond_init(&slow.changed);
    slow.id = vd_frame_hub_listen(hub, be_slow, &slow);
    GThread *poster = g_thread_new("poster", post_to_slow, &slow);
    vd_lock(&slow.lock);
    while (!slow.inside)
        vd_cond_wait(&slow.changed, &slow.lock);
    vd_unlock(&slow.lock);
    GThread *leaver = g_thread_new("leaver", unlisten_slow, &slow);
    g_assert_cmpuint(newest_number(hub), ==, 1); /* no lock is held while it runs */
    vd_lock(&slow.lock);
    g_assert_false(slow.unlistened);
    slow.let_go = true;
    vd_cond_broadcast(&slow.changed);
    vd_unlock(&slow.lock);
    g_thread_join(leaver);
    g_thread_join(poster);
    vd_cond_clear(&slow.changed);
    vd_lock_clear(&slow.lock);
}

static gpointer post_many(gpointer hub)
{
    for (guint64 i = 1; i <= 20000; i++)
        post(hub, vd_frame_hub_number_frame(hub));
    return NULL;
}

static void listeners_come_and_go_while_frames_flow(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    GThread *poster = g_thread_new("poster", post_many, hub);

    for (int i = 0; i < 500; i++) {
        guint64 *sum = g_new0(guint64, 1);
        guint id = vd_frame_hub_listen(hub, add_number, sum);
        vd_frame_unref(vd_frame_hub_newest(hub));
        vd_frame_hub_unlisten(hub, id);
        g_free(sum); /* a call after unlisten would be seen by the sanitizers */
    }
    g_thread_join(poster);
    g_assert_cmpuint(newest_number(hub), ==, 20000);
}

#define ADD(test) g_test_add_func("/frame/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(the_hub_keeps_the_newest_frame);
    ADD(a_late_comer_does_not_replace_a_newer_frame);
    ADD(numbers_go_on_from_one);
    ADD(a_report_carries_copies_of_its_boxes);
    ADD(every_listener_hears_every_frame_until_it_leaves);
    ADD(a_hub_with_listeners_can_go);
    ADD(unlisten_waits_for_a_running_listener_and_holds_up_nobody);
    ADD(listeners_come_and_go_while_frames_flow);
    return g_test_run();
}
