#include "config/json.h"

#include "base/error.h"
#include "base/limits.h"
#include "config/lines-json.h"
#include "config/shapes-json.h"
#include "config/value.h"
#include "config/zones-json.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS 9 /* significant, of numbers with a fraction */

/* --- names ------------------------------------------------------------------------------------ */

char *vd_option_member(const VdOption *option)
{
    return g_strdelimit(g_strdup(option->name), "-", '_');
}

const VdOption *vd_option_of_member(const char *name)
{
    g_autofree char *option = g_strdelimit(g_strdup(name), "_", '-');

    return strchr(name, '-') == NULL ? vd_option_find("camera", option) : NULL;
}

char *vd_option_member_nearest(const char *name)
{
    const char *nearest = vd_option_nearest("camera", name);

    return nearest != NULL ? g_strdelimit(g_strdup(nearest), "-", '_') : NULL;
}

/* --- to JSON ---------------------------------------------------------------------------------- */

json_t *vd_option_json(const VdOption *option, const VdCameraConfig *camera)
{
    g_autofree char *text = vd_option_text(option, camera);

    switch (option->type) {
    case VD_OPTION_BOOL:
        return json_boolean(g_str_equal(text, "true"));
    case VD_OPTION_INT:
        return json_integer(strtol(text, NULL, 10));
    case VD_OPTION_POLYGONS:
        return vd_polygons_json(camera->masks, camera->n_masks);
    case VD_OPTION_ZONES:
        return vd_zones_json(camera->zones);
    case VD_OPTION_LINES:
        return vd_lines_json(camera->lines);
    default:
        return json_string(text);
    }
}

/* The object that has for each of a camera's options what make() makes. */
static json_t *of_each(const VdCameraConfig *camera,
                       json_t *(*make)(const VdOption *, const VdCameraConfig *))
{
    json_t *object = json_object();
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *member = vd_option_member(&options[i]);

        if (g_str_equal(options[i].group, "camera"))
            json_object_set_new(object, member, make(&options[i], camera));
    }
    return object;
}

json_t *vd_camera_config_json(const VdCameraConfig *camera)
{
    return of_each(camera, vd_option_json);
}

json_t *vd_option_origin_json(const VdOption *option, const VdCameraConfig *camera)
{
    static const char *const names[] = {
        [VD_ORIGIN_PRESET] = "preset",
        [VD_ORIGIN_DEFAULTS] = "defaults",
        [VD_ORIGIN_CAMERA] = "camera",
        [VD_ORIGIN_API] = "api",
    };
    const VdOrigin *origin = &camera->origins[vd_option_index(option)];
    json_t *object = json_object();

    json_object_set_new(object, "from", json_string(names[origin->kind]));
    if (origin->file != NULL) {
        g_autofree char *file = g_utf8_make_valid(origin->file, -1);

        json_object_set_new(object, "file", json_string(file));
        json_object_set_new(object, "line", json_integer(origin->line));
    }
    return object;
}

json_t *vd_camera_config_origins_json(const VdCameraConfig *camera)
{
    return of_each(camera, vd_option_origin_json);
}

/* --- from JSON -------------------------------------------------------------------------------- */

static void refuse(GError **error, const char *message)
{
    g_set_error_literal(error, VD_ERROR, VD_ERROR_INVALID, message);
}

static char *bool_text(const json_t *value, GError **error)
{
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "true" : "false");
    refuse(error, "true or false is wanted, without quotes");
    return NULL;
}

static char *int_text(const VdOption *option, const json_t *value, GError **error)
{
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                "a whole number is wanted, without quotes: allowed are %d to %d (%s)", option->min,
                option->max, option->unit);
    return NULL;
}

static char *string_text(const VdOption *option, const json_t *value, GError **error)
{
    const char *text = json_string_value(value);

    if (text == NULL && option->values != NULL) {
        g_autofree char *allowed = g_strjoinv(", ", (char **)option->values);
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "a text is wanted: allowed are %s", allowed);
    } else if (text == NULL) {
        refuse(error, "a text is wanted");
    } else if (text[0] == '\0' && option->preset[0] != '\0') {
        refuse(error, "the text is empty: null gives the option back what it is without this API");
        text = NULL;
    }
    return g_strdup(text);
}

char *vd_option_text_of_json(const VdOption *option, const json_t *value, GError **error)
{
    switch (option->type) {
    case VD_OPTION_BOOL:
        return bool_text(value, error);
    case VD_OPTION_INT:
        return int_text(option, value, error);
    case VD_OPTION_POLYGONS:
        return vd_polygons_text_of_json(value, error);
    case VD_OPTION_ZONES:
        return vd_zones_text_of_json(value, error);
    case VD_OPTION_LINES:
        return vd_lines_text_of_json(value, error);
    default:
        return string_text(option, value, error);
    }
}

/* --- documents -------------------------------------------------------------------------------- */

/* The library's own texts quote what it read, which may be a secret. */
static const char *reason_of(const json_error_t *wrong)
{
    switch (json_error_code(wrong)) {
    case json_error_stack_overflow:
        return "it is nested too deep";
    case json_error_invalid_utf8:
        return "it is not valid UTF-8";
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "something stands behind its end";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "\\u0000 is not allowed in a text";
    case json_error_duplicate_key:
        return "a member is given twice";
    case json_error_numeric_overflow:
        return "a number is too large";
    default:
        return "this is not JSON";
    }
}

/* RFC 7396. */
json_t *vd_json_merged(const json_t *now, const json_t *patch)
{
    json_t *merged = json_is_object(now) ? json_copy((json_t *)now) : json_object();
    const char *name;
    json_t *value;

    if (!json_is_object(patch)) {
        json_decref(merged);
        return json_incref((json_t *)patch);
    }
    json_object_foreach((json_t *)patch, name, value)
    {
        if (json_is_null(value))
            json_object_del(merged, name);
        else
            json_object_set_new(merged, name, vd_json_merged(json_object_get(merged, name), value));
    }
    return merged;
}

json_t *vd_json_object(const char *text, gsize length, GError **error)
{
    json_error_t wrong;
    json_t *json;

    if (length > VD_MAX_JSON) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT,
                    "the document is too long: %d bytes are allowed", VD_MAX_JSON);
        return NULL;
    }
    json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
    if (json == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "line %d, column %d of the document: %s",
                    wrong.line, wrong.column, reason_of(&wrong));
        return NULL;
    }
    if (json_is_object(json))
        return json;
    json_decref(json);
    refuse(error, "the document is wrong: an object is wanted, as in {\"stream_fps\": 5}");
    return NULL;
}

GBytes *vd_json_bytes(json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));

    json_decref(value);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}
