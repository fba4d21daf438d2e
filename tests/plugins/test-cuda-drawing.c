#include "cuda-rig.h"
#include "plugins/vd-messages.h"

/* vdmask and vdcompose on CUDA memory, against themselves on system memory. */

#define POLYGONS "0.1,0.1 0.8,0.2 0.6,0.9; 0.5,0 1,0 1,0.4"
/* 2026-11-22 15:04:05.123 UTC */
#define SOME_TIME (G_GUINT64_CONSTANT(1795359845) * GST_SECOND + 123 * GST_MSECOND)

static const Shape usual = {"NV12", 320, 240};

static void masks_are_the_same(void)
{
    static const struct {
        const char *style, *block;
    } rows[] = {{"fill", "0"}, {"pixelate", "0"}, {"pixelate", "7"}, {"pixelate", "256"}};

    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_MASK_FACTORY, shapes[i], NULL, NULL);

        twins_set(twins, "polygons", POLYGONS);
        for (guint row = 0; row < G_N_ELEMENTS(rows); row++) {
            twins_set(twins, "style", rows[row].style);
            twins_set(twins, "block", rows[row].block);
            twins_push(twins, noise_new(twins, row, row * GST_SECOND));
        }
    }
}

static void black_is_that_of_the_range(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MASK_FACTORY, usual, ",colorimetry=1:4:0:0", NULL);

    twins_set(twins, "polygons", "0,0 1,0 1,1 0,1");
    twins_push(twins, noise_new(twins, 1, 0));
}

static void polygons_may_change_while_playing(void)
{
    static const char *polygons[] = {POLYGONS, "0,0 1,0 1,1", "", "what?", "0,0 0.1,0 0,0.1"};
    g_autoptr(Twins) twins = twins_new(VD_MASK_FACTORY, usual, NULL, NULL);

    for (guint i = 0; i < 10; i++) {
        twins_set(twins, "polygons", polygons[i % G_N_ELEMENTS(polygons)]);
        twins_push(twins, noise_new(twins, i, i));
    }
}

static void add_what_is_known(GstBuffer *picture, guint64 unix_ns)
{
    g_autoptr(GstCaps) unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);

    gst_buffer_add_reference_timestamp_meta(picture, unix_time, unix_ns, GST_CLOCK_TIME_NONE);
    for (guint i = 0; i < 70; i++)
        gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, i * 9 % 330, i * 5,
                                                     1 + i, 80 - i);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 5, 5, 0, 9);
}

static void set_all_words(Twins *twins)
{
    twins_set(twins, "title", "Gate Straße 北門");
    twins_set(twins, "state", "live");
    twins_set(twins, "lines", "no picture\nsince 15:04");
    twins_set(twins, "polygons", POLYGONS);
}

static void all_that_is_composed_is_the_same(void)
{
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_COMPOSE_FACTORY, shapes[i], NULL, NULL);

        set_all_words(twins);
        for (guint n = 0; n < 3; n++) {
            GstBuffer *picture = noise_new(twins, n, n * GST_SECOND);

            add_what_is_known(picture, SOME_TIME + n * 1111 * GST_MSECOND);
            twins_push(twins, picture);
        }
    }
}

static void zones_and_what_does_not_count_are_the_same(void)
{
    static const char *zones[] = {"drive: 0.1,0.2 0.7,0.2 0.4,0.9; tree ignore: 0.5,0.5 1,0.5 1,1",
                                  "a: 0,0 1,0 1,1", "", "what?"};

    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_COMPOSE_FACTORY, shapes[i], NULL, NULL);

        for (guint n = 0; n < G_N_ELEMENTS(zones); n++) {
            GstBuffer *picture = noise_new(twins, n, n * GST_SECOND);

            twins_set(twins, "zones", zones[n]);
            for (guint k = 0; k < 8; k++)
                gst_buffer_add_video_region_of_interest_meta(
                    picture, k % 3 != 0 ? VD_ROI_MOTION : VD_ROI_IGNORED, k * 9, k * 5, 9 + k, 8);
            twins_push(twins, picture);
        }
    }
}

static void words_may_change_while_playing(void)
{
    g_autoptr(Twins) twins = twins_new(VD_COMPOSE_FACTORY, usual, ",colorimetry=1:4:0:0", NULL);
    static const char *words[] = {"one", "", "three, which is longer", "four"};

    for (guint i = 0; i < 12; i++) {
        GstBuffer *picture = noise_new(twins, i, i);

        twins_set(twins, "title", words[i % 4]);
        twins_set(twins, "state", words[i / 3]);
        twins_set(twins, "show-time", i % 2 != 0 ? "true" : "false");
        add_what_is_known(picture, SOME_TIME + i * GST_SECOND);
        twins_push(twins, picture);
    }
}

