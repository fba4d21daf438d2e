#include "base/lock.h"
#include "media/detections.h"
#include "media/frame.h"

#include "base/limits.h"

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

static void a_scene_is_kept_while_there_is_no_frame_until_it_is_forgotten(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    g_autoptr(GBytes) first = g_bytes_new_static("first", 5);
    g_autoptr(GBytes) second = g_bytes_new_static("second", 6);

    g_assert_null(vd_frame_hub_scene(hub));
    vd_frame_hub_keep_scene(hub, first);
    vd_frame_hub_keep_scene(hub, second);
    vd_frame_hub_clear(hub);
    g_autoptr(GBytes) kept = vd_frame_hub_scene(hub);
    g_assert_true(kept == second);
    vd_frame_hub_keep_scene(hub, NULL);
    g_assert_null(vd_frame_hub_scene(hub));
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
    g_autoptr(VdReport) report = vd_report_new(NULL, 0);
    vd_frame_hub_take_report(hub, report);
    g_assert_cmpuint(report->number, ==, 1);
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

static VdReport *report_at(VdFrameHub *hub, guint ms, bool primed)
{
    VdBox box = {.x = 10000 + (int)ms, .y = 10000, .width = 5000, .height = 10000};
    VdReport *report = vd_report_new(&box, 1);

    report->pts = ms * GST_MSECOND;
    report->primed = primed;
    vd_frame_hub_take_report(hub, report);
    return report;
}

static void a_report_is_given_its_tracks_once_it_is_primed(void)
{
    g_autoptr(VdFrameHub) hub = vd_frame_hub_new();
    g_autoptr(VdReport) young = report_at(hub, 0, false);
    g_autoptr(VdReport) guess = report_at(hub, 100, true);

    g_assert_null(young->track_ids);
    g_assert_cmpuint(guess->track_ids[0], ==, 1);
    g_assert_cmpuint(guess->n_tracks, ==, 0);
    for (guint ms = 200; ms < 500; ms += 100)
        vd_report_unref(report_at(hub, ms, true));
    g_autoptr(VdReport) sure = report_at(hub, 500, true);
    g_assert_cmpuint(sure->n_tracks, ==, 1);
    g_assert_cmpuint(sure->tracks[0].id, ==, 1);
    g_assert_cmpuint(sure->tracks[0].age, ==, 400 * GST_MSECOND);
    g_assert_cmpint(sure->tracks[0].from_x, ==, 10000 + 100 + 2500);
    g_assert_cmpint(sure->tracks[0].from_y, ==, 20000);
    g_assert_true(sure->tracks[0].visible);
    g_autoptr(VdReport) before = report_at(hub, 300, true); /* time went back: another stream */
    g_assert_cmpuint(before->track_ids[0], ==, 2);
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

/* Nothing until the first look, then what was seen lately, and nothing when that is too old; not
 * known is not the same as nothing. */
static void what_was_seen_lately_is_of_a_picture(void)
{
    VdObject person = {.score = 1, .name = "person"};
    g_autoptr(VdObjects) seen = vd_objects_new(&person, 1, GST_SECOND);
    VdDetections detections, unwanted;

    vd_detections_init(&detections, "front");
    vd_detections_init(&unwanted, NULL);
    g_assert_null(vd_detections_of(&unwanted, GST_SECOND));
    g_autoptr(VdObjects) before = vd_detections_of(&detections, GST_SECOND);
    g_assert_nonnull(before);
    g_assert_cmpuint(before->n, ==, 0);
    vd_detections_take(&detections, seen, 1000);
    g_autoptr(VdObjects) lately = vd_detections_of(&detections, 4 * GST_SECOND);
    g_assert_true(lately == seen);
    g_autoptr(VdObjects) late = vd_detections_of(&detections, 5 * GST_SECOND);
    g_assert_nonnull(late);
    g_assert_cmpuint(late->n, ==, 0);
    vd_detections_set_state(&detections, "it is broken", NULL);
    g_assert_null(vd_detections_of(&detections, 5 * GST_SECOND));
    vd_detections_clear(&detections);
    vd_detections_clear(&unwanted);
}

static void without_a_model_that_works_nothing_is_known(void)
{
    VdDetections detections;
    VdDetectionStats stats;

    vd_detections_init(&detections, "front");
    vd_detections_set_state(&detections, "it is broken", NULL);
    g_assert_null(vd_detections_of(&detections, GST_SECOND));
    vd_detections_tell(&detections, &stats);
    g_assert_cmpstr(stats.why_not, ==, "it is broken");
    vd_detection_stats_clear(&stats);
    vd_detections_clear(&detections);
}

#define ADD(test) g_test_add_func("/frame/" #test, test)

static void no_more_objects_are_kept_than_may_be(void)
{
    VdObject each[VD_MAX_OBJECTS + 1] = {{0}};

    each[VD_MAX_OBJECTS - 1].x = 7;
    g_autoptr(VdObjects) most = vd_objects_new(each, VD_MAX_OBJECTS, 5);
    g_autoptr(VdObjects) over = vd_objects_new(each, VD_MAX_OBJECTS + 1, 5);
    g_autoptr(VdObjects) none = vd_objects_new(NULL, 0, 5);
    g_assert_cmpuint(most->n, ==, VD_MAX_OBJECTS);
    g_assert_cmpint(most->each[VD_MAX_OBJECTS - 1].x, ==, 7);
    g_assert_cmpuint(over->n, ==, VD_MAX_OBJECTS);
    g_assert_cmpuint(none->n, ==, 0);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(the_hub_keeps_the_newest_frame);
    ADD(a_scene_is_kept_while_there_is_no_frame_until_it_is_forgotten);
    ADD(a_late_comer_does_not_replace_a_newer_frame);
    ADD(numbers_go_on_from_one);
    ADD(a_report_carries_copies_of_its_boxes);
    ADD(a_report_is_given_its_tracks_once_it_is_primed);
    ADD(every_listener_hears_every_frame_until_it_leaves);
    ADD(a_hub_with_listeners_can_go);
    ADD(unlisten_waits_for_a_running_listener_and_holds_up_nobody);
    ADD(listeners_come_and_go_while_frames_flow);
    ADD(no_more_objects_are_kept_than_may_be);
    ADD(what_was_seen_lately_is_of_a_picture);
    ADD(without_a_model_that_works_nothing_is_known);
    return g_test_run();
}
