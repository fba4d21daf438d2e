#include "http/handshake.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 8 }; /* a signature takes up to 1 ms, and whoever watches waits for them all */

/* Of TLS 1.2 what has forward secrecy and authenticates what it encrypts, as all of 1.3 does. */
#define PRIORITIES                                                              \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-128-GCM:" \
    "+AES-256-GCM:+CHACHA20-POLY1305"

static const char only_tls[] =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 76\r\n"
    "Connection: close\r\n\r\n"
    "{\"error\":{\"code\":\"not_encrypted\",\"message\":\"this port speaks https alone\"}}\n";

/* Never asked: each connection is given its certificate when it begins. */
static int give_no_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                               gnutls_pcert_st **certificates, unsigned *count,
                               gnutls_ocsp_data_st **ocsp, unsigned *n_ocsp, gnutls_privkey_t *key,
                               unsigned *flags)
{
    return -1;
}

const struct MHD_OptionItem *vd_handshake_options(void)
{
    static const struct MHD_OptionItem options[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)PRIORITIES},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)give_no_certificate},
        {MHD_OPTION_END, 0, NULL},
    };

    return options;
}

bool vd_handshakes_init(VdHandshakes *all, GError **error)
{
    all->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (all->epoll_fd < 0)
        g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "epoll: %s", g_strerror(errno));
    return all->epoll_fd >= 0;
}

void vd_handshakes_clear(VdHandshakes *all)
{
    if (all->epoll_fd >= 0)
        close(all->epoll_fd);
    all->epoll_fd = -1;
}

void vd_handshake_begin(VdHandshakes *all, VdHandshake *handshake,
                        struct MHD_Connection *connection, VdWire *wire, VdCertificate *certificate)
{
    gnutls_credentials_set(wire->tls, GNUTLS_CRD_CERTIFICATE,
                           vd_certificate_credentials(certificate));
    *handshake = (VdHandshake){
        .owner = all, .connection = connection, .wire = wire, .certificate = certificate};
    handshake->link.data = handshake;
    g_queue_push_tail_link(&all->running, &handshake->link);
}

/* It runs: libmicrohttpd does nothing with the others. */
void vd_handshake_end(VdHandshake *handshake)
{
    if (handshake->owner != NULL)
        g_queue_unlink(&handshake->owner->running, &handshake->link);
    handshake->owner = NULL;
}

/* TLS begins with the number of a record's kind, plain HTTP with a method's name. */
static void refuse_plain(const VdHandshake *handshake)
{
    int fd = handshake->wire->fd;
    char request[4096];

    if (recv(fd, request, 1, MSG_PEEK | MSG_DONTWAIT) < 1 || !g_ascii_isalpha(request[0]))
        return;
    /* What is not read would make a reset of our end, and the client lose what he is told. */
    (void)!recv(fd, request, sizeof request, MSG_DONTWAIT);
    send(fd, only_tls, strlen(only_tls), MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_RDWR);
}

static void go_on(VdHandshake *handshake)
{
    VdHandshakes *all = handshake->owner;

    epoll_ctl(all->epoll_fd, EPOLL_CTL_DEL, handshake->wire->fd, NULL);
    g_queue_unlink(&all->waiting, &handshake->link);
    g_queue_push_tail_link(&all->running, &handshake->link);
    if (!handshake->begun)
        refuse_plain(handshake);
    handshake->begun = true;
    MHD_resume_connection(handshake->connection);
}

void vd_handshakes_go_on(VdHandshakes *all)
{
    struct epoll_event events[AT_ONCE];
    int count = all->waiting.length > 0 ? epoll_wait(all->epoll_fd, events, AT_ONCE, 0) : 0;

    for (int i = 0; i < count; i++)
        go_on(events[i].data.ptr);
}

/* Whether it can only go on when the socket tells. */
static bool has_to_wait(const VdHandshake *handshake)
{
    struct epoll_event event = {.data.ptr = (void *)handshake};

    if (gnutls_record_check_pending(handshake->wire->tls) > 0)
        return false;
    event.events = gnutls_record_get_direction(handshake->wire->tls) != 0 ? EPOLLOUT : EPOLLIN;
    return epoll_ctl(handshake->owner->epoll_fd, EPOLL_CTL_ADD, handshake->wire->fd, &event) == 0;
}

void vd_handshakes_wait(VdHandshakes *all)
{
    GQueue ran = all->running;

    g_queue_init(&all->running);
    for (GList *link; (link = g_queue_pop_head_link(&ran)) != NULL;) {
        VdHandshake *handshake = link->data;
        bool waits = has_to_wait(handshake);

        if (waits)
            MHD_suspend_connection(handshake->connection);
        g_queue_push_tail_link(waits ? &all->waiting : &all->running, link);
    }
}

void vd_handshakes_end(VdHandshakes *all)
{
    while (all->waiting.head != NULL)
        go_on(all->waiting.head->data);
}
