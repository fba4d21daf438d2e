#include "plugins/vd-messages.h"
#include "support.h"

#define SMALL "video/x-raw,format=I420,width=640,height=360,framerate=10/1"

static const Colour dark = {60, 128, 128}, bright = {200, 128, 128};

static guint64 number_of(const GstStructure *message)
{
    guint64 number = 0;

    g_assert_true(gst_structure_get_uint64(message, VD_MOTION_NUMBER, &number));
    return number;
}

static void push(Rig *rig, GstBuffer *buffer)
{
    g_assert_cmpint(gst_harness_push(rig->harness, buffer), ==, GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(rig->harness));
}

/* Dark pictures until the background is believed; answers the time of the next picture. */
static GstClockTime prime_from(Rig *rig, GstClockTime begin)
{
    gboolean primed = FALSE;
    GstClockTime pts = begin;

    for (; !primed && pts < begin + 60 * GST_SECOND; pts += 100 * GST_MSECOND) {
        push(rig, picture_new(rig, dark, pts));
        GstStructure *message = rig_message(rig, VD_MOTION_MESSAGE);
        g_assert_nonnull(message);
        g_assert_true(gst_structure_get_boolean(message, VD_MOTION_PRIMED, &primed));
        gst_structure_free(message);
    }
    g_assert_true(primed);
    return pts;
}

static GstClockTime prime(Rig *rig)
{
    return prime_from(rig, 0);
}

static void assert_near(int value, int pixels, int of, int tolerance)
{
    int expected = pixels * 65536 / of;

    g_assert_cmpint(ABS(value - expected), <=, tolerance * 65536 / of);
}

static void a_square_that_appears_is_a_box_where_it_is(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);
    GstBuffer *picture = picture_new(rig, dark, pts);
    g_autoptr(GBytes) boxes = NULL;
    double share = -1;
    guint64 stamp = 0;
    gsize size;

    picture_rectangle(&rig->info, picture, 200, 120, 80, 60, bright);
    push(rig, picture);
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_true(gst_structure_get(message, VD_MOTION_BOXES, G_TYPE_BYTES, &boxes, VD_MOTION_SHARE,
                                    G_TYPE_DOUBLE, &share, VD_MOTION_PTS, G_TYPE_UINT64, &stamp,
                                    NULL));
    const VdBox *box = g_bytes_get_data(boxes, &size);
    g_assert_cmpuint(size, ==, sizeof(VdBox));
    assert_near(box->x, 200, 640, 4);
    assert_near(box->y, 120, 360, 4);
    assert_near(box->width, 80, 640, 8);
    assert_near(box->height, 60, 360, 8);
    assert_near(box->cx, 240, 640, 2);
    assert_near(box->cy, 150, 360, 2);
    g_assert_cmpfloat_with_epsilon(share, 80 * 60 / (640.0 * 360), 0.005);
    g_assert_cmpfloat_with_epsilon(box->area / 65536.0, share, 0.0001);
    g_assert_cmpuint(stamp, ==, pts);
}

static void a_still_picture_has_no_boxes(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);
    g_autoptr(GBytes) boxes = NULL;

    push(rig, picture_new(rig, dark, pts));
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_true(gst_structure_get(message, VD_MOTION_BOXES, G_TYPE_BYTES, &boxes, NULL));
    g_assert_cmpuint(g_bytes_get_size(boxes), ==, 0);
}

static VdMotionFound found_in(Rig *rig)
{
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_autoptr(GBytes) bytes = NULL;
    gsize size;

    g_assert_true(gst_structure_get(message, VD_MOTION_FOUND, G_TYPE_BYTES, &bytes, NULL));
    const VdMotionFound *found = g_bytes_get_data(bytes, &size);
    g_assert_cmpuint(size, ==, sizeof *found);
    return *found;
}

static void what_is_too_small_for_a_box_is_told_all_the_same(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);
    GstBuffer *picture = picture_new(rig, dark, pts);
    double share = 80 * 60 / (640.0 * 360);

    rig_set(rig, "min-area", "1000");
    rig_set(rig, "threshold", "31");
    picture_rectangle(&rig->info, picture, 200, 120, 80, 60, bright);
    push(rig, picture);
    VdMotionFound found = found_in(rig);
    g_assert_cmpint(found.min_area, ==, 1000);
    g_assert_cmpint(found.threshold, ==, 31);
    g_assert_cmpuint(found.components, ==, 1);
    g_assert_cmpfloat_with_epsilon(found.changed, share, 0.005);
    g_assert_cmpfloat_with_epsilon(found.clean, share, 0.005);
    g_assert_cmpfloat_with_epsilon(found.largest.area / 65536.0, share, 0.005);
    assert_near(found.largest.x, 200, 640, 4);
    assert_near(found.largest.height, 60, 360, 8);
}

