/* Who is let in: the server with accounts, as a client sees it. */
#include "access/credentials.h"
#include "access/users.h"
#include "base/clock.h"
#include "raw-client.h"
#include "site.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const char *const ids[] = {"back", "front", NULL};
static char *folder, *file, *token, *hash;

typedef struct Rig {
    VdAccess *access;
    Site site;
    RawClient *client;
} Rig;

static void put_account(VdUsers *users, VdAccountKind kind, const char *name, VdRole role,
                        const char *cameras)
{
    g_autoptr(VdAccount) account = vd_account_new(kind, name);

    account->role = role;
    account->cameras = g_strsplit(cameras, " ", 0);
    if (kind == VD_USER)
        account->password = g_strdup(hash);
    else
        account->token = vd_digest(token);
    vd_users_put(users, account);
}

static void write_users(void)
{
    g_autoptr(VdUsers) users = vd_users_new();
    g_autoptr(GError) error = NULL;

    put_account(users, VD_USER, "anna", VD_ROLE_OPERATOR, "*");
    put_account(users, VD_USER, "bo", VD_ROLE_OPERATOR, "b*");
    put_account(users, VD_USER, "carl", VD_ROLE_ADMIN, "b*");
    put_account(users, VD_USER, "dora", VD_ROLE_ADMIN, "*");
    put_account(users, VD_TOKEN, "tablet", VD_ROLE_VIEWER, "b* x");
    vd_users_save(users, file, NULL, &error);
    g_assert_no_error(error);
}

static void rig_open(Rig *rig, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    rig->access = vd_access_new(&error);
    g_assert_true(vd_access_configure(rig->access, file, NULL, &error));
    g_assert_no_error(error);
    site_open_for(&rig->site, ids, rig->access);
    rig->client = raw_connect(rig->site.port);
}

static void rig_close(Rig *rig, gconstpointer unused)
{
    raw_close(rig->client);
    site_close(&rig->site);
    vd_access_free(rig->access);
}

/* more: header lines, each ended with CRLF. head and body: (nullable) */
static int ask(Rig *rig, const char *method, const char *target, const char *more, char **head,
               char **body)
{
    g_autofree char *text =
        g_strdup_printf("%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", method, target, more);

    raw_send(rig->client, text);
    return raw_reply(rig->client, head, body);
}

static char *bearer(void)
{
    return g_strconcat("Authorization: Bearer ", token, "\r\n", NULL);
}

static char *basic(const char *pair)
{
    g_autofree char *code = g_base64_encode((const guchar *)pair, strlen(pair));

    return g_strconcat("Authorization: Basic ", code, "\r\n", NULL);
}

static void assert_error(Rig *rig, const char *method, const char *target, const char *more,
                         int status, const char *code)
{
    g_autofree char *body = NULL;
    int got = ask(rig, method, target, more, NULL, &body);

    g_test_message("%s %s: %s", method, target, body);
    g_assert_cmpint(got, ==, status);
    g_assert_nonnull(strstr(body, code));
}

static void who_says_nothing_sees_the_page_alone(Rig *rig, gconstpointer unused)
{
    static const char *const open[] = {"/", "/web/app.js", "/healthz", "/readyz"};

    for (guint i = 0; i < G_N_ELEMENTS(open); i++)
        g_assert_cmpint(ask(rig, "GET", open[i], "", NULL, NULL), ==, 200);
    assert_error(rig, "GET", "/api/v1/cameras", "", 401, "unauthorized");
    assert_error(rig, "GET", "/api/v1/cameras/front", "", 401, "unauthorized");
    assert_error(rig, "GET", "/api/v1/cameras/nowhere", "", 401, "unauthorized");
    assert_error(rig, "GET", "/api/v1/cameras/front/stream.mjpg", "", 401, "unauthorized");
    assert_error(rig, "GET", "/api/v1/wall.mjpg", "", 401, "unauthorized");
    assert_error(rig, "POST", "/api/v1/cameras/front/restart", "", 401, "unauthorized");
    g_assert_cmpuint(fake_api_watching(rig->site.fake), ==, 0);
}

static void browsers_are_asked_for_a_password_but_for_pages(Rig *rig, gconstpointer unused)
{
    g_autofree char *head = NULL, *of_page = NULL;

    ask(rig, "GET", "/api/v1/cameras", "", &head, NULL);
    g_autofree char *challenge = raw_header(head, "WWW-Authenticate");
    g_assert_cmpstr(challenge, ==, "Basic realm=\"vedette\", charset=\"UTF-8\"");
    ask(rig, "GET", "/api/v1/cameras", "X-CSRF-Token:\r\n", &of_page, NULL);
    g_autofree char *other = raw_header(of_page, "WWW-Authenticate");
    g_assert_cmpstr(other, ==, "Bearer realm=\"vedette\"");
}

