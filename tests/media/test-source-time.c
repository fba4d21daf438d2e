#include <glib.h>

#include "media/source-time.h"

/* The stamps that units get, from the times at which they come and those that their source says. */

static void stamps_are_regular_and_never_go_back(void)
{
    VdSourceTime time = {0};
    gint64 now = 5000 * (gint64)GST_SECOND, last = 0;
    GRand *random = g_rand_new_with_seed(1);

    for (guint i = 0; i < 5000; i++) {
        g_autoptr(GstBuffer) unit = gst_buffer_new();
        gint64 jitter = g_rand_int_range(random, 0, 30) * (gint64)GST_MSECOND;
        GST_BUFFER_PTS(unit) = 7 * GST_SECOND + i * 40 * GST_MSECOND;
        /* the camera's clock is 100 ppm fast */
        vd_source_time_stamp(&time, unit, now + i * 40004 * (gint64)GST_USECOND + jitter);
        gint64 pts = (gint64)GST_BUFFER_PTS(unit);
        if (i > 100) {
            g_assert_cmpint(ABS(pts - last - 40 * (gint64)GST_MSECOND), <, 2 * GST_MSECOND);
            g_assert_cmpint(ABS(pts - (now + i * 40004 * (gint64)GST_USECOND)), <,
                            40 * (gint64)GST_MSECOND);
        }
        g_assert_cmpint(pts, >, last);
        g_assert_false(GST_BUFFER_DTS_IS_VALID(unit));
        last = pts;
    }
    g_rand_free(random);
}

static void a_jump_of_the_stream_is_followed(void)
{
    static const gint64 jumps[] = {3600 * (gint64)GST_SECOND, 2 * (gint64)GST_SECOND,
                                   -5 * (gint64)GST_SECOND};

    for (gsize j = 0; j < G_N_ELEMENTS(jumps); j++) {
        VdSourceTime time = {0};
        gint64 last = 0;
        for (gint64 i = 0; i < 50; i++) {
            g_autoptr(GstBuffer) unit = gst_buffer_new();
            gint64 now = 9 * (gint64)GST_SECOND + i * 40 * (gint64)GST_MSECOND;
            GST_BUFFER_PTS(unit) = (GstClockTime)(now + (i > 25 ? jumps[j] : 0));
            vd_source_time_stamp(&time, unit, now);
            g_assert_cmpint((gint64)GST_BUFFER_PTS(unit), >, last);
            g_assert_cmpint(ABS((gint64)GST_BUFFER_PTS(unit) - now), <=, 40 * (gint64)GST_MSECOND);
            last = (gint64)GST_BUFFER_PTS(unit);
        }
    }
}

/* I P B B P B B ...: pictures 0, 3, 1, 2, 6, 4, 5, ... */
static guint shown_as(guint decoded)
{
    return decoded == 0 ? 0 : decoded % 3 == 1 ? decoded + 2 : decoded - 1;
}

static void reordered_pictures_keep_their_order_of_showing(void)
{
    VdSourceTime time = {0};
    gint64 decoded = 0, shown[61];

    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_autoptr(GstBuffer) unit = gst_buffer_new();
        GST_BUFFER_PTS(unit) = shown_as(i) * 40 * GST_MSECOND;
        if (i > 0)
            GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
        vd_source_time_stamp(&time, unit, 1000000000 + (gint64)i * 40 * (gint64)GST_MSECOND);
        shown[shown_as(i)] = (gint64)GST_BUFFER_PTS(unit);
        gint64 dts = GST_BUFFER_DTS_IS_VALID(unit) ? (gint64)GST_BUFFER_DTS(unit)
                                                   : (gint64)GST_BUFFER_PTS(unit);
        g_assert_cmpint(dts, >, decoded);
        decoded = dts;
    }
    for (guint i = 10; i < G_N_ELEMENTS(shown); i++) /* the first few are not believed yet */
        g_assert_cmpint(shown[i], >, shown[i - 1]);
}

/* As from a file, or from a camera that sends first what it has. */
static void a_burst_at_the_start_leaves_reordered_pictures_their_distances(void)
{
    VdSourceTime time = {0};
    gint64 shown[31];

    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_autoptr(GstBuffer) unit = gst_buffer_new();
        gint64 now = 1000000000 + (i < 10 ? 0 : i - 10) * 40 * (gint64)GST_MSECOND;
        GST_BUFFER_PTS(unit) = (shown_as(i) + 2) * 40 * GST_MSECOND;
        GST_BUFFER_DTS(unit) = i * 40 * GST_MSECOND;
        if (i > 0)
            GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
        vd_source_time_stamp(&time, unit, now);
        shown[shown_as(i)] = (gint64)GST_BUFFER_PTS(unit);
    }
    for (guint i = 1; i < G_N_ELEMENTS(shown); i++)
        g_assert_cmpint(shown[i] - shown[i - 1], ==, 40 * (gint64)GST_MSECOND);
}

/* A file that is played round and round may begin a turn with the last one's time. */
static void turns_that_overlap_do_not_mix(void)
{
    VdSourceTime time = {0};
    gint64 newest = 0;

    for (guint i = 0; i < 62; i++) {
        g_autoptr(GstBuffer) unit = gst_buffer_new();
        guint turn = i / 31, place = i % 31;
        gint64 now = 1000000000 + (turn * 30 + place) * 40 * (gint64)GST_MSECOND;
        GST_BUFFER_PTS(unit) = (turn * 30 + shown_as(place) + 2) * 40 * GST_MSECOND;
        GST_BUFFER_DTS(unit) = (turn * 30 + place) * 40 * GST_MSECOND;
        if (place > 0)
            GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
        vd_source_time_stamp(&time, unit, now);
        if (turn == 1)
            g_assert_cmpint((gint64)GST_BUFFER_PTS(unit), >, newest);
        else
            newest = MAX(newest, (gint64)GST_BUFFER_PTS(unit));
    }
}

static void a_corrected_clock_is_no_reordering(void)
{
    VdSourceTime time = {0};
    gint64 last = 0;

    for (gint64 i = 0; i < 500; i++) {
        g_autoptr(GstBuffer) unit = gst_buffer_new();
        gint64 now = 9 * (gint64)GST_SECOND + i * 40 * (gint64)GST_MSECOND;
        gint64 back = i % 50 == 49 ? 60 * (gint64)GST_MSECOND : 0;
        GST_BUFFER_PTS(unit) = (GstClockTime)(now - back);
        vd_source_time_stamp(&time, unit, now);
        g_assert_cmpint((gint64)GST_BUFFER_PTS(unit), >, last);
        g_assert_false(GST_BUFFER_DTS_IS_VALID(unit));
        last = (gint64)GST_BUFFER_PTS(unit);
    }
}

#define TIME(name) g_test_add_func("/source/time/" #name, name)

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
    TIME(stamps_are_regular_and_never_go_back);
    TIME(a_jump_of_the_stream_is_followed);
    TIME(reordered_pictures_keep_their_order_of_showing);
    TIME(a_burst_at_the_start_leaves_reordered_pictures_their_distances);
    TIME(turns_that_overlap_do_not_mix);
    TIME(a_corrected_clock_is_no_reordering);
    return g_test_run();
}
