/* Test scenes: any text is taken within its limits, or refused with a reason. */
#include "config/test-uri.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    VdTestUri test = {0};

    if (vd_test_uri_parse(text, &test, &error)) {
        g_assert_cmpint(test.scene, <, VD_N_TEST_SCENES);
        g_assert_true(test.width >= 16 && test.height >= 16 && test.fps >= 1 && test.fps <= 60);
        g_assert_null(error);
    } else {
        g_assert_nonnull(error);
        g_assert_cmpint(test.width, ==, 0);
    }
    return 0;
}
