#include "plugins/vd-messages.h"
#include "plugins/vd-polygons.h"
#include "support.h"

#define CAPS "video/x-raw,width=64,height=48,format="

static const Colour bright = {200, 90, 170};
static const char *formats[] = {"I420", "NV12", "Y42B", "Y444", "GRAY8"};

static GstBuffer *masked(Rig *rig, GstBuffer *picture)
{
    GstBuffer *out = gst_harness_push_and_pull(rig->harness, picture);

    g_assert_nonnull(out);
    return out;
}

/* The left upper quarter, and nothing else. */
static void assert_quarter(Rig *rig, GstBuffer *out)
{
    int luma = picture_at(&rig->info, out, 0, 10, 10);

    g_assert_cmpint(luma, !=, bright.y);
    g_assert_cmpint(picture_others(&rig->info, out, 0, 0, 32, 24, luma), ==, 0);
    g_assert_cmpint(picture_others(&rig->info, out, 32, 0, 32, 48, bright.y), ==, 0);
    g_assert_cmpint(picture_others(&rig->info, out, 0, 24, 32, 24, bright.y), ==, 0);
    for (guint c = 1; c < GST_VIDEO_INFO_N_COMPONENTS(&rig->info); c++) {
        g_assert_cmpint(picture_at(&rig->info, out, c, 31, 23), ==, 128);
        g_assert_cmpint(picture_at(&rig->info, out, c, 32, 23), !=, 128);
        g_assert_cmpint(picture_at(&rig->info, out, c, 31, 24), !=, 128);
    }
}

static void inside_is_filled_and_outside_untouched(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *caps = g_strconcat(CAPS, formats[i], NULL);
        g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, caps);

        rig_set(rig, "polygons", "0,0 0.5,0 0.5,0.5 0,0.5");
        g_autoptr(GstBuffer) out = masked(rig, picture_new(rig, bright, 0));
        assert_quarter(rig, out);
    }
}

static void the_filling_is_black_of_the_picture_s_range(void)
{
    static const struct {
        const char *colorimetry;
        int black;
    } rows[] = {{"bt709", 16}, {"1:4:0:0", 0}, {"2:4:5:1", 16}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *caps =
            g_strdup_printf("%sI420,colorimetry=(string)%s", CAPS, rows[i].colorimetry);
        g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, caps);

        rig_set(rig, "polygons", "0,0 0.5,0 0.5,0.5 0,0.5");
        g_autoptr(GstBuffer) out = masked(rig, picture_new(rig, bright, 0));
        g_assert_cmpint(picture_at(&rig->info, out, 0, 10, 10), ==, rows[i].black);
        assert_quarter(rig, out);
    }
}

static void without_polygons_the_very_same_buffer_comes_out(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");
    g_autoptr(GstBuffer) in = picture_new(rig, bright, 0);

    g_autoptr(GstBuffer) out = masked(rig, gst_buffer_ref(in));
    g_assert_true(in == out);
    rig_set(rig, "polygons", " ; ;");
    g_autoptr(GstBuffer) again = masked(rig, gst_buffer_ref(in));
    g_assert_true(in == again);
}

static void a_buffer_of_our_own_is_masked_in_place(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");
    GstBuffer *in = picture_new(rig, bright, 0);

    rig_set(rig, "polygons", "0,0 0.5,0 0.5,0.5 0,0.5");
    g_autoptr(GstBuffer) out = masked(rig, in);
    g_assert_true(in == out);
}

static void a_buffer_that_others_hold_is_copied_with_all_that_it_carries(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "NV12");
    g_autoptr(GstBuffer) in = picture_new(rig, bright, 3 * GST_SECOND);

    rig_set(rig, "polygons", "0,0 0.5,0 0.5,0.5 0,0.5");
    GST_BUFFER_FLAG_SET(in, GST_BUFFER_FLAG_DISCONT);
    gst_buffer_add_video_region_of_interest_meta(in, VD_ROI_MOTION, 1, 2, 3, 4);
    g_autoptr(GstBuffer) out = masked(rig, gst_buffer_ref(in));
    assert_quarter(rig, out);
    g_assert_cmpint(picture_others(&rig->info, in, 0, 0, 64, 48, bright.y), ==, 0);
    g_assert_cmpuint(GST_BUFFER_PTS(out), ==, 3 * GST_SECOND);
    g_assert_true(GST_BUFFER_IS_DISCONT(out));
    g_assert_cmpuint(gst_buffer_get_n_meta(out, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), ==, 1);
}

static void copies_come_from_a_pool(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");
    g_autoptr(GstBuffer) in = picture_new(rig, bright, 0);
    GstBufferPool *pool = NULL;

    rig_set(rig, "polygons", "0,0 1,0 1,1");
    for (int i = 0; i < 5; i++) {
        g_autoptr(GstBuffer) out = masked(rig, gst_buffer_ref(in));

        g_assert_nonnull(out->pool);
        g_assert_true(pool == NULL || pool == out->pool);
        pool = out->pool;
    }
}

