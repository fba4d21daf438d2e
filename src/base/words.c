#include "base/words.h"

#include "base/uri.h"

#include <string.h>

enum { MAX_SHOWN = 60 };

char *vd_counted(guint count, const char *thing)
{
    return g_strdup_printf("%u %s%s", count, thing, count == 1 ? "" : "s");
}

char *vd_shown(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *redacted = vd_redact_text(valid);
    g_autofree char *head = g_utf8_strlen(redacted, -1) > MAX_SHOWN
                                ? g_utf8_substring(redacted, 0, MAX_SHOWN)
                                : g_strdup(redacted);

    for (char *c = head; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = '?';
    return g_strdup_printf("'%s%s'", head, strlen(head) < strlen(redacted) ? "..." : "");
}

char **vd_words_missing(const char *list, const char *const *known)
{
    g_auto(GStrv) words = g_strsplit(list != NULL ? list : "", ",", -1);
    g_autoptr(GStrvBuilder) missing = g_strv_builder_new();

    for (guint i = 0; words[i] != NULL; i++)
        if (g_strstrip(words[i])[0] != '\0' && !g_strv_contains(known, words[i]))
            g_strv_builder_add(missing, words[i]);
    g_auto(GStrv) found = g_strv_builder_end(missing);
    return found[0] != NULL ? g_steal_pointer(&found) : NULL;
}

bool vd_matches_any(const char *const *patterns, const char *text)
{
    for (; *patterns != NULL; patterns++)
        if (g_pattern_match_simple(*patterns, text))
            return true;
    return false;
}
