#pragma once

#include <glib.h>
#include <stdbool.h>

/* "1 camera", "2 cameras"; thing is one that takes an s (transfer full). [any] */
char *vd_counted(guint count, const char *thing);

/*
 * A wrong value for a message: in quotes, short, on one line, without what looks like a secret
 * (transfer full). [any]
 */
char *vd_shown(const char *text);

/*
 * Those of a list "a, b" (nullable) that are not in `known`, in their order; without any NULL
 * (transfer full). [any]
 */
char **vd_words_missing(const char *list, const char *const *known);

/* Whether text is what one of the patterns says, in which * and ? stand for anything and any
 * character. [any] */
bool vd_matches_any(const char *const *patterns, const char *text);
