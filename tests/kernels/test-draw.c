#include <errno.h>

#include "pictures.h"

static const VdkColour colour = {.y = 200, .u = 60, .v = 170};

static guint8 value_of(int plane)
{
    return plane == 0 ? colour.y : plane == 1 ? colour.u : colour.v;
}

/* --- the operators again, a sample at a time --- */

static bool is_touched(const VdkImage *image, const guint8 *map, int plane, int x, int y)
{
    int sx = covers_x(image, plane), sy = covers_y(image, plane);

    for (int j = y * sy; j < (y + 1) * sy && j < image->luma.height; j++)
        for (int i = x * sx; i < (x + 1) * sx && i < image->luma.width; i++)
            if (map[(gsize)j * (gsize)image->luma.width + (gsize)i])
                return true;
    return false;
}

static void slow_fill(VdkImage *image, const guint8 *map)
{
    for (int plane = 0; plane < n_planes(image); plane++)
        for (int y = 0; y < plane_of(image, plane)->height; y++)
            for (int x = 0; x < plane_of(image, plane)->width; x++)
                if (is_touched(image, map, plane, x, y))
                    *sample_at(image, plane, x, y) = value_of(plane);
}

static guint8 cell_mean(const VdkImage *image, int plane, int block, int x, int y)
{
    int sx = covers_x(image, plane), sy = covers_y(image, plane);
    int column = x * sx / block, row = y * sy / block;
    guint64 sum = 0, n = 0;
    int x0 = x, y0 = y;

    while (x0 > 0 && (x0 - 1) * sx / block == column)
        x0--;
    while (y0 > 0 && (y0 - 1) * sy / block == row)
        y0--;
    for (int j = y0; j < plane_of(image, plane)->height && j * sy / block == row; j++)
        for (int i = x0; i < plane_of(image, plane)->width && i * sx / block == column; i++) {
            sum += *sample_at(image, plane, i, j);
            n++;
        }
    g_assert(n > 0);
    return (guint8)((2 * sum + n) / (2 * n));
}

static void slow_pixelate(VdkImage *image, const VdkImage *original, const guint8 *map, int block)
{
    for (int plane = 0; plane < n_planes(image); plane++)
        for (int y = 0; y < plane_of(image, plane)->height; y++)
            for (int x = 0; x < plane_of(image, plane)->width; x++)
                if (is_touched(image, map, plane, x, y))
                    *sample_at(image, plane, x, y) = cell_mean(original, plane, block, x, y);
}

static int alpha_at(const VdkPlane *alpha, int x, int y)
{
    if (x < 0 || y < 0 || x >= alpha->width || y >= alpha->height)
        return 0;
    return alpha->data[(gssize)y * alpha->pitch + x];
}

static void slow_blend(VdkImage *image, const VdkPlane *alpha, int left, int top)
{
    for (int plane = 0; plane < n_planes(image); plane++) {
        int sx = covers_x(image, plane), sy = covers_y(image, plane);

        for (int y = 0; y < plane_of(image, plane)->height; y++)
            for (int x = 0; x < plane_of(image, plane)->width; x++) {
                int sum = 0, n = 0;

                for (int j = y * sy; j < (y + 1) * sy && j < image->luma.height; j++)
                    for (int i = x * sx; i < (x + 1) * sx && i < image->luma.width; i++, n++)
                        sum += alpha_at(alpha, i - left, j - top);
                g_assert(n > 0);
                int a = (2 * sum + n) / (2 * n);
                guint8 *sample = sample_at(image, plane, x, y);
                *sample = (guint8)((2 * (value_of(plane) * a + *sample * (255 - a)) + 255) / 510);
            }
    }
}

/* --- comparisons --- */

static void compare_fill(Layout layout, Size size, Content content)
{
    TestPicture fast, slow;

    picture_init(&fast, layout, size.width, size.height, content, 1);
    picture_copy(&slow, &fast);
    g_autoptr(GArray) spans = random_spans(size.width, size.height, 2);
    g_autofree guint8 *map = span_map(&slow.image, spans);
    g_assert_cmpint(vdk_cpu()->fill(&fast.image, (const VdkSpan *)spans->data, spans->len, colour),
                    ==, 0);
    slow_fill(&slow.image, map);
    assert_same(&fast, &slow);
    picture_clear(&fast);
    picture_clear(&slow);
}

