#include "access/access.h"
#include "access/credentials.h"
#include "access/users.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *folder, *file, *token, *hash;
static VdLock lock;
static VdCond came;
static VdJudgement later; /* [lock] the newest that came later */
static guint came_later;  /* [lock] */

static void put_account(VdUsers *users, VdAccountKind kind, const char *name, VdRole role)
{
    g_autoptr(VdAccount) account = vd_account_new(kind, name);

    account->role = role;
    account->cameras = g_strsplit("front-*", " ", 0);
    if (kind == VD_USER)
        account->password = g_strdup(hash);
    else
        account->token = vd_digest(token);
    vd_users_put(users, account);
}

static void write_users(VdRole annas)
{
    g_autoptr(VdUsers) users = vd_users_new();
    g_autoptr(GError) error = NULL;

    put_account(users, VD_USER, "anna", annas);
    put_account(users, VD_TOKEN, "tablet", VD_ROLE_VIEWER);
    vd_users_save(users, file, NULL, &error);
    g_assert_no_error(error);
}

static VdAccess *access_new(const char *users_file)
{
    static const char *const names[] = {"cams.example", NULL};
    g_autoptr(GError) error = NULL;
    VdAccess *access = vd_access_new(&error);

    g_assert_true(vd_access_configure(access, users_file, names, &error));
    g_assert_no_error(error);
    return access;
}

static void take(void *data, VdJudgement judgement)
{
    vd_lock(&lock);
    vd_account_unref(later.account);
    later = judgement;
    came_later++;
    vd_cond_broadcast(&came);
    vd_unlock(&lock);
}

/* The verdict, also when it comes later; *waited: it did. */
static VdVerdict judge(VdAccess *access, const VdAsk *ask, bool *waited)
{
    guint before = came_later;
    VdJudgement judgement = vd_access_judge(access, ask, take, NULL, NULL);

    *waited = judgement.verdict == VD_VERDICT_LATER;
    if (!*waited) {
        vd_account_unref(judgement.account);
        return judgement.verdict;
    }
    vd_lock(&lock);
    while (came_later == before)
        vd_cond_wait(&came, &lock);
    VdVerdict verdict = later.verdict;
    vd_unlock(&lock);
    return verdict;
}

static char *basic(const char *pair)
{
    g_autofree char *code = g_base64_encode((const guchar *)pair, strlen(pair));

    return g_strconcat("Basic ", code, NULL);
}

static VdVerdict judge_pair(VdAccess *access, const char *place, const char *pair, bool *waited)
{
    g_autofree char *header = basic(pair);
    VdAsk ask = {.role = VD_ROLE_OPERATOR, .place = place, .authorization = header};

    return judge(access, &ask, waited);
}

static void assert_judged(VdAccess *access, VdAsk ask, VdVerdict verdict)
{
    bool waited;

    ask.place = ask.place != NULL ? ask.place : "192.0.2.1";
    VdVerdict judged = judge(access, &ask, &waited);
    g_assert_cmpint(judged, ==, verdict);
    g_assert_false(waited);
}

static void without_users_only_foreign_pages_are_refused(void)
{
    g_autoptr(VdAccess) access = access_new(NULL);

    g_assert_false(vd_access_is_controlled(access));
    assert_judged(access, (VdAsk){.role = VD_ROLE_ADMIN, .changes = true}, VD_VERDICT_ALLOWED);
    assert_judged(access, (VdAsk){.role = VD_ROLE_ADMIN, .authorization = "Nonsense"},
                  VD_VERDICT_ALLOWED);
    assert_judged(access, (VdAsk){.host = "evil.example"}, VD_VERDICT_HOST);
    assert_judged(access, (VdAsk){.host = "cams.example"}, VD_VERDICT_ALLOWED);
    assert_judged(access, (VdAsk){.host = "localhost", .origin = "http://evil.example"},
                  VD_VERDICT_ALLOWED);
    assert_judged(access,
                  (VdAsk){.host = "localhost", .origin = "http://evil.example", .changes = true},
                  VD_VERDICT_SITE);
}

