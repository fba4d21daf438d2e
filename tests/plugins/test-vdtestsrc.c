#include "plugins/vd-messages.h"
#include "plugins/vd-scene.h"
#include "support.h"

#define CAPS "video/x-raw,width=320,height=180,framerate=120/1"

/* A source that plays as fast as it is allowed to: 120 pictures a second. */
static Rig *source_new(const char *scene, const char *caps)
{
    Rig *rig = rig_new(VD_TESTSRC_FACTORY, NULL);

    gst_harness_use_systemclock(rig->harness);
    rig_set(rig, "scene", scene);
    gst_harness_set_sink_caps_str(rig->harness, caps);
    return rig;
}

static GstBuffer *next(Rig *rig)
{
    GstBuffer *buffer = gst_harness_pull(rig->harness);
    g_autoptr(GstCaps) caps = rig_caps(rig);

    g_assert_nonnull(buffer);
    g_assert_true(gst_video_info_from_caps(&rig->info, caps));
    return buffer;
}

static int64_t time_us(Rig *rig, GstBuffer *buffer)
{
    return (int64_t)(GST_BUFFER_OFFSET(buffer) * 1000000 * (guint)rig->info.fps_d /
                     (guint)rig->info.fps_n);
}

static bool covered(const VdSceneFigure *figure, int x, int y)
{
    return x >= figure->x && x < figure->x + figure->width && y >= figure->y &&
           y < figure->y + figure->height;
}

/* Its middle and corners have its colour or that of a figure drawn after it. */
static void assert_drawn(Rig *rig, GstBuffer *buffer, guint seed, guint n, guint index)
{
    int64_t at = time_us(rig, buffer);
    VdSceneFigure figure = vd_scene_figure(seed, index, at, 320, 180);
    int x = figure.x + figure.width / 2, y = figure.y + figure.height / 2;

    for (guint later = index + 1; later < n; later++) {
        VdSceneFigure other = vd_scene_figure(seed, later, at, 320, 180);

        if (covered(&other, x, y))
            return;
    }
    g_assert_cmpint(picture_at(&rig->info, buffer, 0, x, y), ==, figure.colour.y);
}

static void figures_are_where_the_arithmetic_says(void)
{
    g_autoptr(Rig) rig = source_new("moving", CAPS);

    rig_set(rig, "seed", "7");
    rig_set(rig, "figures", "5");
    rig_set(rig, "noise", "0");
    gst_harness_play(rig->harness);
    for (int i = 0; i < 40; i++) {
        g_autoptr(GstBuffer) picture = next(rig);

        g_assert_cmpuint(GST_BUFFER_OFFSET(picture), ==, i);
        for (guint n = 0; n < 5; n++)
            assert_drawn(rig, picture, 7, 5, n);
    }
}

static void a_picture_is_figures_on_the_background_and_nothing_else(void)
{
    g_autoptr(Rig) rig = source_new("moving", CAPS);

    rig_set(rig, "seed", "3");
    rig_set(rig, "figures", "1");
    rig_set(rig, "noise", "0");
    gst_harness_play(rig->harness);
    g_autoptr(GstBuffer) picture = next(rig);
    VdSceneFigure figure = vd_scene_figure(3, 0, 0, 320, 180);
    for (int y = 0; y < 180; y++) {
        for (int x = 0; x < 320; x++) {
            int expected =
                covered(&figure, x, y) ? figure.colour.y : vd_scene_background(3, x, y, true);

            g_assert_cmpint(picture_at(&rig->info, picture, 0, x, y), ==, expected);
        }
    }
}

static void figures_stay_inside_and_move(void)
{
    for (guint index = 0; index < VD_SCENE_MAX_FIGURES; index++) {
        VdSceneFigure before = vd_scene_figure(1, index, 0, 97, 55);
        int moved = 0;

        for (int64_t at = 0; at < 100000000; at += 50000) {
            VdSceneFigure now = vd_scene_figure(1, index, at, 97, 55);

            g_assert_true(now.x >= 0 && now.x + now.width <= 97);
            g_assert_true(now.y >= 0 && now.y + now.height <= 55);
            g_assert_cmpint(ABS(now.x - before.x), <=, 2);
            moved += now.x != before.x;
            before = now;
        }
        g_assert_cmpint(moved, >, 100);
    }
}

static void the_same_seed_gives_the_same_pictures(void)
{
    g_autoptr(Rig) one = source_new("moving", CAPS);
    g_autoptr(Rig) other = source_new("moving", CAPS);

    gst_harness_play(one->harness);
    gst_harness_play(other->harness);
    for (int i = 0; i < 5; i++) {
        g_autoptr(GstBuffer) a = next(one);
        g_autoptr(GstBuffer) b = next(other);
        GstMapInfo map;

        g_assert_true(gst_buffer_map(a, &map, GST_MAP_READ));
        g_assert_cmpuint(gst_buffer_get_size(b), ==, map.size);
        g_assert_cmpint(gst_buffer_memcmp(b, 0, map.data, map.size), ==, 0);
        gst_buffer_unmap(a, &map);
    }
}

