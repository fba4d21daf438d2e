#include "config/lines-json.h"

#include "base/error.h"
#include "config/checks.h"
#include "config/shapes-json.h"

#include <string.h>

json_t *vd_lines_json(const VdLines *lines)
{
    json_t *object = json_object();

    for (guint i = 0; lines != NULL && i < lines->count; i++) {
        const VdLine *line = &lines->each[i];

        json_object_set_new(object, line->name,
                            json_pack("{s:o,s:s}", "points", vd_points_json(&line->course),
                                      "direction", vd_ways_name(line->ways)));
    }
    return object;
}

static bool append(GString *text, guint member, const json_t *value, GError **error)
{
    const char *way = json_string_value(value);

    if (way == NULL || strpbrk(way, " \t:;") != NULL || way[0] == '\0')
        return vd_refuse(error, "direction: \"in\", \"out\" or \"both\" is wanted");
    g_string_append_printf(text, " %s", way);
    return true;
}

char *vd_lines_text_of_json(const json_t *value, GError **error)
{
    static const char *const members[] = {"points", "direction", NULL};
    static const VdShapeKind kind = {
        "line", "gate", members, "points and direction", 2, vd_check_line_name, append,
    };

    return vd_shapes_text_of_json(&kind, value, error);
}
