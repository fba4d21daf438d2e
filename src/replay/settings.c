#include "replay/settings.h"

#include "base/error.h"

/* Nobody connects there. */
#define NOWHERE "file:///dev/null"

static VdConfig *load(const char *file, GError **error)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    VdConfig *config = vd_config_load(file, true, errors);

    if (config == NULL) {
        g_autofree char *text = vd_config_error_text(errors->pdata[0]);
        vd_refuse(error, "%s", text);
    }
    return config;
}

static const VdCameraConfig *find(const VdConfig *config, const char *id)
{
    if (id != NULL)
        return vd_config_find(config, id);
    return config->cameras->len > 0 ? config->cameras->pdata[0] : config->defaults;
}

VdCameraConfig *vd_replay_settings(const char *file, const char *id, GError **error)
{
    if (file == NULL)
        return vd_camera_config_new("replay", NOWHERE, error);
    g_autoptr(VdConfig) config = load(file, error);
    if (config == NULL)
        return NULL;
    const VdCameraConfig *camera = find(config, id);
    if (camera == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "%s has no camera %s", file, id);
    } else if (!camera->analysis) {
        vd_refuse(error, "%s: analysis=false: motion is not looked for", file);
    } else {
        return vd_camera_config_ref((VdCameraConfig *)camera);
    }
    return NULL;
}
