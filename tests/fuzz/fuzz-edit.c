/*
 * Documents that change a camera, or say one that is tried: each is refused with reasons, or what
 * is made of it is the same after a restart.
 */
#include "config/edit.h"

#include <stdint.h>
#include <string.h>

static const char files[] = "[defaults]\nstream-fps=7\n"
                            "[camera front]\nuri=rtsp://joe:geheim@h/x\nuser=joe\npassword=geheim\n"
                            "masks=0,0 1,0 1,1\n"
                            "zones=drive min-size=5: 0,0 1,0 1,1; street ignore: 0,0 1,0 0,1\n";

typedef VdEdit *(*Edit)(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                        GError **error);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static VdEdit *create(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                      GError **error)
{
    return vd_edit_create(on, json, errors, error);
}

static GPtrArray *new_errors(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
}

static void check_made(const VdConfig *base, const VdEdit *made)
{
    g_autoptr(GPtrArray) errors = new_errors();
    g_autofree char *text = vd_changes_text(made->changes, NULL);
    g_autoptr(VdChanges) read = vd_changes_parse(text, strlen(text), "fuzz", errors);
    g_autoptr(VdConfig) started = vd_config_with(base, read, errors);

    g_assert_cmpuint(errors->len, ==, 0);
    g_assert_cmpuint(started->cameras->len, ==, made->config->cameras->len);
    for (guint i = 0; i < started->cameras->len; i++)
        g_assert_cmpint(
            vd_camera_config_compare(started->cameras->pdata[i], made->config->cameras->pdata[i]),
            ==, VD_APPLY_NOTHING);
}

static void check_refused(const GPtrArray *errors, const GError *error)
{
    g_assert_nonnull(error);
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *text = vd_config_error_text(errors->pdata[i]);
        g_assert_true(g_utf8_validate(text, -1, NULL));
        g_assert_null(strstr(text, "geheim"));
    }
}

static void run(const VdConfig *base, Edit edit, GBytes *json)
{
    g_autoptr(VdChanges) changes = vd_changes_new();
    g_autoptr(GPtrArray) errors = new_errors();
    g_autoptr(GError) error = NULL;
    VdEditBase on = {base, changes, base};
    g_autoptr(VdEdit) made = edit(&on, "front", json, errors, &error);

    if (made != NULL)
        check_made(base, made);
    else
        check_refused(errors, error);
}

static void try_it(const VdConfig *base, GBytes *json)
{
    g_autoptr(VdChanges) changes = vd_changes_new();
    g_autoptr(GPtrArray) errors = new_errors();
    g_autoptr(GError) error = NULL;
    VdEditBase on = {base, changes, base};
    g_autoptr(VdCameraConfig) made = vd_edit_trial(&on, "(trial)", json, errors, &error);

    if (made == NULL) {
        check_refused(errors, error);
        return;
    }
    g_assert_cmpstr(made->id, ==, "(trial)");
    g_assert_nonnull(made->uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) errors = new_errors();
    g_autoptr(VdConfig) base = vd_config_parse(files, sizeof files - 1, "fuzz", errors);
    g_autoptr(GBytes) json = g_bytes_new(data, size);

    run(base, create, json);
    run(base, vd_edit_replace, json);
    run(base, vd_edit_patch, json);
    try_it(base, json);
    return 0;
}
