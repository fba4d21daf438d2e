#include "config/value.h"

#include "base/error.h"
#include "base/uri.h"
#include "base/words.h"
#include "config/lines.h"
#include "config/nearest.h"
#include "config/polygons.h"
#include "config/zones.h"

#include <string.h>

static const char *const yes[] = {"true", "yes", "on", "1", NULL};
static const char *const no[] = {"false", "no", "off", "0", NULL};

static void *field(const VdOption *option, const void *owner)
{
    return (char *)owner + option->offset;
}

/* People write comments behind values, where they are not comments. */
static const char *comment_hint(const char *text)
{
    return strstr(text, " #") != NULL ? "; comments stand on lines of their own" : "";
}

static bool set_bool(bool *value, const char *text, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    if (g_strv_contains(yes, lower) || g_strv_contains(no, lower)) {
        *value = g_strv_contains(yes, lower);
        return true;
    }
    g_autofree char *wrong = vd_shown(text);
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s is neither true nor false%s", wrong,
                comment_hint(text));
    return false;
}

static bool set_int(const VdOption *option, int *value, const char *text, GError **error)
{
    g_autoptr(GError) why = NULL;
    const char *unit = option->unit[0] != '\0' ? option->unit : NULL;
    gint64 number;

    if (g_ascii_string_to_signed(text, 10, option->min, option->max, &number, &why)) {
        *value = (int)number;
        return true;
    }
    bool outside = g_error_matches(why, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS);
    g_autofree char *wrong = vd_shown(text);
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s is %s: allowed are %d to %d%s%s%s%s", wrong,
                outside ? "out of range" : "not a whole number", option->min, option->max,
                unit != NULL ? " (" : "", unit != NULL ? unit : "",
                unit == NULL ? ""
                : outside    ? ")"
                             : "; the unit is not written)",
                comment_hint(text));
    return false;
}

/* The index of text in the option's values, or -1 with *error. */
static int find_value(const VdOption *option, const char *text, GError **error)
{
    for (int i = 0; option->values[i] != NULL; i++)
        if (g_str_equal(option->values[i], text))
            return i;
    g_autofree char *wrong = vd_shown(text);
    g_autofree char *allowed = g_strjoinv(", ", (char **)option->values);
    g_autofree char *hint = vd_word_hint(text, option->values);
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s is unknown%s: allowed are %s%s", wrong, hint,
                allowed, comment_hint(text));
    return -1;
}

static bool set_enum(const VdOption *option, guint *value, const char *text, GError **error)
{
    int index = find_value(option, text, error);

    if (index >= 0)
        *value = (guint)index;
    return index >= 0;
}

static bool set_string(const VdOption *option, char **value, const char *text, GError **error)
{
    g_autofree char *given = g_strdup(text);

    if (text[0] == '\0' && option->preset[0] != '\0') {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "the value is empty: leave the line out for the default");
        return false;
    }
    if (option->values != NULL && find_value(option, text, error) < 0)
        return false;
    if (text[0] != '\0' && option->check != NULL && !option->check(&given, error))
        return false;
    g_free(*value);
    *value = given[0] != '\0' ? g_steal_pointer(&given) : NULL;
    return true;
}

static bool set_polygons(VdCameraConfig *camera, const char *text, GError **error)
{
    VdPolygon *polygons;
    guint count;

    if (!vd_polygons_parse(text, &polygons, &count, error))
        return false;
    vd_polygons_free(camera->masks, camera->n_masks);
    camera->masks = polygons;
    camera->n_masks = count;
    return true;
}

static bool set_zones(VdZones **value, const char *text, GError **error)
{
    VdZones *zones;

    if (!vd_zones_parse(text, &zones, error))
        return false;
    vd_zones_unref(*value);
    *value = zones;
    return true;
}

static bool set_lines(VdLines **value, const char *text, GError **error)
{
    VdLines *lines;

    if (!vd_lines_parse(text, &lines, error))
        return false;
    vd_lines_unref(*value);
    *value = lines;
    return true;
}

bool vd_option_set(const VdOption *option, void *owner, const char *text, GError **error)
{
    switch (option->type) {
    case VD_OPTION_BOOL:
        return set_bool(field(option, owner), text, error);
    case VD_OPTION_INT:
        return set_int(option, field(option, owner), text, error);
    case VD_OPTION_ENUM:
        return set_enum(option, field(option, owner), text, error);
    case VD_OPTION_STRING:
    case VD_OPTION_URI:
        return set_string(option, field(option, owner), text, error);
    case VD_OPTION_POLYGONS:
        return set_polygons(owner, text, error);
    case VD_OPTION_ZONES:
        return set_zones(field(option, owner), text, error);
    case VD_OPTION_LINES:
        return set_lines(field(option, owner), text, error);
    }
    g_return_val_if_reached(false);
}

