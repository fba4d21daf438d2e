#include "plugins/vd-messages.h"
#include "support.h"

#include <stdlib.h>

#define JPEG_I420 "video/x-raw,format=I420,colorimetry=1:4:0:0,"

/* What downstream asks for, and what comes out then. */
static void assert_size(const char *in, const char *wanted, int width, int height)
{
    g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, NULL);
    GstVideoInfo info;

    gst_harness_set_sink_caps_str(rig->harness, wanted);
    rig_set_caps(rig, in);
    g_autoptr(GstBuffer) out =
        gst_harness_push_and_pull(rig->harness, picture_new(rig, (Colour){100, 110, 120}, 0));
    g_assert_nonnull(out);
    g_autoptr(GstCaps) caps = rig_caps(rig);
    g_assert_true(gst_video_info_from_caps(&info, caps));
    g_test_message("%s, asked for %s", in, wanted);
    g_assert_cmpint(info.width, ==, width);
    g_assert_cmpint(info.height, ==, height);
    g_assert_cmpint(GST_VIDEO_INFO_FORMAT(&info), ==, GST_VIDEO_FORMAT_I420);
    g_assert_cmpint(info.colorimetry.range, ==, GST_VIDEO_COLOR_RANGE_0_255);
    g_assert_cmpint(info.colorimetry.matrix, ==, GST_VIDEO_COLOR_MATRIX_BT601);
    g_assert_cmpuint(gst_buffer_get_size(out), >=, info.size);
}

/* clang-format off */
static const struct { const char *in; const char *wanted; int width, height; } sizes[] = {
    {"video/x-raw,format=I420,width=1920,height=1080", "video/x-raw,width=640", 640, 360},
    {"video/x-raw,format=NV12,width=1920,height=1080", "video/x-raw,width=500", 500, 282},
    {"video/x-raw,format=I420,width=1920,height=1080", "video/x-raw,height=360", 640, 360},
    {"video/x-raw,format=I420,width=704,height=576", "video/x-raw,width=320", 320, 262},
    {"video/x-raw,format=I420,width=640,height=360", "video/x-raw,width=1280", 1280, 720},
    {"video/x-raw,format=Y42B,width=640,height=360", "video/x-raw", 640, 360},
    {"video/x-raw,format=Y444,width=641,height=361", "video/x-raw", 641, 361},
    {"video/x-raw,format=GRAY8,width=641,height=361", "video/x-raw,width=[1,320]", 320, 180},
    {"video/x-raw,format=I420,width=640,height=360", "video/x-raw,width=100,height=100", 100, 100},
    {"video/x-raw,format=I420,width=1,height=1", "video/x-raw,width=64", 64, 64},
    {"video/x-raw,format=I420,width=4000,height=3", "video/x-raw,width=640", 640, 2},
};
/* clang-format on */

static void the_picture_keeps_its_shape(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        assert_size(sizes[i].in, sizes[i].wanted, sizes[i].width, sizes[i].height);
}

/* BT.601 limited: red 81 90 240; full range JPEG: 76 85 255. BT.709's red is 63 102 240. */
/* clang-format off */
static const struct { const char *colorimetry; Colour in, out; } colours[] = {
    {"bt601", {81, 90, 240}, {76, 85, 255}},
    {"bt709", {63, 102, 240}, {76, 85, 255}},
    {"bt601", {16, 128, 128}, {0, 128, 128}},
    {"bt709", {235, 128, 128}, {255, 128, 128}},
    {"bt709", {32, 240, 118}, {29, 255, 107}},
    {"1:4:0:0", {76, 85, 255}, {76, 85, 255}},
    {"1:3:5:1", {54, 99, 255}, {76, 85, 255}},
};
/* clang-format on */

static void colours_become_those_of_jpeg(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(colours); i++) {
        g_autofree char *caps = g_strdup_printf(
            "video/x-raw,format=NV12,width=64,height=36,colorimetry=%s", colours[i].colorimetry);
        g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, NULL);
        GstVideoInfo info;

        gst_harness_set_sink_caps_str(rig->harness, "video/x-raw,width=32");
        rig_set_caps(rig, caps);
        g_autoptr(GstBuffer) out =
            gst_harness_push_and_pull(rig->harness, picture_new(rig, colours[i].in, 0));
        gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 32, 18);
        g_test_message("colour %" G_GSIZE_FORMAT, i);
        g_assert_cmpint(abs(picture_at(&info, out, 0, 9, 9) - colours[i].out.y), <=, 2);
        g_assert_cmpint(abs(picture_at(&info, out, 1, 9, 9) - colours[i].out.u), <=, 2);
        g_assert_cmpint(abs(picture_at(&info, out, 2, 9, 9) - colours[i].out.v), <=, 2);
    }
}

