#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Whole files: read with a bound, replaced at once. Errors do not name the file. [any] */

/* All of a plain file of at most `most` bytes, or NULL with the reason ((transfer full), NUL
 * added).
 */
char *vd_file_read(const char *path, gsize most, gsize *length, GError **error);
/* The same of one that its owner alone may use, who is root or ourselves; VD_ERROR_INVALID else. */
char *vd_file_read_private(const char *path, gsize most, gsize *length, GError **error);

/*
 * A file as it is now, all zero where there is none: to be asked before it is read, so that what is
 * written meanwhile is seen the next time.
 */
struct stat vd_file_look(const char *path); /* (nullable) */
bool vd_file_is_same(const struct stat *one, const struct stat *other);

/* What a file is to consist of. */
typedef struct VdText {
    const char *bytes;
    gsize length;
    mode_t mode;
    const struct stat *owner; /* (nullable) whose user and group it gets; for root */
} VdText;

/*
 * Writes a file in place of what is there, so that after a crash at any moment it is the old or the
 * new one, whole: it is written beside the old one (PATH.new), which it then replaces, and both the
 * file and its folder are synced. It waits for the disk: never call it on the main loop. Two at
 * once in one folder wait for each other. False with *error: the old one is still there, but for
 * the last step, when the new one may get lost with the power, and *error says so.
 */
bool vd_file_replace(const char *path, const VdText *text, GError **error);

/* The system calls that it consists of, for tests to let them fail. */
typedef struct VdFileCalls {
    int (*openat)(int folder, const char *name, int flags, mode_t mode);
    ssize_t (*write)(int fd, const void *data, size_t size);
    int (*fsync)(int fd);
    int (*renameat)(int from_folder, const char *from, int to_folder, const char *to);
} VdFileCalls;
bool vd_file_replace_with(const VdFileCalls *calls, const char *path, const VdText *text,
                          GError **error);
