#include <errno.h>
#include <math.h>

#include "kernels/convert-pixel.h"
#include "pictures.h"

typedef struct Weighted {
    int first, n;
    int weights[VDK_MAX_SIZE + 1];
} Weighted;

static Weighted along_x, along_y;

/* The weights again: the rounded running share of a result's sample, or the distance of centres. */
static void weigh(Weighted *of, int from, int to, int i)
{
    of->n = 0;
    if (from == to) {
        of->first = i;
        of->weights[of->n++] = 256;
    } else if (to < from) {
        double begin = (double)i * from / to, end = (double)(i + 1) * from / to;
        double share = 256.0 * to / from;
        int before = 0;

        of->first = (int)floor(begin + 1e-9);
        for (int at = of->first; at < end - 1e-9; at++) {
            int sum = (int)floor(share * (MIN(at + 1, end) - begin) + 0.5 + 1e-9);

            of->weights[of->n++] = sum - before;
            before = sum;
        }
    } else {
        double centre = CLAMP((i + 0.5) * from / to - 0.5, 0, from - 1);

        of->first = (int)floor(centre + 1e-9);
        int second = (int)floor((centre - of->first) * 256 + 0.5 + 1e-9);
        of->weights[of->n++] = 256 - second;
        if (second > 0)
            of->weights[of->n++] = second;
    }
}

static void slow_plane(const VdkImage *from, VdkImage *to, int plane)
{
    const VdkPlane *a = plane_of(from, plane), *b = plane_of(to, plane);

    for (int y = 0; y < b->height; y++) {
        weigh(&along_y, a->height, b->height, y);
        for (int x = 0; x < b->width; x++) {
            gint64 sum = 32768;

            weigh(&along_x, a->width, b->width, x);
            for (int j = 0; j < along_y.n; j++)
                for (int i = 0; i < along_x.n; i++)
                    sum += (gint64)along_y.weights[j] * along_x.weights[i] *
                           *sample_at(from, plane, along_x.first + i, along_y.first + j);
            *sample_at(to, plane, x, y) = (guint8)(sum / 65536);
        }
    }
}

static void slow_scale(const VdkImage *from, VdkImage *to)
{
    for (int plane = 0; plane < n_planes(to); plane++) {
        if (plane == 0 || from->step > 0) {
            slow_plane(from, to, plane);
            continue;
        }
        for (int y = 0; y < plane_of(to, plane)->height; y++)
            for (int x = 0; x < plane_of(to, plane)->width; x++)
                *sample_at(to, plane, x, y) = 128;
    }
}

static void scale(const VdkImage *from, const VdkConversion *conversion, VdkImage *to)
{
    gsize bytes = vdk_scale_scratch_size(from, to);
    g_autofree void *scratch = g_malloc(bytes);

    g_assert_cmpint(vdk_cpu()->scale(from, conversion, scratch, to), ==, 0);
}

static void compare_scale(Layout from_layout, Size from_size, Layout to_layout, Size to_size,
                          Content content)
{
    TestPicture from, fast, slow;

    picture_init(&from, from_layout, from_size.width, from_size.height, content, 1);
    picture_init(&fast, to_layout, to_size.width, to_size.height, NOISE, 2);
    picture_copy(&slow, &fast);
    scale(&from.image, NULL, &fast.image);
    slow_scale(&from.image, &slow.image);
    assert_same(&fast, &slow);
    picture_clear(&from);
    picture_clear(&fast);
    picture_clear(&slow);
}

static void every_pair_of_sizes_and_layouts_agrees(void)
{
    static const Size sizes[] = {{1, 1},  {1, 7},   {7, 1},    {31, 3},
                                 {33, 9}, {99, 41}, {160, 90}, {2, 5}};

    for (gsize a = 0; a < G_N_ELEMENTS(sizes); a++)
        for (gsize b = 0; b < G_N_ELEMENTS(sizes); b++)
            for (int from = 0; from < N_LAYOUTS; from++)
                for (int to = 0; to < N_LAYOUTS; to++)
                    compare_scale((Layout)from, sizes[a], (Layout)to, sizes[b], NOISE);
}

static void large_pictures_agree(void)
{
    compare_scale(NV12, (Size){1919, 1079}, I420, (Size){640, 360}, NOISE);
    compare_scale(I420, (Size){1920, 1080}, I420, (Size){960, 540}, NOISE);
    compare_scale(I420, (Size){1920, 1080}, NV12, (Size){640, 360}, NOISE);
    compare_scale(I420, (Size){1920, 1080}, Y42B, (Size){480, 270}, NOISE);
    compare_scale(I420, (Size){640, 360}, I420, (Size){1919, 1079}, NOISE);
    compare_scale(NV12, (Size){1919, 1079}, NV12, (Size){1919, 1079}, NOISE);
}

static void the_largest_sizes_agree(void)
{
    static const int sizes[] = {1, 3, 8191, VDK_MAX_SIZE - 1, VDK_MAX_SIZE};

    for (gsize a = 0; a < G_N_ELEMENTS(sizes); a++)
        for (gsize b = 0; b < G_N_ELEMENTS(sizes); b++) {
            compare_scale(GREY, (Size){sizes[a], 1}, GREY, (Size){sizes[b], 1}, NOISE);
            compare_scale(GREY, (Size){1, sizes[a]}, GREY, (Size){1, sizes[b]}, NOISE);
        }
}

