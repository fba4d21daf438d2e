#include <glib/gstdio.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onnx-maker.h"
#include "plugins/vd-messages.h"
#include "support.h"

/* The element with models that say what the test wants, in pictures of 640 x 320: ten times theirs.
 */
#define CAPS "video/x-raw,format=I420,width=640,height=320,framerate=10/1"

static const Colour grey = {100, 128, 128};

/* That there is something at x, y, 8 x 4 of the model's own pixels. */
typedef struct Says {
    float rows[SMALL_ROWS][SMALL_COLUMNS];
} Says;

static Says says_at(int x, int y)
{
    Says says = {0};
    const float values[SMALL_COLUMNS] = {
        (float)(x % 8) / 8, (float)(y % 8) / 8, 0, logf(0.5F), 0.9F, 1};

    memcpy(says.rows[y / 8 * 8 + x / 8], values, sizeof values);
    return says;
}

/* A model that sees it in each picture. */
static char *model_at(int x, int y)
{
    Says says = says_at(x, y);
    g_autoptr(GBytes) bytes = onnx_model(&small_input, &small_output, &says.rows[0][0], 0);

    return onnx_file(bytes);
}

static char *endless_model(bool at_all)
{
    Says says = says_at(20, 12);
    g_autoptr(GBytes) bytes = onnx_endless_model(&says.rows[0][0], at_all);

    return onnx_file(bytes);
}

/* Before it starts: a harness plays. */
static Rig *detector_new(const char *model, const char *names, int longest_ms)
{
    Rig *rig = g_new0(Rig, 1);
    GstElement *element = gst_element_factory_make(VD_DETECT_FACTORY, NULL);
    const char *runtime = ONNXRUNTIME_LIBRARY[0] != '\0' ? ONNXRUNTIME_LIBRARY : NULL;

    g_assert_nonnull(element);
    rig->bus = gst_bus_new();
    gst_element_set_bus(element, rig->bus);
    g_object_set(element, "runtime", runtime, "model", model, "names", names, "longest-ms",
                 longest_ms, "wait", TRUE, NULL);
    rig->harness = gst_harness_new_with_element(element, "sink", "src");
    gst_object_unref(element);
    return rig;
}

/* (transfer full) A rig whose model was opened: its file is gone. */
static Rig *waiting_rig(char *path)
{
    Rig *rig = detector_new(path, NULL, 60000);

    rig_set_caps(rig, CAPS);
    g_assert_cmpint(gst_harness_push(rig->harness, picture_new(rig, grey, 0)), ==, GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(rig->harness));
    g_unlink(path);
    g_free(path);
    return rig;
}

static void push(Rig *rig, GstClockTime pts)
{
    g_assert_cmpint(gst_harness_push(rig->harness, picture_new(rig, grey, pts)), ==, GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(rig->harness));
}

static void tell_motion(Rig *rig, const VdBox *boxes, gsize n)
{
    g_autoptr(GBytes) bytes = g_bytes_new(boxes, n * sizeof *boxes);

    g_assert_true(gst_harness_push_event(
        rig->harness, gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                                           gst_structure_new(VD_MOTION_MESSAGE, VD_MOTION_BOXES,
                                                             G_TYPE_BYTES, bytes, NULL))));
}

typedef struct Told {
    guint64 pts, number, cost_us;
    guint runs;
    gboolean whole;
    gsize n;
    VdObject objects[8];
} Told;

static void read_message(const GstStructure *message, Told *told)
{
    g_autoptr(GBytes) bytes = NULL;
    gsize size;

    g_assert_true(gst_structure_get(message, VD_DETECT_PTS, G_TYPE_UINT64, &told->pts,
                                    VD_DETECT_NUMBER, G_TYPE_UINT64, &told->number, VD_DETECT_RUNS,
                                    G_TYPE_UINT, &told->runs, VD_DETECT_WHOLE, G_TYPE_BOOLEAN,
                                    &told->whole, VD_DETECT_COST, G_TYPE_UINT64, &told->cost_us,
                                    VD_DETECT_OBJECTS, G_TYPE_BYTES, &bytes, NULL));
    gconstpointer data = g_bytes_get_data(bytes, &size);
    told->n = size / sizeof(VdObject);
    g_assert_cmpuint(told->n, <=, G_N_ELEMENTS(told->objects));
    if (size > 0)
        memcpy(told->objects, data, size);
}

