#include "plugins/vd-regions.h"

#include <glib.h>

#include "plugins/vd-letterbox.h"

/* Where a detector looks, and how that becomes its picture. */

static void assert_inside(const VdRegions *regions, int width, int height)
{
    for (int i = 0; i < regions->n; i++) {
        const VdkRectangle *region = &regions->each[i];

        g_assert_cmpint(region->x, >=, 0);
        g_assert_cmpint(region->y, >=, 0);
        g_assert_cmpint(region->width, >, 0);
        g_assert_cmpint(region->height, >, 0);
        g_assert_cmpint(region->x + region->width, <=, width);
        g_assert_cmpint(region->y + region->height, <=, height);
    }
}

static gboolean has(const VdkRectangle *region, int x, int y, int width, int height)
{
    return x >= region->x && y >= region->y && x + width <= region->x + region->width &&
           y + height <= region->y + region->height;
}

static gboolean one_has(const VdRegions *regions, int x, int y, int width, int height)
{
    for (int i = 0; i < regions->n; i++)
        if (has(&regions->each[i], x, y, width, height))
            return TRUE;
    return FALSE;
}

static void what_is_a_third_of_a_tile_is_whole_in_one(void)
{
    static const struct {
        int width, height, side, n;
    } sizes[] = {
        {768, 576, 416, 6}, {1920, 1080, 640, 12}, {1000, 100, 300, 5}, {301, 301, 300, 4}};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        int width = sizes[i].width, height = sizes[i].height, third = sizes[i].side / 3;
        VdRegions regions = {0};

        vd_regions_add_tiles(&regions, width, height, sizes[i].side);
        g_assert_cmpint(regions.n, ==, sizes[i].n);
        assert_inside(&regions, width, height);
        for (int y = 0; y + third <= height; y += 7)
            for (int x = 0; x + third <= width; x += 7)
                g_assert_true(one_has(&regions, x, y, third, third));
    }
}

static void one_tile_that_is_all_is_none(void)
{
    VdRegions regions = {0};

    vd_regions_add_tiles(&regions, 416, 300, 416);
    g_assert_cmpint(regions.n, ==, 0);
    vd_regions_add_whole(&regions, 416, 300);
    g_assert_cmpint(regions.n, ==, 1);
    g_assert_true(has(&regions.each[0], 0, 0, 416, 300));
}

static void there_are_no_more_regions_than_there_may(void)
{
    VdRegions regions = {0};

    vd_regions_add_tiles(&regions, 16384, 16384, 100);
    g_assert_cmpint(regions.n, ==, VD_MAX_REGIONS);
    vd_regions_add_whole(&regions, 100, 100);
    g_assert_cmpint(regions.n, ==, VD_MAX_REGIONS);
}

static VdBox box(int x, int y, int width, int height, int of_width, int of_height)
{
    return (VdBox){x * 65536 / of_width,
                   y * 65536 / of_height,
                   width * 65536 / of_width,
                   height * 65536 / of_height,
                   0,
                   0,
                   0};
}

static void what_moves_is_in_a_square(void)
{
    const VdBox boxes[] = {box(100, 100, 40, 80, 1920, 1080), box(1700, 900, 40, 80, 1920, 1080)};
    VdRegions regions = {0};

    vd_regions_add_motion(&regions, boxes, 2, 1920, 1080, 416);
    g_assert_cmpint(regions.n, ==, 2);
    assert_inside(&regions, 1920, 1080);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(regions.each[i].width, ==, 416);
        g_assert_cmpint(regions.each[i].height, ==, 416);
    }
    g_assert_true(one_has(&regions, 90, 80, 60, 120));
    g_assert_true(one_has(&regions, 1690, 880, 60, 120));
}

static void neighbours_share_a_square(void)
{
    const VdBox boxes[] = {box(100, 100, 40, 80, 1920, 1080), box(1200, 100, 40, 80, 1920, 1080),
                           box(300, 200, 40, 80, 1920, 1080)};
    VdRegions regions = {0};

    vd_regions_add_motion(&regions, boxes, 3, 1920, 1080, 416);
    g_assert_cmpint(regions.n, ==, 2);
    g_assert_true(has(&regions.each[0], 100, 100, 240, 180));
    g_assert_true(has(&regions.each[1], 1200, 100, 40, 80));
}

