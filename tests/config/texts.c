#include "texts.h"

#include "config/value.h"

GPtrArray *texts_errors(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
}

char *texts_of_errors(const GPtrArray *errors)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = vd_config_error_text(errors->pdata[i]);
        g_string_append_printf(all, "%s%s", i > 0 ? "\n" : "", line);
    }
    return g_string_free(all, FALSE);
}

VdConfig *texts_config(const char *text)
{
    g_autoptr(GPtrArray) errors = texts_errors();
    VdConfig *config = vd_config_parse(text, strlen(text), "x.conf", errors);
    g_autofree char *lines = texts_of_errors(errors);

    g_assert_cmpstr(lines, ==, "");
    return config;
}

VdChanges *texts_changes(const char *text)
{
    g_autoptr(GPtrArray) errors = texts_errors();
    VdChanges *changes = vd_changes_parse(text, strlen(text), "changes.conf", errors);
    g_autofree char *lines = texts_of_errors(errors);

    g_assert_cmpstr(lines, ==, "");
    return changes;
}

char *texts_option(const VdConfig *config, const char *id, const char *name)
{
    const VdCameraConfig *camera = vd_config_find(config, id);

    g_assert_nonnull(camera);
    return vd_option_plain(vd_option_find("camera", name), camera);
}

char *texts_repeat(const char *text, gsize times)
{
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < times; i++)
        g_string_append(out, text);
    return g_string_free(out, FALSE);
}
