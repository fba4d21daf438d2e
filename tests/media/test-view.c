#include "base/clock.h"
#include "config/value.h"
#include "media/card.h"
#include "view-rig.h"

#include <math.h>
#include <string.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

static const MadeSpec spec = {.width = 320, .height = 240};
static const VdRendition plain = {.quality = 90};

/* --- pictures --------------------------------------------------------------------------------- */

static void the_newest_frame_is_encoded_when_the_view_begins(void)
{
    Rig rig;

    rig_init(&rig);
    rig_post(&rig, 0);
    rig_post(&rig, 1);
    rig_view(&rig, &plain);
    g_autoptr(VdPicture) picture = rig_next(&rig);
    g_assert_cmpuint(picture->number, ==, 2);
    g_assert_cmpstr(picture->camera, ==, "front");
    g_assert_cmpint(picture->received_us, ==, 1001);
    g_assert_cmpint(picture->captured_us, ==, 2001);
    g_assert_cmpint(picture->encoded_us, >, 2001);
    g_assert_false(picture->placeholder);
    g_assert_cmpint(picture->width, ==, 320);
    g_assert_cmpint(picture->height, ==, 240);
    rig_clear(&rig);
}

static void check_size(const char *format, int width, int height, int wanted, int out_width,
                       int out_height)
{
    MadeSpec like = {.format = format, .width = width, .height = height};
    VdRendition rendition = {.quality = 80, .width = wanted, .annotate = true};
    int real_width = 0, real_height = 0;
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &rendition);
    rig_post_like(&rig, &like, 0);
    g_autoptr(VdPicture) picture = rig_next(&rig);
    g_autoptr(VdFrame) shown = made_of_jpeg(picture->bytes);
    const GstStructure *caps = gst_caps_get_structure(gst_sample_get_caps(shown->sample), 0);
    gst_structure_get_int(caps, "width", &real_width);
    gst_structure_get_int(caps, "height", &real_height);
    g_assert_cmpint(picture->width, ==, out_width);
    g_assert_cmpint(picture->height, ==, out_height);
    g_assert_cmpint(real_width, ==, out_width);
    g_assert_cmpint(real_height, ==, out_height);
    rig_clear(&rig);
}

static void jpegs_have_the_size_that_was_asked_for(void)
{
    check_size("I420", 320, 240, 0, 320, 240);
    check_size("I420", 320, 240, 160, 160, 120);
    check_size("I420", 320, 240, 161, 160, 120);
    check_size("I420", 320, 240, 640, 320, 240); /* never larger than it is */
    check_size("I420", 1920, 1080, 640, 640, 360);
    check_size("I420", 321, 241, 0, 321, 241);
    check_size("Y42B", 322, 241, 200, 200, 150);
    check_size("NV12", 320, 240, 100, 100, 76);
}

static double psnr(VdFrame *a, VdFrame *b)
{
    GstVideoInfo info;
    GstVideoFrame x, y;
    double sum = 0;

    g_assert_true(gst_video_info_from_caps(&info, gst_sample_get_caps(a->sample)));
    gst_video_frame_map(&x, &info, gst_sample_get_buffer(a->sample), GST_MAP_READ);
    g_assert_true(gst_video_info_from_caps(&info, gst_sample_get_caps(b->sample)));
    gst_video_frame_map(&y, &info, gst_sample_get_buffer(b->sample), GST_MAP_READ);
    for (int row = 0; row < GST_VIDEO_FRAME_HEIGHT(&x); row++)
        for (int column = 0; column < GST_VIDEO_FRAME_WIDTH(&x); column++) {
            const guint8 *p = GST_VIDEO_FRAME_PLANE_DATA(&x, 0);
            const guint8 *q = GST_VIDEO_FRAME_PLANE_DATA(&y, 0);
            /* video range to full range, which the JPEG has */
            double full = (p[row * GST_VIDEO_FRAME_PLANE_STRIDE(&x, 0) + column] - 16) * 255 / 219.;
            double error = full - q[row * GST_VIDEO_FRAME_PLANE_STRIDE(&y, 0) + column];
            sum += error * error;
        }
    sum /= GST_VIDEO_FRAME_WIDTH(&x) * GST_VIDEO_FRAME_HEIGHT(&x);
    gst_video_frame_unmap(&x);
    gst_video_frame_unmap(&y);
    return 10 * log10(255 * 255 / sum);
}

