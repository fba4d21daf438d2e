#include "config/lines.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/words.h"
#include "config/checks.h"
#include "config/nearest.h"
#include "config/polygons.h"

#include <string.h>

#define BLANKS " \t"

static const char *const words[] = {"in", "out", "both", NULL}; /* VdWays - 1 */

/* --- from a text ------------------------------------------------------------------------------ */

static bool parse_word(VdLine *line, const char *word, GError **error)
{
    for (guint i = 0; words[i] != NULL; i++)
        if (g_str_equal(words[i], word)) {
            line->ways = (VdWays)(i + 1);
            return true;
        }
    g_autofree char *shown = vd_shown(word);
    g_autofree char *hint = vd_word_hint(word, words);
    return vd_refuse(error, "line '%s': %s is unknown%s: allowed are in, out and both", line->name,
                     shown, hint);
}

static bool take_name(const VdLines *lines, VdLine *line, const char *name, GError **error)
{
    if (!vd_check_line_name(name, error)) {
        g_prefix_error(error, "the name of line %u is wrong: ", lines->count + 1);
        return false;
    }
    for (guint i = 0; i < lines->count; i++)
        if (g_str_equal(lines->each[i].name, name))
            return vd_refuse(error, "line '%s' is there twice: each has a name of its own", name);
    line->name = g_strdup(name);
    return true;
}

/* "NAME word" in front of the : */
static bool parse_head(const VdLines *lines, VdLine *line, char *head, GError **error)
{
    g_auto(GStrv) parts = g_strsplit_set(head, BLANKS, -1);
    bool good = true;

    for (gsize i = 0; good && parts[i] != NULL; i++) {
        if (parts[i][0] == '\0')
            continue;
        good = line->name == NULL ? take_name(lines, line, parts[i], error)
                                  : parse_word(line, parts[i], error);
    }
    if (good && line->name == NULL)
        return vd_refuse(error, "line %u has no name: write NAME: and its points",
                         lines->count + 1);
    return good;
}

/* The one at *text up to the ; or the end. */
static bool parse_line(const char **text, const VdLines *lines, VdLine *line, GError **error)
{
    gsize length = strcspn(*text, ":;");
    g_autofree char *head = g_strndup(*text, length);

    line->ways = VD_WAY_BOTH;
    if (lines->count == VD_MAX_LINES)
        return vd_refuse(error, "too many lines: %d are allowed", VD_MAX_LINES);
    if (!parse_head(lines, line, head, error))
        return false;
    if ((*text)[length] != ':')
        return vd_refuse(error, "line '%s' has no points: write them behind a :", line->name);
    g_autofree char *what = g_strdup_printf("line '%s'", line->name);
    *text += length + 1;
    return vd_course_parse(text, what, &line->course, error);
}

static VdLines *blank(void)
{
    VdLines *lines = g_malloc0(sizeof *lines + VD_MAX_LINES * sizeof lines->each[0]);

    g_atomic_ref_count_init(&lines->refs);
    return lines;
}

static void clear_line(VdLine *line)
{
    g_free(line->name);
    g_free(line->course.points);
}

bool vd_lines_parse(const char *text, VdLines **lines, GError **error)
{
    g_autoptr(VdLines) made = blank();

    for (text += strspn(text, BLANKS); *text != '\0'; text += strspn(text, BLANKS)) {
        VdLine line = {0};

        if (!parse_line(&text, made, &line, error)) {
            clear_line(&line);
            return false;
        }
        made->each[made->count++] = line;
        text += *text == ';';
    }
    *lines = made->count > 0 ? g_steal_pointer(&made) : NULL;
    return true;
}

/* --- to a text -------------------------------------------------------------------------------- */

const char *vd_ways_name(VdWays ways)
{
    return words[ways - 1];
}

char *vd_lines_text(const VdLines *lines)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; lines != NULL && i < lines->count; i++) {
        const VdLine *line = &lines->each[i];

        g_string_append_printf(out, "%s%s", i > 0 ? "; " : "", line->name);
        if (line->ways != VD_WAY_BOTH)
            g_string_append_printf(out, " %s", vd_ways_name(line->ways));
        g_string_append(out, ": ");
        vd_polygon_append(&line->course, out);
    }
    return g_string_free(out, FALSE);
}

/* --- the object ------------------------------------------------------------------------------- */

bool vd_lines_equal(const VdLines *a, const VdLines *b)
{
    if (a == NULL || b == NULL || a->count != b->count)
        return a == b;
    for (guint i = 0; i < a->count; i++)
        if (!g_str_equal(a->each[i].name, b->each[i].name) || a->each[i].ways != b->each[i].ways ||
            !vd_polygon_equal(&a->each[i].course, &b->each[i].course))
            return false;
    return true;
}

VdLines *vd_lines_ref(VdLines *lines)
{
    if (lines != NULL)
        g_atomic_ref_count_inc(&lines->refs);
    return lines;
}

void vd_lines_unref(VdLines *lines)
{
    if (lines == NULL || !g_atomic_ref_count_dec(&lines->refs))
        return;
    for (guint i = 0; i < lines->count; i++)
        clear_line(&lines->each[i]);
    g_free(lines);
}
