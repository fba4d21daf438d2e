#include "plugins/vd-yolox.h"

#include <glib.h>
#include <math.h>

#include "plugins/vd-letterbox.h"

/* Letterbox, grids and suppression, on numbers that are worked out by hand. */

/* A model of two classes for pictures of 64 x 32: grids of 8x4, 4x2 and 2x1. */
static const VdYoloxModel model = {64, 32, 2};
enum { ROWS = 32 + 8 + 2, COLUMNS = 7, SECOND_GRID = 32, THIRD_GRID = 40 };

typedef struct Says {
    float rows[ROWS][COLUMNS];
} Says;

static void say(Says *says, int row, float x, float y, float width, float height, float object,
                float first, float second)
{
    const float values[COLUMNS] = {x, y, logf(width), logf(height), object, first, second};

    for (int i = 0; i < COLUMNS; i++)
        says->rows[row][i] = values[i];
}

static VdFoundList *read_all(const Says *says, float least, VdkRectangle region, int width,
                             int height)
{
    VdFoundList *list = g_new0(VdFoundList, 1);

    vd_yolox_read(&model, &says->rows[0][0], least, &region, width, height, list);
    return list;
}

static void assert_box(const VdFound *box, float left, float top, float right, float bottom)
{
    g_assert_cmpfloat_with_epsilon(box->left, left, 0.01);
    g_assert_cmpfloat_with_epsilon(box->top, top, 0.01);
    g_assert_cmpfloat_with_epsilon(box->right, right, 0.01);
    g_assert_cmpfloat_with_epsilon(box->bottom, bottom, 0.01);
}

static void only_sizes_of_whole_cells_have_rows(void)
{
    g_assert_cmpint(vd_yolox_rows(416, 416), ==, 3549);
    g_assert_cmpint(vd_yolox_rows(64, 32), ==, ROWS);
    g_assert_cmpint(vd_yolox_rows(VD_YOLOX_MAX_SIZE, 32), >, 0);
    g_assert_cmpint(vd_yolox_rows(VD_YOLOX_MAX_SIZE + 32, 32), ==, 0);
    g_assert_cmpint(vd_yolox_rows(416, 400), ==, 0);
    g_assert_cmpint(vd_yolox_rows(0, 32), ==, 0);
    g_assert_cmpint(vd_yolox_rows(-32, 32), ==, 0);
}

static void a_cell_of_each_grid_is_where_it_says(void)
{
    g_autofree Says *says = g_new0(Says, 1);

    say(says, 8 * 2 + 3, 0.5F, 0.25F, 1, 0.5F, 0.9F, 0.5F, 0.1F);         /* x 28, y 18 */
    say(says, SECOND_GRID + 4 * 1 + 2, 0.5F, -0.5F, 0.5F, 0.5F, 1, 0, 1); /* x 40, y 8 */
    say(says, THIRD_GRID + 1, -0.5F, 0.5F, 0.25F, 0.25F, 0.8F, 1, 0);     /* x 16, y 16 */
    g_autofree VdFoundList *list = read_all(says, 0.3F, (VdkRectangle){0, 0, 64, 32}, 64, 32);
    g_assert_cmpuint(list->n, ==, 3);
    assert_box(&list->found[0], 24, 16, 32, 20);
    g_assert_cmpint(list->found[0].kind, ==, 0);
    g_assert_cmpfloat_with_epsilon(list->found[0].score, 0.45, 0.001);
    assert_box(&list->found[1], 36, 4, 44, 12);
    g_assert_cmpint(list->found[1].kind, ==, 1);
    assert_box(&list->found[2], 12, 12, 20, 20);
}

