#pragma once

#include <glib.h>

/* "1 camera", "2 cameras"; thing is one that takes an s (transfer full). [any] */
char *vd_counted(guint count, const char *thing);