static void extremes_stay_what_they_are(void)
{
    for (int content = 0; content < N_CONTENTS; content++) {
        compare_scale(I420, (Size){331, 117}, NV12, (Size){100, 50}, (Content)content);
        compare_scale(NV12, (Size){33, 9}, I420, (Size){331, 117}, (Content)content);
    }
}

/* What the weights are an approximation of. */
static void smaller_is_the_area_average_within_two_levels(void)
{
    TestPicture from, to;

    picture_init(&from, GREY, 331, 117, NOISE, 3);
    picture_init(&to, GREY, 100, 50, NOISE, 4);
    scale(&from.image, NULL, &to.image);
    for (int y = 0; y < 50; y++)
        for (int x = 0; x < 100; x++) {
            double x0 = x * 3.31, x1 = x0 + 3.31, y0 = y * 2.34, y1 = y0 + 2.34, sum = 0;

            for (int j = (int)y0; j < MIN(117, y1); j++)
                for (int i = (int)x0; i < MIN(331, x1); i++)
                    sum += (MIN(i + 1, x1) - MAX(i, x0)) * (MIN(j + 1, y1) - MAX(j, y0)) *
                           *sample_at(&from.image, 0, i, j);
            g_assert_cmpfloat(fabs(*sample_at(&to.image, 0, x, y) - sum / (3.31 * 2.34)), <, 2);
        }
    picture_clear(&from);
    picture_clear(&to);
}

/* Y'CbCr of a matrix and range to R'G'B', and that to full-range BT.601, in real numbers. */
static void convert_one(const VdkConversion *conversion, const guint8 in[3], double out[3])
{
    double kr = conversion->matrix == VDK_BT709 ? 0.2126 : 0.299;
    double kb = conversion->matrix == VDK_BT709 ? 0.0722 : 0.114, kg = 1 - kr - kb;
    double y = conversion->limited ? (in[0] - 16) / 219.0 : in[0] / 255.0;
    double u = (in[1] - 128) / (conversion->limited ? 224.0 : 255.0);
    double v = (in[2] - 128) / (conversion->limited ? 224.0 : 255.0);
    double r = y + 2 * (1 - kr) * v, b = y + 2 * (1 - kb) * u, g = (y - kr * r - kb * b) / kg;

    out[0] = 0.299 * r + 0.587 * g + 0.114 * b;
    out[1] = (b - out[0]) / 1.772 * 255 + 128;
    out[2] = (r - out[0]) / 1.402 * 255 + 128;
    out[0] *= 255;
}

static void values_are_converted_as_over_rgb(void)
{
    for (int limited = 0; limited < 2; limited++)
        for (int matrix = VDK_BT601; matrix <= VDK_BT709; matrix++) {
            VdkConversion conversion = {limited != 0, (VdkMatrix)matrix};
            TestPicture from, to;

            picture_init(&from, Y444, 99, 41, NOISE, 5);
            picture_init(&to, Y444, 99, 41, NOISE, 6);
            scale(&from.image, &conversion, &to.image);
            for (int i = 0; i < 99 * 41; i++) {
                int x = i % 99, y = i / 99;
                guint8 in[3];
                double out[3];

                for (int plane = 0; plane < 3; plane++)
                    in[plane] = *sample_at(&from.image, plane, x, y);
                convert_one(&conversion, in, out);
                for (int plane = 0; plane < 3; plane++)
                    g_assert_cmpfloat(
                        fabs(CLAMP(out[plane], 0, 255) - *sample_at(&to.image, plane, x, y)), <,
                        0.53);
            }
            picture_clear(&from);
            picture_clear(&to);
        }
}

/* Sample by sample, chroma after the luma that it tints. */
static void slow_convert(VdkImage *image, const VdkConversion *conversion)
{
    VdkMatrixQ14 m = vdk_matrix_q14(conversion);
    int sx = image->step > 0 ? covers_x(image, 1) : 1,
        sy = image->step > 0 ? covers_y(image, 1) : 1;

    for (int y = 0; y < image->luma.height; y++)
        for (int x = 0; x < image->luma.width; x++) {
            guint8 *luma = sample_at(image, 0, x, y);
            gint16 tint = 0;

            if (image->step > 0)
                tint = vdk_pixel_tint(&m, *sample_at(image, 1, x / sx, y / sy),
                                      *sample_at(image, 2, x / sx, y / sy));
            *luma = vdk_pixel_luma(&m, *luma, tint);
        }
    for (int y = 0; image->step > 0 && y < image->chroma[0].height; y++)
        for (int x = 0; x < image->chroma[0].width; x++) {
            guint8 *u = sample_at(image, 1, x, y), *v = sample_at(image, 2, x, y);
            guint8 was_u = *u, was_v = *v;

            *u = vdk_pixel_u(&m, was_u, was_v);
            *v = vdk_pixel_v(&m, was_u, was_v);
        }
}

