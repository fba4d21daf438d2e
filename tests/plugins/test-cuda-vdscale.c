#include "cuda-rig.h"
#include "plugins/vd-messages.h"

/* vdscale on CUDA memory, against itself on system memory. */

#define FULL_RANGE ",colorimetry=1:4:0:0"

static const Shape usual = {"NV12", 320, 240};

static void scaled_pictures_are_the_same(void)
{
    static const char *wanted[] = {"width=160", "width=97,height=101", "height=1",
                                   "width=[1,5000]"};
    static const char *colours[] = {NULL, ",colorimetry=bt709", FULL_RANGE};

    for (gsize i = 0; i < n_shapes; i++) {
        for (guint n = 0; n < G_N_ELEMENTS(wanted) * G_N_ELEMENTS(colours); n++) {
            g_autoptr(Twins) twins =
                twins_new(VD_SCALE_FACTORY, shapes[i], colours[n % 3], wanted[n / 3]);

            twins_push(twins, noise_new(twins, n, n * GST_SECOND));
            twins_push(twins, noise_new(twins, n + 100, n * GST_SECOND + 1));
        }
    }
}

static void what_is_right_already_passes_untouched(void)
{
    g_autoptr(Twins) twins =
        twins_new(VD_SCALE_FACTORY, (Shape){"I420", 320, 240}, ",framerate=5/1" FULL_RANGE, NULL);
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 0);
    GstBuffer *in = on_device(twins, noise);

    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, in);
    g_assert_true(in == out);
}

static void regions_and_times_go_along(void)
{
    g_autoptr(Twins) twins = twins_new(VD_SCALE_FACTORY, usual, NULL, "width=160");
    g_autoptr(GstCaps) unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 7 * GST_SECOND);

    gst_buffer_add_video_region_of_interest_meta(noise, VD_ROI_MOTION, 10, 20, 30, 40);
    gst_buffer_add_reference_timestamp_meta(noise, unix_time, 123, GST_CLOCK_TIME_NONE);
    g_autoptr(GstBuffer) out =
        gst_harness_push_and_pull(twins->gpu->harness, on_device(twins, noise));
    const GstVideoRegionOfInterestMeta *region =
        (const GstVideoRegionOfInterestMeta *)gst_buffer_get_meta(
            out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
    const GstReferenceTimestampMeta *time = gst_buffer_get_reference_timestamp_meta(out, unix_time);

    g_assert_nonnull(region);
    g_assert_nonnull(time);
    g_assert_cmpuint(region->x, ==, 5);
    g_assert_cmpuint(region->h, ==, 20);
    g_assert_cmpuint(time->timestamp, ==, 123);
    g_assert_cmpuint(GST_BUFFER_PTS(out), ==, 7 * GST_SECOND);
    g_assert_cmpint(gst_buffer_get_video_meta(out)->width, ==, 160);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Twins) twins = twins_new(VD_SCALE_FACTORY, usual, NULL, "width=160");

    for (guint i = 0; i < 6; i++) {
        g_autofree char *wanted = g_strdup_printf("video/x-raw,width=%u", 100 + i % 2 * 60);
        g_autofree char *there =
            g_strdup_printf("video/x-raw(memory:CUDAMemory),width=%u", 100 + i % 2 * 60);

        gst_harness_set_sink_caps_str(twins->cpu->harness, wanted);
        gst_harness_set_sink_caps_str(twins->gpu->harness, there);
        gst_harness_push_upstream_event(twins->cpu->harness, gst_event_new_reconfigure());
        gst_harness_push_upstream_event(twins->gpu->harness, gst_event_new_reconfigure());
        twins_push(twins, noise_new(twins, i, i));
    }
}

static void scaling_copies_and_allocates_nothing(void)
{
    g_autoptr(Twins) twins = twins_new(VD_SCALE_FACTORY, usual, NULL, "width=160");
    GstBuffer *pictures[2 * COUNTED];

    if (!device_counts())
        return;
    for (guint i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) noise = noise_new(twins, i, i);

        pictures[i] = on_device(twins, noise);
    }
    assert_cost(twins, pictures, (Cost){.launches = 1, .syncs = 1});
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/vdscale/" #name, name)
    TEST(scaled_pictures_are_the_same);
    TEST(what_is_right_already_passes_untouched);
    TEST(regions_and_times_go_along);
    TEST(sizes_may_change_while_playing);
    TEST(scaling_copies_and_allocates_nothing);
    return device_run_tests();
}
