#pragma once

#include "base/limits.h"
#include "config/zones.h"

/*
 * What stands where. Something is where its foot is, the middle of its box's lower edge: that is
 * where a person or a car touches the ground that a zone is drawn on, while its head may be in
 * front of what lies far behind it. Pure, in integers; the rules judge by it, and views draw by it
 * what does not count.
 */

/* In a camera where no zone counts: the whole picture does. */
#define VD_ANYWHERE (1u << VD_MAX_ZONES)

/* What a box comes to by where it is; one that is of another kind or too small is of no zone. */
typedef enum VdFate {
    VD_FATE_COUNTS,
    VD_FATE_NO_BOX,    /* it is smaller than motion-min-area asks for */
    VD_FATE_NO_OBJECT, /* it moves, and objects count in its place */
    VD_FATE_OUTSIDE,   /* of all zones that count */
    VD_FATE_IGNORED,   /* in a zone that is */
    VD_FATE_SMALL,     /* it stands in zones that count, and all ask for more */
    VD_N_FATES,
} VdFate;

/* Where a box stands: zone is the first that makes it so, VD_MAX_ZONES where none does. */
typedef struct VdStand {
    VdFate fate;
    guint zone;
    guint places; /* as vd_foot_zones() answers */
} VdStand;
VdStand vd_foot_stand(const VdZones *zones, int x, int y, int width, int height);

/*
 * A bit for each zone in which a box counts, the first zone's the lowest, or VD_ANYWHERE; 0: it
 * does not count. Coordinates as VdBox has them. zones: (nullable) [any]
 */
guint vd_foot_zones(const VdZones *zones, int x, int y, int width, int height);

/* Its outline belongs to a polygon; where it crosses itself, what is inside twice is outside. */
bool vd_polygon_holds(const VdPolygon *polygon, VdPoint point);
