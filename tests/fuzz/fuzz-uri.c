/* Hiding secrets: on any text, and what was hidden once stays as it is. */
#include "base/uri.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *uri = vd_redact_uri(text);
    g_autofree char *again = vd_redact_uri(uri);
    g_autofree char *whole = vd_redact_text(text);
    g_autofree char *twice = vd_redact_text(whole);

    g_assert_cmpstr(uri, ==, again);
    g_assert_cmpstr(whole, ==, twice);
    return 0;
}
