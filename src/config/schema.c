#include "config/schema.h"

#include "base/limits.h"
#include "config/build.h"
#include "config/json.h"
#include "config/plan.h"

/* clang-format off */
#define ID_PATTERN "^[a-z0-9][a-z0-9-]*$"
/* clang-format on */

static json_t *strings(const char *const *values)
{
    json_t *array = json_array();

    for (gsize i = 0; values[i] != NULL; i++)
        json_array_append_new(array, json_string(values[i]));
    return array;
}

static json_t *points_schema(int least)
{
    json_t *part = json_pack("{s:s,s:i,s:i}", "type", "number", "minimum", 0, "maximum", 1);
    json_t *point = json_pack("{s:s,s:o,s:i,s:i}", "type", "array", "items", part, "minItems", 2,
                              "maxItems", 2);

    return json_pack("{s:s,s:o,s:i,s:i}", "type", "array", "items", point, "minItems", least,
                     "maxItems", VD_MAX_POLYGON_POINTS);
}

static json_t *polygons_schema(void)
{
    return json_pack("{s:s,s:o,s:i}", "type", "array", "items", points_schema(3), "maxItems",
                     VD_MAX_POLYGONS);
}

/* A zone's members and their defaults. */
static json_t *zone_schema(void)
{
    json_t *properties =
        json_pack("{s:o,s:{s:s,s:b},s:{s:s,s:i,s:i,s:i,s:s},s:{s:[s,s],s:i,s:i,s:n,s:s}}", "points",
                  points_schema(3), "ignore", "type", "boolean", "default", 0, "min_size", "type",
                  "number", "minimum", 0, "maximum", 100, "default", 0, "x-unit",
                  "percent of the picture", "min_ms", "type", "integer", "null", "minimum", 0,
                  "maximum", VD_MAX_EVENT_MS, "default", "x-unit", "ms");

    return json_pack("{s:s,s:o,s:[s],s:b}", "type", "object", "properties", properties, "required",
                     "points", "additionalProperties", 0);
}

static json_t *zones_schema(void)
{
    return json_pack("{s:s,s:{s:s,s:i},s:o,s:i}", "type", "object", "propertyNames", "pattern",
                     ID_PATTERN, "maxLength", VD_MAX_ID, "additionalProperties", zone_schema(),
                     "maxProperties", VD_MAX_ZONES);
}

static json_t *lines_schema(void)
{
    json_t *properties = json_pack("{s:o,s:{s:[s,s,s],s:s}}", "points", points_schema(2),
                                   "direction", "enum", "in", "out", "both", "default", "both");
    json_t *line = json_pack("{s:s,s:o,s:[s],s:b}", "type", "object", "properties", properties,
                             "required", "points", "additionalProperties", 0);

    return json_pack("{s:s,s:{s:s,s:i},s:o,s:i}", "type", "object", "propertyNames", "pattern",
                     ID_PATTERN, "maxLength", VD_MAX_ID, "additionalProperties", line,
                     "maxProperties", VD_MAX_LINES);
}

static json_t *type_schema(const VdOption *option)
{
    switch (option->type) {
    case VD_OPTION_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case VD_OPTION_INT:
        return json_pack("{s:s,s:i,s:i}", "type", "integer", "minimum", option->min, "maximum",
                         option->max);
    case VD_OPTION_POLYGONS:
        return polygons_schema();
    case VD_OPTION_ZONES:
        return zones_schema();
    case VD_OPTION_LINES:
        return lines_schema();
    default:
        return json_pack("{s:s}", "type", "string");
    }
}

static json_t *option_schema(const VdOption *option, const VdCameraConfig *presets)
{
    json_t *schema = type_schema(option);

    json_object_set_new(schema, "description", json_string(option->help));
    json_object_set_new(schema, "default", vd_option_json(option, presets));
    json_object_set_new(schema, "x-applies", json_string(vd_apply_name(option->apply)));
    if (option->values != NULL)
        json_object_set_new(schema, "enum", strings(option->values));
    if (option->unit[0] != '\0')
        json_object_set_new(schema, "x-unit", json_string(option->unit));
    if (option->secret)
        json_object_set_new(schema, "writeOnly", json_true());
    return schema;
}

static json_t *id_schema(void)
{
    return json_pack("{s:s,s:s,s:i,s:s}", "type", "string", "pattern", ID_PATTERN, "maxLength",
                     VD_MAX_ID, "description",
                     "What the camera is called in its addresses. It cannot be changed.");
}

json_t *vd_options_schema(void)
{
    g_autoptr(VdCameraConfig) presets = vd_camera_config_blank(NULL);
    json_t *properties = json_pack("{s:o}", "id", id_schema());
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *member = vd_option_member(&options[i]);

        if (g_str_equal(options[i].group, "camera"))
            json_object_set_new(properties, member, option_schema(&options[i], presets));
    }
    return json_pack("{s:s,s:s,s:s,s:o,s:[s],s:b}", "$schema",
                     "https://json-schema.org/draft/2020-12/schema", "title",
                     "The configuration of a camera", "type", "object", "properties", properties,
                     "required", "uri", "additionalProperties", 0);
}
