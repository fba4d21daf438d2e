#include "plugins/vd-text.h"

#include <string.h>

static void clocks_of_one_size_are_one(void)
{
    VdClockFace *one = vd_clock_face_get(12), *same = vd_clock_face_get(12);
    VdClockFace *other = vd_clock_face_get(24);

    g_assert_nonnull(one);
    g_assert_true(one == same);
    g_assert_true(one != other);
    g_assert_cmpint(vd_clock_face_height(one), <, vd_clock_face_height(other));
    int width = vd_clock_face_width(one, "12:34");
    vd_clock_face_unref(one);
    vd_clock_face_unref(other);
    g_assert_cmpint(vd_clock_face_width(same, "56:78"), ==, width); /* is there still */
    vd_clock_face_unref(same);
    one = vd_clock_face_get(12);
    g_assert_cmpint(vd_clock_face_width(one, "90:12"), ==, width);
    vd_clock_face_unref(one);
}

static void no_clock_is_drawn_as_nothing(void)
{
    g_assert_cmpint(vd_clock_face_width(NULL, "12:34"), ==, 0);
    g_assert_cmpint(vd_clock_face_height(NULL), ==, 0);
    vd_clock_face_unref(NULL);
}

static const VdTextStyle style = {.size = 20, .max_width = 300};

static gpointer rasterise(gpointer expected)
{
    const VdText *right = expected;

    for (int i = 0; i < 50; i++) {
        VdClockFace *face = vd_clock_face_get(9 + i % 3);
        VdText text = {0};
        vd_text_set(&text, "Gårdsplan 北門", &style);
        g_assert_cmpint(text.width, ==, right->width);
        g_assert_cmpint(text.height, ==, right->height);
        size_t size = (size_t)cairo_image_surface_get_stride(text.light) * (size_t)text.height;
        g_assert_cmpmem(cairo_image_surface_get_data(text.light), size,
                        cairo_image_surface_get_data(right->light), size);
        vd_text_clear(&text);
        vd_clock_face_unref(face);
    }
    return NULL;
}

static void many_threads_get_the_same_text(void)
{
    GThread *threads[8];
    VdText right = {0};

    vd_text_set(&right, "Gårdsplan 北門", &style);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("text", rasterise, &right);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    vd_text_clear(&right);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/text/" #name, name)
    ADD(clocks_of_one_size_are_one);
    ADD(no_clock_is_drawn_as_nothing);
    ADD(many_threads_get_the_same_text);
    return g_test_run();
}