static void an_unannotated_picture_is_the_frame(void)
{
    g_autoptr(VdFrame) frame = made_frame(&spec, 11);
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &plain);
    vd_frame_hub_post(rig.hub, frame);
    g_autoptr(VdPicture) picture = rig_next(&rig);
    g_autoptr(VdFrame) shown = made_of_jpeg(picture->bytes);
    g_assert_cmpfloat(psnr(frame, shown), >, 33);
    rig_clear(&rig);
}

static GBytes *jpeg_of(bool annotate, VdFrame *frame)
{
    VdRendition rendition = {.quality = 90, .annotate = annotate};
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &rendition);
    vd_view_set_state(rig.view, true, "live", NULL, (VdMoment){0});
    vd_frame_hub_post(rig.hub, frame);
    g_autoptr(VdPicture) picture = rig_next(&rig);
    rig_clear(&rig);
    return g_bytes_ref(picture->bytes);
}

static void annotation_is_seen_and_its_box_is_where_it_was_found(void)
{
    VdBox box = {.x = 16384, .y = 32768, .width = 16384, .height = 16384};
    g_autoptr(VdFrame) frame = made_frame(&spec, 0);

    frame->report = vd_report_new(&box, 1);
    g_autoptr(GBytes) without = jpeg_of(false, frame), with = jpeg_of(true, frame);
    g_autoptr(VdFrame) a = made_of_jpeg(without), b = made_of_jpeg(with);
    /* the edges of the box, at 80,120 and 80x60 large; its middle is untouched */
    g_assert_cmpfloat(fabs(made_mean(a, 0, 90, 118, 60, 5) - made_mean(b, 0, 90, 118, 60, 5)), >,
                      5);
    g_assert_cmpfloat(fabs(made_mean(a, 0, 78, 130, 5, 40) - made_mean(b, 0, 78, 130, 5, 40)), >,
                      5);
    g_assert_cmpfloat(fabs(made_mean(a, 0, 100, 140, 40, 20) - made_mean(b, 0, 100, 140, 40, 20)),
                      <, 1);
    g_assert_cmpfloat(psnr(frame, a), >, 33);
    g_assert_cmpfloat(psnr(frame, b), <, psnr(frame, a) - 3);
}

/* Brightness of the box's lower edge, as it is drawn for a camera with these zones. */
static double edge_with(const char *zones)
{
    VdRendition rendition = {.quality = 90, .annotate = true};
    VdBox box = {.x = 16384, .y = 32768, .width = 16384, .height = 16384};
    VdCameraConfig *camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", NULL);
    g_autoptr(VdFrame) frame = made_frame(&spec, 0);
    Rig rig;

    g_assert_true(vd_option_set(vd_option_find("camera", "zones"), camera, zones, NULL));
    frame->number = 1;
    frame->report = vd_report_new(&box, 1);
    rig_init(&rig);
    rig_view(&rig, &rendition);
    vd_view_configure(rig.view, camera);
    vd_view_set_state(rig.view, true, "live", NULL, (VdMoment){0});
    vd_frame_hub_post(rig.hub, frame);
    g_autoptr(VdPicture) picture = rig_next(&rig);
    g_autoptr(VdFrame) shown = made_of_jpeg(picture->bytes);
    double edge = made_mean(shown, 0, 90, 178, 60, 2);
    vd_camera_config_unref(camera);
    rig_clear(&rig);
    return edge;
}

/* The box's foot is at 0.375, 0.75. */
static void a_box_is_darker_where_it_does_not_count(void)
{
    double counts = edge_with("");

    g_assert_cmpfloat(edge_with("a: 0.3,0.7 0.5,0.7 0.5,0.8"), <, counts - 30);
    g_assert_cmpfloat(edge_with("a ignore: 0,0 1,0 1,1 0,1"), <, counts - 30);
    g_assert_cmpfloat(fabs(edge_with("a: 0,0 1,0 1,1 0,1") - counts), <, 3);
    g_assert_cmpfloat(fabs(edge_with("a ignore: 0.5,0 1,0 1,1") - counts), <, 3);
}

static void what_is_drawn_changes_with_the_next_picture(void)
{
    VdRendition rendition = {.quality = 90, .annotate = true};
    VdCameraConfig *bare;
    Rig rig;

    rig_init(&rig);
    bare = vd_camera_config_new("front", "rtsp://127.0.0.1/", NULL);
    bare->show_name = bare->show_time = bare->show_state = bare->show_boxes = false;
    bare->show_masks = false;
    rig_view(&rig, &rendition);
    vd_view_set_state(rig.view, true, "live", NULL, (VdMoment){0});
    rig_post(&rig, 11);
    g_autoptr(VdPicture) before = rig_next(&rig);
    vd_view_configure(rig.view, bare);
    rig_post(&rig, 12);
    g_autoptr(VdPicture) after = rig_next(&rig);
    g_autoptr(VdFrame) frame = made_frame(&spec, 11), last = made_frame(&spec, 12);
    g_autoptr(VdFrame) a = made_of_jpeg(before->bytes), b = made_of_jpeg(after->bytes);
    g_assert_cmpfloat(psnr(last, b), >, 33);
    g_assert_cmpfloat(psnr(frame, a), <, psnr(last, b) - 3);
    vd_camera_config_unref(bare);
    rig_clear(&rig);
}

