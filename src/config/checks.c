#include "config/checks.h"

#include "base/address.h"
#include "base/error.h"
#include "base/event-kind.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/words.h"
#include "config/config.h"
#include "config/gpu-wish.h"
#include "config/nearest.h"
#include "config/tampers.h"
#include "config/test-uri.h"

#include <gio/gio.h>
#include <string.h>

#define ID_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define WRONG_PORT "the port must be a number from 1 to 65535"

static const char *const schemes[] = {"rtsp", "rtsps", "http", "https",
                                      "file", "v4l2",  "test", NULL};
static const char *const local_schemes[] = {"file", "v4l2", NULL};

const char *const *vd_config_schemes(void)
{
    return schemes;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (g_unichar_iscntrl(g_utf8_get_char(text)))
            return true;
    return false;
}

static bool check_id_of(const char *what, const char *id, GError **error)
{
    gsize length = strlen(id);

    if (length >= 1 && length <= VD_MAX_ID && id[0] != '-' && id[strspn(id, ID_LETTERS)] == '\0')
        return true;
    return vd_refuse(error, "a %s has 1 to %d letters a-z, digits and -, and does not begin with -",
                     what, VD_MAX_ID);
}

bool vd_check_id(const char *id, GError **error)
{
    return check_id_of("camera's id", id, error);
}

bool vd_check_line_name(const char *name, GError **error)
{
    return check_id_of("line's name", name, error);
}

bool vd_check_zone_name(const char *name, GError **error)
{
    return check_id_of("zone's name", name, error);
}

bool vd_check_name(char **text, GError **error)
{
    if (strlen(*text) > VD_MAX_NAME)
        return vd_refuse(error, "the name is too long: at most %d bytes are allowed", VD_MAX_NAME);
    if (has_control(*text))
        return vd_refuse(error, "control characters are not allowed in a name");
    return true;
}

bool vd_check_topic(char **text, GError **error)
{
    if (strpbrk(*text, "+#") != NULL)
        return vd_refuse(error, "+ and # are not allowed in a topic");
    return vd_check_name(text, error);
}

bool vd_check_web_url(char **text, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(*text, G_URI_FLAGS_NONE, NULL);

    if (strlen(*text) <= VD_MAX_URI && uri != NULL && g_uri_get_host(uri) != NULL &&
        (g_str_equal(g_uri_get_scheme(uri), "http") || g_str_equal(g_uri_get_scheme(uri), "https")))
        return true;
    return vd_refuse(error, "it must be http://... or https://... with a host");
}

bool vd_check_kinds(char **text, GError **error)
{
    guint kinds;

    if (vd_event_kinds_read(*text, &kinds))
        return true;
    g_autofree char *known = g_strjoinv(", ", (char **)vd_event_kind_names());
    return vd_refuse(error, "allowed are, separated by commas: %s", known);
}

bool vd_check_tampers(char **text, GError **error)
{
    guint kinds;

    if (vd_tampers_read(*text, &kinds))
        return true;
    g_autofree char *known = vd_tampers_list();
    return vd_refuse(error, "allowed are all, off, or separated by commas: %s", known);
}

bool vd_check_ids(char **text, GError **error)
{
    g_auto(GStrv) ids = g_strsplit(*text, ",", -1);

    for (guint i = 0; ids[i] != NULL; i++)
        if (!vd_check_id(ids[i], error))
            return false;
    return true;
}

bool vd_check_gpu(char **text, GError **error)
{
    g_autofree char *wrong = NULL;
    VdGpuWish wish;

    if (vd_gpu_wish_parse(*text, &wish))
        return true;
    wrong = vd_shown(*text);
    return vd_refuse(error,
                     "%s is unknown: allowed are auto, require, off and a number from 0 to %d",
                     wrong, VD_MAX_GPUS - 1);
}

bool vd_check_secret(char **text, GError **error)
{
    if (strlen(*text) > VD_MAX_PASSWORD)
        return vd_refuse(error, "too long: at most %d bytes are allowed", VD_MAX_PASSWORD);
    if (has_control(*text))
        return vd_refuse(error, "control characters are not allowed here");
    return true;
}

bool vd_check_file_name(char **text, GError **error)
{
    bool absolute = g_path_is_absolute(*text);

    if (has_control(*text))
        return vd_refuse(error, "control characters are not allowed in a file's name");
    if (!absolute && (strchr(*text, '/') != NULL || (*text)[0] == '.'))
        return vd_refuse(error, "write a path that begins with /, or the name of a systemd "
                                "credential, which holds no / and does not begin with a dot");
    return true;
}

bool vd_check_path(char **text, GError **error)
{
    if (g_path_is_absolute(*text) && !has_control(*text))
        return true;
    return vd_refuse(error, "write the path of a file, which begins with /");
}