/* The size changes, and then the kind of memory, and back. */
static void caps_may_change_while_playing(void)
{
    static const char *caps[] = {
        "video/x-raw(memory:CUDAMemory),format=I420,width=100,height=50",
        "video/x-raw,format=I420,width=100,height=50",
        "video/x-raw(memory:CUDAMemory),format=I420,width=100,height=50",
    };
    static const char *factories[] = {VD_MASK_FACTORY, VD_COMPOSE_FACTORY};

    for (gsize f = 0; f < G_N_ELEMENTS(factories); f++) {
        g_autoptr(Twins) first = twins_new(factories[f], usual, NULL, NULL);
        g_autoptr(Twins) then =
            twins_new(factories[f], (Shape){"I420", 100, 50}, NULL, NULL); /* for its pool */

        twins_set(first, "polygons", POLYGONS);
        twins_push(first, noise_new(first, 1, 0));
        rig_set_caps(first->cpu, caps[1]);
        for (guint i = 0; i < G_N_ELEMENTS(caps); i++) {
            g_autoptr(GstBuffer) picture = noise_new(then, i, i);

            rig_set_caps(first->gpu, caps[i]);
            g_autoptr(GstBuffer) expected =
                gst_harness_push_and_pull(first->cpu->harness, gst_buffer_copy_deep(picture));
            g_autoptr(GstBuffer) out = gst_harness_push_and_pull(
                first->gpu->harness,
                i == 1 ? gst_buffer_copy_deep(picture) : on_device(then, picture));
            assert_same_picture(&first->cpu->info, expected, out);
        }
    }
}

static void without_anything_to_draw_the_very_same_buffer_comes_out(void)
{
    static const char *factories[] = {VD_MASK_FACTORY, VD_COMPOSE_FACTORY};

    for (gsize f = 0; f < G_N_ELEMENTS(factories); f++) {
        g_autoptr(Twins) twins = twins_new(factories[f], usual, NULL, NULL);
        g_autoptr(GstBuffer) noise = noise_new(twins, 1, 0);
        GstBuffer *in = on_device(twins, noise);

        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, in);
        g_assert_true(in == out);
    }
}

/* A picture of our own is drawn into where it is, one that others hold into a copy on the device.
 */
static void assert_place(Twins *twins, bool shared)
{
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 3 * GST_SECOND);
    g_autoptr(GstBuffer) in = on_device(twins, noise);
    g_autoptr(GstBuffer) expected =
        gst_harness_push_and_pull(twins->cpu->harness, gst_buffer_copy_deep(noise));
    GstBuffer *pushed = shared ? gst_buffer_ref(in) : g_steal_pointer(&in);
    GstBuffer *same = pushed;

    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, pushed);
    g_assert_true((out == same) == !shared);
    assert_same_picture(&twins->cpu->info, expected, out);
    if (shared)
        assert_same_picture(&twins->cpu->info, noise, in);
}

static void a_picture_that_others_hold_is_copied_on_the_device(void)
{
    static const char *factories[] = {VD_MASK_FACTORY, VD_COMPOSE_FACTORY};

    for (gsize f = 0; f < G_N_ELEMENTS(factories); f++) {
        for (gsize i = 0; i < n_shapes; i++) {
            g_autoptr(Twins) twins = twins_new(factories[f], shapes[i], NULL, NULL);

            twins_set(twins, "polygons", "0,0 1,0 1,1 0,1");
            assert_place(twins, false);
            assert_place(twins, true);
        }
    }
}

/* --- what it costs --------------------------------------------------------------------------- */

/* shared: others hold the pictures. */
static void assert_drawing_costs(Twins *twins, bool shared, guint launches)
{
    GstBuffer *pictures[2 * COUNTED];

    for (guint i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) noise = noise_new(twins, i, i * GST_SECOND);

        add_what_is_known(noise, SOME_TIME + i * 9999 * GST_MSECOND);
        pictures[i] = on_device(twins, noise);
        if (shared)
            gst_buffer_ref(pictures[i]);
    }
    assert_cost(twins, pictures,
                (Cost){
                    .launches = launches,
                    .syncs = 1,
                    .d2d = shared ? twins->cpu->info.size : 0,
                });
    for (guint i = 0; shared && i < 2 * COUNTED; i++)
        gst_buffer_unref(pictures[i]);
}

static void masking_copies_and_allocates_nothing(void)
{
    static const char *styles[] = {"fill", "pixelate"};

    if (!device_counts())
        return;
    for (guint style = 0; style < G_N_ELEMENTS(styles); style++) {
        g_autoptr(Twins) twins = twins_new(VD_MASK_FACTORY, usual, NULL, NULL);

        twins_set(twins, "polygons", POLYGONS);
        twins_set(twins, "style", styles[style]);
        assert_drawing_costs(twins, false, style + 1);
        assert_drawing_costs(twins, true, style + 1);
    }
}

/* Outlines, boxes, title, state, lines and the clock, whatever they consist of. */
static void composing_is_six_launches_and_copies_nothing(void)
{
    if (!device_counts())
        return;
    g_autoptr(Twins) twins = twins_new(VD_COMPOSE_FACTORY, usual, NULL, NULL);

    set_all_words(twins);
    assert_drawing_costs(twins, false, 6);
    assert_drawing_costs(twins, true, 6);
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/drawing/" #name, name)
    TEST(masks_are_the_same);
    TEST(black_is_that_of_the_range);
    TEST(polygons_may_change_while_playing);
    TEST(all_that_is_composed_is_the_same);
    TEST(zones_and_what_does_not_count_are_the_same);
    TEST(words_may_change_while_playing);
    TEST(caps_may_change_while_playing);
    TEST(without_anything_to_draw_the_very_same_buffer_comes_out);
    TEST(a_picture_that_others_hold_is_copied_on_the_device);
    TEST(masking_copies_and_allocates_nothing);
    TEST(composing_is_six_launches_and_copies_nothing);
    return device_run_tests();
}