/* 400 x 100 is 64 x 16 in the model's picture: 6.25 pixels each. */
static void a_region_lies_where_it_is_cut_out(void)
{
    g_autofree Says *says = g_new0(Says, 1);

    say(says, 8 + 4, 0, 0, 1, 0.5F, 1, 1, 0); /* x 32, y 8, 8 x 4 */
    g_autofree VdFoundList *list =
        read_all(says, 0.3F, (VdkRectangle){100, 50, 400, 100}, 1000, 1000);
    g_assert_cmpuint(list->n, ==, 1);
    assert_box(&list->found[0], 275, 87.5F, 325, 112.5F);
}

static void what_a_region_cuts_off_is_left_to_the_next(void)
{
    g_autofree Says *says = g_new0(Says, 1);

    say(says, 8, 0.25F, 0, 0.5F, 0.5F, 1, 1, 0); /* x 0 to 4, y 6 to 10 */
    g_autofree VdFoundList *inner = read_all(says, 0.3F, (VdkRectangle){64, 0, 64, 32}, 200, 32);
    g_autofree VdFoundList *first = read_all(says, 0.3F, (VdkRectangle){0, 0, 64, 32}, 200, 32);
    g_assert_cmpuint(inner->n, ==, 0);
    g_assert_cmpuint(first->n, ==, 1);
}

static void boxes_end_where_the_picture_does(void)
{
    g_autofree Says *says = g_new0(Says, 1);

    say(says, THIRD_GRID, 0.5F, 0.5F, 3, 3, 1, 1, 0);
    say(says, THIRD_GRID + 1, 4, 0.5F, 0.5F, 0.5F, 1, 1, 0); /* beyond the picture */
    g_autofree VdFoundList *list = read_all(says, 0.3F, (VdkRectangle){0, 0, 64, 32}, 64, 32);
    g_assert_cmpuint(list->n, ==, 1);
    assert_box(&list->found[0], 0, 0, 64, 32);
}

static void what_is_no_number_is_nothing(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        for (int column = 0; column < COLUMNS; column++) {
            g_autofree Says *says = g_new0(Says, 1);

            say(says, 12, 0, 0, 1, 1, 1, 0.4F, 1);
            says->rows[12][column] = bad[i];
            g_autofree VdFoundList *list =
                read_all(says, 0.3F, (VdkRectangle){0, 0, 64, 32}, 64, 32);
            for (size_t n = 0; n < list->n; n++) {
                g_assert_cmpfloat(list->found[n].left, >=, 0);
                g_assert_cmpfloat(list->found[n].right, <=, 64);
                g_assert_cmpfloat(list->found[n].right, >, list->found[n].left);
                g_assert_cmpfloat(list->found[n].score, <=, 1);
            }
        }
}

static void low_scores_are_left_out(void)
{
    g_autofree Says *says = g_new0(Says, 1);

    say(says, 9, 0.5F, 0.5F, 1, 1, 0.5F, 0.5F, 0.59F);
    say(says, 11, 0.5F, 0.5F, 1, 1, 0.5F, 0.5F, 0.61F);
    g_autofree VdFoundList *list = read_all(says, 0.3F, (VdkRectangle){0, 0, 64, 32}, 64, 32);
    g_assert_cmpuint(list->n, ==, 1);
    g_assert_cmpfloat_with_epsilon(list->found[0].score, 0.305, 0.0001);
}

/* --- one box an object ------------------------------------------------------------------------ */

static void add(VdFoundList *list, float left, float score, int kind)
{
    list->found[list->n++] = (VdFound){left, 0, left + 10, 10, score, kind};
}

static void of_boxes_that_overlap_the_best_stays(void)
{
    g_autofree VdFoundList *list = g_new0(VdFoundList, 1);

    add(list, 0, 0.5F, 0);
    add(list, 2, 0.9F, 0); /* shares 8 of 12 with the first */
    add(list, 3, 0.6F, 1); /* another class */
    add(list, 8, 0.7F, 0); /* 4 of 16 with the second */
    add(list, 100, 0.4F, 0);
    vd_yolox_suppress(list, 0.5F);
    g_assert_cmpuint(list->n, ==, 4);
    g_assert_cmpfloat(list->found[0].left, ==, 2);
    g_assert_cmpfloat(list->found[1].left, ==, 8);
    g_assert_cmpfloat(list->found[2].left, ==, 3);
    g_assert_cmpfloat(list->found[3].left, ==, 100);
}

