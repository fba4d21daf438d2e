#include "config/shapes-json.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/words.h"
#include "config/nearest.h"
#include "config/polygons.h"

json_t *vd_points_json(const VdPolygon *polygon)
{
    json_t *points = json_array();

    for (guint i = 0; i < polygon->n_points; i++) {
        const VdPoint *point = &polygon->points[i];

        json_array_append_new(
            points, json_pack("[f,f]", vd_polygon_part(point->x), vd_polygon_part(point->y)));
    }
    return points;
}

json_t *vd_polygons_json(const VdPolygon *polygons, guint count)
{
    json_t *array = json_array();

    for (guint i = 0; i < count; i++)
        json_array_append_new(array, vd_points_json(&polygons[i]));
    return array;
}

/* "x,y", or NULL. Six digits tell more than 1/65536 apart. */
static char *point_text(const json_t *point)
{
    char parts[2][G_ASCII_DTOSTR_BUF_SIZE];

    if (json_array_size(point) != 2)
        return NULL;
    for (gsize i = 0; i < 2; i++) {
        const json_t *part = json_array_get(point, i);
        double value = json_number_value(part);

        if (!json_is_number(part) || value < 0 || value > 1)
            return NULL;
        g_ascii_formatd(parts[i], sizeof parts[i], "%.6f", MAX(value, 0)); /* -0 */
    }
    return g_strdup_printf("%s,%s", parts[0], parts[1]);
}

/* what: whose points, of which kind, as in "polygon 2 is wrong: a polygon is ..." */
static bool append_points(GString *text, const json_t *points, const char *what, const char *is,
                          int least, GError **error)
{
    for (gsize i = 0; i < json_array_size(points); i++) {
        g_autofree char *point = point_text(json_array_get(points, i));

        if (point == NULL)
            return vd_refuse(error,
                             "%s, point %zu is wrong: a point is [x, y] with both from 0 to 1",
                             what, i + 1);
        g_string_append_printf(text, "%s ", point);
    }
    g_string_append_c(text, ';');
    return json_array_size(points) > 0 ||
           vd_refuse(error, "%s is wrong: %s an array of %d to %d points [x, y]", what, is, least,
                     VD_MAX_POLYGON_POINTS);
}

char *vd_polygons_text_of_json(const json_t *value, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!json_is_array(value)) {
        vd_refuse(error, "an array of polygons is wanted, each an array of points [x, y]");
        return NULL;
    }
    for (gsize i = 0; i < json_array_size(value); i++) {
        g_autofree char *what = g_strdup_printf("polygon %zu", i + 1);

        if (!append_points(text, json_array_get(value, i), what, "a polygon is", 3, error))
            return NULL;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* --- shapes with a name ----------------------------------------------------------------------- */

static bool append_member(GString *text, const VdShapeKind *kind, const char *name,
                          const json_t *value, GError **error)
{
    for (guint i = 0; kind->members[i] != NULL; i++)
        if (g_str_equal(name, kind->members[i]))
            return i == 0 || kind->append(text, i, value, error);
    g_autofree char *shown = vd_shown(name);
    g_autofree char *hint = vd_word_hint(name, kind->members);
    return vd_refuse(error, "%s is unknown%s: allowed are %s", shown, hint, kind->allowed);
}

static bool append_shape(GString *text, const VdShapeKind *kind, const char *name,
                         const json_t *shape, GError **error)
{
    g_autofree char *what = g_strdup_printf("%s '%s'", kind->thing, name);
    void *at = json_object_iter((json_t *)shape);

    if (!json_is_object(shape))
        return vd_refuse(error, "%s is wrong: an object with points is wanted", what);
    g_string_append(text, name);
    for (; at != NULL; at = json_object_iter_next((json_t *)shape, at)) {
        if (!append_member(text, kind, json_object_iter_key(at), json_object_iter_value(at),
                           error)) {
            g_prefix_error(error, "%s: ", what);
            return false;
        }
    }
    g_string_append(text, ": ");
    return append_points(text, json_object_get(shape, "points"), what, "its points are",
                         kind->least, error);
}

char *vd_shapes_text_of_json(const VdShapeKind *kind, const json_t *value, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint number = 0;

    if (!json_is_object(value)) {
        vd_refuse(error,
                  "an object is wanted, with a %s a member: {\"%s\": {\"points\": [[x, y], ...]}}",
                  kind->thing, kind->example);
        return NULL;
    }
    for (void *at = json_object_iter((json_t *)value); at != NULL;
         at = json_object_iter_next((json_t *)value, at)) {
        const char *name = json_object_iter_key(at);

        number++;
        if (!kind->check_name(name, error)) {
            g_prefix_error(error, "the name of %s %u is wrong: ", kind->thing, number);
            return NULL;
        }
        if (!append_shape(text, kind, name, json_object_iter_value(at), error))
            return NULL;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
