#include "access/sessions.h"
#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

#define HOUR (3600 * (gint64)G_USEC_PER_SEC)

static VdAccount *account_named(const char *name)
{
    VdAccount *account = vd_account_new(VD_TOKEN, name);

    account->role = VD_ROLE_VIEWER;
    account->cameras = g_strsplit("*", " ", 0);
    return account;
}

static void a_cookie_is_whose_session_it_is(void)
{
    VdSessions *sessions = vd_sessions_new();
    g_autoptr(VdAccount) anna = account_named("anna"), bo = account_named("bo");

    vd_clock_hold(1, 1);
    g_autofree char *cookie = vd_sessions_begin(sessions, anna);
    g_autofree char *other = vd_sessions_begin(sessions, bo);
    g_autofree char *guess = vd_random_text("");
    g_assert_true(vd_random_text_valid("", cookie));
    g_assert_true(vd_sessions_find(sessions, cookie) == anna);
    g_assert_true(vd_sessions_find(sessions, other) == bo);
    g_assert_null(vd_sessions_find(sessions, guess));
    g_assert_true(vd_sessions_end(sessions, cookie));
    g_assert_false(vd_sessions_end(sessions, cookie));
    g_assert_null(vd_sessions_find(sessions, cookie));
    g_assert_true(vd_sessions_find(sessions, other) == bo);
    vd_sessions_free(sessions);
}

static void a_session_ends_when_it_is_idle_or_too_old(void)
{
    VdSessions *sessions = vd_sessions_new();
    g_autoptr(VdAccount) anna = account_named("anna");

    vd_clock_hold(1, 1);
    g_autofree char *idle = vd_sessions_begin(sessions, anna);
    vd_clock_advance(8 * HOUR);
    g_assert_null(vd_sessions_find(sessions, idle));
    g_autofree char *busy = vd_sessions_begin(sessions, anna);
    for (guint i = 0; i < 7 * 24 / 7; i++) {
        vd_clock_advance(7 * HOUR - 1);
        g_assert_nonnull(vd_sessions_find(sessions, busy));
    }
    vd_clock_advance(24);
    g_assert_null(vd_sessions_find(sessions, busy));
    vd_sessions_free(sessions);
}

static void a_session_ends_with_its_account(void)
{
    VdSessions *sessions = vd_sessions_new();
    g_autoptr(VdAccount) anna = account_named("anna"), bo = account_named("bo");
    g_autoptr(VdAccount) other_bo = account_named("bo"), short_lived = account_named("x");
    g_autoptr(VdUsers) users = vd_users_new();

    vd_clock_hold(1, 1);
    short_lived->expires_us = 10;
    g_autofree char *annas = vd_sessions_begin(sessions, anna);
    g_autofree char *bos = vd_sessions_begin(sessions, bo);
    g_autofree char *shorts = vd_sessions_begin(sessions, short_lived);
    g_assert_nonnull(vd_sessions_find(sessions, shorts));
    vd_clock_advance(9);
    g_assert_null(vd_sessions_find(sessions, shorts));
    other_bo->role = VD_ROLE_ADMIN;
    vd_users_put(users, anna);
    vd_users_put(users, other_bo);
    g_assert_cmpuint(vd_sessions_check(sessions, users), ==, 1);
    g_assert_true(vd_sessions_find(sessions, annas) == anna);
    g_assert_null(vd_sessions_find(sessions, bos));
    vd_sessions_free(sessions);
}

static void a_csrf_token_is_good_for_its_session_alone(void)
{
    VdSessions *sessions = vd_sessions_new(), *others = vd_sessions_new();
    g_autoptr(VdAccount) anna = account_named("anna");
    g_autofree char *one = vd_sessions_begin(sessions, anna);
    g_autofree char *two = vd_sessions_begin(sessions, anna);
    g_autofree char *csrf = vd_sessions_csrf(sessions, one);

    g_assert_cmpstr(csrf, !=, one);
    g_assert_true(vd_sessions_csrf_matches(sessions, one, csrf));
    g_assert_false(vd_sessions_csrf_matches(sessions, two, csrf));
    g_assert_false(vd_sessions_csrf_matches(others, one, csrf));
    g_assert_false(vd_sessions_csrf_matches(sessions, one, ""));
    g_assert_false(vd_sessions_csrf_matches(sessions, one, one));
    vd_sessions_free(sessions);
    vd_sessions_free(others);
}

static void one_more_than_the_limit_ends_the_one_that_was_used_least_lately(void)
{
    VdSessions *sessions = vd_sessions_new();
    g_autoptr(VdAccount) anna = account_named("anna");

    vd_clock_hold(1, 1);
    g_autofree char *first = vd_sessions_begin(sessions, anna);
    vd_clock_advance(1);
    g_autofree char *second = vd_sessions_begin(sessions, anna);
    for (guint i = 2; i < VD_MAX_SESSIONS; i++) {
        vd_clock_advance(1);
        g_free(vd_sessions_begin(sessions, anna));
    }
    vd_clock_advance(1);
    g_assert_nonnull(vd_sessions_find(sessions, first));
    g_free(vd_sessions_begin(sessions, anna));
    g_assert_nonnull(vd_sessions_find(sessions, first));
    g_assert_null(vd_sessions_find(sessions, second));
    vd_sessions_free(sessions);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
#define TEST(name) g_test_add_func("/sessions/" #name, name)
    TEST(a_cookie_is_whose_session_it_is);
    TEST(a_session_ends_when_it_is_idle_or_too_old);
    TEST(a_session_ends_with_its_account);
    TEST(a_csrf_token_is_good_for_its_session_alone);
    TEST(one_more_than_the_limit_ends_the_one_that_was_used_least_lately);
    return g_test_run();
}