static void what_is_larger_than_a_square_gets_a_larger_one(void)
{
    const VdBox boxes[] = {box(200, 200, 600, 100, 1920, 1080), box(0, 0, 1920, 1080, 1920, 1080)};
    VdRegions regions = {0};

    vd_regions_add_motion(&regions, boxes, 1, 1920, 1080, 416);
    g_assert_cmpint(regions.n, ==, 1);
    g_assert_true(has(&regions.each[0], 60, 180, 880, 140));
    vd_regions_add_motion(&regions, boxes + 1, 1, 1920, 1080, 416);
    assert_inside(&regions, 1920, 1080);
    g_assert_true(has(&regions.each[1], 0, 0, 1920, 1080));
}

/* --- letterbox -------------------------------------------------------------------------------- */

static void a_picture_keeps_its_shape(void)
{
    static const struct {
        int width, height, fit_width, fit_height;
    } sizes[] = {{768, 576, 416, 312}, {1920, 1080, 416, 234}, {1080, 1920, 234, 416},
                 {416, 416, 416, 416}, {100, 100, 416, 416},   {16384, 1, 416, 1}};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        int width = 0, height = 0;

        vd_letterbox_fit(sizes[i].width, sizes[i].height, 416, 416, &width, &height);
        g_assert_cmpint(width, ==, sizes[i].fit_width);
        g_assert_cmpint(height, ==, sizes[i].fit_height);
    }
}

/* BT.601, full range: the primaries' own values, and what is beyond them. */
static void colours_become_blue_green_and_red(void)
{
    static const struct {
        guint8 y, u, v;
        float blue, green, red;
    } colours[] = {
        {0, 128, 128, 0, 0, 0},         {255, 128, 128, 255, 255, 255},
        {100, 128, 128, 100, 100, 100}, {76, 85, 255, 0, 0, 254},
        {150, 44, 21, 1, 255, 0},       {29, 255, 107, 254, 0, 0},
        {255, 255, 255, 255, 121, 255},
    };
    enum { WIDTH = 4, HEIGHT = 3, PIXELS = WIDTH * HEIGHT, CELL = 5 };

    for (gsize i = 0; i < G_N_ELEMENTS(colours); i++) {
        guint8 y[CELL] = {colours[i].y, 9, 9, 9, 9}, u[CELL] = {colours[i].u, 9, 9, 9, 9},
               v[CELL] = {colours[i].v, 9, 9, 9, 9};
        const VdkImage picture = {
            .luma = {y, 1, 1, CELL}, .chroma = {{u, 1, 1, CELL}, {v, 1, 1, CELL}}, .step = 1};
        float planes[3 * PIXELS + 1];

        planes[3 * PIXELS] = -1;
        vd_letterbox_fill(&picture, WIDTH, HEIGHT, planes);
        g_assert_cmpfloat(planes[0], ==, colours[i].blue);
        g_assert_cmpfloat(planes[PIXELS], ==, colours[i].green);
        g_assert_cmpfloat(planes[2 * PIXELS], ==, colours[i].red);
        for (int n = 0; n < 3 * PIXELS; n++)
            if (n % PIXELS != 0)
                g_assert_cmpfloat(planes[n], ==, VD_LETTERBOX_GREY);
        g_assert_cmpfloat(planes[3 * PIXELS], ==, -1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regions/what-is-a-third-of-a-tile-is-whole-in-one",
                    what_is_a_third_of_a_tile_is_whole_in_one);
    g_test_add_func("/regions/one-tile-that-is-all-is-none", one_tile_that_is_all_is_none);
    g_test_add_func("/regions/there-are-no-more-regions-than-there-may",
                    there_are_no_more_regions_than_there_may);
    g_test_add_func("/regions/what-moves-is-in-a-square", what_moves_is_in_a_square);
    g_test_add_func("/regions/neighbours-share-a-square", neighbours_share_a_square);
    g_test_add_func("/regions/what-is-larger-than-a-square-gets-a-larger-one",
                    what_is_larger_than_a_square_gets_a_larger_one);
    g_test_add_func("/letterbox/a-picture-keeps-its-shape", a_picture_keeps_its_shape);
    g_test_add_func("/letterbox/colours-become-blue-green-and-red",
                    colours_become_blue_green_and_red);
    return g_test_run();
}