static void frames_of_another_size_go_through(void)
{
    MadeSpec small = {.width = 160, .height = 120};
    VdRendition rendition = {.quality = 80, .width = 240};
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &rendition);
    for (guint i = 0; i < 20; i++) {
        bool is_small = i / 5 % 2;
        rig_post_like(&rig, is_small ? &small : &spec, i);
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_assert_cmpuint(picture->number, ==, i + 1);
        g_assert_cmpint(picture->width, ==, is_small ? 160 : 240);
    }
    rig_clear(&rig);
}

/* --- pace ------------------------------------------------------------------------------------- */

/* 60 frames of a 30 fps camera; wanted[i % period] says which are shown. */
static void check_pace(int fps, const char *wanted)
{
    VdRendition rendition = {.quality = 60, .fps = fps};
    VdViewStats stats;
    guint64 pictures = 0;
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &rendition);
    for (guint i = 0; i < 60; i++) {
        rig_post(&rig, i);
        if (wanted[i % strlen(wanted)] != 'x')
            continue;
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_assert_cmpuint(picture->number, ==, i + 1);
        pictures++;
    }
    vd_view_stats(rig.view, &stats);
    g_assert_cmpuint(stats.pictures, ==, pictures);
    g_assert_cmpuint(stats.skipped, ==, 0);
    g_assert_cmpuint(stats.bytes, >, 60 * pictures);
    rig_clear(&rig);
}

static void the_rate_is_kept_by_the_frames_own_times(void)
{
    check_pace(0, "x");
    check_pace(30, "x");
    check_pace(60, "x");
    check_pace(15, "x-");
    check_pace(10, "x--");
    check_pace(20, "x-x");
    check_pace(1, "x-----------------------------");
}

static bool has_the_last(void *data)
{
    Rig *rig = data;
    g_autoptr(VdPicture) picture = vd_mailbox_take(rig->mailbox, &rig->seen);

    return picture != NULL && picture->number == 50;
}

static void wake(void *data)
{
    g_main_context_wakeup(NULL);
}

static void a_frame_that_waits_is_replaced_by_a_newer_one(void)
{
    VdViewStats stats;
    Rig rig;

    rig_init(&rig);
    vd_mailbox_watch(rig.mailbox, wake, NULL);
    rig_view(&rig, &plain);
    for (guint i = 0; i < 50; i++)
        rig_post(&rig, i);
    made_await(has_the_last, &rig);
    vd_view_stats(rig.view, &stats);
    g_assert_cmpuint(stats.pictures + stats.skipped, ==, 50);
    vd_mailbox_unwatch(rig.mailbox);
    rig_clear(&rig);
}

static void post_late(Rig *rig, guint i)
{
    g_autoptr(VdFrame) frame = made_frame(&spec, i);

    frame->late = true;
    vd_frame_hub_post(rig->hub, frame);
}

static void assert_next(Rig *rig, guint64 number, guint64 pictures, guint64 skipped)
{
    g_autoptr(VdPicture) picture = rig_next(rig);
    VdViewStats stats;

    vd_view_stats(rig->view, &stats);
    g_assert_cmpuint(picture->number, ==, number);
    g_assert_cmpuint(stats.pictures, ==, pictures);
    g_assert_cmpuint(stats.skipped, ==, skipped);
}

static void of_late_frames_ten_a_second_are_shown(void)
{
    Rig rig;

    vd_clock_hold(G_USEC_PER_SEC, G_USEC_PER_SEC);
    rig_init(&rig);
    rig_view(&rig, &plain);
    post_late(&rig, 0);
    assert_next(&rig, 1, 1, 0);
    post_late(&rig, 1);
    rig_post(&rig, 2);
    assert_next(&rig, 3, 2, 1);
    vd_clock_advance(99 * 1000);
    post_late(&rig, 3);
    vd_clock_advance(1000);
    post_late(&rig, 4);
    assert_next(&rig, 5, 3, 2);
    rig_clear(&rig);
    vd_clock_release();
}