static void what_stands_where_still_stands_there(void)
{
    g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, NULL);
    GstVideoInfo info;

    gst_harness_set_sink_caps_str(rig->harness, "video/x-raw,width=64");
    rig_set_caps(rig, JPEG_I420 "width=128,height=72");
    GstBuffer *picture = picture_new(rig, (Colour){10, 128, 128}, 0);
    picture_rectangle(&rig->info, picture, 32, 16, 16, 8, (Colour){210, 90, 200});
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, picture);
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 64, 36);
    g_assert_cmpint(picture_others(&info, out, 16, 8, 8, 4, 210), ==, 0);
    g_assert_cmpint(picture_others(&info, out, 0, 0, 64, 36, 10), ==, 8 * 4);
    g_assert_cmpint(picture_at(&info, out, 1, 17, 9), ==, 90);
    g_assert_cmpint(picture_at(&info, out, 2, 17, 9), ==, 200);
}

static void what_needs_nothing_passes_untouched(void)
{
    g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, JPEG_I420 "width=64,height=36,framerate=5/1");
    GstBuffer *in = picture_new(rig, (Colour){1, 2, 3}, 0);
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, in);

    g_assert_true(in == out);
}

static void regions_and_times_come_along(void)
{
    g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, NULL);
    g_autoptr(GstCaps) unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);

    gst_harness_set_sink_caps_str(rig->harness, "video/x-raw,width=640");
    rig_set_caps(rig, "video/x-raw,format=I420,width=1920,height=1080");
    GstBuffer *picture = picture_new(rig, (Colour){1, 2, 3}, 7 * GST_SECOND);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 300, 90, 150, 60);
    gst_buffer_add_reference_timestamp_meta(picture, unix_time, 12345, GST_CLOCK_TIME_NONE);
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, picture);
    GstVideoRegionOfInterestMeta *region = gst_buffer_get_video_region_of_interest_meta_id(out, 0);
    g_assert_nonnull(region);
    g_assert_cmpstr(g_quark_to_string(region->roi_type), ==, VD_ROI_MOTION);
    g_assert_cmpuint(region->x, ==, 100);
    g_assert_cmpuint(region->y, ==, 30);
    g_assert_cmpuint(region->w, ==, 50);
    g_assert_cmpuint(region->h, ==, 20);
    g_assert_cmpuint(gst_buffer_get_n_meta(out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), ==, 1);
    GstReferenceTimestampMeta *time = gst_buffer_get_reference_timestamp_meta(out, unix_time);
    g_assert_nonnull(time);
    g_assert_cmpuint(time->timestamp, ==, 12345);
    g_assert_cmpuint(GST_BUFFER_PTS(out), ==, 7 * GST_SECOND);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_SCALE_FACTORY, NULL);
    static const char *formats[] = {"I420", "NV12", "Y42B", "Y444", "GRAY8"};

    gst_harness_set_sink_caps_str(rig->harness, "video/x-raw,width=80");
    for (int i = 0; i < 20; i++) {
        g_autofree char *caps = g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d",
                                                formats[i % 5], 17 + i * 40, 31 + i * 20);
        GstVideoInfo info;

        rig_set_caps(rig, caps);
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(
            rig->harness, picture_new(rig, (Colour){126, 128, 128}, (guint)i * GST_SECOND));
        g_assert_nonnull(out);
        g_autoptr(GstCaps) made = rig_caps(rig);
        g_assert_true(gst_video_info_from_caps(&info, made));
        g_assert_cmpint(info.width, ==, 80);
        int luma = i % 5 == 4 ? 126 : 128; /* GRAY8 is full range */
        g_assert_cmpint(picture_others(&info, out, 0, 0, info.width, info.height, luma), ==, 0);
    }
}

static void other_pictures_are_refused(void)
{
    assert_refused(VD_SCALE_FACTORY, "video/x-raw,format=RGB,width=64,height=48,framerate=5/1");
    assert_refused(VD_SCALE_FACTORY, "video/x-raw,format=I420,width=16385,height=2");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdscale/" #name, name)
    TEST(the_picture_keeps_its_shape);
    TEST(colours_become_those_of_jpeg);
    TEST(what_stands_where_still_stands_there);
    TEST(what_needs_nothing_passes_untouched);
    TEST(regions_and_times_come_along);
    TEST(sizes_may_change_while_playing);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
