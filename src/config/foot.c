#include "config/foot.h"

G_STATIC_ASSERT(VD_MAX_ZONES < 32);

/* Twice the area of the triangle; its sign tells on which side of a to b the point lies. */
static gint64 side_of(VdPoint a, VdPoint b, VdPoint point)
{
    return (gint64)(b.x - a.x) * (point.y - a.y) - (gint64)(b.y - a.y) * (point.x - a.x);
}

static bool is_between(int a, int b, int value)
{
    return MIN(a, b) <= value && value <= MAX(a, b);
}

static bool is_on(VdPoint a, VdPoint b, VdPoint point)
{
    return side_of(a, b, point) == 0 && is_between(a.x, b.x, point.x) &&
           is_between(a.y, b.y, point.y);
}

/* Whether the edge crosses the ray from the point to the right. Each vertex is of one edge only. */
static bool crosses(VdPoint a, VdPoint b, VdPoint point)
{
    if ((a.y <= point.y) == (b.y <= point.y))
        return false;
    return (side_of(a, b, point) > 0) == (b.y > a.y);
}

bool vd_polygon_holds(const VdPolygon *polygon, VdPoint point)
{
    bool inside = false;

    for (guint i = 0; i < polygon->n_points; i++) {
        VdPoint a = polygon->points[i], b = polygon->points[(i + 1) % polygon->n_points];

        if (is_on(a, b, point))
            return true;
        if (crosses(a, b, point))
            inside = !inside;
    }
    return inside;
}

/* size: of the box, in 1/10000 of 1/2^32 of the picture. */
static bool is_large_enough(const VdZone *zone, gint64 size)
{
    return size >= ((gint64)zone->min_size << 32);
}

/* It is in this one; another one may have been found before. */
static void take_zone(VdStand *stand, const VdZone *zone, guint number, gint64 size)
{
    bool counts = is_large_enough(zone, size);

    if (counts)
        stand->places |= 1u << number;
    if (stand->fate == VD_FATE_COUNTS || (!counts && stand->fate == VD_FATE_SMALL))
        return;
    stand->fate = counts ? VD_FATE_COUNTS : VD_FATE_SMALL;
    stand->zone = number;
}

VdStand vd_foot_stand(const VdZones *zones, int x, int y, int width, int height)
{
    VdPoint foot = {x + width / 2, y + height};
    gint64 size = (gint64)width * height * 10000;
    VdStand stand = {VD_FATE_OUTSIDE, VD_MAX_ZONES, 0};

    if (zones == NULL || !zones->counting)
        stand = (VdStand){VD_FATE_COUNTS, VD_MAX_ZONES, VD_ANYWHERE};
    for (guint i = 0; zones != NULL && i < zones->count; i++) {
        const VdZone *zone = &zones->each[i];

        if (!vd_polygon_holds(&zone->polygon, foot))
            continue;
        if (zone->ignore)
            return (VdStand){VD_FATE_IGNORED, i, 0};
        take_zone(&stand, zone, i, size);
    }
    return stand;
}

guint vd_foot_zones(const VdZones *zones, int x, int y, int width, int height)
{
    return vd_foot_stand(zones, x, y, width, height).places;
}
