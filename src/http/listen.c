#include "http/listen.h"

#include "base/address.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* A socket file that its server left behind stands in the way; anything else stays. */
static void remove_left_behind(const struct sockaddr_un *address, socklen_t size)
{
    struct stat info;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return;
    if (stat(address->sun_path, &info) == 0 && S_ISSOCK(info.st_mode) &&
        connect(fd, (const struct sockaddr *)address, size) < 0 && errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

static int open_socket(const struct sockaddr_storage *address, socklen_t size)
{
    const int on = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    if (address->ss_family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int open_address(GSocketAddress *where, GError **error)
{
    struct sockaddr_storage address = {0};
    socklen_t size = (socklen_t)g_socket_address_get_native_size(where);

    if (!g_socket_address_to_native(where, &address, sizeof address, error))
        return -1;
    if (address.ss_family == AF_UNIX)
        remove_left_behind((struct sockaddr_un *)&address, size);
    int fd = open_socket(&address, size);
    if (fd < 0)
        g_set_error_literal(error, VD_ERROR, VD_ERROR_FAILED, g_strerror(errno));
    return fd;
}

int vd_listen(const char *where, bool reached, GError **error)
{
    g_autoptr(GSocketAddress) address = vd_address_parse(where, error);
    int fd = -1;

    if (address != NULL && vd_address_allowed(address, reached, error))
        fd = open_address(address, error);
    if (fd < 0)
        g_prefix_error(error, "%s: ", where);
    return fd;
}

static GSocketAddress *address_of(int fd, GError **error)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
        return g_socket_address_new_from_native(&address, size);
    g_set_error_literal(error, VD_ERROR, VD_ERROR_FAILED, g_strerror(errno));
    return NULL;
}

static bool may_be_taken(int fd, bool reached, GError **error)
{
    g_autoptr(GSocketAddress) address = address_of(fd, error);

    if (address == NULL)
        return false;
    if (vd_address_allowed(address, reached, error))
        return true;
    g_autofree char *text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
    g_prefix_error(error, "%s: ", text);
    return false;
}

int vd_listen_take(int fd, bool reached, GError **error)
{
    if (may_be_taken(fd, reached, error))
        return fd;
    g_prefix_error(error, "the socket that was handed over (LISTEN_FDS): ");
    close(fd);
    return -1;
}

bool vd_listen_is_local(int fd)
{
    g_autoptr(GSocketAddress) address = address_of(fd, NULL);

    return address != NULL && vd_address_is_local(address);
}

guint16 vd_listen_port(int fd)
{
    g_autoptr(GSocketAddress) address = address_of(fd, NULL);

    return G_IS_INET_SOCKET_ADDRESS(address)
               ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address))
               : 0;
}
