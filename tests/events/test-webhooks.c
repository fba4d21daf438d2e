#include "events/webhooks.h"

#include <string.h>

/* Computed with Python's hmac. */
static void what_is_posted_is_signed_with_its_time(void)
{
    static const struct {
        const char *secret, *timestamp, *body, *hmac;
    } cases[] = {
        {"Jefe", "1795669341", "{\"id\":1}",
         "129d92d0fb83ba503f0c6900439d290b55625b2307303a5a193ab5dfb3af21eb"},
        {"Jefe", "1795669342", "{\"id\":1}",
         "f162b6be895527eaef44f32267134f6a05a5d8737004661b31725dbc67c1d1da"},
        {"", "", "", "0d0ab78babcce47b6860946aad720dcc13630f70074364b65665c4caefb81ecf"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) body = g_bytes_new_static(cases[i].body, strlen(cases[i].body));
        g_autofree char *signature =
            vd_webhook_signature(cases[i].secret, cases[i].timestamp, body);
        g_autofree char *expected = g_strconcat("sha256=", cases[i].hmac, NULL);

        g_assert_cmpstr(signature, ==, expected);
    }
}

/* A key longer than a block of the hash is hashed itself; a body may hold anything. */
static void long_secrets_and_any_bytes_are_signed(void)
{
    static const guint8 bytes[] = {0xc3, 0xa9, 0};
    g_autoptr(GBytes) body = g_bytes_new_static(bytes, sizeof bytes);
    g_autofree char *secret = g_strnfill(200, 'k');
    g_autofree char *signature = vd_webhook_signature(secret, "1", body);

    g_assert_cmpstr(signature, ==,
                    "sha256=7d48d8a3e3e6cfcc9e11017226119b437c57973477733551ddc9b73320d06e2b");
}

static void waits_double_from_failure_to_failure_up_to_the_longest(void)
{
    static const gint64 s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300};

    for (guint i = 0; i < G_N_ELEMENTS(s); i++) {
        gint64 whole_us = s[i] * G_USEC_PER_SEC;

        g_assert_cmpint(vd_webhook_delay_us(i + 1, 0), ==, whole_us * 3 / 4);
        g_assert_cmpint(vd_webhook_delay_us(i + 1, 0.5), ==, whole_us);
        g_assert_cmpint(vd_webhook_delay_us(i + 1, 1), ==, whole_us * 5 / 4);
    }
    g_assert_cmpint(vd_webhook_delay_us(G_MAXUINT, 0.5), ==,
                    s[G_N_ELEMENTS(s) - 1] * G_USEC_PER_SEC);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/webhooks/signature", what_is_posted_is_signed_with_its_time);
    g_test_add_func("/webhooks/any-bytes", long_secrets_and_any_bytes_are_signed);
    g_test_add_func("/webhooks/delays", waits_double_from_failure_to_failure_up_to_the_longest);
    return g_test_run();
}
