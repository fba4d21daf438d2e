#pragma once

#include "base/file.h"
#include "config/changes.h"

/*
 * Where the changes are kept over a restart: a folder's changes.conf. It holds secrets: mode 0600.
 */
#define VD_STORE_FILE "changes.conf"

/* The folder: what the command line says, else the first one that systemd gives
 * ($STATE_DIRECTORY), else the usual one; NULL where that is not meant, because a configuration
 * other than the usual one is used. wanted: (nullable) (transfer full) */
char *vd_store_folder(const char *wanted, bool usual);

/* What is kept; nothing is changed where there is no file. NULL with errors (VdConfigError) when it
 * is damaged or cannot be read. */
VdChanges *vd_store_read(const char *folder, GPtrArray *errors);
/* Keeps a damaged file as changes.conf.bad, so that the next write does not replace it. */
bool vd_store_set_aside(const char *folder, GError **error);

/* Writes a text in place of what is there, as vd_file_replace() does, whose contract this is too;
 * makes the folder, but not its parents. [any] */
bool vd_store_write(const char *folder, const char *text, GError **error);

/* The same by other system calls, for tests to let them fail. calls: (nullable) the usual ones */
bool vd_store_write_with(const VdFileCalls *calls, const char *folder, const char *text,
                         GError **error);
