/*
 * What comes in a request line: method, path and query through the router, the parameters and the
 * handlers. Input: METHOD NUL PATH NUL QUERY; what is missing is empty, no second NUL: no query.
 */
#include "http/route.h"
#include "tests/http/fake-api.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const ids[] = {"back", "front", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FakeApi *fake;
    g_autofree char *text = g_strndup((const char *)"", size + 2); /* zeroed */
    VdRequest request = {.peer = "192.0.2.7"};
    VdReply reply = {0};

    if (fake == NULL)
        fake = fake_api_new(ids);
    if (size > 0)
        memcpy(text, data, size);
    const char *path = text + strlen(text) + (strlen(text) < size ? 1 : 0);
    const char *end = path + strlen(path);
    const char *query = end < text + size ? end + 1 : NULL;
    request.user_agent = query;
    if (vd_route_judge(&request, text, path, query, (gint64)(size % 3) - 1, &reply))
        reply = vd_route_answer(&request, fake_api_get(fake));
    g_assert_cmpuint(reply.status, >=, 200);
    g_assert_cmpuint(reply.status, <, 600);
    if (reply.status >= 400)
        g_assert_true(g_utf8_validate(g_bytes_get_data(reply.body, NULL),
                                      (gssize)g_bytes_get_size(reply.body), NULL));
    vd_reply_clear(&reply, fake_api_get(fake));
    vd_request_clear(&request);
    g_assert_cmpuint(fake_api_watching(fake), ==, 0);
    return 0;
}