static void who_says_nothing_may_do_what_needs_no_account(void)
{
    g_autoptr(VdAccess) access = access_new(file);

    g_assert_true(vd_access_is_controlled(access));
    assert_judged(access, (VdAsk){.role = VD_ROLE_NONE}, VD_VERDICT_ALLOWED);
    assert_judged(access, (VdAsk){.role = VD_ROLE_VIEWER}, VD_VERDICT_NOBODY);
    assert_judged(access, (VdAsk){.role = VD_ROLE_VIEWER, .authorization = "Basic !"},
                  VD_VERDICT_NOBODY);
    assert_judged(access, (VdAsk){.role = VD_ROLE_VIEWER, .cookie = VD_SESSION_COOKIE "=x"},
                  VD_VERDICT_NOBODY);
}

static void a_token_gives_its_role_at_once(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autofree char *right = g_strconcat("Bearer ", token, NULL);
    VdAsk ask = {.role = VD_ROLE_VIEWER, .place = "192.0.2.1", .authorization = right};

    VdJudgement judgement = vd_access_judge(access, &ask, take, NULL, NULL);
    g_assert_cmpint(judgement.verdict, ==, VD_VERDICT_ALLOWED);
    g_assert_cmpstr(judgement.account->name, ==, "tablet");
    g_assert_true(vd_account_sees(judgement.account, "front-door"));
    g_assert_false(vd_account_sees(judgement.account, "back"));
    vd_account_unref(judgement.account);
    ask.role = VD_ROLE_OPERATOR;
    assert_judged(access, ask, VD_VERDICT_ROLE);
}

static void a_password_is_verified_once_a_minute(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    bool waited;

    vd_clock_hold(1, 1);
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "anna:secret", &waited), ==,
                    VD_VERDICT_ALLOWED);
    g_assert_true(waited);
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "anna:secret", &waited), ==,
                    VD_VERDICT_ALLOWED);
    g_assert_false(waited);
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "anna:wrong", &waited), ==, VD_VERDICT_NOBODY);
    g_assert_true(waited);
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "nobody:secret", &waited), ==,
                    VD_VERDICT_NOBODY);
    g_assert_true(waited);
}

static void an_attack_from_elsewhere_locks_nobody_out(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autofree char *right = g_strconcat("Bearer ", token, NULL);
    bool waited;

    vd_clock_hold(1, 1);
    for (guint i = 0; i < 6; i++)
        g_assert_cmpint(judge_pair(access, "198.51.100.9", "anna:wrong", &waited), ==,
                        VD_VERDICT_NOBODY);
    g_assert_cmpint(judge_pair(access, "198.51.100.9", "anna:wrong", &waited), ==,
                    VD_VERDICT_TOO_OFTEN);
    g_assert_false(waited);
    g_assert_cmpint(judge_pair(access, "198.51.100.9", "anna:secret", &waited), ==,
                    VD_VERDICT_TOO_OFTEN); /* whether it is right is not told */
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "anna:secret", &waited), ==,
                    VD_VERDICT_ALLOWED);
    assert_judged(access,
                  (VdAsk){.role = VD_ROLE_VIEWER, .place = "198.51.100.9", .authorization = right},
                  VD_VERDICT_ALLOWED);
    vd_clock_advance(G_USEC_PER_SEC);
    g_assert_cmpint(judge_pair(access, "198.51.100.9", "anna:secret", &waited), ==,
                    VD_VERDICT_ALLOWED);
}

static void wrong_tokens_are_counted_too(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    VdAsk ask = {.role = VD_ROLE_VIEWER, .authorization = "Bearer vdt_wrong"};

    vd_clock_hold(1, 1);
    for (guint i = 0; i < 6; i++)
        assert_judged(access, ask, VD_VERDICT_NOBODY);
    assert_judged(access, ask, VD_VERDICT_TOO_OFTEN);
}

/* Anna's session: its cookie's header and CSRF token. */
static char *log_in(VdAccess *access, char **csrf)
{
    g_autofree char *header = basic("anna:secret");
    VdAsk ask = {.role = VD_ROLE_VIEWER, .place = "192.0.2.1", .authorization = header};
    bool waited;

    VdVerdict judged = judge(access, &ask, &waited);
    g_assert_cmpint(judged, ==, VD_VERDICT_ALLOWED);
    g_assert_true(waited);
    g_autofree char *cookie = vd_access_log_in(access, later.account);
    char *sent = g_strconcat("other=1; " VD_SESSION_COOKIE "=", cookie, NULL);
    *csrf = vd_access_csrf(access, sent);
    g_assert_nonnull(*csrf);
    return sent;
}

