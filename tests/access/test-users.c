#include "access/users.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* of "secret" */
#define HASH                                                 \
    "$argon2id$v=19$m=65536,t=2,p=1$gFQ9drZXmjwrfTfYe2CYwA$" \
    "SJ5zSNsYfWfVGf4N9rdTU5v2d4rnZDW3jA2yXN9Bsyk"
#define DIGEST "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define USER   "[user anna]\nrole=admin\ncameras=*\npassword=" HASH "\n"
#define TOKEN  "[token tablet]\nrole=viewer\ncameras=front-* garden\nhash=" DIGEST "\n"

static VdUsers *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VdUsers *users = vd_users_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return users;
}

static void what_the_file_says_is_read(void)
{
    g_autoptr(VdUsers) users =
        parse("# all\n" USER TOKEN "expires=2027-01-01T01:00:00+01:00\n[user bo]\nrole = operator\n"
              "cameras = a \t b-?\npassword=" HASH "\n");

    g_assert_cmpuint(users->accounts->len, ==, 3);
    const VdAccount *anna = vd_users_find(users, VD_USER, "anna");
    g_assert_cmpint(anna->role, ==, VD_ROLE_ADMIN);
    g_assert_cmpstr(anna->password, ==, HASH);
    g_assert_cmpint(anna->expires_us, ==, 0);
    const VdAccount *tablet = vd_users_find(users, VD_TOKEN, "tablet");
    g_assert_cmpint(tablet->role, ==, VD_ROLE_VIEWER);
    g_assert_cmpint(tablet->expires_us, ==, 1798761600 * (gint64)G_USEC_PER_SEC);
    for (guint i = 0; i < VD_DIGEST; i++)
        g_assert_cmpuint(tablet->token.bytes[i], ==, i);
    g_assert_null(vd_users_find(users, VD_TOKEN, "anna"));
    g_assert_null(vd_users_find(users, VD_USER, "tablet"));
    const VdAccount *bo = vd_users_find(users, VD_USER, "bo");
    g_assert_true(
        g_strv_equal((const char *const *)bo->cameras, (const char *const[]){"a", "b-?", NULL}));
}

/* clang-format off */
static const struct { const char *text, *wrong; } mistakes[] = {
    {"role=admin\n", "1: stands in no [user NAME] and no [token NAME]"},
    {"[camera x]\n", "1: [user NAME] or [token NAME] is wanted"},
    {"[user]\n", "1: [user NAME] or [token NAME] is wanted"},
    {"[user a:b]\n", "1: [user NAME] or [token NAME] is wanted"},
    {"[username x]\n", "1: [user NAME] or [token NAME] is wanted"},
    {"[user x]\nrole=chief\n", "2: role='chief': allowed are viewer, operator and admin"},
    {"[user x]\nrole=none\n", "2: role='none': allowed are viewer, operator and admin"},
    {"[user x]\ncameras= \n", "2: cameras='': one camera at least is wanted; * is all of them"},
    {"[user x]\ncameras=a,b\n", "2: cameras='a,b': ids of cameras are wanted"},
    {"[user x]\nexpires=soon\n", "2: expires='soon': a time is wanted as 2027-01-01T00:00:00Z"},
    {"[user x]\nexpires=2027-01-01\n", "2: expires='2027-01-01': a time is wanted"},
    {"[user x]\npassword=secret\n", "2: password=***: not the password but its argon2id hash"},
    {"[user x]\nhash=" DIGEST "\n", "2: hash=***: a user has none"},
    {"[token x]\npassword=" HASH "\n", "2: password=***: a token has none"},
    {"[token x]\nhash=vdt_" DIGEST "\n", "2: hash=***: 43 characters of base64url are wanted"},
    {"[user x]\nname=x\n", "2: there is no such option: role, cameras, expires, password and hash"},
    {USER USER, "5: [user anna]: the second one of this name"},
    {"\n[user x]\nrole=admin\ncameras=*\n", "2: [user x]: password= is missing"},
    {"[user x]\ncameras=*\npassword=" HASH "\n", "1: [user x]: role= is missing"},
    {"[user x]\nrole=admin\npassword=" HASH "\n[token t]\n", "1: [user x]: cameras= is missing"},
    {"[token x]\nrole=admin\ncameras=*\n", "1: [token x]: hash= is missing"},
    {"[user x\n", "1: a group's name ends with ]"},
};
/* clang-format on */

static void mistakes_are_named_with_their_line_and_without_secrets(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", mistakes[i].wrong);
        g_assert_null(vd_users_parse(mistakes[i].text, strlen(mistakes[i].text), &error));
        g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, mistakes[i].wrong));
        g_assert_null(strstr(error->message, "secret"));
        g_assert_null(strstr(error->message, DIGEST));
    }
}

static void one_account_more_than_the_limit_is_refused(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < VD_MAX_ACCOUNTS; i++)
        g_string_append_printf(text, "[token t%u]\nrole=viewer\ncameras=*\nhash=" DIGEST "\n", i);
    vd_users_free(parse(text->str));
    g_string_append(text, USER);
    g_assert_null(vd_users_parse(text->str, text->len, &error));
    g_assert_nonnull(strstr(error->message, "more than 256 users and tokens"));
}

