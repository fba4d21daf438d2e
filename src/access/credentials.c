#include "access/credentials.h"

#include "access/secret.h"
#include "base/limits.h"

#include <string.h>

/* What stands behind a scheme and its blanks, or NULL when it is another scheme. */
static const char *behind_scheme(const char *header, const char *scheme)
{
    gsize length = strlen(scheme);

    if (g_ascii_strncasecmp(header, scheme, length) != 0 || header[length] != ' ')
        return NULL;
    return header + length + strspn(header + length, " ");
}

/* Standard base64 alone, with its padding or without; NULL for anything else. */
static char *decode(const char *text)
{
    gsize length = strcspn(text, "="), left = length % 4, decoded;

    if (length == 0 || left == 1 || strlen(text + length) > 2 ||
        strspn(text + length, "=") != strlen(text + length) ||
        strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/") != length)
        return NULL;
    g_autofree char *padded =
        g_strdup_printf("%.*s%.*s", (int)length, text, left == 0 ? 0 : (int)(4 - left), "==");
    guchar *bytes = g_base64_decode(padded, &decoded);
    char *result = g_strndup((const char *)bytes, decoded);
    bool good = strlen(result) == decoded && g_utf8_validate(result, -1, NULL);

    memset(bytes, 0, decoded);
    memset(padded, 0, strlen(padded));
    g_free(bytes);
    if (good)
        return result;
    vd_secret_free(result);
    return NULL;
}

static bool parse_basic(VdCredentials *credentials, const char *text)
{
    enum { MOST = (2 * VD_MAX_PASSWORD + 1) * 4 / 3 + 4 };
    char *pair = strlen(text) <= MOST ? decode(text) : NULL;
    char *colon = pair != NULL ? strchr(pair, ':') : NULL;
    bool good = colon != NULL && colon != pair && colon - pair <= VD_MAX_PASSWORD &&
                strlen(colon + 1) <= VD_MAX_PASSWORD;

    if (good) {
        credentials->user = g_strndup(pair, (gsize)(colon - pair));
        credentials->password = g_strdup(colon + 1);
    }
    vd_secret_free(pair);
    return good;
}

static bool parse_authorization(VdCredentials *credentials, const char *header)
{
    const char *basic = behind_scheme(header, "Basic");
    const char *bearer = behind_scheme(header, "Bearer");

    if (basic != NULL)
        return parse_basic(credentials, basic);
    if (bearer == NULL || bearer[0] == '\0' || strlen(bearer) > VD_MAX_PASSWORD)
        return false;
    credentials->token = g_strdup(bearer);
    return true;
}

/* One "name=value" of the header; false when a second one says something else than the first. */
static bool parse_crumb(VdCredentials *credentials, const char *crumb, gsize length)
{
    gsize name = strlen(VD_SESSION_COOKIE "=");

    if (length <= name || strncmp(crumb, VD_SESSION_COOKIE "=", name) != 0)
        return true;
    char *value = g_strndup(crumb + name, length - name);
    bool good = vd_random_text_valid("", value) &&
                (credentials->session == NULL || strcmp(credentials->session, value) == 0);

    if (good && credentials->session == NULL)
        credentials->session = g_steal_pointer(&value);
    vd_secret_free(value);
    return good;
}

/* Pages of other names of this host may set a cookie of our name beside ours: then none counts. */
static bool parse_cookie(VdCredentials *credentials, const char *header)
{
    for (const char *at = header; *at != '\0';) {
        at += strspn(at, " \t;");
        gsize length = strcspn(at, ";");
        gsize used = length;

        while (used > 0 && g_ascii_isspace(at[used - 1]))
            used--;
        if (!parse_crumb(credentials, at, used))
            return false;
        at += length;
    }
    return true;
}

void vd_credentials_parse(VdCredentials *credentials, const char *authorization, const char *cookie)
{
    *credentials = (VdCredentials){0};
    if (authorization != NULL)
        credentials->broken = !parse_authorization(credentials, authorization);
    else if (cookie != NULL)
        credentials->broken = !parse_cookie(credentials, cookie);
    if (credentials->broken)
        g_clear_pointer(&credentials->session, vd_secret_free);
}

void vd_credentials_clear(VdCredentials *credentials)
{
    g_clear_pointer(&credentials->user, g_free);
    g_clear_pointer(&credentials->password, vd_secret_free);
    g_clear_pointer(&credentials->token, vd_secret_free);
    g_clear_pointer(&credentials->session, vd_secret_free);
}
