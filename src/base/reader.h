#pragma once

#include <glib.h>

/*
 * Lines of GKeyFile's format: "[group]", "key=value", "# comment". Our own reader because GKeyFile
 * stops at the first error, and tells neither lines nor what was given twice. As there, values may
 * hold \s (blank), \t, \n, \r and \\; other than there, blanks at their end do not count.
 * The texts are valid UTF-8 and live only during the call.
 */
typedef struct VdReaderEvents {
    void (*group)(const char *name, guint line, void *data);
    void (*entry)(const char *key, const char *value, guint line, void *data);
    /* What was wrong with a line, which is left out. Never quotes the line: it may hold a secret.
     */
    void (*error)(const char *message, guint line, void *data);
} VdReaderEvents;

void vd_reader_run(const char *text, gsize length, const VdReaderEvents *events, void *data);
