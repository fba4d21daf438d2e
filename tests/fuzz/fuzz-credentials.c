/*
 * The headers Authorization and Cookie, Host and Origin. Input: AUTHORIZATION NUL COOKIE NUL HOST
 * NUL ORIGIN; what is missing is not sent.
 */
#include "access/credentials.h"
#include "access/origin.h"
#include "access/secret.h"
#include "base/limits.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADERS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)"", size + 1); /* zeroed */
    const char *headers[HEADERS] = {NULL};
    VdCredentials said;
    gsize at = 0;

    if (size > 0)
        memcpy(text, data, size);
    for (guint i = 0; i < HEADERS && at < size; i++) {
        headers[i] = text + at;
        at += strlen(headers[i]) + 1;
    }
    vd_credentials_parse(&said, headers[0], headers[1]);
    g_assert_true((said.user != NULL) == (said.password != NULL));
    g_assert_cmpuint((said.user != NULL) + (said.token != NULL) + (said.session != NULL) +
                         (guint)said.broken,
                     <=, 1);
    if (said.session != NULL)
        g_assert_true(vd_random_text_valid("", said.session));
    if (said.user != NULL)
        g_assert_cmpuint(strlen(said.user), <=, VD_MAX_PASSWORD);
    vd_credentials_clear(&said);
    if (vd_host_allowed(headers[2], NULL) && headers[2] != NULL)
        g_assert_cmpuint(strlen(headers[2]), <, 64); /* an address or localhost, and a port */
    vd_origin_allowed(headers[3], false, headers[2], NULL);
    vd_origin_allowed(headers[3], true, headers[2], NULL);
    return 0;
}
