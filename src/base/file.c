#include "base/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static void set_errno(GError **error, int number)
{
    g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "cannot be read: %s", g_strerror(number));
}

/* Until the end or one byte more than `most`. */
static bool read_all(int fd, GString *text, gsize most, GError **error)
{
    char chunk[4096];
    gssize got;

    while (text->len <= most) {
        got = read(fd, chunk, sizeof chunk);
        if (got == 0)
            return true;
        if (got > 0)
            g_string_append_len(text, chunk, got);
        else if (errno != EINTR) {
            set_errno(error, errno);
            return false;
        }
    }
    g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "too large: %zu bytes are allowed", most);
    return false;
}

/*
 * Only a plain file: a named pipe or a terminal would wait for somebody, and with it the main loop
 * that reads everything again.
 */
static int open_plain(const char *path, bool private, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0) {
        set_errno(error, errno);
    } else if (!S_ISREG(status.st_mode)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "cannot be read: it is not a plain file");
    } else if (private && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "others than its owner may use it (mode %04o): chmod 600 is needed",
                    status.st_mode & 07777);
    } else if (private && status.st_uid != geteuid() && status.st_uid != 0) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "its owner is neither root nor the user that vedetted runs as");
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static char *read_file(const char *path, bool private, gsize most, gsize *length, GError **error)
{
    int fd = open_plain(path, private, error);

    if (fd < 0)
        return NULL;
    GString *text = g_string_new(NULL);
    bool good = read_all(fd, text, most, error);
    close(fd);
    *length = text->len;
    return g_string_free(text, !good);
}

char *vd_file_read(const char *path, gsize most, gsize *length, GError **error)
{
    return read_file(path, false, most, length, error);
}

char *vd_file_read_private(const char *path, gsize most, gsize *length, GError **error)
{
    return read_file(path, true, most, length, error);
}

struct stat vd_file_look(const char *path)
{
    struct stat status = {0};

    if (path == NULL || stat(path, &status) < 0)
        return (struct stat){0};
    return status;
}

bool vd_file_is_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
           one->st_size == other->st_size && one->st_mode == other->st_mode &&
           one->st_uid == other->st_uid && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
           one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static int open_at(int folder, const char *name, int flags, mode_t mode)
{
    return openat(folder, name, flags, mode);
}

static bool write_all(const VdFileCalls *calls, int fd, const char *bytes, gsize length)
{
    while (length > 0) {
        gssize done = calls->write(fd, bytes, length);

        if (done < 0 && errno != EINTR)
            return false;
        bytes += MAX(done, 0);
        length -= (gsize)MAX(done, 0);
    }
    return true;
}

/* The new file, whole and on the disk, under a name that nobody reads. */
static bool write_beside(const VdFileCalls *calls, int folder, const char *name, const VdText *text)
{
    unlinkat(folder, name, 0); /* of a writer that did not come to its end */
    int fd = calls->openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                           text->mode);
    if (fd < 0)
        return false;
    bool good =
        (text->owner == NULL || fchown(fd, text->owner->st_uid, text->owner->st_gid) == 0) &&
        fchmod(fd, text->mode) == 0 && write_all(calls, fd, text->bytes, text->length) &&
        calls->fsync(fd) == 0;
    int why = errno;
    close(fd);
    errno = why;
    return good;
}

static bool refuse(GError **error, const char *what)
{
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s: %s", what, g_strerror(errno));
    return false;
}

static bool replace(const VdFileCalls *calls, int folder, const char *name, const VdText *text,
                    GError **error)
{
    g_autofree char *beside = g_strconcat(name, ".new", NULL);

    if (write_beside(calls, folder, beside, text) &&
        calls->renameat(folder, beside, folder, name) == 0)
        return calls->fsync(folder) == 0 ||
               refuse(error, "is written, but may get lost when the power does");
    refuse(error, "cannot be written");
    unlinkat(folder, beside, 0);
    return false;
}

bool vd_file_replace_with(const VdFileCalls *calls, const char *path, const VdText *text,
                          GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    int fd = calls->openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

    if (fd < 0)
        return refuse(error, "cannot be written");
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    bool good = replace(calls, fd, name, text, error);
    close(fd);
    return good;
}

bool vd_file_replace(const char *path, const VdText *text, GError **error)
{
    static const VdFileCalls calls = {open_at, write, fsync, renameat};

    return vd_file_replace_with(&calls, path, text, error);
}
