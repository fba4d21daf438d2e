#include "config/zones-json.h"

#include "base/error.h"
#include "base/limits.h"
#include "config/checks.h"
#include "config/shapes-json.h"

json_t *vd_zones_json(const VdZones *zones)
{
    json_t *object = json_object();

    for (guint i = 0; zones != NULL && i < zones->count; i++) {
        const VdZone *zone = &zones->each[i];
        json_t *ms = zone->min_ms >= 0 ? json_integer(zone->min_ms) : json_null();

        json_object_set_new(object, zone->name,
                            json_pack("{s:o,s:b,s:f,s:o}", "points", vd_points_json(&zone->polygon),
                                      "ignore", zone->ignore, "min_size", zone->min_size / 100.0,
                                      "min_ms", ms));
    }
    return object;
}

static bool append_ignore(GString *text, const json_t *value, GError **error)
{
    if (!json_is_boolean(value))
        return vd_refuse(error, "ignore: true or false is wanted, without quotes");
    g_string_append(text, json_is_true(value) ? " ignore" : "");
    return true;
}

static bool append_size(GString *text, const json_t *value, GError **error)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    double percent = json_number_value(value);

    if (!json_is_number(value) || percent < 0 || percent > 100)
        return vd_refuse(error,
                         "min_size: a number from 0 to 100 is wanted (percent of the picture)");
    g_ascii_formatd(number, sizeof number, "%.2f", MAX(percent, 0)); /* -0 */
    if (percent > 0)
        g_string_append_printf(text, " min-size=%s%%", number);
    return true;
}

static bool append_ms(GString *text, const json_t *value, GError **error)
{
    json_int_t ms = json_integer_value(value);

    if (json_is_null(value))
        return true;
    if (!json_is_integer(value) || ms < 0 || ms > VD_MAX_EVENT_MS)
        return vd_refuse(error, "min_ms: a whole number from 0 to %d is wanted (ms), or null",
                         VD_MAX_EVENT_MS);
    g_string_append_printf(text, " min-ms=%d", (int)ms);
    return true;
}

enum { POINTS, IGNORE, MIN_SIZE, MIN_MS };
static const char *const members[] = {
    [POINTS] = "points", [IGNORE] = "ignore", [MIN_SIZE] = "min_size", [MIN_MS] = "min_ms", NULL,
};

static bool append(GString *text, guint member, const json_t *value, GError **error)
{
    switch (member) {
    case IGNORE:
        return append_ignore(text, value, error);
    case MIN_SIZE:
        return append_size(text, value, error);
    default:
        return append_ms(text, value, error);
    }
}

char *vd_zones_text_of_json(const json_t *value, GError **error)
{
    static const VdShapeKind kind = {
        "zone", "drive", members, "points, ignore, min_size and min_ms", 3, vd_check_zone_name,
        append,
    };

    return vd_shapes_text_of_json(&kind, value, error);
}
