#include "config/polygons.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

enum { ONE = 65536, DIGITS = 5 }; /* 5 digits tell 1/65536 apart */

/* "0.25": digits with at most one point; no sign, exponent or "nan", which strtod would take. */
static bool parse_part(const char **text, int *value)
{
    gsize length = strspn(*text, "0123456789.");
    char *end;

    if (length == 0 || length > 20)
        return false;
    double part = g_ascii_strtod(*text, &end);
    if (end != *text + length || part > 1)
        return false;
    *value = (int)(part * ONE + 0.5);
    *text = end;
    return true;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool parse_point(const char **text, VdPoint *point)
{
    if (!parse_part(text, &point->x))
        return false;
    *text = skip_blanks(*text);
    if (**text != ',')
        return false;
    *text = skip_blanks(*text + 1);
    return parse_part(text, &point->y);
}

/* Whether the points do not all lie on one line. */
static bool has_area(const VdPoint *points, guint count)
{
    for (guint i = 1; i < count; i++)
        for (guint j = i + 1; j < count; j++) {
            gint64 ax = points[i].x - points[0].x, ay = points[i].y - points[0].y;
            gint64 bx = points[j].x - points[0].x, by = points[j].y - points[0].y;

            if (ax * by != ay * bx)
                return true;
        }
    return false;
}

/* The points up to the ; or the end. */
static bool parse_points(const char **text, GArray *points, const char *what, guint least,
                         GError **error)
{
    for (*text = skip_blanks(*text); **text != ';' && **text != '\0'; *text = skip_blanks(*text)) {
        VdPoint point;

        if (!parse_point(text, &point) || strchr(" \t;", **text) == NULL) {
            g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                        "%s, point %u is wrong: write x,y with both from 0 to 1, points apart by "
                        "blanks, and a ; behind the last",
                        what, points->len + 1);
            return false;
        }
        g_array_append_val(points, point);
        if (points->len > VD_MAX_POLYGON_POINTS)
            break;
    }
    if (points->len < least || points->len > VD_MAX_POLYGON_POINTS) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s has %s points: %u to %d are allowed",
                    what, points->len < least ? "too few" : "too many", least,
                    VD_MAX_POLYGON_POINTS);
        return false;
    }
    return true;
}

static bool has_length(const VdPoint *points, guint count)
{
    for (guint i = 1; i < count; i++)
        if (points[i].x != points[0].x || points[i].y != points[0].y)
            return true;
    return false;
}

static void take(VdPolygon *polygon, const GArray *points)
{
    polygon->n_points = points->len;
    polygon->points = g_memdup2(points->data, points->len * sizeof(VdPoint));
}

bool vd_course_parse(const char **text, const char *what, VdPolygon *course, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(VdPoint));

    if (!parse_points(text, points, what, 2, error))
        return false;
    if (!has_length((const VdPoint *)(void *)points->data, points->len)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the points of %s are one: it has no length",
                    what);
        return false;
    }
    take(course, points);
    return true;
}

bool vd_polygon_parse(const char **text, const char *what, VdPolygon *polygon, GError **error)
{
    g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(VdPoint));

    if (!parse_points(text, points, what, 3, error))
        return false;
    if (!has_area((const VdPoint *)(void *)points->data, points->len)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "the points of %s lie on one line: nothing is inside", what);
        return false;
    }
    take(polygon, points);
    return true;
}

bool vd_polygons_parse(const char *text, VdPolygon **polygons, guint *count, GError **error)
{
    VdPolygon *all = g_new0(VdPolygon, VD_MAX_POLYGONS);
    guint made = 0;

    for (text = skip_blanks(text); *text != '\0'; text = skip_blanks(text)) {
        g_autofree char *what = g_strdup_printf("polygon %u", made + 1);
        bool good = made < VD_MAX_POLYGONS;

        if (!good)
            g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "too many polygons: %d are allowed",
                        VD_MAX_POLYGONS);
        if (!good || !vd_polygon_parse(&text, what, &all[made], error)) {
            vd_polygons_free(all, made);
            return false;
        }
        made++;
        text += *text == ';';
    }
    *count = made;
    if (made == 0)
        g_clear_pointer(&all, g_free);
    *polygons = all;
    return true;
}

/* Writes the shortest number that is read as the same part. */
static void write_part(char *text, int size, int value)
{
    for (int digits = 0; digits <= DIGITS; digits++) {
        const char *format[] = {"%.0f", "%.1f", "%.2f", "%.3f", "%.4f", "%.5f"};

        g_ascii_formatd(text, size, format[digits], (double)value / ONE);
        if ((int)(g_ascii_strtod(text, NULL) * ONE + 0.5) == value)
            break;
    }
}

static void append_part(GString *out, int value)
{
    char text[16];

    write_part(text, sizeof text, value);
    g_string_append(out, text);
}

double vd_polygon_part(int value)
{
    char text[16];

    write_part(text, sizeof text, value);
    return g_ascii_strtod(text, NULL);
}

void vd_polygon_append(const VdPolygon *polygon, GString *out)
{
    for (guint i = 0; i < polygon->n_points; i++) {
        if (i > 0)
            g_string_append_c(out, ' ');
        append_part(out, polygon->points[i].x);
        g_string_append_c(out, ',');
        append_part(out, polygon->points[i].y);
    }
}

char *vd_polygons_text(const VdPolygon *polygons, guint count)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < count; i++) {
        if (i > 0)
            g_string_append(out, "; ");
        vd_polygon_append(&polygons[i], out);
    }
    return g_string_free(out, FALSE);
}

VdPolygon *vd_polygons_copy(const VdPolygon *polygons, guint count)
{
    VdPolygon *copy = g_memdup2(polygons, count * sizeof *polygons);

    for (guint i = 0; i < count; i++)
        copy[i].points = g_memdup2(polygons[i].points, polygons[i].n_points * sizeof(VdPoint));
    return copy;
}

bool vd_polygon_equal(const VdPolygon *a, const VdPolygon *b)
{
    return a->n_points == b->n_points &&
           memcmp(a->points, b->points, a->n_points * sizeof(VdPoint)) == 0;
}

bool vd_polygons_equal(const VdPolygon *a, guint n_a, const VdPolygon *b, guint n_b)
{
    if (n_a != n_b)
        return false;
    for (guint i = 0; i < n_a; i++)
        if (!vd_polygon_equal(&a[i], &b[i]))
            return false;
    return true;
}

void vd_polygons_free(VdPolygon *polygons, guint count)
{
    for (guint i = 0; polygons != NULL && i < count; i++)
        g_free(polygons[i].points);
    g_free(polygons);
}
