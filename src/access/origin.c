#include "access/origin.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

/* "[::1]:80" and "name:80" to host, without brackets and a dot at its end, and ":80" or "". */
static char *split_host(const char *text, const char **port)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : text + strcspn(text, ":");

    if (end == NULL)
        return NULL;
    *port = text[0] == '[' ? end + 1 : end;
    if (**port != '\0' && (**port != ':' || strspn(*port + 1, G_CSET_DIGITS) != strlen(*port + 1) ||
                           strlen(*port) > 6))
        return NULL;
    if (text[0] == '[')
        return g_strndup(text + 1, (gsize)(end - text - 1));
    gsize length = (gsize)(end - text);
    if (length > 0 && text[length - 1] == '.')
        length--;
    return g_strndup(text, length);
}

static bool is_address(int family, const char *host)
{
    guint8 bytes[16];

    return inet_pton(family, host, bytes) == 1;
}

static bool is_one_of(const char *host, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (g_ascii_strcasecmp(host, *names) == 0)
            return true;
    return false;
}

bool vd_host_allowed(const char *host, const char *const *names)
{
    const char *port;

    if (host == NULL) /* HTTP/1.0: no browser */
        return true;
    g_autofree char *name = split_host(host, &port);
    if (name == NULL)
        return false;
    if (host[0] == '[')
        return is_address(AF_INET6, name);
    return is_address(AF_INET, name) || g_ascii_strcasecmp(name, "localhost") == 0 ||
           is_one_of(name, names);
}

/* What stands behind the scheme, and the scheme's own port; NULL: no scheme of such pages. */
static const char *behind_scheme(const char *origin, bool encrypted, const char **own_port)
{
    static const char *const schemes[][2] = {{"http://", ":80"}, {"https://", ":443"}};

    for (guint i = encrypted ? 1 : 0; i < G_N_ELEMENTS(schemes); i++) {
        *own_port = schemes[i][1];
        if (g_ascii_strncasecmp(origin, schemes[i][0], strlen(schemes[i][0])) == 0)
            return origin + strlen(schemes[i][0]);
    }
    return NULL;
}

static const char *port_or(const char *port, const char *own_port)
{
    return port[0] != '\0' ? port : own_port;
}

bool vd_origin_allowed(const char *origin, bool encrypted, const char *host,
                       const char *const *names)
{
    const char *own_port, *port, *host_port;

    if (origin == NULL)
        return true;
    const char *from = behind_scheme(origin, encrypted, &own_port);
    if (from == NULL)
        return false;
    g_autofree char *name = split_host(from, &port);
    g_autofree char *host_name = host != NULL ? split_host(host, &host_port) : NULL;
    if (name == NULL)
        return false;
    if (host_name != NULL && g_ascii_strcasecmp(name, host_name) == 0 &&
        strcmp(port_or(port, own_port), port_or(host_port, own_port)) == 0)
        return true;
    return from[0] != '[' && strcmp(port_or(port, own_port), own_port) == 0 &&
           is_one_of(name, names);
}
