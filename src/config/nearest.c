#include "config/nearest.h"

#include <string.h>

enum {
    MAX_WORD = 48, /* longer ones resemble nothing */
    MAX_NAME = 40,
};

static char plain(char letter)
{
    return letter == '_' ? '-' : g_ascii_tolower(letter);
}

guint vd_word_distance(const char *a, const char *b)
{
    gsize n = strlen(a), m = strlen(b);
    guint rows[3][MAX_WORD + 1];
    guint *before = rows[0], *last = rows[1], *now = rows[2];

    if (n > MAX_WORD || m > MAX_WORD)
        return (guint)MAX(n, m);
    for (gsize j = 0; j <= m; j++)
        last[j] = (guint)j;
    for (gsize i = 1; i <= n; i++) {
        now[0] = (guint)i;
        for (gsize j = 1; j <= m; j++) {
            bool equal = plain(a[i - 1]) == plain(b[j - 1]);

            now[j] = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + !equal);
            if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) &&
                plain(a[i - 2]) == plain(b[j - 1]))
                now[j] = MIN(now[j], before[j - 2] + 1);
        }
        guint *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[m];
}

bool vd_word_is_name(const char *word)
{
    gsize length = strlen(word);

    return length > 0 && length <= MAX_NAME &&
           word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] ==
               '\0';
}

const char *vd_word_nearest(const char *word, const char *const *words)
{
    gsize length = strlen(word);
    guint least = ((guint)length + 1) / 3;
    const char *nearest = NULL;

    for (gsize i = 0; words[i] != NULL; i++) {
        guint distance = vd_word_distance(word, words[i]);

        if (distance <= least && distance < length) {
            nearest = words[i];
            least = distance - (distance > 0);
        }
    }
    /* Half of a name: "latency" for "latency-ms". */
    for (gsize i = 0; nearest == NULL && length >= 3 && words[i] != NULL; i++)
        if (strstr(words[i], word) != NULL)
            nearest = words[i];
    return nearest;
}

char *vd_word_hint(const char *word, const char *const *words)
{
    const char *nearest = vd_word_nearest(word, words);

    return nearest != NULL ? g_strdup_printf(" (did you mean '%s'?)", nearest) : g_strdup("");
}
