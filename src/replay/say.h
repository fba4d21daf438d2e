#pragma once

#include <glib.h>
#include <jansson.h>

/*
 * What is told goes to standard output, a JSON object a line: docs/vedettectl.1 says which there
 * are. The same recording and settings give the same bytes. [any thread, one at a time]
 */
void vd_say(json_t *line); /* (transfer full) */
/* As bytes, with the newline (transfer full). */
char *vd_say_text(const json_t *line);

json_t *vd_say_seconds(gint64 us); /* to a thousandth */
/* To a ten-thousandth; null where nothing is counted of. */
json_t *vd_say_ratio(guint64 count, guint64 of);
