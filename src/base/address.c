#include "base/address.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/un.h>

static GSocketAddress *parse_path(const char *path, GError **error)
{
    gsize most = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;

    if (strlen(path) <= most)
        return g_unix_socket_address_new(path);
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "a socket's path has at most %zu bytes", most);
    return NULL;
}

static GInetAddress *parse_host(const char *text, gsize length)
{
    bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
    g_autofree char *host = brackets ? g_strndup(text + 1, length - 2) : g_strndup(text, length);
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(host);
    GSocketFamily family = brackets ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4;

    if (inet == NULL || g_inet_address_get_family(inet) != family)
        return NULL;
    return g_steal_pointer(&inet);
}

static GSocketAddress *refuse(GError **error, const char *text)
{
    g_set_error_literal(error, VD_ERROR, VD_ERROR_INVALID, text);
    return NULL;
}

GSocketAddress *vd_address_parse(const char *text, GError **error)
{
    const char *colon = strrchr(text, ':');
    guint64 port;

    if (text[0] == '/')
        return parse_path(text, error);
    if (colon == NULL)
        return refuse(error, "the port is missing: write ADDRESS:PORT, [ADDRESS6]:PORT or the "
                             "path of a Unix socket");
    g_autoptr(GInetAddress) inet = parse_host(text, (gsize)(colon - text));
    if (inet == NULL)
        return refuse(error, "a numeric address is wanted before the port: write it as "
                             "127.0.0.1:8080, an IPv6 one as [::1]:8080, or write the path of a "
                             "Unix socket");
    if (!g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
        return refuse(error, "the port must be a number from 0 to 65535");
    return g_inet_socket_address_new(inet, (guint16)port);
}

/* GLib does not know that ::ffff:127.0.0.1 is 127.0.0.1, written as IPv6 has it. */
static bool is_loopback(GInetAddress *inet)
{
    static const guint8 mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};

    return g_inet_address_get_is_loopback(inet) ||
           (g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV6 &&
            memcmp(g_inet_address_to_bytes(inet), mapped, sizeof mapped) == 0);
}

bool vd_address_is_local(GSocketAddress *address)
{
    if (G_IS_INET_SOCKET_ADDRESS(address))
        return is_loopback(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
    return G_IS_UNIX_SOCKET_ADDRESS(address);
}

bool vd_address_allowed(GSocketAddress *address, bool reached, GError **error)
{
    if (reached || vd_address_is_local(address))
        return true;
    refuse(error, "other machines reach this address, and what goes there is not encrypted: "
                  "passwords and pictures can be read on the way; allowed are loopback addresses "
                  "and Unix sockets, any with tls-certificate=, tls-key= and users-file=, and "
                  "without them any with --insecure-listen");
    return false;
}