static void a_token_shows_its_cameras_and_no_others(Rig *rig, gconstpointer unused)
{
    g_autofree char *say = bearer(), *body = NULL;

    g_assert_cmpint(ask(rig, "GET", "/api/v1/cameras", say, NULL, &body), ==, 200);
    g_assert_cmpstr(body, ==, "back");
    g_assert_cmpint(ask(rig, "GET", "/api/v1/cameras/back", say, NULL, NULL), ==, 200);
    assert_error(rig, "GET", "/api/v1/cameras/front", say, 404, "there is no camera front");
    assert_error(rig, "GET", "/api/v1/cameras/front/snapshot.jpg", say, 404,
                 "there is no camera front");
    assert_error(rig, "GET", "/api/v1/wall.mjpg?cameras=back,front", say, 404,
                 "there is no camera front");
    assert_error(rig, "GET", "/api/v1/cameras/x", say, 404, "there is no camera x");
    assert_error(rig, "POST", "/api/v1/cameras/back/restart", say, 403,
                 "token tablet is a viewer; here the role operator is needed");
}

static void a_wall_is_of_cameras_that_are_seen(Rig *rig, gconstpointer unused)
{
    g_autofree char *say = bearer();
    g_autofree char *text =
        g_strdup_printf("GET /api/v1/wall.mjpg HTTP/1.1\r\nHost: localhost\r\n%s\r\n", say);

    raw_send(rig->client, text);
    g_autofree char *head = raw_head(rig->client);
    g_assert_cmpint(raw_status(head), ==, 200);
    g_assert_cmpuint(fake_api_watching(rig->site.fake), ==, 1);
}

static void a_password_is_answered_later_and_then_at_once(Rig *rig, gconstpointer unused)
{
    g_autofree char *right = basic("anna:secret"), *wrong = basic("anna:wrong");
    g_autofree char *unknown = basic("nobody:secret");

    for (guint i = 0; i < 3; i++)
        g_assert_cmpint(ask(rig, "GET", "/api/v1/cameras/front", right, NULL, NULL), ==, 200);
    g_assert_cmpint(ask(rig, "POST", "/api/v1/cameras/front/restart", right, NULL, NULL), ==, 204);
    assert_error(rig, "GET", "/api/v1/cameras", wrong, 401, "unauthorized");
    assert_error(rig, "GET", "/api/v1/cameras", unknown, 401, "unauthorized");
}

static void an_order_with_a_password_that_is_verified_comes_with_its_body(Rig *rig,
                                                                          gconstpointer unused)
{
    g_autofree char *say = basic("bo:secret");

    assert_error(rig, "POST", "/api/v1/cameras/front/restart", say, 404,
                 "there is no camera front");
    g_assert_cmpint(ask(rig, "POST", "/api/v1/cameras/back/restart", say, NULL, NULL), ==, 204);
}

/* With a body, so the answer is given before it is read, and the connection ends. */
static void cameras_are_added_by_who_sees_all(Rig *rig, gconstpointer unused)
{
    static const struct {
        const char *pair;
        int status;
    } rows[] = {{"anna:secret", 403}, {"carl:secret", 403}, {"dora:secret", 201}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *say = basic(rows[i].pair);
        g_autofree char *more =
            g_strconcat(say, "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", NULL);

        raw_close(rig->client);
        rig->client = raw_connect(rig->site.port);
        g_assert_cmpint(ask(rig, "POST", "/api/v1/cameras", more, NULL, NULL), ==, rows[i].status);
    }
}

static void six_failures_make_an_address_wait(Rig *rig, gconstpointer unused)
{
    g_autofree char *wrong = basic("anna:wrong"), *right = basic("anna:secret");
    g_autofree char *say = bearer(), *head = NULL;

    vd_clock_hold(1, 1);
    for (guint i = 0; i < 6; i++)
        g_assert_cmpint(ask(rig, "GET", "/api/v1/stats", wrong, NULL, NULL), ==, 401);
    g_assert_cmpint(ask(rig, "GET", "/api/v1/stats", right, &head, NULL), ==, 429);
    g_autofree char *wait = raw_header(head, "Retry-After");
    g_assert_cmpstr(wait, ==, "1");
    g_assert_cmpint(ask(rig, "GET", "/api/v1/stats", say, NULL, NULL), ==, 200);
    vd_clock_advance(G_USEC_PER_SEC);
    g_assert_cmpint(ask(rig, "GET", "/api/v1/stats", right, NULL, NULL), ==, 200);
    vd_clock_release();
}

/* What stands behind "name":" in the JSON. */
static char *member(const char *json, const char *name)
{
    g_autofree char *mark = g_strdup_printf("\"%s\":\"", name);
    const char *at = strstr(json, mark);

    g_assert_nonnull(at);
    at += strlen(mark);
    return g_strndup(at, strcspn(at, "\""));
}

