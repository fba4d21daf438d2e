#include "config/foot.h"

#define ONE 65536

static VdZones *parse(const char *text)
{
    VdZones *zones = NULL;

    g_assert_true(vd_zones_parse(text, &zones, NULL));
    return zones;
}

#define SQUARE    "0.25,0.25 0.75,0.25 0.75,0.75 0.25,0.75"
#define WHOLE     "0,0 1,0 1,1 0,1"
#define ARROW     "0,0 0.5,0.5 1,0 0.5,1" /* concave: its notch is above the middle */
#define BOW       "0,0 1,1 1,0 0,1"       /* crosses itself in the middle */
#define BACKWARDS "0,1 1,1 1,0 0,0"
#define SPIKE     "0,0.5 0.5,0.5 0.5,0 0.5,1" /* a triangle with a line that goes up and back */

/* clang-format off */
static const struct { const char *points; double x, y; bool inside; } points[] = {
    {SQUARE, 0.5, 0.5, true}, {SQUARE, 0.2, 0.5, false}, {SQUARE, 0.8, 0.5, false},
    {SQUARE, 0.5, 0.2, false}, {SQUARE, 0.5, 0.8, false},
    /* on edges and vertices, and one part of 65536 beside them */
    {SQUARE, 0.25, 0.5, true}, {SQUARE, 0.75, 0.5, true}, {SQUARE, 0.5, 0.25, true},
    {SQUARE, 0.5, 0.75, true}, {SQUARE, 0.25, 0.25, true}, {SQUARE, 0.75, 0.75, true},
    {SQUARE, 0.25, 0.75, true}, {SQUARE, 0.75, 0.25, true},
    {SQUARE, 0.25 - 1.0 / ONE, 0.5, false}, {SQUARE, 0.75 + 1.0 / ONE, 0.5, false},
    {SQUARE, 0.5, 0.25 - 1.0 / ONE, false}, {SQUARE, 0.5, 0.75 + 1.0 / ONE, false},
    {SQUARE, 0.75 + 1.0 / ONE, 0.75, false}, {SQUARE, 0.1, 0.25, false}, {SQUARE, 0.1, 0.75, false},
    /* the whole picture has its border */
    {WHOLE, 0, 0, true}, {WHOLE, 1, 0, true}, {WHOLE, 1, 1, true}, {WHOLE, 0, 1, true},
    {WHOLE, 0.5, 1, true}, {BACKWARDS, 0.5, 1, true}, {BACKWARDS, 0.5, 0.5, true},
    {ARROW, 0.5, 0.6, true}, {ARROW, 0.5, 0.5, true}, {ARROW, 0.5, 0.4, false},
    {ARROW, 0.25, 0.4, true}, {ARROW, 0.75, 0.4, true}, {ARROW, 0.5, 0, false},
    {ARROW, 0.5, 1, true}, {ARROW, 0.1, 0.9, false},
    {BOW, 0.1, 0.5, true}, {BOW, 0.9, 0.5, true}, {BOW, 0.5, 0.1, false}, {BOW, 0.5, 0.5, true},
    {SPIKE, 0.5, 0.1, true}, {SPIKE, 0.6, 0.5, false}, {SPIKE, 0.45, 0.51, true},
    {SPIKE, 0.45, 0.49, false},
};
/* clang-format on */

static void a_point_is_inside_as_the_table_says(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(points); i++) {
        g_autofree char *text = g_strconcat("a: ", points[i].points, NULL);
        g_autoptr(VdZones) zones = parse(text);
        VdPoint point = {(int)(points[i].x * ONE + 0.5), (int)(points[i].y * ONE + 0.5)};

        g_test_message("%s: %d,%d", points[i].points, point.x, point.y);
        g_assert_cmpint(vd_polygon_holds(&zones->each[0].polygon, point), ==, points[i].inside);
    }
}

/* A polygon without an inside is none that the configuration lets through. */
static void what_has_no_inside_holds_its_line_alone(void)
{
    VdPoint line[] = {{0, 0}, {ONE, ONE}, {ONE / 2, ONE / 2}};
    VdPoint dot[] = {{5, 5}, {5, 5}, {5, 5}};
    VdPolygon lined = {line, 3}, dotted = {dot, 3}, none = {NULL, 0};

    g_assert_true(vd_polygon_holds(&lined, (VdPoint){100, 100}));
    g_assert_false(vd_polygon_holds(&lined, (VdPoint){100, 101}));
    g_assert_true(vd_polygon_holds(&dotted, (VdPoint){5, 5}));
    g_assert_false(vd_polygon_holds(&dotted, (VdPoint){4, 5}));
    g_assert_false(vd_polygon_holds(&none, (VdPoint){0, 0}));
}

#define LEFT  "left: 0,0 0.5,0 0.5,1 0,1"
#define RIGHT "right: 0.5,0 1,0 1,1 0.5,1"
#define LARGE "large min-size=4: " WHOLE
#define NEVER "never ignore: 0,0.75 1,0.75 1,1 0,1"

/* clang-format off */
static const struct { const char *zones; double x, y, width, height; guint found; } boxes[] = {
    {"", 0.1, 0.1, 0.1, 0.1, VD_ANYWHERE},
    {NEVER, 0.1, 0.1, 0.1, 0.1, VD_ANYWHERE},
    {NEVER, 0.1, 0.1, 0.1, 0.66, 0},           /* its foot is there, its head is not */
    {NEVER, 0.1, 0.7, 0.1, 0.04, VD_ANYWHERE},
    {LEFT, 0.1, 0.1, 0.1, 0.1, 1},
    {LEFT, 0.45, 0.1, 0.2, 0.1, 0},            /* most of it is not above */
    {LEFT, 0.35, 0.1, 0.2, 0.1, 1},
    {LEFT ";" RIGHT, 0.375, 0.1, 0.25, 0.1, 3},   /* on the border of both */
    {LEFT ";" RIGHT, 0.7, 0.875, 0.1, 0.125, 2},   /* at the picture's lower edge */
    {LEFT ";" NEVER, 0.1, 0.1, 0.1, 0.1, 1},
    {LEFT ";" NEVER, 0.1, 0.8, 0.1, 0.1, 0},
    {NEVER ";" LEFT, 0.1, 0.1, 0.1, 0.1, 2},
    {LARGE, 0.1, 0.1, 0.1, 0.1, 0},            /* 1 % of the picture */
    {LARGE, 0.1, 0.1, 0.25, 0.25, 1},          /* 6.25 % */
    {LARGE ";" LEFT, 0.1, 0.1, 0.1, 0.1, 2},
    {"a min-size=100: " WHOLE, 0, 0, 1, 1, 1},
    {"a min-size=100: " WHOLE, 0, 0, 1, 1 - 1.0 / ONE, 0},
    {"a min-size=6.25: " WHOLE, 0, 0, 0.25, 0.25, 1},
    {"a min-size=6.26: " WHOLE, 0, 0, 0.25, 0.25, 0},
};
/* clang-format on */

static void a_box_counts_where_its_foot_is(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(boxes); i++) {
        g_autoptr(VdZones) zones = parse(boxes[i].zones);

        g_test_message("%zu", i);
        g_assert_cmphex(vd_foot_zones(zones, (int)(boxes[i].x * ONE), (int)(boxes[i].y * ONE),
                                      (int)(boxes[i].width * ONE), (int)(boxes[i].height * ONE)),
                        ==, boxes[i].found);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/foot/" #name, name)
    ADD(a_point_is_inside_as_the_table_says);
    ADD(what_has_no_inside_holds_its_line_alone);
    ADD(a_box_counts_where_its_foot_is);
    return g_test_run();
}
