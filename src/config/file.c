#include "config/file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "config/checks.h"

#include <stdbool.h>
#include <string.h>

static char *password_path(const char *name, GError **error)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

    if (g_path_is_absolute(name))
        return g_strdup(name);
    if (folder != NULL)
        return g_build_filename(folder, name, NULL);
    g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND,
                "there is no credential of this name, since vedetted was started without any: "
                "write LoadCredential=NAME:PATH into the service, or an absolute path here");
    return NULL;
}

char *vd_file_read_password(const char *name, GError **error)
{
    g_autofree char *path = password_path(name, error);
    g_autofree char *text = NULL;
    gsize length;

    if (path == NULL || (text = vd_file_read(path, 4 * VD_MAX_PASSWORD, &length, error)) == NULL)
        return NULL;
    text[strcspn(text, "\r\n")] = '\0';
    if (text[0] == '\0') {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the file's first line is empty");
        return NULL;
    }
    if (!g_utf8_validate(text, -1, NULL)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the file's first line is not valid UTF-8");
        return NULL;
    }
    if (!vd_check_secret(&text, error)) {
        g_prefix_error(error, "the file's first line: ");
        return NULL;
    }
    return g_steal_pointer(&text);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

GPtrArray *vd_file_list_conf(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
    const char *name;

    if (dir == NULL && !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "cannot be read: %s", why->message);
        return NULL;
    }
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (name[0] != '.' && g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(files, by_name);
    return g_steal_pointer(&files);
}