static void a_page_logs_in_acts_and_logs_out(Rig *rig, gconstpointer unused)
{
    g_autofree char *say = basic("anna:secret"), *head = NULL, *body = NULL, *own = NULL;

    g_assert_cmpint(ask(rig, "POST", "/api/v1/session", say, &head, &body), ==, 200);
    g_autofree char *set = raw_header(head, "Set-Cookie");
    g_assert_true(g_str_has_prefix(set, VD_SESSION_COOKIE "="));
    g_assert_true(g_str_has_suffix(set, "; Path=/; HttpOnly; SameSite=Strict"));
    g_autofree char *csrf = member(body, "csrf_token");
    g_autofree char *cookie = g_strdup_printf("Cookie: %.*s\r\n", (int)strcspn(set, ";"), set);
    g_autofree char *acting = g_strdup_printf("%sX-CSRF-Token: %s\r\n", cookie, csrf);

    g_assert_cmpint(ask(rig, "GET", "/api/v1/session", cookie, NULL, &own), ==, 200);
    g_assert_cmpstr(own, ==, body);
    g_assert_nonnull(strstr(own, "\"kind\":\"user\",\"name\":\"anna\",\"role\":\"operator\","
                                 "\"cameras\":[\"*\"],\"expires\":null"));
    g_assert_cmpint(ask(rig, "GET", "/api/v1/cameras", cookie, NULL, NULL), ==, 200);
    assert_error(rig, "POST", "/api/v1/cameras/front/restart", cookie, 403, "wrong_site");
    g_assert_cmpint(ask(rig, "POST", "/api/v1/cameras/front/restart", acting, NULL, NULL), ==, 204);
    assert_error(rig, "DELETE", "/api/v1/session", cookie, 403, "wrong_site");
    g_autofree char *gone = NULL;
    g_assert_cmpint(ask(rig, "DELETE", "/api/v1/session", acting, &gone, NULL), ==, 204);
    g_autofree char *unset = raw_header(gone, "Set-Cookie");
    g_assert_true(g_str_has_prefix(unset, VD_SESSION_COOKIE "=; Max-Age=0;"));
    assert_error(rig, "GET", "/api/v1/cameras", cookie, 401, "unauthorized");
}

/* Nor may they read what they are answered: nothing says so. */
static void other_sites_pages_are_refused(Rig *rig, gconstpointer unused)
{
    g_autofree char *say = basic("anna:secret"), *body = NULL, *read = NULL, *asked = NULL;
    g_autofree char *foreign = g_strconcat(say, "Origin: http://evil.example\r\n", NULL);
    g_autofree char *own = g_strconcat(say, "Origin: http://localhost\r\n", NULL);

    assert_error(rig, "POST", "/api/v1/cameras/front/restart", foreign, 403, "wrong_site");
    g_assert_cmpint(ask(rig, "POST", "/api/v1/cameras/front/restart", own, NULL, NULL), ==, 204);
    g_assert_cmpint(ask(rig, "GET", "/api/v1/cameras", foreign, &read, NULL), ==, 200);
    g_assert_cmpint(ask(rig, "OPTIONS", "/api/v1/cameras", foreign, &asked, NULL), ==, 204);
    g_assert_null(strstr(read, "Access-Control-"));
    g_assert_null(strstr(asked, "Access-Control-"));
    raw_send(rig->client, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    g_assert_cmpint(raw_reply(rig->client, NULL, &body), ==, 421);
    g_assert_nonnull(strstr(body, "unknown_host"));
}

static void who_waits_to_be_let_in_is_told_that_the_server_stops(void)
{
    g_autofree char *say = basic("anna:secret");
    g_autofree char *text =
        g_strdup_printf("GET /api/v1/cameras HTTP/1.1\r\nHost: localhost\r\n%s\r\n", say);
    Rig rig;

    rig_open(&rig, NULL);
    raw_send(rig.client, text);
    vd_http_free(g_steal_pointer(&rig.site.http));
    g_autofree char *head = raw_head(rig.client);
    if (head != NULL) /* unless it was not even read */
        g_assert_true(raw_status(head) == 503 || raw_status(head) == 200);
    rig_close(&rig, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
    folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    file = g_build_filename(folder, "users.conf", NULL);
    token = vd_random_text(VD_TOKEN_PREFIX);
    hash = vd_password_hash("secret");
    write_users();
#define TEST(name) g_test_add("/entry/" #name, Rig, NULL, rig_open, name, rig_close)
    TEST(who_says_nothing_sees_the_page_alone);
    TEST(browsers_are_asked_for_a_password_but_for_pages);
    TEST(a_token_shows_its_cameras_and_no_others);
    TEST(a_wall_is_of_cameras_that_are_seen);
    TEST(a_password_is_answered_later_and_then_at_once);
    TEST(an_order_with_a_password_that_is_verified_comes_with_its_body);
    TEST(cameras_are_added_by_who_sees_all);
    TEST(six_failures_make_an_address_wait);
    TEST(a_page_logs_in_acts_and_logs_out);
    TEST(other_sites_pages_are_refused);
    g_test_add_func("/entry/who_waits_to_be_let_in_is_told_that_the_server_stops",
                    who_waits_to_be_let_in_is_told_that_the_server_stops);
    int status = g_test_run();
    g_unlink(file);
    g_rmdir(folder);
    g_free(folder);
    g_free(file);
    g_free(token);
    g_free(hash);
    return status;
}
