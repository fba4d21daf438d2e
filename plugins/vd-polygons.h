#pragma once

#include <glib.h>

#include "kernels/vdk.h"

/*
 * Polygons as the properties name them: "x,y x,y x,y; x,y ..." in 0..1 of the picture, three
 * corners or more each. Values outside are moved to the edge.
 */
typedef struct VdPolygons {
    guint n;
    struct VdPolygon {
        int32_t *points; /* x, y in 1/65536 of the picture */
        size_t n_points;
    } * each;
} VdPolygons;

/* NULL when the text cannot be read; n is 0 for a text of nothing. */
VdPolygons *vd_polygons_parse(const char *text);
void vd_polygons_free(VdPolygons *polygons);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdPolygons, vd_polygons_free)

/*
 * What lies inside of at least one of them, or on the outline (thick > 0) of one: spans as vdk
 * wants them, to be freed with g_free(). NULL when that is nothing.
 */
VdkSpan *vd_polygons_spans(const VdPolygons *polygons, int thick, int width, int height, size_t *n);
