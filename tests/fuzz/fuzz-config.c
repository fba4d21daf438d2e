/* The configuration: any text is either refused with errors, or made into one that can be written.
 */
#include "config/options.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was read can be shown. */
static void write_options(const VdCameraConfig *camera)
{
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, "camera")) {
            g_autofree char *text = vd_option_text(&options[i], camera);
            g_assert_true(g_utf8_validate(text, -1, NULL));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) config = vd_config_parse((const char *)data, size, "fuzz", errors);

    g_assert_true((config == NULL) == (errors->len > 0));
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *text = vd_config_error_text(errors->pdata[i]);
        g_assert_true(g_utf8_validate(text, -1, NULL));
    }
    for (guint i = 0; config != NULL && i < config->cameras->len; i++) {
        write_options(config->cameras->pdata[i]);
        g_assert_cmpint(
            vd_camera_config_compare(config->cameras->pdata[i], config->cameras->pdata[i]), ==,
            VD_APPLY_NOTHING);
    }
    return 0;
}
