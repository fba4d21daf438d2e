#include "media/timeline.h"

#define NONE  GST_CLOCK_TIME_NONE
#define START (1000 * G_USEC_PER_SEC)

static GstClockTime ms(gint64 count)
{
    return (GstClockTime)count * GST_MSECOND;
}

/* The place of a picture that came so many milliseconds after START, counted from there. */
static gint64 next(VdTimeline *timeline, GstClockTime pts, gint64 came_ms)
{
    return vd_timeline_next(timeline, pts, START + came_ms * 1000).at_us - START;
}

static void the_first_picture_is_where_it_came(void)
{
    VdTimeline timeline = {0};
    VdStep step = vd_timeline_next(&timeline, ms(5), START);

    g_assert_cmpuint(step.number, ==, 1);
    g_assert_cmpint(step.at_us, ==, START);
    g_assert_cmpint(step.duration_us, ==, 40000);
}

static void pictures_are_as_far_apart_as_the_camera_says(void)
{
    static const int came_ms[] = {0, 71, 130, 260, 270, 334, 500};
    VdTimeline timeline = {0};

    for (guint i = 0; i < G_N_ELEMENTS(came_ms); i++)
        g_assert_cmpint(next(&timeline, ms(7000 + 66 * i), came_ms[i]), ==,
                        i < 2 ? 66000 * i : MIN(66000 * i, 130000 + 66000 * (i - 2)));
}

static void none_is_later_than_it_came(void)
{
    VdTimeline timeline = {0};

    next(&timeline, ms(0), 0);
    g_assert_cmpint(next(&timeline, ms(100), 60), ==, 60 * 1000);
    g_assert_cmpint(next(&timeline, ms(200), 190), ==, 160 * 1000);
}

static void a_clock_that_runs_otherwise_is_caught_up_with(void)
{
    VdTimeline timeline = {0};

    next(&timeline, ms(0), 0);
    g_assert_cmpint(next(&timeline, ms(100), 600), ==, 100 * 1000);
    g_assert_cmpint(next(&timeline, ms(200), 701), ==, 701 * 1000);
    g_assert_cmpint(next(&timeline, ms(300), 801), ==, 801 * 1000);
}

static void cards_and_frames_take_turns(void)
{
    VdTimeline timeline = {0};

    next(&timeline, ms(9000), 0);
    g_assert_cmpint(next(&timeline, NONE, 1000), ==, 1000 * 1000);
    g_assert_cmpint(next(&timeline, NONE, 2000), ==, 2000 * 1000);
    g_assert_cmpint(next(&timeline, ms(3), 2100), ==, 2100 * 1000); /* its clock began anew */
    g_assert_cmpint(next(&timeline, ms(2), 2200), ==, 2200 * 1000);
    g_assert_cmpint(next(&timeline, ms(52), 2260), ==, 2250 * 1000);
}

static void times_grow_whatever_comes(void)
{
    VdTimeline timeline = {0};

    next(&timeline, ms(0), 0);
    g_assert_cmpint(next(&timeline, ms(0), 0), ==, 1000);
    g_assert_cmpint(next(&timeline, NONE, 0), ==, 2000);
    g_assert_cmpint(next(&timeline, ms(1), -5), ==, 3000);
    VdStep step = vd_timeline_next(&timeline, NONE, START + 503 * 1000);
    g_assert_cmpuint(step.number, ==, 5);
    g_assert_cmpint(step.duration_us, ==, 500 * 1000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/timeline/" #name, name)
    TEST(the_first_picture_is_where_it_came);
    TEST(pictures_are_as_far_apart_as_the_camera_says);
    TEST(none_is_later_than_it_came);
    TEST(a_clock_that_runs_otherwise_is_caught_up_with);
    TEST(cards_and_frames_take_turns);
    TEST(times_grow_whatever_comes);
    return g_test_run();
}
