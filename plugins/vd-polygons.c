#include "plugins/vd-polygons.h"

#include <math.h>
#include <stdlib.h>

/* --- reading --------------------------------------------------------------------------------- */

static bool read_number(const char **text, int32_t *value)
{
    char *end;
    double number = g_ascii_strtod(*text, &end);

    if (end == *text || !isfinite(number))
        return false;
    *text = end;
    *value = (int32_t)lround(CLAMP(number, 0.0, 1.0) * 65536);
    return true;
}

static void skip_spaces(const char **text)
{
    while (g_ascii_isspace(**text))
        (*text)++;
}

static bool read_point(const char **text, GArray *points)
{
    int32_t point[2];

    if (!read_number(text, &point[0]))
        return false;
    skip_spaces(text);
    if (*(*text)++ != ',')
        return false;
    skip_spaces(text);
    if (!read_number(text, &point[1]))
        return false;
    g_array_append_vals(points, point, 2);
    return true;
}

/* Up to the next semicolon. */
static bool read_polygon(const char **text, GArray *polygons)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(int32_t));
    bool fine = true;

    for (skip_spaces(text); fine && **text != '\0' && **text != ';'; skip_spaces(text))
        fine = read_point(text, points);
    struct VdPolygon polygon = {.n_points = points->len / 2};
    polygon.points = (int32_t *)(void *)g_array_free(points, FALSE);
    if (polygon.n_points > 0)
        g_array_append_val(polygons, polygon);
    else
        g_free(polygon.points);
    return fine && (polygon.n_points == 0 || polygon.n_points >= 3);
}

VdPolygons *vd_polygons_parse(const char *text)
{
    VdPolygons *polygons = g_new0(VdPolygons, 1);
    GArray *each = g_array_new(FALSE, FALSE, sizeof(struct VdPolygon));
    bool fine = true;

    while (fine && text != NULL && *text != '\0') {
        fine = read_polygon(&text, each);
        if (*text == ';')
            text++;
    }
    polygons->n = each->len;
    polygons->each = (struct VdPolygon *)(void *)g_array_free(each, FALSE);
    if (!fine)
        g_clear_pointer(&polygons, vd_polygons_free);
    return polygons;
}

void vd_polygons_free(VdPolygons *polygons)
{
    if (polygons == NULL)
        return;
    for (guint i = 0; i < polygons->n; i++)
        g_free(polygons->each[i].points);
    g_free(polygons->each);
    g_free(polygons);
}

/* --- spans ----------------------------------------------------------------------------------- */

static int shape(const struct VdPolygon *polygon, int thick, int width, int height, VdkSpan *spans,
                 size_t room)
{
    if (thick > 0)
        return vdk_shape_outline(polygon->points, polygon->n_points, thick, width, height, spans,
                                 room);
    return vdk_shape_polygon(polygon->points, polygon->n_points, width, height, spans, room);
}

static int by_place(const void *a, const void *b)
{
    const VdkSpan *one = a, *other = b;

    if (one->y != other->y)
        return one->y < other->y ? -1 : 1;
    return (one->x0 > other->x0) - (one->x0 < other->x0);
}

/* Joins spans that touch or overlap: the operators want each pixel once. */
static size_t join(VdkSpan *spans, size_t n)
{
    size_t last = 0;

    if (n == 0)
        return 0;
    qsort(spans, n, sizeof *spans, by_place);
    for (size_t i = 1; i < n; i++) {
        if (spans[i].y == spans[last].y && spans[i].x0 <= spans[last].x1)
            spans[last].x1 = MAX(spans[last].x1, spans[i].x1);
        else
            spans[++last] = spans[i];
    }
    return last + 1;
}

VdkSpan *vd_polygons_spans(const VdPolygons *polygons, int thick, int width, int height, size_t *n)
{
    size_t room = 0, filled = 0;

    for (guint i = 0; i < polygons->n; i++)
        room += (size_t)MAX(shape(&polygons->each[i], thick, width, height, NULL, 0), 0);
    *n = 0;
    if (room == 0)
        return NULL;
    VdkSpan *spans = g_new(VdkSpan, room);
    for (guint i = 0; i < polygons->n; i++) {
        int added = shape(&polygons->each[i], thick, width, height, spans + filled, room - filled);

        filled += (size_t)MAX(added, 0);
    }
    *n = join(spans, filled);
    return spans;
}
