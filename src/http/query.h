#pragma once

#include <glib.h>
#include <stdbool.h>

/* "%41+b" -> "A b" (plus_is_space) or "A+b"; NULL when an escape is broken or gives a NUL. */
char *vd_percent_decode(const char *text, gsize length, bool plus_is_space);

/* The next name=value of a query; *rest moves on. False at its end; a broken escape gives NULLs. */
bool vd_query_next(const char **rest, char **name, char **value);
