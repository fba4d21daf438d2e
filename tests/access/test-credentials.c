#include "access/credentials.h"
#include "access/secret.h"
#include "base/limits.h"

#include <string.h>

#define COOKIE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define OTHER  "BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define OURS   VD_SESSION_COOKIE "=" COOKIE

/* clang-format off */
static const struct {
    const char *authorization, *cookie;                       /* (nullable) */
    const char *user, *password, *token, *session; bool broken;
} rows[] = {
    {NULL, NULL, NULL, NULL, NULL, NULL, false},
    {"Basic YW5uYTpzZWNyZXQ=", NULL, "anna", "secret", NULL, NULL, false},
    {"basic  YW5uYTpzZWNyZXQ", NULL, "anna", "secret", NULL, NULL, false},
    {"Basic YTo=", NULL, "a", "", NULL, NULL, false},
    {"Basic YTpiOmM=", NULL, "a", "b:c", NULL, NULL, false},
    {"Basic w6Q6w7Y=", NULL, "\xc3\xa4", "\xc3\xb6", NULL, NULL, false},
    {"Basic", NULL, NULL, NULL, NULL, NULL, true},
    {"Basic ", NULL, NULL, NULL, NULL, NULL, true},
    {"Basic YW5uYQ==", NULL, NULL, NULL, NULL, NULL, true},      /* "anna" */
    {"Basic OnNlY3JldA==", NULL, NULL, NULL, NULL, NULL, true},  /* ":secret" */
    {"Basic YW5uYTpzZWNyZXQ= x", NULL, NULL, NULL, NULL, NULL, true},
    {"Basic YW5uYTpzZWNyZXQ===", NULL, NULL, NULL, NULL, NULL, true},
    {"Basic YW5uYTpzZWNyZX=Q", NULL, NULL, NULL, NULL, NULL, true},
    {"Basic YTpiAGM=", NULL, NULL, NULL, NULL, NULL, true},      /* a NUL */
    {"Basic YTr//w==", NULL, NULL, NULL, NULL, NULL, true},      /* no UTF-8 */
    {"Bearer vdt_x", NULL, NULL, NULL, "vdt_x", NULL, false},
    {"Bearer ", NULL, NULL, NULL, NULL, NULL, true},
    {"Digest username=\"x\"", NULL, NULL, NULL, NULL, NULL, true},
    {"", NULL, NULL, NULL, NULL, NULL, true},
    {NULL, OURS, NULL, NULL, NULL, COOKIE, false},
    {NULL, "a=b; " OURS "; c=d", NULL, NULL, NULL, COOKIE, false},
    {NULL, "a=b;" OURS " ;", NULL, NULL, NULL, COOKIE, false},
    {NULL, OURS "; " OURS, NULL, NULL, NULL, COOKIE, false},
    {NULL, OURS "; " VD_SESSION_COOKIE "=" OTHER, NULL, NULL, NULL, NULL, true},
    {NULL, OURS "x", NULL, NULL, NULL, NULL, true},
    {NULL, VD_SESSION_COOKIE "=", NULL, NULL, NULL, NULL, false},
    {NULL, "x" OURS, NULL, NULL, NULL, NULL, false},
    {NULL, "a=b", NULL, NULL, NULL, NULL, false},
    {NULL, ";;; ;", NULL, NULL, NULL, NULL, false},
    {"Bearer vdt_x", OURS, NULL, NULL, "vdt_x", NULL, false},
    {"Nonsense", OURS, NULL, NULL, NULL, NULL, true},
};
/* clang-format on */

static void headers_are_taken_apart(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        VdCredentials said;

        g_test_message("%s | %s", rows[i].authorization, rows[i].cookie);
        vd_credentials_parse(&said, rows[i].authorization, rows[i].cookie);
        g_assert_cmpstr(said.user, ==, rows[i].user);
        g_assert_cmpstr(said.password, ==, rows[i].password);
        g_assert_cmpstr(said.token, ==, rows[i].token);
        g_assert_cmpstr(said.session, ==, rows[i].session);
        g_assert_true(said.broken == rows[i].broken);
        vd_credentials_clear(&said);
    }
}

static bool password_of_length_is_taken(guint length)
{
    g_autofree char *password = g_strnfill(length, 'x');
    g_autofree char *pair = g_strconcat("anna:", password, NULL);
    g_autofree char *code = g_base64_encode((const guchar *)pair, strlen(pair));
    g_autofree char *header = g_strconcat("Basic ", code, NULL);
    VdCredentials said;

    vd_credentials_parse(&said, header, NULL);
    bool taken = said.password != NULL;
    g_assert_true(taken != said.broken);
    vd_credentials_clear(&said);
    return taken;
}

static void one_byte_more_than_a_password_may_have_is_refused(void)
{
    g_assert_true(password_of_length_is_taken(VD_MAX_PASSWORD));
    g_assert_false(password_of_length_is_taken(VD_MAX_PASSWORD + 1));
    g_assert_false(password_of_length_is_taken(100000));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
#define TEST(name) g_test_add_func("/credentials/" #name, name)
    TEST(headers_are_taken_apart);
    TEST(one_byte_more_than_a_password_may_have_is_refused);
    return g_test_run();
}