static void compare_conversion(Layout from_layout, Layout to_layout, Size from_size, Size to_size,
                               const VdkConversion *conversion)
{
    TestPicture from, before, fast, slow;

    picture_init(&from, from_layout, from_size.width, from_size.height, NOISE, 12);
    picture_copy(&before, &from);
    picture_init(&fast, to_layout, to_size.width, to_size.height, NOISE, 13);
    picture_copy(&slow, &fast);
    scale(&from.image, conversion, &fast.image);
    scale(&from.image, NULL, &slow.image);
    slow_convert(&slow.image, conversion);
    assert_same(&fast, &slow);
    assert_same(&from, &before);
    picture_clear(&from);
    picture_clear(&before);
    picture_clear(&fast);
    picture_clear(&slow);
}

static void converted_at_once_is_scaled_and_then_converted(void)
{
    static const VdkConversion conversions[] = {
        {true, VDK_BT601}, {false, VDK_BT601}, {true, VDK_BT709}, {false, VDK_BT709}};
    static const Size sizes[] = {{1, 1}, {7, 1}, {1, 7}, {33, 9}, {300, 5}, {519, 6}};

    for (gsize c = 0; c < G_N_ELEMENTS(conversions); c++)
        for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++)
            for (int from = 0; from < N_LAYOUTS; from++)
                for (int to = 0; to < N_LAYOUTS; to++) {
                    compare_conversion((Layout)from, (Layout)to, sizes[s], sizes[s],
                                       &conversions[c]);
                    compare_conversion((Layout)from, (Layout)to, sizes[s], (Size){40, 12},
                                       &conversions[c]);
                }
}

static void grey_without_chroma_is_converted_as_grey(void)
{
    VdkConversion conversion = {true, VDK_BT709};
    TestPicture from, to, alone;

    picture_init(&from, GREY, 33, 9, NOISE, 7);
    picture_init(&to, NV12, 33, 9, NOISE, 8);
    picture_init(&alone, GREY, 33, 9, NOISE, 9);
    scale(&from.image, &conversion, &to.image);
    scale(&from.image, &conversion, &alone.image);
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 33; x++) {
            double grey = CLAMP((*sample_at(&from.image, 0, x, y) - 16) * 255 / 219.0, 0, 255);
            guint8 got = *sample_at(&to.image, 0, x, y);

            g_assert_cmpfloat(fabs(grey - got), <, 0.53);
            g_assert_cmpint(*sample_at(&alone.image, 0, x, y), ==, got);
            g_assert_cmpint(*sample_at(&to.image, 2, x / 2, y / 2), ==, 128);
        }
    picture_clear(&from);
    picture_clear(&to);
    picture_clear(&alone);
}

static void bad_arguments_are_refused_and_nothing_is_written(void)
{
    VdkConversion no_matrix = {true, (VdkMatrix)7};
    TestPicture from, to, before;

    picture_init(&from, I420, 33, 9, NOISE, 10);
    picture_init(&to, I420, 16, 5, NOISE, 11);
    picture_copy(&before, &to);
    g_autofree void *scratch = g_malloc(vdk_scale_scratch_size(&from.image, &to.image));
    VdkImage bad_from = from.image, bad_to = to.image;
    bad_from.luma.pitch = 32;
    bad_to.chroma[1].data = NULL;
    g_assert_cmpint(vdk_cpu()->scale(NULL, NULL, scratch, &to.image), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->scale(&from.image, NULL, NULL, &to.image), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->scale(&from.image, NULL, scratch, NULL), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->scale(&bad_from, NULL, scratch, &to.image), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->scale(&from.image, NULL, scratch, &bad_to), ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->scale(&from.image, &no_matrix, scratch, &to.image), ==, -EINVAL);
    g_assert_cmpuint(vdk_scale_scratch_size(&bad_from, &to.image), ==, 0);
    assert_same(&to, &before);
    picture_clear(&from);
    picture_clear(&to);
    picture_clear(&before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scale/every-pair-of-sizes-and-layouts-agrees",
                    every_pair_of_sizes_and_layouts_agrees);
    g_test_add_func("/scale/large-pictures-agree", large_pictures_agree);
    g_test_add_func("/scale/the-largest-sizes-agree", the_largest_sizes_agree);
    g_test_add_func("/scale/extremes-stay-what-they-are", extremes_stay_what_they_are);
    g_test_add_func("/scale/smaller-is-the-area-average-within-two-levels",
                    smaller_is_the_area_average_within_two_levels);
    g_test_add_func("/scale/values-are-converted-as-over-rgb", values_are_converted_as_over_rgb);
    g_test_add_func("/scale/converted-at-once-is-scaled-and-then-converted",
                    converted_at_once_is_scaled_and_then_converted);
    g_test_add_func("/scale/grey-without-chroma-is-converted-as-grey",
                    grey_without_chroma_is_converted_as_grey);
    g_test_add_func("/scale/bad-arguments-are-refused-and-nothing-is-written",
                    bad_arguments_are_refused_and_nothing_is_written);
    return g_test_run();
}
