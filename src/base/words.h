#pragma once

#include <glib.h>

/* "1 camera", "2 cameras"; thing is one that takes an s (transfer full). [any] */
char *vd_counted(guint count, const char *thing);

/*
 * A wrong value for a message: in quotes, short, on one line, without what looks like a secret
 * (transfer full). [any]
 */
char *vd_shown(const char *text);
