#include "config/effective.h"

#include "base/error.h"
#include "base/limits.h"
#include "config/build.h"
#include "config/file.h"
#include "config/value.h"

#include <string.h>

static const char *const passwords[] = {"password", "password-file", NULL};

/* --- one option ------------------------------------------------------------------------------- */

/* Who of the files' cameras and [defaults] has this value (nullable). */
static const VdCameraConfig *find_holder(const VdConfig *base, const VdOption *option,
                                         const char *text)
{
    for (guint i = 0; i <= base->cameras->len; i++) {
        const VdCameraConfig *one =
            i < base->cameras->len ? base->cameras->pdata[i] : base->defaults;
        g_autofree char *has = vd_option_plain(option, one);

        if (g_str_equal(has, text))
            return one;
    }
    return NULL;
}

static bool apply_password_file(const VdConfig *base, const VdOption *option,
                                VdCameraConfig *camera, const char *name, GError **error)
{
    const VdCameraConfig *holder = find_holder(base, option, name);
    g_autofree char *password = NULL;

    if (name[0] == '\0')
        return vd_option_set(option, camera, name, error);
    if (strchr(name, '/') != NULL && holder == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "allowed are the names of systemd credentials, and paths that a file of the "
                    "configuration names as password-file already");
        return false;
    }
    if (strchr(name, '/') != NULL)
        password = g_strdup(holder->password);
    else if ((password = vd_file_read_password(name, error)) == NULL)
        return false;
    if (!vd_option_set(option, camera, name, error))
        return false;
    g_free(camera->password);
    camera->password = g_steal_pointer(&password);
    return true;
}

/* What the files' author names was read, or will be: it is taken over, and nothing else is. */
static bool apply_file(const VdConfig *base, const VdOption *option, VdCameraConfig *camera,
                       const char *path, GError **error)
{
    const VdCameraConfig *holder = find_holder(base, option, path);

    if (path[0] != '\0' && holder == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "allowed are paths that a file of the configuration names as %s already",
                    option->name);
        return false;
    }
    if (path[0] == '\0')
        vd_option_clear(option, camera);
    else
        vd_option_copy(option, holder, camera);
    return true;
}

static bool names_file(const VdOption *option)
{
    static const char *const names[] = {"tls-ca-file", "detector-model", "detector-names", NULL};

    return g_strv_contains(names, option->name);
}

bool vd_change_apply(const VdConfig *base, const VdOption *option, VdCameraConfig *camera,
                     const char *text, GError **error)
{
    if (g_str_equal(option->name, "password-file"))
        return apply_password_file(base, option, camera, text, error);
    if (names_file(option))
        return apply_file(base, option, camera, text, error);
    if (g_str_equal(option->name, "uri") && text[0] == '\0') {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the value is empty");
        return false;
    }
    return vd_option_set(option, camera, text, error);
}

/* --- one camera ------------------------------------------------------------------------------- */

static void warn(GPtrArray *warnings, const char *id, const char *option, const char *message)
{
    if (warnings == NULL)
        return;
    VdConfigError *warning = g_new0(VdConfigError, 1);

    warning->option = g_strdup_printf("[camera %s]%s%s", id, option[0] != '\0' ? " " : "", option);
    warning->message = g_strdup_printf("%s; the change by API is left out", message);
    g_ptr_array_add(warnings, warning);
}

static bool apply_or_warn(const VdConfig *base, const char *name, VdCameraConfig *camera,
                          const char *id, const char *text, GPtrArray *warnings)
{
    const VdOption *option = vd_option_find("camera", name);
    g_autoptr(GError) error = NULL;

    if (option == NULL) {
        warn(warnings, id, name, "unknown option");
        return false;
    }
    if (!vd_change_apply(base, option, camera, text, &error)) {
        warn(warnings, id, name, error->message);
        return false;
    }
    vd_origin_set(&camera->origins[vd_option_index(option)], VD_ORIGIN_API, NULL, 0);
    return true;
}

