#pragma once

#include <glib.h>

/* Passwords and folders that the configuration names. */

/*
 * The first line of a password's file. A name without / is looked up in $CREDENTIALS_DIRECTORY.
 * Neither the password nor a part of it is in the error. (transfer full)
 */
char *vd_file_read_password(const char *name, GError **error);

/* Paths of the files in a folder that end with .conf, sorted; NULL with *error when it exists and
 * cannot be read. No folder: no files. (transfer full) */
GPtrArray *vd_file_list_conf(const char *folder, GError **error);