static void compare_pixelate(Layout layout, Size size, Content content, int block)
{
    TestPicture original, fast, slow;

    picture_init(&original, layout, size.width, size.height, content, 3);
    picture_copy(&fast, &original);
    picture_copy(&slow, &original);
    g_autoptr(GArray) spans = random_spans(size.width, size.height, 4);
    g_autofree guint8 *map = span_map(&slow.image, spans);
    g_assert_cmpint(
        vdk_cpu()->pixelate(&fast.image, (const VdkSpan *)spans->data, spans->len, block), ==, 0);
    slow_pixelate(&slow.image, &original.image, map, block);
    assert_same(&fast, &slow);
    picture_clear(&original);
    picture_clear(&fast);
    picture_clear(&slow);
}

static void compare_blend(Layout layout, Size size, Content content, int x, int y)
{
    TestPicture fast, slow, alpha;

    picture_init(&fast, layout, size.width, size.height, content, 5);
    picture_copy(&slow, &fast);
    picture_init(&alpha, GREY, size.width / 2 + 1, size.height / 2 + 3, NOISE, 6);
    g_assert_cmpint(vdk_cpu()->blend(&fast.image, &alpha.image.luma, x, y, colour), ==, 0);
    slow_blend(&slow.image, &alpha.image.luma, x, y);
    assert_same(&fast, &slow);
    picture_clear(&fast);
    picture_clear(&slow);
    picture_clear(&alpha);
}

typedef void (*Compare)(Layout layout, Size size);

static void for_every_shape(Compare compare)
{
    for (int layout = 0; layout < N_LAYOUTS; layout++)
        for (gsize i = 0; i < n_test_sizes; i++)
            compare((Layout)layout, test_sizes[i]);
}

static void fill_one(Layout layout, Size size)
{
    compare_fill(layout, size, NOISE);
}

static void fill_touches_what_spans_touch(void)
{
    for_every_shape(fill_one);
}

static void pixelate_one(Layout layout, Size size)
{
    static const int blocks[] = {1, 3, 8, 16, 5000};
    int n = size.width > 1000 ? 4 : 5; /* the slow one walks its cell for every sample */

    for (int content = 0; content < N_CONTENTS; content++)
        compare_pixelate(layout, (Size){MIN(size.width, 200), MIN(size.height, 120)},
                         (Content)content, 8);
    for (int i = 0; i < n; i++)
        compare_pixelate(layout, (Size){MIN(size.width, 101), MIN(size.height, 67)}, NOISE,
                         blocks[i]);
}

static void pixelate_gives_every_touched_sample_the_mean_of_its_cell(void)
{
    for_every_shape(pixelate_one);
    compare_pixelate(NV12, (Size){1919, 1079}, NOISE, 16);
}

static void blend_one(Layout layout, Size size)
{
    for (int content = 0; content < N_CONTENTS; content++)
        compare_blend(layout, size, (Content)content, size.width / 3, size.height / 3);
    compare_blend(layout, size, NOISE, -1, -1);
    for (int odd = 0; odd < 4; odd++)
        compare_blend(layout, size, NOISE, size.width / 4 * 2 + odd % 2,
                      size.height / 4 * 2 + odd / 2);
    compare_blend(layout, size, NOISE, size.width - 1, size.height - 1);
}

static void blend_rounds_exactly_wherever_it_lies(void)
{
    for_every_shape(blend_one);
}

static void what_lies_outside_changes_nothing(void)
{
    static const int far[] = {G_MININT, -1000, 1000, G_MAXINT};
    const VdkSpan spans[] = {{G_MININT, 0, 9}, {-1, 0, 9}, {3, G_MININT, 0}, {4, 33, G_MAXINT},
                             {5, 7, 7},        {9, 0, 9},  {G_MAXINT, 0, 9}};
    TestPicture picture, before, alpha;

    picture_init(&picture, I420, 33, 9, NOISE, 7);
    picture_copy(&before, &picture);
    picture_init(&alpha, GREY, 8, 8, WHITE, 8);
    for (gsize i = 0; i < G_N_ELEMENTS(far); i++)
        g_assert_cmpint(
            vdk_cpu()->blend(&picture.image, &alpha.image.luma, far[i], far[3 - i], colour), ==, 0);
    g_assert_cmpint(vdk_cpu()->fill(&picture.image, spans, G_N_ELEMENTS(spans), colour), ==, 0);
    g_assert_cmpint(vdk_cpu()->pixelate(&picture.image, spans, G_N_ELEMENTS(spans), 4), ==, 0);
    g_assert_cmpint(vdk_cpu()->fill(&picture.image, NULL, 0, colour), ==, 0);
    assert_same(&picture, &before);
    picture_clear(&picture);
    picture_clear(&before);
    picture_clear(&alpha);
}

