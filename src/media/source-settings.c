#include "media/source-kind.h"

#include "base/error.h"
#include "base/limits.h"
#include "media/source-trust.h"

#include <string.h>

/* Decodes %xx; a text that is no such encoding is taken as it stands, as people write it. */
static char *decode(const char *text, gsize length)
{
    g_autofree char *copy = g_strndup(text, length);
    g_autofree char *decoded = g_uri_unescape_string(copy, NULL);

    return g_strdup(decoded != NULL ? decoded : copy);
}

/* Cuts "user:password@" out of what stands behind "scheme://". */
static void take_user(VdSourceSettings *settings, GString *location, gsize start)
{
    const char *rest = location->str + start;
    gsize length = strcspn(rest, "/");
    const char *at = memrchr(rest, '@', length);

    if (at == NULL)
        return;
    const char *colon = memchr(rest, ':', (gsize)(at - rest));
    settings->user = decode(rest, (gsize)((colon != NULL ? colon : at) - rest));
    if (colon != NULL)
        settings->password = decode(colon + 1, (gsize)(at - colon) - 1);
    g_string_erase(location, (gssize)start, at - rest + 1);
}

static void split_uri(VdSourceSettings *settings, const char *uri)
{
    g_autoptr(GString) location = g_string_new(uri);
    const char *mark = strstr(uri, "://");

    if (uri[0] == '/') { /* a path, as people give it on a command line */
        settings->scheme = g_strdup(g_str_has_prefix(uri, "/dev/") ? "v4l2" : "file");
    } else {
        settings->scheme = g_ascii_strdown(uri, (gssize)strcspn(uri, ":"));
        if (mark != NULL && !g_str_equal(settings->scheme, "file"))
            take_user(settings, location, (gsize)(mark - uri) + 3);
    }
    settings->location = g_strdup(location->str);
}

VdSourceSettings *vd_source_settings_new(const VdCameraConfig *camera, const char *uri,
                                         GError **error)
{
    if (strlen(uri) > VD_MAX_URI || !g_utf8_validate(uri, -1, NULL)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the uri is not UTF-8 of at most %d bytes",
                    VD_MAX_URI);
        return NULL;
    }
    VdSourceSettings *settings = g_new0(VdSourceSettings, 1);

    split_uri(settings, uri);
    if (settings->user == NULL && camera->user != NULL && camera->user[0] != '\0')
        settings->user = g_strdup(camera->user);
    if (settings->password == NULL && camera->password != NULL && camera->password[0] != '\0')
        settings->password = g_strdup(camera->password);
    settings->transport = camera->transport;
    settings->tls = camera->tls;
    settings->tls_ca_file = g_strdup(camera->tls_ca_file);
    settings->latency_ms = camera->latency_ms;
    settings->connect_timeout_ms = MAX(camera->connect_timeout_ms, 1);
    settings->loop = camera->loop;
    settings->file_fps = camera->file_fps;
    return settings;
}

VdSourceSettings *vd_source_settings_copy(const VdSourceSettings *settings)
{
    VdSourceSettings *copy = g_memdup2(settings, sizeof *settings);

    copy->scheme = g_strdup(settings->scheme);
    copy->location = g_strdup(settings->location);
    copy->user = g_strdup(settings->user);
    copy->password = g_strdup(settings->password);
    copy->tls_ca_file = g_strdup(settings->tls_ca_file);
    if (copy->trust != NULL)
        g_object_ref(copy->trust);
    return copy;
}

void vd_source_settings_free(VdSourceSettings *settings)
{
    if (settings == NULL)
        return;
    g_free(settings->scheme);
    g_free(settings->location);
    g_free(settings->user);
    g_free(settings->password);
    g_free(settings->tls_ca_file);
    g_clear_object(&settings->trust);
    g_free(settings);
}

char *vd_source_settings_host(const VdSourceSettings *settings)
{
    const char *mark = strstr(settings->location, "://");
    const char *host = mark != NULL ? mark + 3 : settings->location;

    return g_strndup(host, strcspn(host, "/?#"));
}
