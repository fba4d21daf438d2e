#pragma once

#include <glib.h>

/* The process's file descriptors. */

/*
 * Opens /dev/null for each of the standard ones that is closed: the next files would be opened in
 * their place, and log lines written into viewers' connections. Before anything is opened.
 */
void vd_files_hold_standard(void);

/*
 * Takes as many as the system allows: shells and services begin with 1024, which so many
 * connections, `viewers` among them, and cameras may need more than. Warns when it stays too few.
 */
void vd_files_raise(guint connections, guint viewers, guint cameras);