/* Pixels of the mask of the next message that move, in 0..width, 0..height or all. */
static guint moving(GBytes *mask, guint width, guint height)
{
    gsize size;
    const guint8 *pixels = g_bytes_get_data(mask, &size);
    guint count = 0;

    g_assert_cmpuint(size, ==, 320 * 180);
    for (gsize i = 0; i < size; i++) {
        g_assert_true(pixels[i] == 0 || pixels[i] == 255);
        count += pixels[i] != 0 && i % 320 < width && i / 320 < height;
    }
    return count;
}

static void a_message_carries_the_mask_when_asked_for(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);
    g_autoptr(GBytes) mask = NULL;

    push(rig, picture_new(rig, dark, pts));
    g_autoptr(GstStructure) without = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_false(gst_structure_has_field(without, VD_MOTION_MASK));
    rig_set(rig, "masks", "true");
    GstBuffer *picture = picture_new(rig, dark, pts + 100 * GST_MSECOND);
    picture_rectangle(&rig->info, picture, 200, 120, 80, 60, bright);
    push(rig, picture);
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_true(gst_structure_get(message, VD_MOTION_MASK, G_TYPE_BYTES, &mask, NULL));
    /* Half the size; corners may be rounded off. */
    guint all = moving(mask, 320, 180);
    g_assert_cmpuint(all, >=, 40 * 30 - 40);
    g_assert_cmpuint(all, <=, 40 * 30 + 200);
    g_assert_cmpuint(moving(mask, 320, 58), ==, 0);
    g_assert_cmpuint(moving(mask, 98, 180), ==, 0);
    g_assert_cmpuint(moving(mask, 142, 92), ==, all);
}

/* clang-format off */
static const struct { int fps, analysis_fps, frames, messages; } rates[] = {
    {30, 10, 90, 30}, {25, 10, 100, 40}, {15, 10, 30, 20}, {30, 1, 90, 3},
    {30, 60, 45, 45}, {5, 10, 20, 20},   {10, 10, 50, 50}, {50, 30, 100, 60},
};
/* clang-format on */

static void as_many_frames_are_analysed_as_asked_for(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autofree char *fps = g_strdup_printf("%d", rates[i].analysis_fps);
        /* Caps with another rate: what counts are the timestamps. */
        g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY,
                                     "video/x-raw,format=GRAY8,width=64,height=48,framerate=12/1");
        int messages = 0;

        rig_set(rig, "analysis-fps", fps);
        for (int n = 0; n < rates[i].frames; n++) {
            guint64 pts = gst_util_uint64_scale_int(GST_SECOND, n, rates[i].fps);

            push(rig, picture_new(rig, dark, pts));
        }
        for (GstStructure *message; (message = rig_message(rig, VD_MOTION_MESSAGE)) != NULL;) {
            messages++;
            g_assert_cmpuint(number_of(message), ==, messages);
            gst_structure_free(message);
        }
        g_test_message("%d in, %d asked for", rates[i].fps, rates[i].analysis_fps);
        g_assert_cmpint(messages, ==, rates[i].messages);
    }
}

static void the_very_same_buffer_comes_out(void)
{
    static const char *caps[] = {SMALL, "video/x-raw,format=I420,width=160,height=120"};

    for (gsize i = 0; i < G_N_ELEMENTS(caps); i++) {
        g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, caps[i]);
        g_autoptr(GstBuffer) in = picture_new(rig, dark, 0);

        g_assert_cmpint(gst_harness_push(rig->harness, gst_buffer_ref(in)), ==, GST_FLOW_OK);
        g_autoptr(GstBuffer) out = gst_harness_pull(rig->harness);
        g_assert_true(in == out);
    }
}

/* Whether the background is believed after one more picture. */
static gboolean primed_after(Rig *rig, GstClockTime pts, gboolean discont)
{
    GstBuffer *picture = picture_new(rig, dark, pts);
    gboolean primed = FALSE;

    if (discont)
        GST_BUFFER_FLAG_SET(picture, GST_BUFFER_FLAG_DISCONT);
    push(rig, picture);
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_nonnull(message);
    g_assert_true(gst_structure_get_boolean(message, VD_MOTION_PRIMED, &primed));
    return primed;
}

