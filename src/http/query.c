#include "http/query.h"

#include <string.h>

char *vd_percent_decode(const char *text, gsize length, bool plus_is_space)
{
    g_autoptr(GString) out = g_string_sized_new(length);

    for (gsize i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            if (length - i < 3 || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2]))
                return NULL;
            c = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        g_string_append_c(out, c);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool vd_query_next(const char **rest, char **name, char **value)
{
    const char *start = *rest;

    while (*start == '&')
        start++;
    if (*start == '\0')
        return false;
    gsize length = strcspn(start, "&");
    const char *equals = memchr(start, '=', length);
    gsize name_length = equals != NULL ? (gsize)(equals - start) : length;

    *name = vd_percent_decode(start, name_length, true);
    *value = equals != NULL ? vd_percent_decode(equals + 1, length - name_length - 1, true)
                            : g_strdup("");
    *rest = start + length;
    return true;
}
