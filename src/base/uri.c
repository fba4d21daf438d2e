#include "base/uri.h"

#include <stdbool.h>
#include <string.h>

static const char *const secret_words[] = {
    "pas", "pwd",   "psw", "pw",         "token",   "key",   "auth", "secret", "user",
    "usr", "login", "sig", "credential", "session", "nonce", "hash", "ticket", "jwt"};
/* Too short to be looked for inside of other names. */
static const char *const secret_names[] = {"u", "p", "t", "k", "sid", "code", NULL};

/* The separator before the name may be part of it. */
static bool is_secret(const char *name, gsize length)
{
    g_autofree char *lower = g_ascii_strdown(name, (gssize)length);

    for (gsize i = 0; i < G_N_ELEMENTS(secret_words); i++)
        if (strstr(lower, secret_words[i]) != NULL)
            return true;
    return g_strv_contains(secret_names, lower + strspn(lower, "/&;?#"));
}

/*
 * Appends "/a=1&password=***". Paths are looked through as queries are: cameras of one large maker
 * have "rtsp://HOST/user=NAME&password=WORD&channel=1". There _ stands between them, too, but may
 * as well belong to the password: all up to the next sure separator is hidden.
 */
static void append_pairs(GString *out, const char *text, gsize length)
{
    for (gsize at = 0; at < length;) {
        gsize end = at + 1; /* the separator itself, or the first letter */
        while (end < length && strchr("/&;?#", text[end]) == NULL)
            end++;
        const char *equals = memchr(text + at, '=', end - at);
        if (equals != NULL && is_secret(text + at, (gsize)(equals - text) - at)) {
            g_string_append_len(out, text + at, equals - (text + at) + 1);
            g_string_append(out, "***");
        } else {
            g_string_append_len(out, text + at, (gssize)(end - at));
        }
        at = end;
    }
}

/* Appends what stands behind "scheme://". */
static void append_rest(GString *out, const char *rest, gsize length)
{
    /* The last @ wherever it stands: passwords may hold / and ? unescaped. */
    const char *at = memrchr(rest, '@', length);

    if (at != NULL) {
        gsize host = (gsize)(at - rest) + 1;
        g_string_append(out, "***@");
        rest += host;
        length -= host;
    }
    append_pairs(out, rest, length);
}

char *vd_redact_uri(const char *uri)
{
    static const char scheme_letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    const char *colon = strstr(uri, "://");
    GString *out = g_string_new(NULL);

    if (colon != NULL) {
        gsize length = (gsize)(colon - uri);
        if (strspn(uri, scheme_letters) >= length)
            g_string_append_len(out, uri, (gssize)length);
        else
            g_string_append(out, "***"); /* not a scheme: the @ may be missing */
        g_string_append(out, "://");
        uri = colon + strlen("://");
    }
    append_rest(out, uri, strlen(uri));
    return g_string_free(out, FALSE);
}

/*
 * Of what stands behind "://" in a text. Blanks, quotes and angles end it, but for those before an
 * @, which may be a password's.
 */
static gsize uri_length(const char *rest)
{
    gsize word = strcspn(rest, " \t\r\n");
    const char *at = memrchr(rest, '@', word);
    gsize from = at != NULL ? (gsize)(at - rest) : 0;

    return from + strcspn(rest + from, " \t\r\n\"<>");
}

char *vd_redact_text(const char *text)
{
    GString *out = g_string_new(NULL);
    const char *mark;

    while ((mark = strstr(text, "://")) != NULL) {
        gsize length = uri_length(mark + 3);

        g_string_append_len(out, text, mark + 3 - text);
        append_rest(out, mark + 3, length);
        text = mark + 3 + length;
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}
