#include "plugins/vd-zone-marks.h"

#include "plugins/vd-polygons.h"

#define SMALLEST_FONT 9
#define ONE           65536

static const VdkColour colours[2] = {{170, 110, 60}, {140, 70, 165}};

static void clear_name(void *name)
{
    vd_text_clear(&((VdZoneName *)name)->text);
}

/* Below the polygon's highest point, and in the picture. */
static void place_name(VdZoneName *name, const struct VdPolygon *polygon, int width, int height)
{
    const int32_t *top = polygon->points;

    for (size_t i = 1; i < polygon->n_points; i++)
        if (polygon->points[2 * i + 1] < top[1])
            top = &polygon->points[2 * i];
    name->x = (int)((int64_t)top[0] * width / ONE) + name->text.height / 4;
    name->y = (int)((int64_t)top[1] * height / ONE) + name->text.height / 4;
    name->x = MAX(MIN(name->x, width - name->text.width), 0);
    name->y = MAX(MIN(name->y, height - name->text.height), 0);
}

/* One zone; its points go to those of its kind. */
static bool take_zone(VdZoneMarks *marks, const char *zone, GString *points[2], int width,
                      int height)
{
    g_auto(GStrv) halves = g_strsplit(zone, ":", 2);
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(halves[0]), " \t", -1);

    if (g_strv_length(halves) != 2 || words[0] == NULL || *halves[1] == '\0')
        return false;
    g_autoptr(VdPolygons) polygons = vd_polygons_parse(halves[1]);
    if (polygons == NULL || polygons->n != 1)
        return false;
    bool ignored = g_strv_contains((const char *const *)words + 1, "ignore");
    VdTextStyle style = {.size = MAX(height / 30, SMALLEST_FONT), .max_width = width};
    VdZoneName name = {0};
    g_string_append_printf(points[ignored], "%s;", halves[1]);
    vd_text_set(&name.text, words[0], &style);
    place_name(&name, polygons->each, width, height);
    g_array_append_val(marks->names, name);
    return true;
}

static bool take_zones(VdZoneMarks *marks, const char *text, GString *points[2], int width,
                       int height)
{
    g_auto(GStrv) zones = g_strsplit(text, ";", -1);

    for (gsize i = 0; zones[i] != NULL; i++)
        if (*g_strstrip(zones[i]) != '\0' && !take_zone(marks, zones[i], points, width, height))
            return false;
    return true;
}

bool vd_zone_marks_set(VdZoneMarks *marks, const char *zones, int lines, int width, int height)
{
    GString *points[2] = {g_string_new(NULL), g_string_new(NULL)};

    vd_zone_marks_clear(marks);
    marks->names = g_array_new(FALSE, FALSE, sizeof(VdZoneName));
    g_array_set_clear_func(marks->names, clear_name);
    bool fine = take_zones(marks, zones != NULL ? zones : "", points, width, height);
    for (int i = 0; i < 2; i++) {
        g_autoptr(VdPolygons) polygons = vd_polygons_parse(points[i]->str);

        if (fine && polygons != NULL)
            marks->outlines[i] =
                vd_polygons_spans(polygons, lines, width, height, &marks->n_outlines[i]);
        g_string_free(points[i], TRUE);
    }
    if (!fine)
        vd_zone_marks_clear(marks);
    return fine;
}

void vd_zone_marks_clear(VdZoneMarks *marks)
{
    for (int i = 0; i < 2; i++) {
        g_clear_pointer(&marks->outlines[i], g_free);
        marks->n_outlines[i] = 0;
    }
    g_clear_pointer(&marks->names, g_array_unref);
}

bool vd_zone_marks_any(const VdZoneMarks *marks)
{
    return marks->n_outlines[0] + marks->n_outlines[1] > 0;
}

int vd_zone_marks_draw(const VdZoneMarks *marks, const VdCanvas *canvas)
{
    int error = 0;

    for (int i = 0; i < 2 && error == 0; i++)
        if (marks->n_outlines[i] > 0)
            error = canvas->engine->ops->fill(canvas->engine, canvas->image, marks->outlines[i],
                                              marks->n_outlines[i], colours[i]);
    for (guint i = 0; marks->names != NULL && i < marks->names->len && error == 0; i++) {
        const VdZoneName *name = &g_array_index(marks->names, VdZoneName, i);

        error = vd_text_draw(&name->text, canvas, name->x, name->y);
    }
    return error;
}
