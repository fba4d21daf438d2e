#include <errno.h>
#include <string.h>

#include "pictures.h"

#define ROOM 20000

static VdkSpan spans[ROOM + 1];

/* --- the shapes again, a pixel at a time; coordinates in 1/256 pixel --- */

static gint64 coordinate(gint32 point, int size)
{
    return ((gint64)point * size + 128) >> 8;
}

static bool inside_polygon(const gint32 *points, gsize n, int width, int height, int px, int py)
{
    gint64 x = px * 256 + 128, y = py * 256 + 128;
    bool inside = false;

    for (gsize i = 0, j = n - 1; i < n; j = i++) {
        gint64 xi = coordinate(points[2 * i], width), yi = coordinate(points[2 * i + 1], height);
        gint64 xj = coordinate(points[2 * j], width), yj = coordinate(points[2 * j + 1], height);

        if ((yi <= y) == (yj <= y))
            continue;
        /* x >= crossing, multiplied out by the edge's height */
        gint64 left = (x - xi) * (yj - yi), right = (y - yi) * (xj - xi);
        if (yj > yi ? left >= right : left <= right)
            inside = !inside;
    }
    return inside;
}

static bool near_segment(double x0, double y0, double x1, double y1, double x, double y, double r)
{
    double dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
    double t = length > 0 ? CLAMP(((x - x0) * dx + (y - y0) * dy) / length, 0, 1) : 0;
    double ex = x - x0 - t * dx, ey = y - y0 - t * dy;

    return ex * ex + ey * ey <= r * r + 1e-6;
}

static bool on_outline(const gint32 *points, gsize n, int width, int height, int px, int py,
                       int thick)
{
    for (gsize i = 0; i < n; i++) {
        gsize j = (i + 1) % n;

        if (near_segment((double)coordinate(points[2 * i], width),
                         (double)coordinate(points[2 * i + 1], height),
                         (double)coordinate(points[2 * j], width),
                         (double)coordinate(points[2 * j + 1], height), px * 256 + 128,
                         py * 256 + 128, thick * 128))
            return true;
    }
    return false;
}

/* --- */

static guint8 *painted(int n, int width, int height)
{
    guint8 *map = g_malloc0((gsize)width * (gsize)height);

    for (int i = 0; i < n; i++) {
        g_assert_cmpint(spans[i].x0, <, spans[i].x1);
        g_assert_cmpint(spans[i].x0, >=, 0);
        g_assert_cmpint(spans[i].x1, <=, width);
        g_assert_cmpint(spans[i].y, >=, 0);
        g_assert_cmpint(spans[i].y, <, height);
        if (i > 0 && spans[i].y == spans[i - 1].y)
            g_assert_cmpint(spans[i].x0, >=, spans[i - 1].x1);
        else if (i > 0)
            g_assert_cmpint(spans[i].y, >, spans[i - 1].y);
        memset(map + (gsize)spans[i].y * (gsize)width + spans[i].x0, 1,
               (gsize)(spans[i].x1 - spans[i].x0));
    }
    return map;
}

static void compare_shapes(const gint32 *points, gsize n_points, int width, int height)
{
    int n = vdk_shape_polygon(points, n_points, width, height, spans, ROOM);
    g_assert_cmpint(n, >=, 0);
    g_autofree guint8 *filled = painted(n, width, height);
    int thick = 1 + (width + height) % 5;
    n = vdk_shape_outline(points, n_points, thick, width, height, spans, ROOM);
    g_assert_cmpint(n, >=, 0);
    g_autofree guint8 *drawn = painted(n, width, height);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            gsize at = (gsize)y * (gsize)width + (gsize)x;

            g_assert_cmpint(filled[at], ==, inside_polygon(points, n_points, width, height, x, y));
            g_assert_cmpint(drawn[at], ==,
                            on_outline(points, n_points, width, height, x, y, thick));
        }
}

static void shapes_are_those_of_a_pixel_by_pixel_look(void)
{
    static const Size sizes[] = {{1, 1}, {1, 7}, {7, 1}, {31, 3}, {33, 9}, {97, 61}};
    guint32 seed = 1;

    for (int round = 0; round < 300; round++) {
        Size size = sizes[round % (int)G_N_ELEMENTS(sizes)];
        gint32 points[18];
        gsize n = 3 + random_next(&seed) % 7;

        for (gsize i = 0; i < 2 * n; i++)
            points[i] = (gint32)(random_next(&seed) % 98304) - 16384;
        compare_shapes(points, n, size.width, size.height);
    }
}

static void corners_on_pixel_centres_and_flat_edges_are_no_special_case(void)
{
    const gint32 square[] = {8192, 8192, 40960, 8192, 40960, 40960, 8192, 40960};
    const gint32 flat[] = {0, 0, 65536, 0, 32768, 0};
    const gint32 dot[] = {32768, 32768, 32768, 32768, 32768, 32768};
    const gint32 whole[] = {0, 0, 65536, 0, 65536, 65536, 0, 65536};
    const gint32 bow[] = {0, 0, 65536, 65536, 65536, 0, 0, 65536};

    compare_shapes(square, 4, 4, 4);
    compare_shapes(square, 4, 64, 48);
    compare_shapes(flat, 3, 33, 9);
    compare_shapes(dot, 3, 33, 9);
    compare_shapes(bow, 4, 33, 33);
    g_assert_cmpint(vdk_shape_polygon(whole, 4, 1919, 1079, spans, ROOM), ==, 1079);
    g_assert_cmpint(spans[1078].x1, ==, 1919);
    g_assert_cmpint(vdk_shape_polygon(flat, 3, 33, 9, spans, ROOM), ==, 0);
}

