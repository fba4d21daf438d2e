#include "cuda-rig.h"
#include "kernels/vdk.h"
#include "plugins/vd-messages.h"

/* vdmotion on CUDA memory, against itself on system memory. */

static const Shape usual = {"NV12", 320, 240};

/* A room with a figure that moves by half its width a picture. */
static GstBuffer *scene(Twins *twins, guint number)
{
    const GstVideoInfo *info = &twins->cpu->info;
    GstBuffer *picture = picture_new(twins->cpu, (Colour){100, 128, 128}, number * GST_SECOND / 10);
    int width = MAX(info->width / 6, 1), height = MAX(info->height / 3, 1);
    int x = (int)number * width / 2 % MAX(info->width - width, 1);

    if (number >= 12)
        picture_rectangle(info, picture, x, (info->height - height) / 2, width, height,
                          (Colour){200, 90, 160});
    return picture;
}

static gboolean same_field(GQuark field, const GValue *value, gpointer other)
{
    const char *name = g_quark_to_string(field);
    const GValue *twin = gst_structure_get_value(other, name);

    g_assert_nonnull(twin);
    if (g_str_equal(name, VD_MOTION_COST))
        return TRUE;
    if (G_VALUE_HOLDS(value, G_TYPE_BYTES)) {
        g_assert_true(g_bytes_equal(g_value_get_boxed(value), g_value_get_boxed(twin)));
        return TRUE;
    }
    g_assert_cmpint(gst_value_compare(value, twin), ==, GST_VALUE_EQUAL);
    return TRUE;
}

/* What both say of the newest picture; answers the number of boxes, -1 when neither says anything.
 */
static int same_message(Twins *twins)
{
    g_autoptr(GstStructure) cpu = rig_message(twins->cpu, VD_MOTION_MESSAGE);
    g_autoptr(GstStructure) gpu = rig_message(twins->gpu, VD_MOTION_MESSAGE);
    g_autoptr(GBytes) boxes = NULL;

    g_assert_true((cpu != NULL) == (gpu != NULL));
    if (cpu == NULL)
        return -1;
    g_assert_cmpint(gst_structure_n_fields(cpu), ==, gst_structure_n_fields(gpu));
    gst_structure_foreach(cpu, same_field, gpu);
    gst_structure_get(gpu, VD_MOTION_BOXES, G_TYPE_BYTES, &boxes, NULL);
    return (int)(g_bytes_get_size(boxes) / sizeof(VdBox));
}

/* Answers in how many messages there were boxes. */
static int watch(Twins *twins, guint from, guint to)
{
    int with_boxes = 0;

    for (guint i = from; i < to; i++) {
        twins_push(twins, scene(twins, i));
        with_boxes += same_message(twins) > 0;
    }
    return with_boxes;
}

static void messages_are_the_same(void)
{
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, shapes[i], NULL, NULL);
        int with_boxes = watch(twins, 0, 24);

        g_test_message("%dx%d: boxes in %d", shapes[i].width, shapes[i].height, with_boxes);
        if (shapes[i].width >= 161)
            g_assert_cmpint(with_boxes, >=, 8);
    }
}

static void masks_are_the_same(void)
{
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, shapes[i], NULL, NULL);

        watch(twins, 0, 12);
        twins_set(twins, "masks", "true");
        watch(twins, 12, 24);
    }
}

static void settings_may_change_while_playing(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);

    watch(twins, 0, 16);
    twins_set(twins, "threshold", "5");
    twins_set(twins, "min-area", "1");
    watch(twins, 16, 20);
    twins_set(twins, "analysis-width", "77");
    watch(twins, 20, 36);
    twins_set(twins, "analysis-width", "320");
    twins_set(twins, "analysis-fps", "3");
    watch(twins, 36, 60);
    g_signal_emit_by_name(twins->cpu->harness->element, "reset");
    g_signal_emit_by_name(twins->gpu->harness->element, "reset");
    watch(twins, 60, 70);
}

static void noise_is_the_same_too(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, (Shape){"I420", 161, 97}, NULL, NULL);

    for (guint i = 0; i < 16; i++) {
        twins_push(twins, noise_new(twins, i, i * GST_SECOND / 10));
        same_message(twins);
    }
}

static void pictures_that_others_hold_pass_untouched(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 0);
    g_autoptr(GstBuffer) in = on_device(twins, noise);

    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, gst_buffer_ref(in));
    g_assert_true(in == out);
    assert_same_picture(&twins->cpu->info, noise, out);
}

static GBytes *saved_by(Rig *rig)
{
    GBytes *saved = NULL;

    g_signal_emit_by_name(rig->harness->element, VD_MOTION_SAVE, &saved);
    return saved;
}

