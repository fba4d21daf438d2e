#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "cuda-rig.h"
#include "onnx-maker.h"
#include "plugins/vd-messages.h"

/* vddetect on CUDA memory, against itself on system memory, with a model that sees the same always.
 */

static const Shape usual = {"NV12", 640, 320};

/* (transfer full) The path of a model that sees something at 20, 12 of its picture. */
static char *model_new(void)
{
    const float values[SMALL_COLUMNS] = {0.5F, 0.5F, 0, logf(0.5F), 0.9F, 1};
    float says[SMALL_ROWS][SMALL_COLUMNS] = {{0}};

    memcpy(says[8 + 2], values, sizeof values);
    g_autoptr(GBytes) bytes = onnx_model(&small_input, &small_output, &says[0][0], 0);
    return onnx_file(bytes);
}

static void use_model(Rig *rig, const char *path)
{
    GstElement *element = rig->harness->element;

    gst_element_set_state(element, GST_STATE_NULL);
    g_object_set(element, "runtime", ONNXRUNTIME_LIBRARY, "model", path, "wait", TRUE, "longest-ms",
                 60000, NULL);
    rig_restart(rig);
}

/* (transfer full) Both have the model open. */
static Twins *twins_with_model(Shape shape)
{
    g_autofree char *path = model_new();
    Twins *twins = twins_new(VD_DETECT_FACTORY, shape, NULL, NULL);

    use_model(twins->cpu, path);
    use_model(twins->gpu, path);
    twins_push(twins, noise_new(twins, 1, 0));
    g_unlink(path);
    return twins;
}

static GBytes *objects_of(Rig *rig)
{
    g_autoptr(GstStructure) message = rig_message(rig, VD_DETECT_MESSAGE);
    GBytes *objects = NULL;

    g_assert_nonnull(message);
    g_assert_true(gst_structure_get(message, VD_DETECT_OBJECTS, G_TYPE_BYTES, &objects, NULL));
    return objects;
}

static void both_tell_the_same(void)
{
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) twins = twins_with_model(shapes[i]);
        g_autoptr(GBytes) cpu = objects_of(twins->cpu);
        g_autoptr(GBytes) gpu = objects_of(twins->gpu);

        g_assert_true(g_bytes_equal(cpu, gpu));
        g_assert_cmpuint(rig_errors(twins->gpu), ==, 0);
    }
}

/* Of a picture in the GPU's memory what the model sees comes to the CPU, and nothing else. */
static void the_models_picture_is_all_that_is_copied(void)
{
    if (!device_counts())
        return;
    g_autoptr(Twins) twins = twins_with_model(usual);
    GstBuffer *picture = noise_new(twins, 2, GST_SECOND);
    GstBuffer *there = on_device(twins, picture);

    gst_buffer_unref(picture);
    device.reset();
    g_assert_cmpint(gst_harness_push(twins->gpu->harness, there), ==, GST_FLOW_OK);
    struct VedetteEmuCounters counters = counters_now();
    gst_buffer_unref(gst_harness_pull(twins->gpu->harness));
    g_assert_cmpuint(counters.launches, ==, 1);
    g_assert_cmpuint(counters.h2d, ==, 0);
    g_assert_cmpuint(counters.d2d, ==, 0);
    g_assert_cmpuint(counters.d2h, ==, 3 * SMALL_WIDTH * SMALL_HEIGHT);
    g_assert_cmpuint(counters.faults, ==, 0);
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
    if (ONNXRUNTIME_LIBRARY[0] != '\0') {
        g_test_add_func("/cuda/vddetect/both_tell_the_same", both_tell_the_same);
        g_test_add_func("/cuda/vddetect/the_models_picture_is_all_that_is_copied",
                        the_models_picture_is_all_that_is_copied);
    }
    return device_run_tests();
}
