#include "access/origin.h"

#include <glib.h>

static const char *const names[] = {"cams.example", NULL};

/* clang-format off */
static const struct { const char *host; bool allowed; } hosts[] = {
    {NULL, true},
    {"127.0.0.1:8080", true}, {"127.0.0.1", true}, {"192.0.2.7:80", true},
    {"[::1]:8080", true}, {"[2001:db8::7]", true}, {"localhost:8080", true}, {"LOCALHOST", true},
    {"cams.example", true}, {"Cams.Example:443", true}, {"cams.example.", true},
    {"evil.example", false}, {"cams.example.evil.example", false}, {"evilcams.example", false},
    {"", false}, {":8080", false}, {"localhost.evil.example", false}, {"127.0.0.1.evil.example", false},
    {"[::1", false}, {"[::1]x", false}, {"::1", false}, {"[127.0.0.1]", false},
    {"localhost:80x", false}, {"localhost:8080:1", false}, {"localhost/x", false}, {"localhost ", false},
    {"[cams.example]", false}, {"a@localhost", false},
};

static const struct { const char *origin, *host; bool allowed; } origins[] = {
    {NULL, "127.0.0.1:8080", true},
    {"http://127.0.0.1:8080", "127.0.0.1:8080", true},
    {"https://127.0.0.1:8080", "127.0.0.1:8080", true},
    {"http://localhost", "localhost:80", true}, {"https://localhost", "localhost", true},
    {"http://LOCALHOST:8080", "localhost:8080", true}, {"http://[::1]:1", "[::1]:1", true},
    {"https://cams.example", "127.0.0.1:8080", true}, {"http://cams.example:80", "127.0.0.1:8080", true},
    {"http://cams.example:3000", "127.0.0.1:8080", false},
    {"http://localhost:3000", "localhost:8080", false}, {"http://localhost", "localhost:8080", false},
    {"http://127.0.0.1:8080", "localhost:8080", false}, {"http://evil.example", "127.0.0.1:8080", false},
    {"http://evil.example:8080", "127.0.0.1:8080", false}, {"null", "127.0.0.1:8080", false}, {"https://[cams.example]", "x", false},
    {"", "127.0.0.1:8080", false}, {"file://", "127.0.0.1:8080", false}, {"127.0.0.1:8080", "127.0.0.1:8080", false},
    {"http://", "127.0.0.1:8080", false}, {"http://cams.example.evil.example", "x", false},
    {"http://127.0.0.1:8080", NULL, false}, {"http://127.0.0.1:8080/", "127.0.0.1:8080", false},
};
/* clang-format on */

static void only_our_own_names_are_taken_for_ours(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_test_message("%s", hosts[i].host);
        g_assert_true(vd_host_allowed(hosts[i].host, names) == hosts[i].allowed);
    }
    g_assert_false(vd_host_allowed("cams.example", NULL));
}

static void only_our_own_pages_change_something(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
        g_test_message("%s at %s", origins[i].origin, origins[i].host);
        g_assert_true(vd_origin_allowed(origins[i].origin, false, origins[i].host, names) ==
                      origins[i].allowed);
    }
    g_assert_false(vd_origin_allowed("https://cams.example", false, "127.0.0.1:8080", NULL));
}

static void a_plain_page_changes_nothing_over_tls(void)
{
    g_assert_true(vd_origin_allowed("https://cams.example", true, "cams.example", NULL));
    g_assert_true(vd_origin_allowed("https://cams.example:8443", true, "cams.example:8443", NULL));
    g_assert_true(vd_origin_allowed("https://cams.example", true, "cams.example:8443", names));
    g_assert_false(vd_origin_allowed("https://cams.example", true, "cams.example:8443", NULL));
    g_assert_false(vd_origin_allowed("http://cams.example", true, "cams.example", names));
    g_assert_false(vd_origin_allowed("http://cams.example:8443", true, "cams.example:8443", names));
    g_assert_true(vd_origin_allowed(NULL, true, "cams.example", NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/origin/" #name, name)
    TEST(only_our_own_names_are_taken_for_ours);
    TEST(only_our_own_pages_change_something);
    TEST(a_plain_page_changes_nothing_over_tls);
    return g_test_run();
}