bool vd_check_host_names(char **text, GError **error)
{
    static const char letters[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".- ";

    if (strspn(*text, letters) == strlen(*text))
        return true;
    return vd_refuse(error, "write names of letters, digits, dots and hyphens, without a port, and "
                            "blanks between them");
}

bool vd_check_ca_file(char **text, GError **error)
{
    gsize length;

    if (!g_path_is_absolute(*text) || has_control(*text))
        return vd_refuse(error, "write the path of a PEM file, which begins with /");
    g_autofree char *pem = vd_file_read(*text, VD_MAX_CA_FILE, &length, error);
    if (pem == NULL)
        return false;
    g_autoptr(GTlsCertificate) first = g_tls_certificate_new_from_pem(pem, (gssize)length, NULL);
    return first != NULL || vd_refuse(error, "there is no certificate in this file, or one that is "
                                             "no PEM (BEGIN CERTIFICATE)");
}

bool vd_check_socket(char **text, GError **error)
{
    if (!g_path_is_absolute(*text) || has_control(*text))
        return vd_refuse(error, "write the path of a Unix socket, which begins with /");
    g_autoptr(GSocketAddress) address = vd_address_parse(*text, error);

    return address != NULL;
}

bool vd_check_listen(char **text, GError **error)
{
    if (has_control(*text))
        return vd_refuse(error, "control characters are not allowed here");
    g_autoptr(GSocketAddress) address = vd_address_parse(*text, error);

    return address != NULL;
}

static char *all_schemes(void)
{
    return g_strjoinv(", ", (char **)schemes);
}

/* Only called for what stands before "://", which is no secret. */
static bool refuse_scheme(const char *scheme, GError **error)
{
    g_autofree char *allowed = all_schemes();
    g_autofree char *hint = vd_word_hint(scheme, schemes);

    return vd_refuse(error, "unknown scheme '%s'%s; allowed are %s and absolute paths", scheme,
                     hint, allowed);
}

static bool check_scheme(const char *uri, char **scheme, GError **error)
{
    gsize length = strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    *scheme = g_ascii_strdown(uri, (gssize)length);
    if (length > 0 && length < 16 && uri[length] == ':' && g_strv_contains(schemes, *scheme))
        return true;
    if (length > 0 && length < 16 && g_str_has_prefix(uri + length, "://"))
        return refuse_scheme(*scheme, error);
    g_autofree char *allowed = all_schemes();
    return vd_refuse(
        error,
        "it does not begin with a scheme: write a camera as rtsp://192.0.2.10/stream, a "
        "file as /srv/clip.mp4; allowed are %s and absolute paths",
        allowed);
}

/* "file:/x", "file:///x" and "/x" become "file:///x"; the same for v4l2. */
static bool normalise_path(char **text, const char *scheme, const char *path, GError **error)
{
    if (g_str_has_prefix(path, "//"))
        path += 2;
    if (path[0] != '/' || path[1] == '\0')
        return vd_refuse(error, "%s: needs an absolute path, as in %s:///%s", scheme, scheme,
                         g_str_equal(scheme, "v4l2") ? "dev/video0" : "srv/clip.mp4");
    g_autofree char *before = *text;
    *text = g_strdup_printf("%s://%s", scheme, path);
    return true;
}

/*
 * Whether the port is why GLib cannot read a URI. An @ behind the first / ? or # says that these
 * belong to a password, and then what looks like a port may do so, too.
 */
static bool has_wrong_port(const char *uri)
{
    const char *mark = strstr(uri, "://");
    const char *rest = mark != NULL ? mark + strlen("://") : "";
    gsize length = strcspn(rest, "/?#");
    g_autofree char *authority = g_strndup(rest, length);
    const char *at = strrchr(authority, '@');
    const char *host = at != NULL ? at + 1 : authority;
    const char *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
    const char *colon = strchr(bracket != NULL ? bracket : host, ':');

    return strchr(rest + length, '@') == NULL && colon != NULL && strchr(colon + 1, ':') == NULL &&
           !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, NULL, NULL);
}

/* GLib's own message would quote what it took for a port, which may be a piece of a password. */
static bool check_network(const char *uri, GError **error)
{
    g_autoptr(GUri) parsed =
        g_uri_parse(uri, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);

    if (parsed == NULL && has_wrong_port(uri))
        return vd_refuse(error, WRONG_PORT);
    if (parsed == NULL)
        return vd_refuse(error,
                         "it cannot be read as SCHEME://[USER:PASSWORD@]HOST[:PORT]/PATH; in "
                         "USER and PASSWORD write %%40 for @, %%2F for /, %%3A for :, %%23 for "
                         "#, %%3F for ?, %%25 for %%, or use user= and password=");
    if (g_uri_get_host(parsed) == NULL || g_uri_get_host(parsed)[0] == '\0')
        return vd_refuse(error, "the host is missing: SCHEME://[USER:PASSWORD@]HOST[:PORT]/PATH");
    if (g_uri_get_port(parsed) == 0 || g_uri_get_port(parsed) > 65535)
        return vd_refuse(error, WRONG_PORT);
    return true;
}

static bool check_path(char **text, GError **error)
{
    const char *scheme = g_str_has_prefix(*text, "/dev/video") ? "v4l2" : "file";
    g_autofree char *path = g_str_equal(scheme, "v4l2")
                                ? g_strdup(*text)
                                : g_uri_escape_string(*text, "/", /* allow UTF-8 */ FALSE);

    return normalise_path(text, scheme, path, error);
}

static bool check_test(const char *uri, const char *scene, GError **error)
{
    VdTestUri test;

    if (scene[0] == '\0')
        return vd_refuse(error, "the scene is missing, as in test:moving");
    return vd_test_uri_parse(uri, &test, error);
}

bool vd_check_uri(char **text, GError **error)
{
    g_autofree char *scheme = NULL;

    if (strlen(*text) > VD_MAX_URI)
        return vd_refuse(error, "too long: at most %d bytes are allowed", VD_MAX_URI);
    if (has_control(*text))
        return vd_refuse(error, "control characters are not allowed in a URI");
    if ((*text)[0] == '/')
        return check_path(text, error);
    if ((*text)[strcspn(*text, " \"<>")] != '\0')
        return vd_refuse(error,
                         "blanks, \", < and > are not allowed in a URI: write %%20 for a blank, "
                         "%%22 for \", %%3C for < and %%3E for >");
    if (!check_scheme(*text, &scheme, error))
        return false;
    const char *rest = *text + strlen(scheme) + 1;
    if (g_strv_contains(local_schemes, scheme))
        return normalise_path(text, scheme, rest, error);
    if (g_str_equal(scheme, "test"))
        return check_test(*text, rest, error);
    return check_network(*text, error);
}