static void the_order_of_equals_does_not_matter(void)
{
    g_autofree VdFoundList *a = g_new0(VdFoundList, 1), *b = g_new0(VdFoundList, 1);

    add(a, 0, 0.5F, 0);
    add(a, 2, 0.5F, 0);
    add(b, 2, 0.5F, 0);
    add(b, 0, 0.5F, 0);
    vd_yolox_suppress(a, 0.5F);
    vd_yolox_suppress(b, 0.5F);
    g_assert_cmpuint(a->n, ==, 1);
    g_assert_cmpuint(b->n, ==, 1);
    g_assert_cmpfloat(a->found[0].left, ==, b->found[0].left);
}

static void a_list_has_no_more_than_it_may(void)
{
    g_autofree VdFoundList *list = g_new0(VdFoundList, 1);

    for (int i = 0; i < VD_YOLOX_MAX_OBJECTS + 1; i++)
        add(list, (float)(20 * i), (float)(i + 1) / 1000, 0);
    vd_yolox_suppress(list, 0.5F);
    g_assert_cmpuint(list->n, ==, VD_YOLOX_MAX_OBJECTS);
    g_assert_cmpfloat(list->found[VD_YOLOX_MAX_OBJECTS - 1].left, ==, 20);
}

static void a_full_list_keeps_the_highest_scores(void)
{
    g_autofree VdFoundList *list = g_new0(VdFoundList, 1);
    g_autofree Says *says = g_new0(Says, 1);
    VdkRectangle region = {0, 0, 64, 32};

    for (int i = 0; i < VD_YOLOX_MAX_FOUND; i++)
        add(list, 0, i == 7 ? 0.4F : 0.6F, 0);
    say(says, 9, 0.5F, 0.5F, 1, 1, 1, 0.5F, 0);
    say(says, 11, 0.5F, 0.5F, 1, 1, 1, 0.35F, 0);
    vd_yolox_read(&model, &says->rows[0][0], 0.3F, &region, 64, 32, list);
    g_assert_cmpuint(list->n, ==, VD_YOLOX_MAX_FOUND);
    g_assert_cmpfloat(list->found[7].score, ==, 0.5F);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/yolox/only-sizes-of-whole-cells-have-rows",
                    only_sizes_of_whole_cells_have_rows);
    g_test_add_func("/yolox/a-cell-of-each-grid-is-where-it-says",
                    a_cell_of_each_grid_is_where_it_says);
    g_test_add_func("/yolox/a-region-lies-where-it-is-cut-out", a_region_lies_where_it_is_cut_out);
    g_test_add_func("/yolox/what-a-region-cuts-off-is-left-to-the-next",
                    what_a_region_cuts_off_is_left_to_the_next);
    g_test_add_func("/yolox/boxes-end-where-the-picture-does", boxes_end_where_the_picture_does);
    g_test_add_func("/yolox/what-is-no-number-is-nothing", what_is_no_number_is_nothing);
    g_test_add_func("/yolox/low-scores-are-left-out", low_scores_are_left_out);
    g_test_add_func("/yolox/of-boxes-that-overlap-the-best-stays",
                    of_boxes_that_overlap_the_best_stays);
    g_test_add_func("/yolox/the-order-of-equals-does-not-matter",
                    the_order_of_equals_does_not_matter);
    g_test_add_func("/yolox/a-list-has-no-more-than-it-may", a_list_has_no_more_than_it_may);
    g_test_add_func("/yolox/a-full-list-keeps-the-highest-scores",
                    a_full_list_keeps_the_highest_scores);
    return g_test_run();
}
