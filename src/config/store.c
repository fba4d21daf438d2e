#include "config/store.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAD VD_STORE_FILE ".bad"

char *vd_store_folder(const char *wanted, bool usual)
{
    const char *given = g_getenv("STATE_DIRECTORY");

    if (wanted != NULL)
        return g_strdup(wanted);
    if (given != NULL && given[0] != '\0')
        return g_strndup(given, strcspn(given, ":"));
    return usual ? g_strdup(VD_STATEDIR) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

VdChanges *vd_store_read(const char *folder, GPtrArray *errors)
{
    g_autofree char *path = g_build_filename(folder, VD_STORE_FILE, NULL);
    g_autoptr(GError) error = NULL;
    gsize length;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return vd_changes_new();
    g_autofree char *text = vd_file_read(path, VD_MAX_CHANGES, &length, &error);
    if (text != NULL)
        return vd_changes_parse(text, length, path, errors);
    VdConfigError *unread = g_new0(VdConfigError, 1);
    unread->file = g_strdup(path);
    unread->message = g_strdup(error->message);
    g_ptr_array_add(errors, unread);
    return NULL;
}

bool vd_store_set_aside(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, VD_STORE_FILE, NULL);
    g_autofree char *bad = g_build_filename(folder, BAD, NULL);

    if (rename(path, bad) == 0)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s cannot be renamed: %s", path,
                g_strerror(errno));
    return false;
}

/* --- writing ---------------------------------------------------------------------------------- */

bool vd_store_write_with(const VdFileCalls *calls, const char *folder, const char *text,
                         GError **error)
{
    g_autofree char *path = g_build_filename(folder, VD_STORE_FILE, NULL);
    VdText whole = {text, strlen(text), S_IRUSR | S_IWUSR};

    mkdir(folder, S_IRWXU); /* whether it is there shows at once */
    bool good = calls != NULL ? vd_file_replace_with(calls, path, &whole, error)
                              : vd_file_replace(path, &whole, error);
    if (!good)
        g_prefix_error(error, "%s ", path);
    return good;
}

bool vd_store_write(const char *folder, const char *text, GError **error)
{
    return vd_store_write_with(NULL, folder, text, error);
}