/* Of password and its file a change names one, and with it both, as a camera does in a file. */
static void apply_passwords(const VdConfig *base, VdCameraConfig *camera, GHashTable *changes,
                            GPtrArray *warnings)
{
    g_autoptr(VdCameraConfig) pair = vd_camera_config_blank(NULL);
    bool named = false, good = true;

    for (gsize i = 0; passwords[i] != NULL; i++) {
        const char *text = g_hash_table_lookup(changes, passwords[i]);

        named = named || text != NULL;
        good = good && (text == NULL ||
                        apply_or_warn(base, passwords[i], pair, camera->id, text, warnings));
    }
    for (gsize i = 0; named && good && passwords[i] != NULL; i++) {
        const VdOption *option = vd_option_find("camera", passwords[i]);

        vd_option_copy(option, pair, camera);
        vd_origin_set(&camera->origins[vd_option_index(option)], VD_ORIGIN_API, NULL, 0);
    }
}

static void apply_all(const VdConfig *base, VdCameraConfig *camera, GHashTable *changes,
                      GPtrArray *warnings)
{
    GHashTableIter iter;
    void *name, *text;

    apply_passwords(base, camera, changes, warnings);
    g_hash_table_iter_init(&iter, changes);
    while (g_hash_table_iter_next(&iter, &name, &text))
        if (!g_strv_contains(passwords, name) && !g_str_equal(name, VD_CHANGES_DELETED))
            apply_or_warn(base, name, camera, camera->id, text, warnings);
}

VdCameraConfig *vd_camera_config_unchanged(const VdConfig *base, const char *id, bool deleted)
{
    const VdCameraConfig *in_files = deleted ? NULL : vd_config_find(base, id);
    VdCameraConfig *camera = vd_camera_config_copy(in_files != NULL ? in_files : base->defaults);

    g_free(camera->id);
    camera->id = g_strdup(id);
    return camera;
}

VdCameraConfig *vd_camera_config_with(const VdConfig *base, const char *id, GHashTable *changes,
                                      GPtrArray *warnings)
{
    bool deleted = changes != NULL && g_hash_table_contains(changes, VD_CHANGES_DELETED);
    bool in_files = !deleted && vd_config_find(base, id) != NULL;

    if (changes == NULL || (deleted && g_hash_table_size(changes) == 1))
        return in_files ? vd_camera_config_unchanged(base, id, false) : NULL;
    g_autoptr(VdCameraConfig) camera = vd_camera_config_unchanged(base, id, deleted);
    if (!in_files && !g_hash_table_contains(changes, "uri")) {
        warn(warnings, id, "", "the camera stands in no file any more and has no uri of its own");
        return NULL;
    }
    apply_all(base, camera, changes, warnings);
    if (camera->uri == NULL)
        return NULL;
    vd_camera_config_finish(camera);
    return g_steal_pointer(&camera);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void add(VdConfig *config, VdCameraConfig *camera, GPtrArray *warnings)
{
    if (camera == NULL)
        return;
    if (config->cameras->len < VD_MAX_CAMERAS) {
        g_ptr_array_add(config->cameras, camera);
        return;
    }
    warn(warnings, camera->id, "", "too many cameras: " G_STRINGIFY(VD_MAX_CAMERAS) " are allowed");
    vd_camera_config_unref(camera);
}

/* The cameras of the files go first: they stay when all together are too many. */
static void add_from_files(VdConfig *config, const VdConfig *base, const VdChanges *changes,
                           GPtrArray *warnings)
{
    for (guint i = 0; i < base->cameras->len; i++) {
        VdCameraConfig *camera = base->cameras->pdata[i];
        GHashTable *options = vd_changes_find(changes, camera->id);

        if (options == NULL)
            add(config, vd_camera_config_ref(camera), warnings);
        else if (!vd_changes_deleted(changes, camera->id))
            add(config, vd_camera_config_with(base, camera->id, options, warnings), warnings);
    }
}

VdConfig *vd_config_with(const VdConfig *base, const VdChanges *changes, GPtrArray *warnings)
{
    VdConfig *config = vd_config_without_cameras(base);
    g_autoptr(GPtrArray) ids = vd_changes_ids(changes);

    add_from_files(config, base, changes, warnings);
    for (guint i = 0; i < ids->len; i++) {
        const char *id = ids->pdata[i];

        if (vd_changes_deleted(changes, id) || vd_config_find(base, id) == NULL)
            add(config, vd_camera_config_with(base, id, vd_changes_find(changes, id), warnings),
                warnings);
    }
    vd_config_finish(config);
    return config;
}