static void two_renditions_do_not_disturb_each_other(void)
{
    VdRendition small = {.quality = 80, .width = 160, .fps = 15};
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &plain);
    VdMailbox *box = vd_mailbox_new();
    VdView *other = vd_view_new(rig.camera, &small, rig.hub, box, NULL);
    guint64 seen = 0;
    for (guint i = 0; i < 10; i++) {
        rig_post(&rig, i);
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_assert_cmpuint(picture->number, ==, i + 1);
        g_assert_cmpint(picture->width, ==, 320);
        if (i % 2 == 1)
            continue;
        g_autoptr(VdPicture) little =
            vd_mailbox_wait(box, &seen, g_get_monotonic_time() + PATIENCE_US);
        g_assert_cmpuint(little->number, ==, i + 1);
        g_assert_cmpint(little->width, ==, 160);
    }
    vd_view_free(other);
    vd_mailbox_unref(box);
    rig_clear(&rig);
}

/* --- cards ------------------------------------------------------------------------------------ */

static bool has_picture(void *data)
{
    Rig *rig = data;
    guint64 seen = rig->seen;
    g_autoptr(VdPicture) picture = vd_mailbox_take(rig->mailbox, &seen);

    return picture != NULL;
}

/* (transfer full) The next picture, with the main loop running. */
static VdPicture *next_in_loop(Rig *rig)
{
    made_await(has_picture, rig);
    return rig_next(rig);
}

static void a_card_comes_at_once_and_then_every_second(void)
{
    gint64 begun_us = g_get_monotonic_time();
    Rig rig;

    rig_init(&rig);
    vd_mailbox_watch(rig.mailbox, wake, NULL);
    rig_view(&rig, &plain);
    vd_view_set_state(rig.view, false, "connecting", "waiting for the first picture",
                      vd_moment_now());
    g_autoptr(VdPicture) first = rig_next(&rig); /* without the main loop */
    g_autoptr(VdPicture) second = next_in_loop(&rig);
    g_autoptr(VdPicture) third = next_in_loop(&rig);
    gint64 took_us = g_get_monotonic_time() - begun_us;
    g_assert_cmpint(took_us, >=, 19 * G_USEC_PER_SEC / 10);
    g_assert_true(first->placeholder);
    g_assert_true(third->placeholder);
    g_assert_cmpuint(third->number, ==, 0);
    g_assert_cmpint(first->width, ==, 640);
    g_assert_cmpint(first->height, ==, 360);
    g_assert_cmpint(third->encoded_us, >, second->encoded_us);
    /* the age counts up */
    g_assert_false(g_bytes_equal(first->bytes, third->bytes));
    g_autoptr(VdFrame) card = made_of_jpeg(first->bytes);
    g_assert_cmpfloat(fabs(made_mean(card, 0, 0, 0, 640, 40) - 64), <, 10);
    vd_mailbox_unwatch(rig.mailbox);
    rig_clear(&rig);
}

static void frames_and_cards_take_turns_with_the_state(void)
{
    VdRendition rendition = {.quality = 80, .width = 160};
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &rendition);
    rig_post(&rig, 0);
    g_autoptr(VdPicture) first = rig_next(&rig);
    vd_frame_hub_clear(rig.hub);
    vd_view_set_state(rig.view, false, "waiting", "connection refused", vd_moment_now());
    g_autoptr(VdPicture) card = rig_next(&rig);
    g_assert_true(card->placeholder);
    g_assert_cmpint(card->width, ==, 160);
    g_assert_cmpint(card->height, ==, 120);
    rig_post(&rig, 1); /* not live yet: not shown */
    vd_view_set_state(rig.view, false, "waiting", "no such path", vd_moment_now());
    g_autoptr(VdPicture) another = rig_next(&rig);
    g_assert_true(another->placeholder);
    vd_view_set_state(rig.view, true, "live", NULL, vd_moment_now());
    g_autoptr(VdPicture) back = rig_next(&rig);
    g_assert_false(back->placeholder);
    g_assert_cmpuint(back->number, ==, 2);
    rig_post(&rig, 2);
    g_autoptr(VdPicture) last = rig_next(&rig);
    g_assert_cmpuint(last->number, ==, 3);
    /* nothing of the card is left in the picture */
    g_autoptr(VdFrame) shown = made_of_jpeg(last->bytes);
    g_autoptr(VdFrame) before = made_of_jpeg(first->bytes);
    g_assert_cmpfloat(
        fabs(made_mean(shown, 0, 20, 20, 140, 100) - made_mean(before, 0, 20, 20, 140, 100)), <,
        0.5);
    rig_clear(&rig);
}

/* With the real clock: a picture's drawing and encoding take some of the time that all of it took.
 */
