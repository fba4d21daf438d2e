#include "raw-client.h"
#include "site.h"

#include <string.h>

/* The page's files, as they are served. */

static const char *const ids[] = {"front", NULL};

static void open_site(Site *site, gconstpointer unused)
{
    site_open(site, ids, 0);
}

static void close_site(Site *site, gconstpointer unused)
{
    site_close(site);
}

static void assert_header(const char *head, const char *name, const char *value)
{
    g_autofree char *found = raw_header(head, name);

    g_test_message("%s", name);
    g_assert_cmpstr(found, ==, value);
}

static void they_allow_only_their_own(Site *site, gconstpointer unused)
{
    static const char *const files[][2] = {
        {"/", "text/html; charset=utf-8"},
        {"/web/app.js", "text/javascript; charset=utf-8"},
        {"/web/views/cameras.js", "text/javascript; charset=utf-8"},
        {"/web/style.css", "text/css; charset=utf-8"},
        {"/web/icon.svg", "image/svg+xml"},
    };
    g_autoptr(RawClient) client = raw_connect(site->port);

    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *head = NULL;
        g_autofree char *body = NULL;
        g_autofree char *policy = NULL;

        raw_get(client, files[i][0], "");
        g_assert_cmpint(raw_reply(client, &head, &body), ==, 200);
        assert_header(head, "Content-Type", files[i][1]);
        assert_header(head, "X-Content-Type-Options", "nosniff");
        policy = raw_header(head, "Content-Security-Policy");
        g_assert_true(g_str_has_prefix(policy, "default-src 'self';"));
        g_assert_null(strstr(policy, "unsafe"));
        g_assert_nonnull(strstr(policy, "frame-ancestors 'self'"));
        /* Nothing in it that the policy would stop. */
        g_assert_null(strstr(body, "style=\""));
        g_assert_null(strstr(body, "onclick="));
        g_assert_null(strstr(body, "<script>"));
    }
}

static void what_is_known_is_not_sent_again(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = raw_connect(site->port);
    g_autofree char *head = NULL;
    g_autofree char *body = NULL;
    g_autofree char *again = NULL;

    raw_get(client, "/web/app.js", "If-None-Match: \"0123456789abcdef\"\r\n");
    g_assert_cmpint(raw_reply(client, &head, NULL), ==, 200);
    assert_header(head, "Cache-Control", "no-cache");
    g_autofree char *mark = raw_header(head, "ETag");
    g_assert_cmpuint(strlen(mark), ==, 18);
    g_autofree char *known = g_strdup_printf("If-None-Match: W/%s\r\n", mark);
    raw_get(client, "/web/app.js", known);
    g_assert_cmpint(raw_reply(client, &again, &body), ==, 304);
    g_assert_null(body);
    assert_header(again, "ETag", mark);
    raw_get(client, "/web/style.css", known);
    g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 200);
}

static void nothing_leads_out_of_their_folder(Site *site, gconstpointer unused)
{
    static const char *const paths[] = {
        "/index.html",          "/web/",
        "/web/nothing.js",      "/web/App.js",
        "/web//app.js",         "/web/views",
        "/web/views/",          "/web/./app.js",
        "/web/views/../app.js", "/web/views%2f..%2fapp.js",
        "/web/../icon.svg",     "/web/%2e%2e/web/app.js",
        "/web/app.js/",         "/web/.app.js",
        "/web/app..js",
    };
    g_autoptr(RawClient) client = raw_connect(site->port);

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_test_message("%s", paths[i]);
        raw_get(client, paths[i], "");
        g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 404);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/pages/" #name, Site, NULL, open_site, name, close_site)
    TEST(they_allow_only_their_own);
    TEST(what_is_known_is_not_sent_again);
    TEST(nothing_leads_out_of_their_folder);
    return g_test_run();
}
