#include "base/reader.h"

#include "base/limits.h"

#include <stdbool.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Undoes \s \t \n \r \\ in place; false when something else stands behind a backslash. */
static bool unescape(char *value)
{
    static const char letters[] = "stnr\\", meant[] = " \t\n\r\\";
    char *to = value;

    for (const char *from = value; *from != '\0'; from++) {
        if (*from == '\\') {
            const char *letter = from[1] != '\0' ? strchr(letters, from[1]) : NULL;
            if (letter == NULL)
                return false;
            *to++ = meant[letter - letters];
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return true;
}

static const char *read_group(char *line, guint number, const VdReaderEvents *events, void *data)
{
    char *end = strchr(line, ']');

    if (end == NULL || end[1] != '\0')
        return "a group's name ends with ] and nothing stands behind it";
    *end = '\0';
    events->group(g_strstrip(line + 1), number, data);
    return NULL;
}

static const char *read_entry(char *line, guint number, const VdReaderEvents *events, void *data)
{
    char *equals = strchr(line, '=');

    if (equals == NULL)
        return "neither [group], nor option=value, nor # comment";
    *equals = '\0';
    char *key = g_strchomp(line), *value = g_strchug(equals + 1);
    if (key[0] == '\0')
        return "the option's name is missing before the =";
    if (!unescape(value))
        return "only s, t, n, r and \\ may stand behind a backslash: write \\\\ for one itself";
    events->entry(key, value, number, data);
    return NULL;
}

/* One line without its end. Answers what is wrong with it, or NULL. */
static const char *read_line(const char *text, gsize length, guint number,
                             const VdReaderEvents *events, void *data)
{
    if (length > VD_MAX_CONFIG_LINE)
        return "the line is too long: " G_STRINGIFY(VD_MAX_CONFIG_LINE) " bytes are allowed";
    if (memchr(text, '\0', length) != NULL)
        return "the line holds a NUL byte";
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return "the line is not valid UTF-8";
    g_autofree char *copy = g_strndup(text, length);
    char *line = g_strstrip(copy);
    if (line[0] == '\0' || line[0] == '#')
        return NULL;
    return line[0] == '[' ? read_group(line, number, events, data)
                          : read_entry(line, number, events, data);
}

void vd_reader_run(const char *text, gsize length, const VdReaderEvents *events, void *data)
{
    gsize mark = strlen(BYTE_ORDER_MARK);
    gsize at = length >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0 ? mark : 0;

    for (guint number = 1; at < length; number++) {
        const char *end = memchr(text + at, '\n', length - at);
        gsize size = end != NULL ? (gsize)(end - text) - at : length - at;
        const char *wrong = read_line(text + at, size, number, events, data);

        if (wrong != NULL)
            events->error(wrong, number, data);
        at += size + 1;
    }
}