static void a_far_polygon_does_not_overflow(void)
{
    const gint32 far[] = {-1048576, -1048576, 1048576, -1048576, 1048576, 1048576};
    const gint32 too_far[] = {-1048577, 0, 0, 0, 0, 65536};

    g_assert_cmpint(vdk_shape_polygon(far, 3, 16384, 4, spans, ROOM), ==, 4);
    g_assert_cmpint(vdk_shape_outline(far, 3, 16384, 16384, 4, spans, ROOM), ==, 4);
    g_assert_cmpint(vdk_shape_polygon(too_far, 3, 16384, 4, spans, ROOM), ==, -EINVAL);
}

static bool on_frame(int x, int y, int w, int h, int thick, int px, int py)
{
    if (px < x || py < y || px >= x + w || py >= y + h)
        return false;
    return px < x + thick || py < y + thick || px >= x + w - thick || py >= y + h - thick;
}

static void a_frame_lies_within_its_rectangle(void)
{
    guint32 seed = 2;

    for (int round = 0; round < 500; round++) {
        int x = (int)(random_next(&seed) % 60) - 20, y = (int)(random_next(&seed) % 40) - 20;
        int w = 1 + (int)(random_next(&seed) % 50), h = 1 + (int)(random_next(&seed) % 30);
        int thick = 1 + (int)(random_next(&seed) % 6);
        int n = vdk_shape_frame(x, y, w, h, thick, 33, 19, spans, ROOM);
        g_autofree guint8 *map = painted(n, 33, 19);

        for (int i = 0; i < 33 * 19; i++)
            g_assert_cmpint(map[i], ==, on_frame(x, y, w, h, thick, i % 33, i / 33));
    }
}

static void counting_comes_before_writing(void)
{
    const gint32 points[] = {1000, 1000, 60000, 9000, 30000, 60000};
    VdkSpan untouched;
    int counts[3], got[3];

    counts[0] = vdk_shape_polygon(points, 3, 97, 61, NULL, 0);
    counts[1] = vdk_shape_outline(points, 3, 2, 97, 61, NULL, 0);
    counts[2] = vdk_shape_frame(3, 4, 20, 20, 2, 97, 61, NULL, 0);
    for (int i = 0; i < 3; i++) {
        gsize room = (gsize)counts[i];

        memset(spans, 0x5a, sizeof(spans));
        memset(&untouched, 0x5a, sizeof(untouched));
        got[0] = vdk_shape_polygon(points, 3, 97, 61, spans, room - (i == 0));
        got[1] = vdk_shape_outline(points, 3, 2, 97, 61, spans, room - (i == 1));
        got[2] = vdk_shape_frame(3, 4, 20, 20, 2, 97, 61, spans, room - (i == 2));
        g_assert_cmpint(got[i], ==, -ENOSPC);
        memset(spans, 0x5a, sizeof(spans));
        got[i] = i == 0   ? vdk_shape_polygon(points, 3, 97, 61, spans, room)
                 : i == 1 ? vdk_shape_outline(points, 3, 2, 97, 61, spans, room)
                          : vdk_shape_frame(3, 4, 20, 20, 2, 97, 61, spans, room);
        g_assert_cmpint(got[i], ==, counts[i]);
        g_assert_cmpmem(&spans[counts[i]], sizeof(VdkSpan), &untouched, sizeof(untouched));
    }
}

static void nothing_is_written_without_room(void)
{
    VdkSpan before[4];

    memset(spans, 0x5a, sizeof(before));
    memcpy(before, spans, sizeof(before));
    g_assert_cmpint(vdk_shape_frame(0, 0, 9, 9, 1, 33, 9, spans, 3), ==, -ENOSPC);
    g_assert_cmpmem(spans, sizeof(before), before, sizeof(before));
}

static void bad_arguments_are_refused(void)
{
    const gint32 points[] = {0, 0, 9, 9, 0, 9};

    g_assert_cmpint(vdk_shape_polygon(NULL, 3, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_polygon(points, 2, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_polygon(points, 3, 0, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_polygon(points, 3, 9, VDK_MAX_SIZE + 1, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_polygon(points, 3, 9, 9, NULL, 1), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_outline(points, 3, 0, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_outline(points, 1, 1, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_frame(0, 0, 0, 9, 1, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_frame(0, 0, 9, 9, 0, 9, 9, spans, ROOM), ==, -EINVAL);
    g_assert_cmpint(vdk_shape_frame(0, 0, 9, 9, 1, 9, 0, spans, ROOM), ==, -EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shape/shapes-are-those-of-a-pixel-by-pixel-look",
                    shapes_are_those_of_a_pixel_by_pixel_look);
    g_test_add_func("/shape/corners-on-pixel-centres-and-flat-edges-are-no-special-case",
                    corners_on_pixel_centres_and_flat_edges_are_no_special_case);
    g_test_add_func("/shape/a-far-polygon-does-not-overflow", a_far_polygon_does_not_overflow);
    g_test_add_func("/shape/a-frame-lies-within-its-rectangle", a_frame_lies_within_its_rectangle);
    g_test_add_func("/shape/counting-comes-before-writing", counting_comes_before_writing);
    g_test_add_func("/shape/nothing-is-written-without-room", nothing_is_written_without_room);
    g_test_add_func("/shape/bad-arguments-are-refused", bad_arguments_are_refused);
    return g_test_run();
}
