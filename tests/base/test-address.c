#include "base/address.h"

static void local_ones_are_told_from_others(void)
{
    static const struct {
        const char *text;
        bool local;
    } rows[] = {
        {"127.0.0.1:80", true},         {"127.9.9.9:0", true},           {"[::1]:65535", true},
        {"/run/vedette/s", true},       {"0.0.0.0:80", false},           {"[::]:80", false},
        {"[::ffff:127.0.0.1]:0", true}, {"[::ffff:192.0.2.1]:0", false}, {"192.0.2.1:8080", false},
        {"128.0.0.1:1", false},         {"[2001:db8::1]:80", false},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GSocketAddress) address = vd_address_parse(rows[i].text, &error);
        g_test_message("%s", rows[i].text);
        g_assert_no_error(error);
        g_assert_cmpint(vd_address_is_local(address), ==, rows[i].local);
        g_assert_true(vd_address_allowed(address, true, &error));
        g_assert_no_error(error);
        g_assert_cmpint(vd_address_allowed(address, false, &error), ==, rows[i].local);
        g_assert_true(rows[i].local || g_error_matches(error, VD_ERROR, VD_ERROR_INVALID));
    }
}

static void nonsense_is_refused(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "the port is missing"},
        {"8080", "the port is missing"},
        {"127.0.0.1", "the port is missing"},
        {":8080", "a numeric address is wanted"},
        {"localhost:8080", "a numeric address is wanted"},
        {"::1:8080", "a numeric address is wanted"},
        {"[127.0.0.1]:1", "a numeric address is wanted"},
        {"[::1]", "a numeric address is wanted"},
        {"[]:1", "a numeric address is wanted"},
        {"127.0.0.1:", "the port must be"},
        {"127.0.0.1:65536", "the port must be"},
        {"127.0.0.1:-1", "the port must be"},
        {"127.0.0.1: 1", "the port must be"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", rows[i].text);
        g_assert_null(vd_address_parse(rows[i].text, &error));
        g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, rows[i].why));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/address/" #name, name)
    ADD(local_ones_are_told_from_others);
    ADD(nonsense_is_refused);
    return g_test_run();
}