static void what_is_printed_is_read_as_the_same(void)
{
    g_autoptr(VdUsers) users = parse(USER TOKEN "expires=2027-01-01T00:00:00Z\n");
    g_autofree char *text = vd_users_print(users);
    g_autoptr(VdUsers) again = parse(text);

    g_assert_cmpuint(again->accounts->len, ==, 2);
    for (guint i = 0; i < 2; i++)
        g_assert_true(vd_users_hold(again, users->accounts->pdata[i]));
}

static void a_change_of_anything_is_a_difference(void)
{
    g_autoptr(VdUsers) users = parse(USER TOKEN);
    static const char *const others[] = {
        "[user anna]\nrole=viewer\ncameras=*\npassword=" HASH "\n",
        "[user anna]\nrole=admin\ncameras=* a\npassword=" HASH "\n",
        "[user anna]\nrole=admin\ncameras=*\npassword=$argon2id$v=19$m=65536,t=2,p=1$"
        "gFQ9drZXmjwrfTfYe2CYwA$AAAAASNsYfWfVGf4N9rdTU5v2d4rnZDW3jA2yXN9Bsyk\n",
        USER "expires=2027-01-01T00:00:00Z\n",
        TOKEN,
    };

    g_assert_true(vd_users_hold(users, users->accounts->pdata[0]));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(VdUsers) other = parse(others[i]);

        g_assert_false(vd_users_hold(other, users->accounts->pdata[0]));
    }
}

static void patterns_say_which_cameras_are_seen(void)
{
    g_autoptr(VdUsers) users = parse(USER TOKEN);
    const VdAccount *anna = users->accounts->pdata[0], *tablet = users->accounts->pdata[1];

    g_assert_true(vd_account_sees(anna, "front-door"));
    g_assert_true(vd_account_sees(tablet, "front-door"));
    g_assert_true(vd_account_sees(tablet, "garden"));
    g_assert_false(vd_account_sees(tablet, "garden-2"));
    g_assert_false(vd_account_sees(tablet, "front"));
    g_assert_false(vd_account_sees(tablet, "back"));
}

static void a_token_is_found_by_itself_alone(void)
{
    g_autoptr(VdUsers) users = parse(USER TOKEN);
    g_autoptr(VdAccount) account = vd_account_new(VD_TOKEN, "new");
    g_autofree char *token = vd_random_text(VD_TOKEN_PREFIX);
    g_autofree char *other = vd_random_text(VD_TOKEN_PREFIX);

    account->role = VD_ROLE_VIEWER;
    account->cameras = g_strsplit("*", " ", 0);
    account->token = vd_digest(token);
    g_assert_true(vd_users_put(users, account));
    g_assert_true(vd_users_find_token(users, token) == account);
    g_assert_null(vd_users_find_token(users, other));
    g_assert_null(vd_users_find_token(users, token + 4));
    g_assert_null(vd_users_find_token(users, ""));
    g_assert_null(vd_users_find_token(users, DIGEST));
    g_assert_true(vd_users_remove(users, VD_TOKEN, "new"));
    g_assert_false(vd_users_remove(users, VD_TOKEN, "new"));
    g_assert_null(vd_users_find_token(users, token));
}

static void accounts_expire_by_the_wall_clock(void)
{
    g_autoptr(VdAccount) account = vd_account_new(VD_TOKEN, "t");

    vd_clock_hold(0, 1000);
    g_assert_false(vd_account_expired(account));
    account->expires_us = 1001;
    g_assert_false(vd_account_expired(account));
    vd_clock_advance(1);
    g_assert_true(vd_account_expired(account));
    vd_clock_release();
}

static void a_file_that_others_may_read_is_refused(void)
{
    g_autofree char *folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "users.conf", NULL);
    g_autoptr(VdUsers) users = parse(USER);
    g_autoptr(GError) error = NULL;
    GStatBuf status;

    g_assert_true(vd_users_save(users, path, NULL, &error));
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 07777, ==, 0600);
    g_autoptr(VdUsers) loaded = vd_users_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(loaded->accounts->len, ==, 1);
    g_assert_cmpint(g_chmod(path, 0640), ==, 0);
    g_assert_null(vd_users_load(path, &error));
    g_assert_nonnull(strstr(error->message, "users.conf: others than its owner may use it (mode "
                                            "0640): chmod 600 is needed"));
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
#define TEST(name) g_test_add_func("/users/" #name, name)
    TEST(what_the_file_says_is_read);
    TEST(mistakes_are_named_with_their_line_and_without_secrets);
    TEST(one_account_more_than_the_limit_is_refused);
    TEST(what_is_printed_is_read_as_the_same);
    TEST(a_change_of_anything_is_a_difference);
    TEST(patterns_say_which_cameras_are_seen);
    TEST(a_token_is_found_by_itself_alone);
    TEST(accounts_expire_by_the_wall_clock);
    TEST(a_file_that_others_may_read_is_refused);
    return g_test_run();
}
