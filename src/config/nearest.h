#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Mistyped words. The distance is Damerau's and Levenshtein's: letters left out, put in, changed or
 * swapped with their neighbour. Case does not count, nor which of - and _ is written.
 */
guint vd_word_distance(const char *a, const char *b);

/* Whether it may be quoted: letters, digits, - and _, and not many. */
bool vd_word_is_name(const char *word);
/* Of NULL-terminated `words` the one nearest to word, or NULL when none is near. */
const char *vd_word_nearest(const char *word, const char *const *words);
/* " (did you mean 'nearest'?)", or "" when none is near, for a message (transfer full). */
char *vd_word_hint(const char *word, const char *const *words);