/* False: nothing was told. */
static gboolean next(Rig *rig, Told *told)
{
    g_autoptr(GstStructure) message = rig_message(rig, VD_DETECT_MESSAGE);

    if (message != NULL)
        read_message(message, told);
    return message != NULL;
}

static bool have_library(void)
{
    if (ONNXRUNTIME_LIBRARY[0] != '\0')
        return true;
    g_test_skip("configure was given no ONNX Runtime (tools/onnxruntime/fetch)");
    return false;
}

static void assert_near(int value, int pixels, int of)
{
    g_assert_cmpint(ABS(value - pixels * 65536 / of), <=, 65536 / of / 4);
}

static void what_the_model_sees_is_told(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    Told told;

    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.pts, ==, 0);
    g_assert_cmpuint(told.number, ==, 1);
    g_assert_cmpuint(told.runs, ==, 1);
    g_assert_true(told.whole);
    g_assert_cmpuint(told.n, ==, 1);
    assert_near(told.objects[0].x, 160, 640);
    assert_near(told.objects[0].y, 100, 320);
    assert_near(told.objects[0].width, 80, 640);
    assert_near(told.objects[0].height, 40, 320);
    g_assert_cmpint(ABS(told.objects[0].score - 58982), <=, 1);
    g_assert_cmpstr(told.objects[0].name, ==, "class 0");
}

static void the_very_same_buffer_comes_out(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    g_autoptr(GstBuffer) in = picture_new(rig, grey, GST_SECOND);

    g_assert_cmpint(gst_harness_push(rig->harness, gst_buffer_ref(in)), ==, GST_FLOW_OK);
    g_autoptr(GstBuffer) out = gst_harness_pull(rig->harness);
    g_assert_true(in == out);
}

static void as_many_pictures_are_looked_at_as_asked_for(void)
{
    if (!have_library())
        return;
    static const struct {
        int fps, detect_fps, frames, looks;
    } rates[] = {{10, 5, 20, 10}, {10, 60, 20, 20}, {25, 10, 50, 20}, {30, 1, 90, 3}};

    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autofree char *path = model_at(20, 12);
        g_autoptr(Rig) rig = detector_new(path, NULL, 60000);
        int looks = 0;
        Told told;

        g_object_set(rig->harness->element, "detect-fps", rates[i].detect_fps, NULL);
        rig_set_caps(rig, CAPS);
        for (int n = 0; n < rates[i].frames; n++)
            push(rig, gst_util_uint64_scale_int(GST_SECOND, n, rates[i].fps));
        while (next(rig, &told))
            looks++;
        g_test_message("%d in, %d asked for", rates[i].fps, rates[i].detect_fps);
        g_assert_cmpint(looks, ==, rates[i].looks);
        g_unlink(path);
    }
}

static void only_what_moves_is_looked_at_between_whole_pictures(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    /* 64 x 64 around 320, 160: with a quarter more it is 96 x 96, and a square of 128. */
    const VdBox box = {.x = 29492, .y = 26216, .width = 6556, .height = 13110};
    Told told;

    g_object_set(rig->harness->element, "part-size", 128, NULL);
    g_assert_true(next(rig, &told));
    tell_motion(rig, NULL, 0);
    push(rig, GST_SECOND);
    g_assert_true(next(rig, &told)); /* the first with vdmotion: all of it */
    g_assert_true(told.whole);
    tell_motion(rig, NULL, 0);
    push(rig, 2 * GST_SECOND);
    g_assert_false(next(rig, &told)); /* nothing moves */
    tell_motion(rig, &box, 1);
    tell_motion(rig, NULL, 0);
    push(rig, 2500 * GST_MSECOND);
    g_assert_true(next(rig, &told)); /* something did */
    g_assert_false(told.whole);
    g_assert_cmpuint(told.runs, ==, 1);
    g_assert_cmpuint(told.n, ==, 2); /* and what was seen elsewhere before */
    assert_near(told.objects[0].x + told.objects[1].x, 320 + 160, 640);
    push(rig, 3500 * GST_MSECOND);
    g_assert_true(next(rig, &told)); /* 2 s since the last whole one */
    g_assert_true(told.whole);
    g_assert_cmpuint(told.n, ==, 1);
}

static void tiles_are_looked_at_besides(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    Told told;

    g_assert_true(next(rig, &told));
    g_object_set(rig->harness->element, "part-size", 320, "tiles", TRUE, NULL);
    push(rig, GST_SECOND);
    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.runs, ==, 4); /* 640 x 320: three tiles of 320, and all of it */
    g_assert_cmpuint(told.n, ==, 3);    /* the first tile sees what the whole picture has */
}