static void pictures_are_timed_and_cards_are_not(void)
{
    gint64 begun_us = g_get_monotonic_time();
    VdHistogramReading draw, encode;
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &plain);
    rig_post(&rig, 0);
    vd_picture_unref(rig_next(&rig));
    rig_post(&rig, 1);
    vd_picture_unref(rig_next(&rig));
    gint64 took_us = g_get_monotonic_time() - begun_us;
    vd_view_set_state(rig.view, false, "waiting", "gone", vd_moment_now());
    g_autoptr(VdPicture) card = rig_next(&rig);
    g_assert_true(card->placeholder);
    vd_stages_read(rig.stages, VD_STAGE_DRAW, &draw);
    vd_stages_read(rig.stages, VD_STAGE_ENCODE, &encode);
    g_assert_cmpuint(draw.count, ==, 2);
    g_assert_cmpuint(encode.count, ==, 2);
    g_assert_cmpuint(draw.sum_us, >, 0);
    g_assert_cmpuint(encode.sum_us, >, 0);
    g_assert_cmpuint(draw.sum_us + encode.sum_us, <=, (guint64)took_us);
    rig_clear(&rig);
}

static void the_same_state_again_makes_no_card(void)
{
    VdViewStats stats;
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &plain);
    for (int i = 0; i < 5; i++)
        vd_view_set_state(rig.view, false, "waiting", "refused", (VdMoment){5, 5});
    vd_picture_unref(rig_next(&rig));
    vd_view_set_state(rig.view, true, "live", NULL, (VdMoment){6, 6});
    rig_post(&rig, 0);
    vd_picture_unref(rig_next(&rig));
    vd_view_stats(rig.view, &stats);
    g_assert_cmpuint(stats.pictures, ==, 2);
    rig_clear(&rig);
}

static void a_card_says_who_what_and_since_when(void)
{
    static const struct {
        gint64 age_s;
        const char *age;
    } table[] = {
        {-5, "(0 s)"},        {0, "(0 s)"},          {42, "(42 s)"},        {59, "(59 s)"},
        {303, "(5 min 3 s)"}, {7500, "(2 h 5 min)"}, {273600, "(3 d 4 h)"}, {3600, "(1 h 0 min)"},
    };
    const gint64 noon_us =
        G_GINT64_CONSTANT(1795348800) * G_USEC_PER_SEC; /* 2026-11-22 12:00 UTC */
    const VdMoment now = {.us = 11 * G_TIME_SPAN_DAY, .wall_us = noon_us};

    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        /* the clock on the wall was set by an hour meanwhile, and is not asked for the age */
        VdMoment since = {.us = now.us - table[i].age_s * G_USEC_PER_SEC,
                          .wall_us = noon_us - G_TIME_SPAN_HOUR};
        g_autofree char *text = vd_card_text("Gården", "waiting", "connection refused", since, now);
        g_assert_true(g_str_has_prefix(text, "Gården\nwaiting: connection refused\nsince "));
        g_assert_true(g_str_has_suffix(text, table[i].age));
    }
    g_autofree char *bare = vd_card_text("front", "off", NULL, now, now);
    g_assert_true(g_str_has_prefix(bare, "front\noff\nsince "));
    VdMoment long_ago = {.us = now.us, .wall_us = noon_us - 9 * G_TIME_SPAN_DAY};
    g_autofree char *old = vd_card_text("front", "off", NULL, long_ago, now);
    g_assert_nonnull(strstr(old, "since 2026-11-13 "));
}

#define ADD(test) g_test_add_func("/view/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(the_newest_frame_is_encoded_when_the_view_begins);
    ADD(jpegs_have_the_size_that_was_asked_for);
    ADD(an_unannotated_picture_is_the_frame);
    ADD(annotation_is_seen_and_its_box_is_where_it_was_found);
    ADD(a_box_is_darker_where_it_does_not_count);
    ADD(what_is_drawn_changes_with_the_next_picture);
    ADD(frames_of_another_size_go_through);
    ADD(the_rate_is_kept_by_the_frames_own_times);
    ADD(a_frame_that_waits_is_replaced_by_a_newer_one);
    ADD(of_late_frames_ten_a_second_are_shown);
    ADD(two_renditions_do_not_disturb_each_other);
    ADD(a_card_comes_at_once_and_then_every_second);
    ADD(frames_and_cards_take_turns_with_the_state);
    ADD(pictures_are_timed_and_cards_are_not);
    ADD(the_same_state_again_makes_no_card);
    ADD(a_card_says_who_what_and_since_when);
    return g_test_run();
}
