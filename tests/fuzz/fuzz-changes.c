/* What the API changed, as a file: any text is damaged, or the same when it is written again, and
 * its sense or nonsense can be told. */
#include "base/limits.h"
#include "config/changes.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char files[] = "[camera front]\nuri=test:quiet\n";
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) base = vd_config_parse(files, sizeof files - 1, "fuzz", errors);
    g_autoptr(VdChanges) changes = vd_changes_parse((const char *)data, size, "fuzz", errors);

    g_assert_true((changes == NULL) == (errors->len > 0));
    if (changes == NULL)
        return 0;
    g_autofree char *text = vd_changes_text(changes, NULL);
    g_autoptr(VdChanges) again = vd_changes_parse(text, strlen(text), "fuzz", errors);
    g_autofree char *text_again = vd_changes_text(again, NULL);
    g_assert_cmpstr(text_again, ==, text);
    g_autoptr(VdConfig) config = vd_config_with(base, changes, errors);
    g_assert_cmpuint(config->cameras->len, <=, VD_MAX_CAMERAS);
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = vd_config_error_text(errors->pdata[i]);
        g_assert_true(g_utf8_validate(line, -1, NULL));
    }
    return 0;
}