static void polygons_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");

    rig_set(rig, "polygons", "0,0 1,0 1,1 0,1");
    g_autoptr(GstBuffer) all = masked(rig, picture_new(rig, bright, 0));
    g_assert_cmpint(picture_others(&rig->info, all, 0, 0, 64, 48, bright.y), ==, 64 * 48);
    rig_set(rig, "polygons", "0.5,0.5 1,0.5 1,1 0.5,1; 0,0 0.25,0 0.25,0.25 0,0.25");
    g_autoptr(GstBuffer) two = masked(rig, picture_new(rig, bright, 1));
    g_assert_cmpint(picture_others(&rig->info, two, 0, 0, 64, 48, bright.y), ==, 32 * 24 + 16 * 12);
    rig_set(rig, "polygons", "");
    g_autoptr(GstBuffer) none = masked(rig, picture_new(rig, bright, 2));
    g_assert_cmpint(picture_others(&rig->info, none, 0, 0, 64, 48, bright.y), ==, 0);
}

static void what_cannot_be_read_hides_everything(void)
{
    static const char *texts[] = {"0,0 1,0", "0,0 1,0 x", "1;2", "0 0 1 1 0 1", "nan,0 1,1 0,1"};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");

        g_object_set(rig->harness->element, "polygons", texts[i], NULL);
        g_autoptr(GstBuffer) out = masked(rig, picture_new(rig, bright, 0));
        g_assert_cmpint(picture_others(&rig->info, out, 0, 0, 64, 48, bright.y), ==, 64 * 48);
    }
}

static void coarse_blocks_are_the_mean_of_what_was_there(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");
    GstBuffer *picture = picture_new(rig, (Colour){100, 128, 128}, 0);

    rig_set(rig, "polygons", "0,0 0.5,0 0.5,0.5 0,0.5");
    rig_set(rig, "style", "pixelate");
    rig_set(rig, "block", "8");
    picture_rectangle(&rig->info, picture, 4, 0, 4, 8, (Colour){200, 128, 128});
    picture_rectangle(&rig->info, picture, 40, 0, 1, 1, (Colour){200, 128, 128});
    g_autoptr(GstBuffer) out = masked(rig, picture);
    g_assert_cmpint(picture_others(&rig->info, out, 0, 0, 8, 8, 150), ==, 0);
    g_assert_cmpint(picture_others(&rig->info, out, 8, 0, 24, 24, 100), ==, 0);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 40, 0), ==, 200);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_MASK_FACTORY, CAPS "I420");

    rig_set(rig, "polygons", "0,0 0.5,0 0.5,1 0,1");
    for (int i = 0; i < 8; i++) {
        int width = 16 + 34 * i, height = 9 + 17 * i;
        g_autofree char *caps = g_strdup_printf("video/x-raw,width=%d,height=%d,format=%s", width,
                                                height, formats[i % 5]);

        rig_set_caps(rig, caps);
        g_autoptr(GstBuffer) out = masked(rig, picture_new(rig, bright, (guint)i));
        g_assert_cmpint(picture_others(&rig->info, out, 0, 0, width, height, bright.y), ==,
                        width / 2 * height);
    }
}

static void overlapping_polygons_are_joined(void)
{
    g_autoptr(VdPolygons) polygons =
        vd_polygons_parse("0,0 .5,0 .5,1 0,1;0.25,0 .75 , 0 0.75,1 0.25,1 ; 2,2 1,-7 1e0,1");
    g_autofree VdkSpan *spans = NULL;
    size_t n;

    g_assert_nonnull(polygons);
    g_assert_cmpuint(polygons->n, ==, 3);
    g_assert_cmpint(polygons->each[2].points[0], ==, 65536);
    g_assert_cmpint(polygons->each[2].points[3], ==, 0);
    spans = vd_polygons_spans(polygons, 0, 16, 4, &n);
    g_assert_cmpuint(n, ==, 4);
    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(spans[i].y, ==, i);
        g_assert_cmpint(spans[i].x0, ==, 0);
        g_assert_cmpint(spans[i].x1, ==, 12);
    }
}

static void other_pictures_are_refused(void)
{
    assert_refused(VD_MASK_FACTORY, CAPS "RGB");
    assert_refused(VD_MASK_FACTORY, "video/x-raw,format=I420,width=2,height=16385");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdmask/" #name, name)
    TEST(inside_is_filled_and_outside_untouched);
    TEST(the_filling_is_black_of_the_picture_s_range);
    TEST(without_polygons_the_very_same_buffer_comes_out);
    TEST(a_buffer_of_our_own_is_masked_in_place);
    TEST(a_buffer_that_others_hold_is_copied_with_all_that_it_carries);
    TEST(copies_come_from_a_pool);
    TEST(polygons_may_change_while_playing);
    TEST(what_cannot_be_read_hides_everything);
    TEST(coarse_blocks_are_the_mean_of_what_was_there);
    TEST(sizes_may_change_while_playing);
    TEST(overlapping_polygons_are_joined);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