void vd_option_set_preset(const VdOption *option, void *owner)
{
    g_autoptr(GError) error = NULL;

    if (!vd_option_set(option, owner, option->preset, &error))
        g_error("the default of %s=: %s", option->name, error->message);
}

void vd_option_copy(const VdOption *option, const void *from, void *to)
{
    const VdCameraConfig *camera = from;

    vd_option_clear(option, to);
    switch (option->type) {
    case VD_OPTION_BOOL:
        *(bool *)field(option, to) = *(bool *)field(option, from);
        break;
    case VD_OPTION_INT:
    case VD_OPTION_ENUM:
        *(int *)field(option, to) = *(int *)field(option, from);
        break;
    case VD_OPTION_STRING:
    case VD_OPTION_URI:
        *(char **)field(option, to) = g_strdup(*(char **)field(option, from));
        break;
    case VD_OPTION_POLYGONS:
        ((VdCameraConfig *)to)->masks = vd_polygons_copy(camera->masks, camera->n_masks);
        ((VdCameraConfig *)to)->n_masks = camera->n_masks;
        break;
    case VD_OPTION_ZONES:
        *(VdZones **)field(option, to) = vd_zones_ref(*(VdZones **)field(option, from));
        break;
    case VD_OPTION_LINES:
        *(VdLines **)field(option, to) = vd_lines_ref(*(VdLines **)field(option, from));
        break;
    }
}

bool vd_option_equal(const VdOption *option, const void *a, const void *b)
{
    const VdCameraConfig *one = a, *two = b;

    switch (option->type) {
    case VD_OPTION_BOOL:
        return *(bool *)field(option, a) == *(bool *)field(option, b);
    case VD_OPTION_INT:
    case VD_OPTION_ENUM:
        return *(int *)field(option, a) == *(int *)field(option, b);
    case VD_OPTION_STRING:
    case VD_OPTION_URI:
        return g_strcmp0(*(char **)field(option, a), *(char **)field(option, b)) == 0;
    case VD_OPTION_POLYGONS:
        return vd_polygons_equal(one->masks, one->n_masks, two->masks, two->n_masks);
    case VD_OPTION_ZONES:
        return vd_zones_equal(*(VdZones **)field(option, a), *(VdZones **)field(option, b));
    case VD_OPTION_LINES:
        return vd_lines_equal(*(VdLines **)field(option, a), *(VdLines **)field(option, b));
    }
    g_return_val_if_reached(false);
}

void vd_option_clear(const VdOption *option, void *owner)
{
    VdCameraConfig *camera = owner;

    if (option->type == VD_OPTION_STRING || option->type == VD_OPTION_URI) {
        g_clear_pointer((char **)field(option, owner), g_free);
    } else if (option->type == VD_OPTION_POLYGONS) {
        vd_polygons_free(g_steal_pointer(&camera->masks), camera->n_masks);
        camera->n_masks = 0;
    } else if (option->type == VD_OPTION_ZONES) {
        g_clear_pointer((VdZones **)field(option, owner), vd_zones_unref);
    } else if (option->type == VD_OPTION_LINES) {
        g_clear_pointer((VdLines **)field(option, owner), vd_lines_unref);
    }
}

char *vd_option_plain(const VdOption *option, const void *owner)
{
    const VdCameraConfig *camera = owner;
    const void *value = field(option, owner);

    switch (option->type) {
    case VD_OPTION_BOOL:
        return g_strdup(*(const bool *)value ? "true" : "false");
    case VD_OPTION_INT:
        return g_strdup_printf("%d", *(const int *)value);
    case VD_OPTION_ENUM:
        return g_strdup(option->values[*(const guint *)value]);
    case VD_OPTION_STRING:
    case VD_OPTION_URI:
        return g_strdup(*(char *const *)value != NULL ? *(char *const *)value : "");
    case VD_OPTION_POLYGONS:
        return vd_polygons_text(camera->masks, camera->n_masks);
    case VD_OPTION_ZONES:
        return vd_zones_text(*(VdZones *const *)value);
    case VD_OPTION_LINES:
        return vd_lines_text(*(VdLines *const *)value);
    }
    g_return_val_if_reached(NULL);
}

char *vd_option_text(const VdOption *option, const void *owner)
{
    g_autofree char *text = vd_option_plain(option, owner);

    if (option->secret && text[0] != '\0')
        return g_strdup("***");
    return option->type == VD_OPTION_URI ? vd_redact_uri(text) : g_steal_pointer(&text);
}