static void go_on_with(Rig *rig, GBytes *saved)
{
    g_signal_emit_by_name(rig->harness->element, VD_MOTION_RESTORE, saved);
}

/* Two that saw half of it each, on either side, say what one says that saw all of it. */
static void a_background_moves_between_gpu_and_cpu(void)
{
    enum { HALF = 15, ALL = 30 };
    g_autoptr(Twins) whole = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    g_autoptr(Twins) first = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    g_autoptr(Twins) second = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);

    g_assert_null(saved_by(first->gpu)); /* nothing is learned yet */
    watch(whole, 0, HALF);
    watch(first, 0, HALF);
    g_autoptr(GBytes) cpu = saved_by(first->cpu);
    g_autoptr(GBytes) gpu = saved_by(first->gpu);
    g_assert_nonnull(cpu);
    g_assert_true(g_bytes_equal(cpu, gpu));
    go_on_with(second->cpu, gpu);
    go_on_with(second->gpu, cpu);
    for (guint64 number = 1, i = HALF; i < ALL; number++, i++) {
        twins_push(whole, scene(whole, (guint)i));
        twins_push(second, scene(second, (guint)i));
        g_autoptr(GstStructure) all = rig_message(whole->cpu, VD_MOTION_MESSAGE);
        g_autoptr(GstStructure) half = rig_message(second->cpu, VD_MOTION_MESSAGE);
        g_assert_true(all != NULL && half != NULL);
        gst_structure_set(all, VD_MOTION_NUMBER, G_TYPE_UINT64, number, NULL);
        gst_structure_foreach(all, same_field, half);
        g_autoptr(GstStructure) twin = rig_message(second->gpu, VD_MOTION_MESSAGE);
        g_assert_nonnull(twin);
        gst_structure_foreach(half, same_field, twin);
    }
    g_autoptr(GBytes) end = saved_by(whole->cpu);
    g_autoptr(GBytes) end_too = saved_by(second->gpu);
    g_assert_true(g_bytes_equal(end, end_too));
}

static void what_does_not_fit_is_learned_anew(void)
{
    g_autoptr(Twins) large = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    g_autoptr(Twins) small = twins_new(VD_MOTION_FACTORY, (Shape){"NV12", 160, 120}, NULL, NULL);
    g_autoptr(Twins) fresh = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);

    watch(small, 0, 15);
    watch(fresh, 0, 15);
    g_autoptr(GBytes) saved = saved_by(small->gpu);
    g_autoptr(GBytes) few = g_bytes_new("few", 3);
    go_on_with(large->cpu, saved);
    go_on_with(large->gpu, few);
    watch(large, 0, 15);
    g_autoptr(GBytes) end = saved_by(large->gpu);
    g_autoptr(GBytes) end_of_fresh = saved_by(fresh->cpu);
    g_assert_true(g_bytes_equal(end, end_of_fresh));
}

static void a_picture_costs_a_report_and_one_wait(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    GstBuffer *pictures[2 * COUNTED];

    if (!device_counts())
        return;
    for (guint i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) picture = scene(twins, i);

        pictures[i] = on_device(twins, picture);
    }
    G_STATIC_ASSERT(sizeof(VdkMotionReport) <= 4096);
    assert_cost(twins, pictures, (Cost){.launches = 5, .syncs = 1, .d2h = sizeof(VdkMotionReport)});
}

static void a_mask_costs_a_kernel_and_a_byte_a_pixel(void)
{
    g_autoptr(Twins) twins = twins_new(VD_MOTION_FACTORY, usual, NULL, NULL);
    GstBuffer *pictures[2 * COUNTED];

    if (!device_counts())
        return;
    twins_set(twins, "masks", "true");
    for (guint i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) picture = scene(twins, i);

        pictures[i] = on_device(twins, picture);
    }
    assert_cost(twins, pictures,
                (Cost){.launches = 6, .syncs = 1, .d2h = sizeof(VdkMotionReport) + 320 * 240});
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/vdmotion/" #name, name)
    TEST(messages_are_the_same);
    TEST(masks_are_the_same);
    TEST(settings_may_change_while_playing);
    TEST(noise_is_the_same_too);
    TEST(pictures_that_others_hold_pass_untouched);
    TEST(a_background_moves_between_gpu_and_cpu);
    TEST(what_does_not_fit_is_learned_anew);
    TEST(a_picture_costs_a_report_and_one_wait);
    TEST(a_mask_costs_a_kernel_and_a_byte_a_pixel);
    return device_run_tests();
}
