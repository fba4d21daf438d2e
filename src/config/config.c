#include "config/config.h"

#include "base/error.h"
#include "base/limits.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/value.h"

static void for_each(const char *group, void (*act)(const VdOption *, void *), void *owner)
{
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, group))
            act(&options[i], owner);
}

void vd_origin_set(VdOrigin *origin, VdOriginKind kind, char *file, guint line)
{
    char *before = origin->file;

    *origin = (VdOrigin){kind, file != NULL ? g_ref_string_acquire(file) : NULL, line};
    g_clear_pointer(&before, g_ref_string_release);
}

VdCameraConfig *vd_camera_config_blank(const char *id)
{
    VdCameraConfig *camera = g_new0(VdCameraConfig, 1);

    g_atomic_ref_count_init(&camera->refs);
    camera->id = g_strdup(id);
    for_each("camera", vd_option_set_preset, camera);
    camera->origins = g_new0(VdOrigin, vd_n_options());
    return camera;
}

void vd_camera_config_finish(VdCameraConfig *camera)
{
    if (camera->name == NULL)
        camera->name = g_strdup(camera->id);
}

VdWebhookConfig *vd_webhook_config_blank(const char *id)
{
    VdWebhookConfig *webhook = g_new0(VdWebhookConfig, 1);

    g_atomic_ref_count_init(&webhook->refs);
    webhook->id = g_strdup(id);
    for_each("webhook", vd_option_set_preset, webhook);
    return webhook;
}

VdWebhookConfig *vd_webhook_config_ref(VdWebhookConfig *webhook)
{
    g_atomic_ref_count_inc(&webhook->refs);
    return webhook;
}

void vd_webhook_config_unref(VdWebhookConfig *webhook)
{
    if (webhook == NULL || !g_atomic_ref_count_dec(&webhook->refs))
        return;
    for_each("webhook", vd_option_clear, webhook);
    g_free(webhook->id);
    g_free(webhook);
}

VdConfig *vd_config_blank(void)
{
    VdConfig *config = g_new0(VdConfig, 1);

    config->cameras = g_ptr_array_new_with_free_func((GDestroyNotify)vd_camera_config_unref);
    config->defaults = vd_camera_config_blank(NULL);
    config->webhooks = g_ptr_array_new_with_free_func((GDestroyNotify)vd_webhook_config_unref);
    for_each("vedette", vd_option_set_preset, config);
    for_each("mqtt", vd_option_set_preset, config);
    return config;
}

VdConfig *vd_config_without_cameras(const VdConfig *config)
{
    VdConfig *bare = vd_config_blank();
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, "vedette") || g_str_equal(options[i].group, "mqtt"))
            vd_option_copy(&options[i], config, bare);
    g_ptr_array_unref(bare->webhooks);
    bare->webhooks = g_ptr_array_ref(config->webhooks);
    vd_camera_config_unref(bare->defaults);
    bare->defaults = vd_camera_config_ref(config->defaults);
    return bare;
}

static int by_id(gconstpointer a, gconstpointer b)
{
    const VdCameraConfig *one = *(VdCameraConfig *const *)a, *two = *(VdCameraConfig *const *)b;

    return g_strcmp0(one->id, two->id);
}

void vd_config_finish(VdConfig *config)
{
    g_ptr_array_sort(config->cameras, by_id);
}

VdCameraConfig *vd_camera_config_new(const char *id, const char *uri, GError **error)
{
    g_autoptr(VdCameraConfig) camera = NULL;

    if (!vd_check_id(id, error))
        return NULL;
    camera = vd_camera_config_blank(id);
    if (uri[0] == '\0') {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the URI is empty");
        return NULL;
    }
    if (!vd_option_set(vd_option_find("camera", "uri"), camera, uri, error))
        return NULL;
    vd_camera_config_finish(camera);
    return g_steal_pointer(&camera);
}

VdConfig *vd_config_new(GPtrArray *cameras)
{
    VdConfig *config = vd_config_blank();

    for (guint i = 0; i < cameras->len; i++)
        g_ptr_array_add(config->cameras, vd_camera_config_ref(cameras->pdata[i]));
    vd_config_finish(config);
    return config;
}

void vd_config_free(VdConfig *config)
{
    if (config == NULL)
        return;
    for_each("vedette", vd_option_clear, config);
    for_each("mqtt", vd_option_clear, config);
    g_ptr_array_unref(config->webhooks);
    g_ptr_array_unref(config->cameras);
    vd_camera_config_unref(config->defaults);
    g_free(config);
}

VdCameraConfig *vd_camera_config_copy(const VdCameraConfig *camera)
{
    VdCameraConfig *copy = vd_camera_config_blank(camera->id);
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, "camera"))
            vd_option_copy(&options[i], camera, copy);
    for (guint i = 0; i < count; i++)
        vd_origin_set(&copy->origins[i], camera->origins[i].kind, camera->origins[i].file,
                      camera->origins[i].line);
    return copy;
}

VdCameraConfig *vd_camera_config_ref(VdCameraConfig *camera)
{
    g_atomic_ref_count_inc(&camera->refs);
    return camera;
}

void vd_camera_config_unref(VdCameraConfig *camera)
{
    if (camera == NULL || !g_atomic_ref_count_dec(&camera->refs))
        return;
    for_each("camera", vd_option_clear, camera);
    for (guint i = 0; i < vd_n_options(); i++)
        g_clear_pointer(&camera->origins[i].file, g_ref_string_release);
    g_free(camera->origins);
    g_free(camera->id);
    g_free(camera);
}

const VdCameraConfig *vd_config_find(const VdConfig *config, const char *id)
{
    for (guint i = 0; i < config->cameras->len; i++) {
        const VdCameraConfig *camera = config->cameras->pdata[i];

        if (g_str_equal(camera->id, id))
            return camera;
    }
    return NULL;
}

static VdApply compare(const char *group, const void *old, const void *now)
{
    VdApply strongest = VD_APPLY_NOTHING;
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, group) && !vd_option_equal(&options[i], old, now))
            strongest = MAX(strongest, options[i].apply);
    return strongest;
}

VdApply vd_camera_config_compare(const VdCameraConfig *old, const VdCameraConfig *now)
{
    return g_str_equal(old->id, now->id) ? compare("camera", old, now) : VD_APPLY_RECONNECT;
}

VdApply vd_config_compare_daemon(const VdConfig *old, const VdConfig *now)
{
    return compare("vedette", old, now);
}

void vd_config_error_free(VdConfigError *error)
{
    if (error == NULL)
        return;
    g_free(error->file);
    g_free(error->option);
    g_free(error->message);
    g_free(error);
}

char *vd_config_error_text(const VdConfigError *error)
{
    GString *text = g_string_new(error->file);

    if (error->line > 0)
        g_string_append_printf(text, ":%u", error->line);
    if (error->option != NULL)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ": " : "", error->option);
    g_string_append_printf(text, "%s%s", text->len > 0 ? ": " : "", error->message);
    return g_string_free(text, FALSE);
}
