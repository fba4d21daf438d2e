#include "plugins/vd-onnx.h"

#include <glib/gstdio.h>
#include <string.h>

#include "onnx-maker.h"

/* Sentences for models that are none of ours, and a run of one that is. */

static VdOnnx *open_bytes(GBytes *bytes, GError **error)
{
    g_autofree char *path = onnx_file(bytes);
    VdOnnx *onnx = vd_onnx_open(ONNXRUNTIME_LIBRARY, path, 1, error);

    g_unlink(path);
    return onnx;
}

static void assert_refused(GBytes *bytes, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VdOnnx) onnx = open_bytes(bytes, &error);

    g_assert_null(onnx);
    g_assert_nonnull(error);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, what));
}

static void a_library_that_is_missing_is_said(void)
{
    g_autoptr(GBytes) model = onnx_model(&small_input, &small_output, NULL, 0);
    g_autofree char *path = onnx_file(model);
    g_autoptr(GError) error = NULL;

    g_assert_null(vd_onnx_open("/nonexistent/libonnxruntime.so", path, 1, &error));
    g_assert_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
    g_assert_true(g_str_has_prefix(error->message, "ONNX Runtime cannot be opened: "));
    g_clear_error(&error);
    g_assert_null(vd_onnx_open("libm.so.6", path, 1, &error));
    g_assert_cmpstr(error->message, ==, "libm.so.6 is not ONNX Runtime");
    g_unlink(path);
}

static void a_model_that_is_missing_is_said(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vd_onnx_open(NULL, "/nonexistent/model.onnx", 1, &error));
    g_assert_cmpstr(error->message, ==,
                    "The model /nonexistent/model.onnx cannot be read: No such file or directory");
    g_clear_error(&error);
    g_assert_null(vd_onnx_open(NULL, "/", 1, &error));
    g_assert_cmpstr(error->message, ==, "The model / is not a file");
}

static bool have_library(void)
{
    if (ONNXRUNTIME_LIBRARY[0] != '\0')
        return true;
    g_test_skip("configure was given no ONNX Runtime (tools/onnxruntime/fetch)");
    return false;
}

static void a_model_that_is_broken_is_refused(void)
{
    if (!have_library())
        return;
    g_autoptr(GBytes) model = onnx_model(&small_input, &small_output, NULL, 0);
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(model, 0, g_bytes_get_size(model) / 2);
    g_autoptr(GBytes) text = g_bytes_new_static("no model", 8);
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);

    assert_refused(cut, "is not a model that ONNX Runtime takes: ");
    assert_refused(text, "is not a model that ONNX Runtime takes: ");
    assert_refused(nothing, "is not a model that ONNX Runtime takes: ");
}

/* clang-format off */
static const struct { OnnxEnd input, output; int more; const char *what; } others[] = {
    {{ONNX_UINT8, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input that is not of 32-bit floating-point numbers"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_UINT8, 3, {1, 42, 6}}, 0, "an output that is not of 32-bit floating-point numbers"},
    {{ONNX_FLOAT, 3, {3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input of 3x32x64, and a YOLOX of one picture has one of 1x3xHEIGHTxWIDTH"},
    {{ONNX_FLOAT, 4, {2, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input of 2x3x32x64"},
    {{ONNX_FLOAT, 4, {-1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input of ?x3x32x64"},
    {{ONNX_FLOAT, 4, {1, 1, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input of 1x1x32x64: no YOLOX takes such pictures"},
    {{ONNX_FLOAT, 4, {1, 3, 33, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "no YOLOX takes such pictures"},
    {{ONNX_FLOAT, 4, {1, 3, -1, -1}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "an input of 1x3x?x?: no YOLOX"},
    {{ONNX_FLOAT, 4, {1, 3, 4096, 4096}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 0, "no YOLOX takes such pictures"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 41, 6}}, 0, "an output of 1x41x6, and a YOLOX of its size has one of 1x42x(5 + classes)"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 5}}, 0, "an output of 1x42x5"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 5 + VD_YOLOX_MAX_CLASSES + 1}}, 0, "an output of 1x42x1030"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 2, {42, 6}}, 0, "an output of 42x6"},
    {{ONNX_FLOAT, 4, {1, 3, 32, 64}}, {ONNX_FLOAT, 3, {1, 42, 6}}, 1, "has 2 outputs and not one"},
};
/* clang-format on */

static void a_model_of_another_shape_is_refused(void)
{
    if (!have_library())
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(GBytes) model =
            onnx_model(&others[i].input, &others[i].output, NULL, others[i].more);

        assert_refused(model, others[i].what);
    }
}

static void what_the_model_says_is_read(void)
{
    if (!have_library())
        return;
    float says[SMALL_ROWS * SMALL_COLUMNS] = {0};
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(says); i++)
        says[i] = (float)i / 8;
    g_autoptr(GBytes) bytes = onnx_model(&small_input, &small_output, says, 0);
    g_autoptr(VdOnnx) onnx = open_bytes(bytes, &error);
    g_assert_no_error(error);
    const VdYoloxModel *model = vd_onnx_model(onnx);
    g_assert_cmpint(model->width, ==, SMALL_WIDTH);
    g_assert_cmpint(model->height, ==, SMALL_HEIGHT);
    g_assert_cmpint(model->classes, ==, 1);
    g_assert_true(g_str_has_prefix(vd_onnx_version(onnx), "1."));
    const float *output = vd_onnx_run(onnx, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(output, sizeof says, says, sizeof says);
}

static void the_most_classes_are_taken(void)
{
    if (!have_library())
        return;
    const OnnxEnd output = {ONNX_FLOAT, 3, {1, SMALL_ROWS, 5 + VD_YOLOX_MAX_CLASSES}};
    g_autoptr(GBytes) bytes = onnx_model(&small_input, &output, NULL, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(VdOnnx) onnx = open_bytes(bytes, &error);

    g_assert_no_error(error);
    g_assert_cmpint(vd_onnx_model(onnx)->classes, ==, VD_YOLOX_MAX_CLASSES);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/onnx/a-library-that-is-missing-is-said", a_library_that_is_missing_is_said);
    g_test_add_func("/onnx/a-model-that-is-missing-is-said", a_model_that_is_missing_is_said);
    g_test_add_func("/onnx/a-model-that-is-broken-is-refused", a_model_that_is_broken_is_refused);
    g_test_add_func("/onnx/a-model-of-another-shape-is-refused",
                    a_model_of_another_shape_is_refused);
    g_test_add_func("/onnx/what-the-model-says-is-read", what_the_model_says_is_read);
    g_test_add_func("/onnx/the-most-classes-are-taken", the_most_classes_are_taken);
    return g_test_run();
}