static void other_classes_and_lower_scores_are_left_out(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    Told told;

    g_assert_true(next(rig, &told));
    g_object_set(rig->harness->element, "classes", "fox, class 0", NULL);
    push(rig, GST_SECOND);
    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.n, ==, 1);
    g_object_set(rig->harness->element, "classes", "fox", NULL);
    push(rig, 2 * GST_SECOND);
    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.n, ==, 0);
    g_object_set(rig->harness->element, "classes", NULL, "min-score", 0.91, NULL);
    push(rig, 3 * GST_SECOND);
    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.n, ==, 0);
}

/* What it says and how the element says it: a warning, the property and a message. */
static void assert_why_not(const char *model, const char *names, int longest_ms,
                           const char *pattern)
{
    g_autoptr(Rig) rig = detector_new(model, names, longest_ms);
    g_autofree char *why_not = NULL;

    rig_set_caps(rig, CAPS);
    push(rig, 0);
    push(rig, GST_SECOND);
    g_object_get(rig->harness->element, "why-not", &why_not, NULL);
    g_assert_nonnull(why_not);
    g_test_message("%s", why_not);
    g_assert_true(g_pattern_match_simple(pattern, why_not));
    g_autoptr(GstMessage) warning = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_WARNING);
    g_assert_nonnull(warning);
    g_autoptr(GstStructure) state = rig_message(rig, VD_DETECT_STATE);
    g_assert_cmpstr(gst_structure_get_string(state, VD_DETECT_WHY_NOT), ==, why_not);
    g_assert_null(rig_message(rig, VD_DETECT_MESSAGE));
}

static void video_passes_without_a_model(void)
{
    assert_why_not(NULL, NULL, 60000, "No model is set.");
    assert_why_not("/nonexistent/model.onnx", NULL, 60000,
                   "The model /nonexistent/model.onnx cannot be read: No such file or directory");
}

static void names_that_do_not_fit_are_refused(void)
{
    if (!have_library())
        return;
    g_autofree char *path = model_at(20, 12);

    assert_why_not(path, "/nonexistent/names", 60000,
                   "The classes' names /nonexistent/names cannot *");
    g_unlink(path);
}

static void a_model_that_is_too_slow_is_refused(void)
{
    const char *shared = g_getenv("VEDETTE_SHARED");
    g_autofree char *path =
        g_build_filename(shared != NULL ? shared : "../shared", "models", "yolox_nano.onnx", NULL);

    if (!have_library())
        return;
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("no ../shared/models");
        return;
    }
    assert_why_not(path, NULL, 1, "The model * takes * ms for a picture here, more than 1");
}

static void a_model_that_never_ends_is_refused(void)
{
    if (!have_library())
        return;
    g_autofree char *path = endless_model(true);

    assert_why_not(path, NULL, 20, "The model was stopped after it had run for * ms");
    g_unlink(path);
}

static void push_colour(Rig *rig, Colour colour, GstClockTime pts)
{
    g_assert_cmpint(gst_harness_push(rig->harness, picture_new(rig, colour, pts)), ==, GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(rig->harness));
}

static void assert_state(Rig *rig, const char *pattern)
{
    g_autoptr(GstStructure) state = rig_message(rig, VD_DETECT_STATE);

    g_assert_nonnull(state);
    const char *why_not = gst_structure_get_string(state, VD_DETECT_WHY_NOT);
    g_assert_nonnull(gst_structure_get_string(state, VD_DETECT_RUNTIME));
    if (pattern == NULL)
        g_assert_null(why_not);
    else
        g_assert_true(g_pattern_match_simple(pattern, why_not));
}

/* A run that hangs is ended, that is told once, and the next one counts again. */
static void a_look_that_hangs_is_ended_and_told(void)
{
    if (!have_library())
        return;
    static const Colour black = {0, 128, 128};
    g_autofree char *path = endless_model(false);
    g_autoptr(Rig) rig = detector_new(path, NULL, 20);
    Told told;

    rig_set_caps(rig, CAPS ",colorimetry=1:4:0:0"); /* full range: black is 0 for the model */
    push_colour(rig, black, 0);
    assert_state(rig, NULL);
    g_assert_true(next(rig, &told));
    push_colour(rig, grey, GST_SECOND);
    push_colour(rig, grey, 2 * GST_SECOND);
    assert_state(rig, "The model was stopped after it had run for * ms");
    g_assert_false(next(rig, &told));
    push_colour(rig, black, 3 * GST_SECOND);
    assert_state(rig, NULL);
    g_assert_true(next(rig, &told));
    g_assert_cmpuint(told.pts, ==, 3 * GST_SECOND);
    g_unlink(path);
}

