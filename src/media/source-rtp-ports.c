#include "media/source-rtp-ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRIES       50
#define RECEIVE_BUF (512 * 1024) /* bytes: a key frame at once; the kernel gives what it allows */

static void set_port(struct sockaddr_storage *address, guint16 port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = g_htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = g_htons(port);
}

/* -1 with errno */
static int open_at(GInetSocketAddress *local, guint16 port)
{
    GSocketAddress *address = G_SOCKET_ADDRESS(local);
    const int room = RECEIVE_BUF;
    struct sockaddr_storage native;

    if (!g_socket_address_to_native(address, &native, sizeof native, NULL)) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    set_port(&native, port);
    int fd = socket(native.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&native,
             (socklen_t)g_socket_address_get_native_size(address)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static guint16 port_of(int fd)
{
    struct sockaddr_storage native;
    socklen_t size = sizeof native;
    g_autoptr(GSocketAddress) address = NULL;

    if (getsockname(fd, (struct sockaddr *)&native, &size) == 0)
        address = g_socket_address_new_from_native(&native, size);
    return address != NULL ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address)) : 0;
}

/* The system gives any port; its partner below or above may be somebody's. */
static bool open_pair(VdRtpPorts *ports, GInetSocketAddress *local)
{
    int one = open_at(local, 0);
    guint16 port = one >= 0 ? port_of(one) : 0;
    int other = port > 0 ? open_at(local, port ^ 1) : -1;

    *ports = (VdRtpPorts){port % 2 == 0 ? one : other, port % 2 == 0 ? other : one, port & ~1};
    if (other >= 0)
        return true;
    int error = errno;
    vd_rtp_ports_close(ports);
    errno = error;
    return false;
}

bool vd_rtp_ports_open(VdRtpPorts *ports, GInetSocketAddress *local, GError **error)
{
    for (guint i = 0; i < TRIES; i++) {
        if (open_pair(ports, local))
            return true;
        if (errno != EADDRINUSE)
            break;
    }
    int number = errno;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(number), "no UDP ports: %s",
                g_strerror(number));
    return false;
}

void vd_rtp_ports_close(VdRtpPorts *ports)
{
    if (ports->rtp >= 0)
        close(ports->rtp);
    if (ports->rtcp >= 0)
        close(ports->rtcp);
    *ports = VD_RTP_PORTS_CLOSED;
}