static void full_alpha_is_the_colour_and_none_is_the_picture(void)
{
    TestPicture picture, alpha;

    picture_init(&picture, I420, 16, 16, NOISE, 9);
    picture_init(&alpha, GREY, 8, 16, WHITE, 0);
    guint8 right = *sample_at(&picture.image, 0, 8, 5);
    g_assert_cmpint(vdk_cpu()->blend(&picture.image, &alpha.image.luma, 0, 0, colour), ==, 0);
    g_assert_cmpuint(*sample_at(&picture.image, 0, 7, 5), ==, colour.y);
    g_assert_cmpuint(*sample_at(&picture.image, 2, 3, 2), ==, colour.v);
    g_assert_cmpuint(*sample_at(&picture.image, 0, 8, 5), ==, right);
    picture_clear(&picture);
    picture_clear(&alpha);
}

static void assert_all_refuse(VdkImage *image)
{
    guint8 byte = 255;
    VdkPlane alpha = {&byte, 1, 1, 1};
    VdkSpan span = {0, 0, 1};

    g_assert_cmpint(vdk_cpu()->fill(image, &span, 1, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->pixelate(image, &span, 1, 2), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->blend(image, &alpha, 0, 0, colour), ==, -EINVAL);
}

static void a_bad_picture_is_refused_and_left_alone(void)
{
    TestPicture picture, before;

    picture_init(&picture, I420, 33, 9, NOISE, 10);
    picture_copy(&before, &picture);
    VdkImage bad[] = {picture.image, picture.image, picture.image, picture.image,
                      picture.image, picture.image, picture.image, picture.image};
    bad[0].luma.data = NULL;
    bad[1].luma.width = 0;
    bad[2].luma.height = VDK_MAX_SIZE + 1;
    bad[3].luma.pitch = 32;
    bad[4].chroma[0].width = 34;
    bad[5].chroma[1].height = 4;
    bad[6].step = 3;
    bad[7].step = 2; /* planar chroma said to be interleaved */
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_all_refuse(&bad[i]);
    assert_all_refuse(NULL);
    assert_same(&picture, &before);
    picture_clear(&picture);
    picture_clear(&before);
}

static void bad_arguments_are_refused(void)
{
    TestPicture picture, before;
    VdkSpan span = {0, 0, 9};
    VdkPlane no_alpha = {NULL, 1, 1, 1};

    picture_init(&picture, NV12, 33, 9, NOISE, 11);
    picture_copy(&before, &picture);
    g_assert_cmpint(vdk_cpu()->fill(&picture.image, NULL, 1, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->pixelate(&picture.image, &span, 1, 0), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->pixelate(&picture.image, NULL, 1, 2), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->blend(&picture.image, NULL, 0, 0, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->blend(&picture.image, &no_alpha, 0, 0, colour), ==, -EINVAL);
    assert_same(&picture, &before);
    picture_clear(&picture);
    picture_clear(&before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/draw/fill-touches-what-spans-touch", fill_touches_what_spans_touch);
    g_test_add_func("/draw/pixelate-gives-every-touched-sample-the-mean-of-its-cell",
                    pixelate_gives_every_touched_sample_the_mean_of_its_cell);
    g_test_add_func("/draw/blend-rounds-exactly-wherever-it-lies",
                    blend_rounds_exactly_wherever_it_lies);
    g_test_add_func("/draw/what-lies-outside-changes-nothing", what_lies_outside_changes_nothing);
    g_test_add_func("/draw/full-alpha-is-the-colour-and-none-is-the-picture",
                    full_alpha_is_the_colour_and_none_is_the_picture);
    g_test_add_func("/draw/a-bad-picture-is-refused-and-left-alone",
                    a_bad_picture_is_refused_and_left_alone);
    g_test_add_func("/draw/bad-arguments-are-refused", bad_arguments_are_refused);
    return g_test_run();
}
