#include "cuda-rig.h"
#include "kernels/vdk.h"
#include "plugins/vd-messages.h"

/* vdtamper on CUDA memory, against itself on system memory. */

/* A room whose camera is moved after a while. */
static GstBuffer *scene(Twins *twins, guint number)
{
    const GstVideoInfo *info = &twins->cpu->info;
    GstBuffer *picture = picture_new(twins->cpu, (Colour){100, 128, 128}, number * GST_SECOND / 2);
    int side = MAX(info->width / 10, 1);

    for (int i = 0; i < 6; i++) {
        int x = (i * 3 + (number > 4 ? 1 : 0)) * side / 2, y = i * side / 2;

        if (x + side <= info->width && y + side <= info->height)
            picture_rectangle(info, picture, x, y, side, side,
                              (Colour){(guint8)(60 + 30 * i), 90, 160});
    }
    return picture;
}

/* What both say of the newest picture. */
static VdQuality same_quality(Twins *twins)
{
    g_autoptr(GstStructure) cpu = rig_message(twins->cpu, VD_QUALITY_MESSAGE);
    g_autoptr(GstStructure) gpu = rig_message(twins->gpu, VD_QUALITY_MESSAGE);
    g_autoptr(GBytes) one = NULL;
    g_autoptr(GBytes) other = NULL;

    g_assert_true(cpu != NULL && gpu != NULL);
    gst_structure_get(cpu, VD_QUALITY_FOUND, G_TYPE_BYTES, &one, NULL);
    gst_structure_get(gpu, VD_QUALITY_FOUND, G_TYPE_BYTES, &other, NULL);
    g_assert_true(g_bytes_equal(one, other));
    return *(const VdQuality *)g_bytes_get_data(one, NULL);
}

static void messages_are_the_same(void)
{
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_new(VD_TAMPER_FACTORY, shapes[i], NULL, NULL);
        VdQuality quality = {0};

        for (guint number = 0; number < 6; number++) {
            twins_push(twins, scene(twins, number));
            quality = same_quality(twins);
        }
        if (shapes[i].width >= 161)
            g_assert_cmpfloat_with_epsilon(quality.shift_x, 0.05, 0.01);
    }
}

/* (transfer full) The reference that the newest message told. */
static GBytes *reference_of(Rig *rig)
{
    g_autoptr(GstStructure) message = rig_message(rig, VD_QUALITY_MESSAGE);
    GBytes *reference = NULL;

    g_assert_nonnull(message);
    gst_structure_get(message, VD_QUALITY_REFERENCE, G_TYPE_BYTES, &reference, NULL);
    g_assert_nonnull(reference);
    return reference;
}

static void references_are_the_same_and_go_from_one_to_the_other(void)
{
    const Shape shape = {"NV12", 320, 240};
    g_autoptr(Twins) first = twins_new(VD_TAMPER_FACTORY, shape, NULL, NULL);
    g_autoptr(Twins) next = twins_new(VD_TAMPER_FACTORY, shape, NULL, NULL);

    for (guint number = 0; number < 20; number++) {
        twins_push(first, scene(first, number));
        same_quality(first);
    }
    twins_push(first, scene(first, 20));
    g_autoptr(GBytes) cpu = reference_of(first->cpu);
    g_autoptr(GBytes) gpu = reference_of(first->gpu);
    g_assert_true(g_bytes_equal(cpu, gpu));
    g_signal_emit_by_name(next->cpu->harness->element, VD_TAMPER_RESTORE, gpu);
    g_signal_emit_by_name(next->gpu->harness->element, VD_TAMPER_RESTORE, cpu);
    twins_push(next, scene(next, 0));
    g_assert_cmpfloat(same_quality(next).learned, ==, 10);
}

static void pictures_that_others_hold_pass_untouched(void)
{
    g_autoptr(Twins) twins = twins_new(VD_TAMPER_FACTORY, (Shape){"NV12", 320, 240}, NULL, NULL);
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 0);
    g_autoptr(GstBuffer) in = on_device(twins, noise);

    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, gst_buffer_ref(in));
    g_assert_true(in == out);
    assert_same_picture(&twins->cpu->info, noise, out);
}

static void a_picture_costs_two_kernels_a_small_report_and_one_wait(void)
{
    g_autoptr(Twins) twins = twins_new(VD_TAMPER_FACTORY, (Shape){"NV12", 320, 240}, NULL, NULL);
    GstBuffer *pictures[2 * COUNTED];

    if (!device_counts())
        return;
    for (guint i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) picture = scene(twins, i);

        pictures[i] = on_device(twins, picture);
    }
    G_STATIC_ASSERT(sizeof(VdkQualityReport) <= 4096);
    assert_cost(twins, pictures,
                (Cost){.launches = 2, .syncs = 1, .d2h = sizeof(VdkQualityReport)});
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/vdtamper/" #name, name)
    TEST(messages_are_the_same);
    TEST(references_are_the_same_and_go_from_one_to_the_other);
    TEST(pictures_that_others_hold_pass_untouched);
    TEST(a_picture_costs_two_kernels_a_small_report_and_one_wait);
    return device_run_tests();
}
