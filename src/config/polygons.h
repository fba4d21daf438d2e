#pragma once

#include "config/config.h"

/*
 * Polygons as text, "x,y x,y x,y; x,y ...": coordinates are parts of the picture's width and
 * height, 0 to 1, and become 0..65536.
 */

/* An empty text makes no polygon: *polygons is NULL then ((transfer full) otherwise). */
bool vd_polygons_parse(const char *text, VdPolygon **polygons, guint *count, GError **error);
/* What vd_polygons_parse() makes the same polygons of (transfer full). */
char *vd_polygons_text(const VdPolygon *polygons, guint count);
VdPolygon *vd_polygons_copy(const VdPolygon *polygons, guint count);
bool vd_polygons_equal(const VdPolygon *a, guint n_a, const VdPolygon *b, guint n_b);
void vd_polygons_free(VdPolygon *polygons, guint count);