static void a_model_that_can_be_used_has_no_why_not(void)
{
    if (!have_library())
        return;
    g_autoptr(Rig) rig = waiting_rig(model_at(20, 12));
    g_autoptr(GstStructure) state = rig_message(rig, VD_DETECT_STATE);
    g_autofree char *why_not = NULL;

    g_object_get(rig->harness->element, "why-not", &why_not, NULL);
    g_assert_null(why_not);
    g_assert_nonnull(state);
    g_assert_null(gst_structure_get_string(state, VD_DETECT_WHY_NOT));
    g_assert_nonnull(gst_structure_get_string(state, VD_DETECT_RUNTIME));
}

/* Both have the same model; each is told of its own pictures. */
static void elements_share_a_model(void)
{
    if (!have_library())
        return;
    g_autofree char *path = model_at(20, 12);
    g_autoptr(Rig) first = detector_new(path, NULL, 60000);
    g_autoptr(Rig) second = detector_new(path, NULL, 60000);
    Told told;

    rig_set_caps(first, CAPS);
    push(first, GST_SECOND);
    g_unlink(path); /* the second finds it open */
    rig_set_caps(second, "video/x-raw,format=NV12,width=320,height=160,framerate=10/1");
    push(second, 2 * GST_SECOND);
    g_assert_true(next(first, &told));
    g_assert_cmpuint(told.pts, ==, GST_SECOND);
    g_assert_false(next(first, &told));
    g_assert_true(next(second, &told));
    g_assert_cmpuint(told.pts, ==, 2 * GST_SECOND);
    g_assert_cmpuint(told.number, ==, 1);
    assert_near(told.objects[0].x, 80, 320);
}

/* All pass while the model hangs, and who goes then does not wait for it either. */
static void video_does_not_wait(void)
{
    if (!have_library())
        return;
    static const Colour black = {0, 128, 128};
    g_autofree char *path = endless_model(false);
    g_autoptr(Rig) rig = detector_new(path, NULL, 60000); /* it would hang for 600 s */
    Told told;

    rig_set_caps(rig, CAPS ",colorimetry=1:4:0:0");
    push_colour(rig, black, 0);
    g_assert_true(next(rig, &told));
    g_object_set(rig->harness->element, "wait", FALSE, NULL);
    for (int n = 1; n <= 100; n++)
        push(rig, n * GST_SECOND / 10);
    g_assert_false(next(rig, &told));
    g_unlink(path);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vddetect/what-the-model-sees-is-told", what_the_model_sees_is_told);
    g_test_add_func("/vddetect/the-very-same-buffer-comes-out", the_very_same_buffer_comes_out);
    g_test_add_func("/vddetect/as-many-pictures-are-looked-at-as-asked-for",
                    as_many_pictures_are_looked_at_as_asked_for);
    g_test_add_func("/vddetect/only-what-moves-is-looked-at-between-whole-pictures",
                    only_what_moves_is_looked_at_between_whole_pictures);
    g_test_add_func("/vddetect/tiles-are-looked-at-besides", tiles_are_looked_at_besides);
    g_test_add_func("/vddetect/other-classes-and-lower-scores-are-left-out",
                    other_classes_and_lower_scores_are_left_out);
    g_test_add_func("/vddetect/video-passes-without-a-model", video_passes_without_a_model);
    g_test_add_func("/vddetect/names-that-do-not-fit-are-refused",
                    names_that_do_not_fit_are_refused);
    g_test_add_func("/vddetect/a-model-that-is-too-slow-is-refused",
                    a_model_that_is_too_slow_is_refused);
    g_test_add_func("/vddetect/a-model-that-never-ends-is-refused",
                    a_model_that_never_ends_is_refused);
    g_test_add_func("/vddetect/a-look-that-hangs-is-ended-and-told",
                    a_look_that_hangs_is_ended_and_told);
    g_test_add_func("/vddetect/a-model-that-can-be-used-has-no-why-not",
                    a_model_that_can_be_used_has_no_why_not);
    g_test_add_func("/vddetect/elements-share-a-model", elements_share_a_model);
    g_test_add_func("/vddetect/video-does-not-wait", video_does_not_wait);
    return g_test_run();
}
