#include "plugins/vd-regions.h"

#include <stdbool.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static void add(VdRegions *regions, VdkRectangle region)
{
    if (regions->n < VD_MAX_REGIONS)
        regions->each[regions->n++] = region;
}

void vd_regions_add_whole(VdRegions *regions, int width, int height)
{
    add(regions, (VdkRectangle){0, 0, width, height});
}

/* --- tiles ------------------------------------------------------------------------------------ */

static int tiles_along(int length, int side)
{
    int step = most(side - side / 3, 1);

    return length <= side ? 1 : (length - side + step - 1) / step + 1;
}

/* The first begins where the picture does, the last ends where it does. */
static int tile_at(int i, int n, int length, int side)
{
    return n < 2 ? 0 : (int)((int64_t)(length - side) * i / (n - 1));
}

void vd_regions_add_tiles(VdRegions *regions, int width, int height, int side)
{
    int across = tiles_along(width, side), down = tiles_along(height, side);

    if (across * down < 2)
        return;
    for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++)
            add(regions,
                (VdkRectangle){tile_at(x, across, width, side), tile_at(y, down, height, side),
                               least(side, width), least(side, height)});
}

/* --- motion ----------------------------------------------------------------------------------- */

static int of_65536(int share, int length)
{
    return (int)((int64_t)share * length / 65536);
}

static VdkRectangle around(const VdBox *box, int width, int height)
{
    int w = of_65536(box->width, width), h = of_65536(box->height, height);

    return (VdkRectangle){of_65536(box->x, width) - w / 4, of_65536(box->y, height) - h / 4,
                          w + w / 2, h + h / 2};
}

static VdkRectangle both(const VdkRectangle *a, const VdkRectangle *b)
{
    int left = least(a->x, b->x), top = least(a->y, b->y);

    return (VdkRectangle){left, top, most(a->x + a->width, b->x + b->width) - left,
                          most(a->y + a->height, b->y + b->height) - top};
}

/* Joins what fits into one square, until nothing does. */
static int join(VdkRectangle *parts, int n, int side)
{
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++) {
            VdkRectangle joined = both(&parts[i], &parts[k]);

            if (joined.width > side || joined.height > side)
                continue;
            parts[i] = joined;
            parts[k] = parts[--n];
            k = i;
        }
    return n;
}

/* A square with its middle where the part's is, moved into the picture. */
static VdkRectangle square(const VdkRectangle *part, int width, int height, int side)
{
    int length = most(most(part->width, part->height), side);
    int w = least(length, width), h = least(length, height);

    return (VdkRectangle){most(0, least(part->x + part->width / 2 - w / 2, width - w)),
                          most(0, least(part->y + part->height / 2 - h / 2, height - h)), w, h};
}

void vd_regions_add_motion(VdRegions *regions, const VdBox *boxes, int n, int width, int height,
                           int side)
{
    VdkRectangle parts[VDK_MAX_BOXES];
    int n_parts = least(n, VDK_MAX_BOXES);

    for (int i = 0; i < n_parts; i++)
        parts[i] = around(&boxes[i], width, height);
    n_parts = join(parts, n_parts, side);
    for (int i = 0; i < n_parts; i++)
        add(regions, square(&parts[i], width, height, side));
}
