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
/* A coordinate as that text has it: 0.1, not 0.100006. */
double vd_polygon_part(int value);
VdPolygon *vd_polygons_copy(const VdPolygon *polygons, guint count);
bool vd_polygons_equal(const VdPolygon *a, guint n_a, const VdPolygon *b, guint n_b);
void vd_polygons_free(VdPolygon *polygons, guint count);

/*
 * The one at *text, up to the ; or the end, where *text is left; what: its name in errors. Its
 * points are to be freed with g_free().
 */
bool vd_polygon_parse(const char **text, const char *what, VdPolygon *polygon, GError **error);
/* The same of a line, which is not closed: two points or more, not all at one place. */
bool vd_course_parse(const char **text, const char *what, VdPolygon *course, GError **error);
void vd_polygon_append(const VdPolygon *polygon, GString *out);
bool vd_polygon_equal(const VdPolygon *a, const VdPolygon *b);