static void a_session_changes_nothing_without_its_csrf_token(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autofree char *csrf = NULL;
    g_autofree char *cookie = log_in(access, &csrf);
    VdAsk ask = {.role = VD_ROLE_OPERATOR, .cookie = cookie, .host = "localhost"};

    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    ask.changes = true;
    assert_judged(access, ask, VD_VERDICT_SITE);
    ask.csrf = "guess";
    assert_judged(access, ask, VD_VERDICT_SITE);
    ask.csrf = csrf;
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    ask.origin = "http://evil.example";
    assert_judged(access, ask, VD_VERDICT_SITE);
    ask.origin = "http://localhost";
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    ask.role = VD_ROLE_ADMIN;
    assert_judged(access, ask, VD_VERDICT_ROLE);
    vd_access_log_out(access, cookie);
    assert_judged(access, ask, VD_VERDICT_NOBODY);
    g_assert_null(vd_access_csrf(access, cookie));
}

static void a_changed_file_is_taken_over_and_ends_sessions_of_who_changed(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autofree char *csrf = NULL;
    g_autofree char *cookie = log_in(access, &csrf);
    VdAsk ask = {.role = VD_ROLE_OPERATOR, .cookie = cookie};
    bool waited;

    vd_access_refresh(access);
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    write_users(VD_ROLE_OPERATOR); /* another file, the same accounts */
    vd_access_refresh(access);
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    write_users(VD_ROLE_VIEWER);
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    vd_access_refresh(access);
    assert_judged(access, ask, VD_VERDICT_NOBODY);
    g_assert_cmpint(judge_pair(access, "192.0.2.1", "anna:secret", &waited), ==, VD_VERDICT_ROLE);
    g_assert_true(waited); /* what was verified before is not remembered */
    write_users(VD_ROLE_OPERATOR);
}

static void a_broken_file_changes_nothing(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autoptr(GError) error = NULL;
    g_autofree char *right = g_strconcat("Bearer ", token, NULL);
    VdAsk ask = {.role = VD_ROLE_VIEWER, .authorization = right};

    g_assert_true(g_file_set_contents(file, "[user\n", -1, NULL));
    g_assert_false(vd_access_configure(access, file, NULL, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    vd_access_refresh(access);
    assert_judged(access, ask, VD_VERDICT_ALLOWED);
    assert_judged(access, (VdAsk){.role = VD_ROLE_VIEWER}, VD_VERDICT_NOBODY);
    g_unlink(file);
    vd_access_refresh(access);
    assert_judged(access, (VdAsk){.role = VD_ROLE_VIEWER}, VD_VERDICT_NOBODY);
    write_users(VD_ROLE_OPERATOR);
}

static void an_account_that_went_while_it_was_verified_is_nobody(void)
{
    g_autoptr(VdAccess) access = access_new(file);
    g_autofree char *csrf = NULL;
    g_autofree char *cookie = log_in(access, &csrf);
    g_autoptr(VdAccount) anna = vd_account_ref(later.account);

    g_free(vd_access_log_in(access, anna));
    write_users(VD_ROLE_VIEWER);
    vd_access_refresh(access);
    g_assert_null(vd_access_log_in(access, anna));
    write_users(VD_ROLE_OPERATOR);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
    vd_lock_init(&lock);
    vd_cond_init(&came);
    folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    file = g_build_filename(folder, "users.conf", NULL);
    token = vd_random_text(VD_TOKEN_PREFIX);
    hash = vd_password_hash("secret");
    write_users(VD_ROLE_OPERATOR);
#define TEST(name) g_test_add_func("/access/" #name, name)
    TEST(without_users_only_foreign_pages_are_refused);
    TEST(who_says_nothing_may_do_what_needs_no_account);
    TEST(a_token_gives_its_role_at_once);
    TEST(a_password_is_verified_once_a_minute);
    TEST(an_attack_from_elsewhere_locks_nobody_out);
    TEST(wrong_tokens_are_counted_too);
    TEST(a_session_changes_nothing_without_its_csrf_token);
    TEST(a_changed_file_is_taken_over_and_ends_sessions_of_who_changed);
    TEST(a_broken_file_changes_nothing);
    TEST(an_account_that_went_while_it_was_verified_is_nobody);
    int status = g_test_run();
    vd_account_unref(later.account);
    g_unlink(file);
    g_rmdir(folder);
    g_free(folder);
    g_free(file);
    g_free(token);
    g_free(hash);
    return status;
}