static void a_quiet_scene_is_noise_as_loud_as_asked_for(void)
{
    g_autoptr(Rig) rig = source_new("quiet", CAPS);
    int largest = 0, changed = 0;

    rig_set(rig, "noise", "4");
    gst_harness_play(rig->harness);
    g_autoptr(GstBuffer) first = next(rig);
    g_autoptr(GstBuffer) second = next(rig);
    for (int y = 0; y < 180; y++) {
        for (int x = 0; x < 320; x++) {
            int luma = picture_at(&rig->info, first, 0, x, y);
            int noise = luma - vd_scene_background(1, x, y, true);

            largest = MAX(largest, ABS(noise));
            changed += luma != picture_at(&rig->info, second, 0, x, y);
        }
    }
    g_assert_cmpint(largest, ==, 4);
    g_assert_cmpint(changed, >, 320 * 180 / 2);
}

static void the_light_goes_off_after_ten_seconds(void)
{
    g_autoptr(Rig) rig = source_new("light", "video/x-raw,width=64,height=36,framerate=1/10");

    rig_set(rig, "noise", "0");
    gst_harness_use_testclock(rig->harness);
    gst_harness_play(rig->harness);
    for (int i = 0; i < 4; i++) {
        g_assert_true(gst_harness_crank_single_clock_wait(rig->harness));
        g_autoptr(GstBuffer) picture = next(rig);
        bool light = i % 2 == 0;

        g_assert_cmpint(light, ==, vd_scene_light(i * INT64_C(10000000)));
        g_assert_cmpint(picture_at(&rig->info, picture, 0, 20, 20), ==,
                        vd_scene_background(1, 20, 20, light));
    }
}

static void a_failing_camera_fails_when_it_should(void)
{
    g_autoptr(Rig) rig = source_new("failing", CAPS);

    rig_set(rig, "up-ms", "50");
    gst_harness_play(rig->harness);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(rig->bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);
    g_autoptr(GError) error = NULL;
    g_assert_nonnull(message);
    gst_message_parse_error(message, &error, NULL);
    g_assert_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ);
    g_assert_cmpuint(gst_harness_buffers_received(rig->harness), ==, 6);
}

static void pictures_come_in_real_time_from_a_pool(void)
{
    g_autoptr(Rig) rig = source_new("moving", "video/x-raw,framerate=20/1");
    GstClockTime pts = 0;

    gst_harness_play(rig->harness);
    gint64 begin_us = g_get_monotonic_time();
    for (int i = 0; i < 5; i++) {
        g_autoptr(GstBuffer) picture = next(rig);

        g_assert_nonnull(picture->pool);
        g_assert_cmpuint(GST_BUFFER_DURATION(picture), ==, 50 * GST_MSECOND);
        if (i > 0)
            g_assert_cmpuint(GST_BUFFER_PTS(picture) - pts, ==, 50 * GST_MSECOND);
        pts = GST_BUFFER_PTS(picture);
    }
    g_assert_cmpint(g_get_monotonic_time() - begin_us, >=, 190000);
    g_assert_cmpint(rig->info.width, ==, 640);
    g_assert_cmpint(rig->info.height, ==, 360);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = source_new("moving", CAPS);
    GstVideoInfo odd;
    gsize size = 0;

    gst_video_info_set_format(&odd, GST_VIDEO_FORMAT_I420, 161, 91);
    gst_harness_play(rig->harness);
    g_autoptr(GstBuffer) first = next(rig);
    g_assert_cmpuint(gst_buffer_get_size(first), ==, rig->info.size);
    gst_harness_set_sink_caps_str(rig->harness, "video/x-raw,width=161,height=91,framerate=120/1");
    /* Some of the old size may be on their way still. */
    for (int i = 0; size != odd.size && i < 100; i++) {
        g_autoptr(GstBuffer) picture = next(rig);

        size = gst_buffer_get_size(picture);
    }
    g_assert_cmpuint(size, ==, odd.size);
    g_assert_cmpint(rig->info.width, ==, 161);
    g_assert_cmpint(rig->info.height, ==, 91);
}

static void other_pictures_are_refused(void)
{
    g_autoptr(Rig) rig = source_new("moving", "video/x-raw,format=RGB");

    gst_harness_play(rig->harness);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(rig->bus, 10 * GST_SECOND, GST_MESSAGE_ERROR);
    g_assert_nonnull(message);
    g_assert_cmpuint(gst_harness_buffers_received(rig->harness), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdtestsrc/" #name, name)
    TEST(figures_are_where_the_arithmetic_says);
    TEST(a_picture_is_figures_on_the_background_and_nothing_else);
    TEST(figures_stay_inside_and_move);
    TEST(the_same_seed_gives_the_same_pictures);
    TEST(a_quiet_scene_is_noise_as_loud_as_asked_for);
    TEST(the_light_goes_off_after_ten_seconds);
    TEST(a_failing_camera_fails_when_it_should);
    TEST(pictures_come_in_real_time_from_a_pool);
    TEST(sizes_may_change_while_playing);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