static void a_discontinuity_starts_anew_only_when_time_jumps(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);

    g_assert_true(primed_after(rig, pts, TRUE));
    g_assert_true(primed_after(rig, 0, FALSE));
    g_assert_true(primed_after(rig, GST_SECOND, TRUE));
    g_assert_false(primed_after(rig, 0, TRUE));
    pts = prime_from(rig, GST_SECOND);
    g_assert_false(primed_after(rig, pts + 11 * GST_SECOND, TRUE));
}

static void reset_starts_the_background_anew(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);

    g_signal_emit_by_name(rig->harness->element, "reset");
    g_assert_false(primed_after(rig, pts, FALSE));
}

static void assert_analysed_size(Rig *rig, GstClockTime pts, guint width, guint height)
{
    guint w = 0, h = 0;

    push(rig, picture_new(rig, dark, pts));
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_nonnull(message);
    g_assert_true(gst_structure_get(message, VD_MOTION_WIDTH, G_TYPE_UINT, &w, VD_MOTION_HEIGHT,
                                    G_TYPE_UINT, &h, NULL));
    g_assert_cmpuint(w, ==, width);
    g_assert_cmpuint(h, ==, height);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);

    assert_analysed_size(rig, 0, 320, 180);
    rig_set_caps(rig, "video/x-raw,format=NV12,width=1920,height=1080,framerate=30/1");
    assert_analysed_size(rig, GST_SECOND, 480, 270);
    rig_set(rig, "analysis-width", "240");
    assert_analysed_size(rig, 2 * GST_SECOND, 240, 135);
    rig_set_caps(rig, "video/x-raw,format=Y42B,width=17,height=31,framerate=30/1");
    assert_analysed_size(rig, 3 * GST_SECOND, 17, 31);
}

static guint boxes_after(Rig *rig, GstClockTime pts)
{
    GstBuffer *picture = picture_new(rig, dark, pts);
    g_autoptr(GBytes) boxes = NULL;

    picture_rectangle(&rig->info, picture, 200, 120, 80, 60, (Colour){100, 128, 128});
    push(rig, picture);
    g_autoptr(GstStructure) message = rig_message(rig, VD_MOTION_MESSAGE);
    g_assert_true(gst_structure_get(message, VD_MOTION_BOXES, G_TYPE_BYTES, &boxes, NULL));
    return (guint)(g_bytes_get_size(boxes) / sizeof(VdBox));
}

static void thresholds_take_effect_at_once(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, SMALL);
    GstClockTime pts = prime(rig);

    rig_set(rig, "threshold", "10");
    g_assert_cmpuint(boxes_after(rig, pts), ==, 1);
    rig_set(rig, "min-area", "3000");
    g_assert_cmpuint(boxes_after(rig, pts + 100 * GST_MSECOND), ==, 0);
    rig_set(rig, "min-area", "10");
    g_assert_cmpuint(boxes_after(rig, pts + 200 * GST_MSECOND), ==, 1);
    rig_set(rig, "threshold", "120"); /* last: what does not move is learnt */
    g_assert_cmpuint(boxes_after(rig, pts + 300 * GST_MSECOND), ==, 0);
}

static void all_planar_formats_are_taken(void)
{
    static const char *formats[] = {"I420", "NV12", "Y42B", "Y444", "GRAY8"};

    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *caps =
            g_strdup_printf("video/x-raw,format=%s,width=640,height=360", formats[i]);
        g_autoptr(Rig) rig = rig_new(VD_MOTION_FACTORY, caps);

        g_assert_cmpuint(boxes_after(rig, prime(rig)), ==, 1);
    }
}

static void other_pictures_are_refused(void)
{
    assert_refused(VD_MOTION_FACTORY, "video/x-raw,format=RGB,width=64,height=48");
    assert_refused(VD_MOTION_FACTORY, "video/x-raw,format=I420_10LE,width=64,height=48");
    assert_refused(VD_MOTION_FACTORY, "video/x-raw,format=GRAY8,width=16385,height=1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdmotion/" #name, name)
    TEST(a_square_that_appears_is_a_box_where_it_is);
    TEST(a_still_picture_has_no_boxes);
    TEST(what_is_too_small_for_a_box_is_told_all_the_same);
    TEST(a_message_carries_the_mask_when_asked_for);
    TEST(as_many_frames_are_analysed_as_asked_for);
    TEST(the_very_same_buffer_comes_out);
    TEST(a_discontinuity_starts_anew_only_when_time_jumps);
    TEST(reset_starts_the_background_anew);
    TEST(sizes_may_change_while_playing);
    TEST(thresholds_take_effect_at_once);
    TEST(all_planar_formats_are_taken);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
