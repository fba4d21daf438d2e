#include "raw-client.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *speaking; /* (nullable) */

void raw_speak_tls(const char *priority)
{
    speaking = priority;
}

static void shake_hands(RawClient *client)
{
    static gnutls_certificate_credentials_t any;
    gnutls_session_t session;
    int status;

    if (any == NULL)
        gnutls_certificate_allocate_credentials(&any);
    g_assert_cmpint(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), ==, 0);
    g_assert_cmpint(gnutls_priority_set_direct(session, speaking, NULL), ==, 0);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, any);
    gnutls_transport_set_int(session, client->fd);
    client->tls = session;
    while ((status = gnutls_handshake(session)) == GNUTLS_E_INTERRUPTED)
        ;
    client->ended = status < 0;
}

RawClient *raw_connect_small(guint16 port, int receive_buffer)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 60};
    RawClient *client = g_new0(RawClient, 1);

    client->unread = g_string_new(NULL);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(client->fd, >=, 0);
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0)
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    g_assert_cmpint(connect(client->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    if (speaking != NULL)
        shake_hands(client);
    return client;
}

RawClient *raw_connect(guint16 port)
{
    return raw_connect_small(port, 0);
}

void raw_close(RawClient *client)
{
    if (client->tls != NULL)
        gnutls_deinit(client->tls);
    close(client->fd);
    g_string_free(client->unread, TRUE);
    g_free(client);
}

static ssize_t send_some(RawClient *client, const char *text, gsize count)
{
    if (client->tls != NULL)
        return client->ended ? -1 : gnutls_record_send(client->tls, text, count);
    return send(client->fd, text, count, MSG_NOSIGNAL);
}

static ssize_t receive_some(RawClient *client, char *buffer, gsize room)
{
    if (client->tls == NULL)
        return recv(client->fd, buffer, room, 0);
    ssize_t n = gnutls_record_recv(client->tls, buffer, room);
    client->clean = n == 0;
    errno = n == GNUTLS_E_AGAIN ? EAGAIN : 0;
    return n;
}

void raw_send(RawClient *client, const char *text)
{
    gsize left = strlen(text);

    while (left > 0) {
        ssize_t n = send_some(client, text, left);

        if (n <= 0) /* a server that refuses need not read all of it */
            return;
        text += n;
        left -= (gsize)n;
    }
}

void raw_get(RawClient *client, const char *target, const char *more)
{
    g_autofree char *text =
        g_strdup_printf("GET %s HTTP/1.1\r\nHost: test\r\n%s\r\n", target, more);

    raw_send(client, text);
}

/* False when the server closed. */
static bool read_more(RawClient *client)
{
    char buffer[16384];
    ssize_t n = client->ended ? 0 : receive_some(client, buffer, sizeof buffer);

    g_assert_false(n < 0 && errno == EAGAIN); /* it took 60 s */
    client->ended = n <= 0;
    if (n > 0)
        g_string_append_len(client->unread, buffer, n);
    return n > 0;
}

char *raw_head(RawClient *client)
{
    char *end;

    while ((end = strstr(client->unread->str, "\r\n\r\n")) == NULL)
        if (!read_more(client))
            return NULL;
    gsize length = (gsize)(end - client->unread->str) + 4;
    char *head = g_strndup(client->unread->str, length);
    g_string_erase(client->unread, 0, (gssize)length);
    return head;
}

GBytes *raw_bytes(RawClient *client, gsize count)
{
    while (client->unread->len < count && read_more(client))
        ;
    gsize length = MIN(count, client->unread->len);
    GBytes *bytes = g_bytes_new(client->unread->str, length);
    g_string_erase(client->unread, 0, (gssize)length);
    return bytes;
}

GBytes *raw_rest(RawClient *client)
{
    while (read_more(client))
        ;
    return raw_bytes(client, client->unread->len);
}

int raw_status(const char *head)
{
    return head != NULL && strlen(head) > 12 ? atoi(head + strlen("HTTP/1.1 ")) : 0;
}

char *raw_header(const char *head, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    gsize length = strlen(name);

    for (char **line = lines; *line != NULL; line++)
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
            return g_strdup(g_strstrip(*line + length + 1));
    return NULL;
}

int raw_reply(RawClient *client, char **head, char **body)
{
    g_autofree char *own = raw_head(client);

    if (own == NULL)
        return 0;
    g_autofree char *length = raw_header(own, "Content-Length");
    g_autoptr(GBytes) bytes = raw_bytes(client, length != NULL ? strtoul(length, NULL, 10) : 0);
    int status = raw_status(own);
    if (body != NULL)
        *body = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    if (head != NULL)
        *head = g_steal_pointer(&own);
    return status;
}

GBytes *raw_part(RawClient *client, char **head)
{
    static const char boundary[] = "\r\n--vedette\r\n";
    g_autoptr(GBytes) line = raw_bytes(client, strlen(boundary));

    if (g_bytes_get_size(line) == 0)
        return NULL;
    g_assert_cmpmem(g_bytes_get_data(line, NULL), g_bytes_get_size(line), boundary,
                    strlen(boundary));
    g_autofree char *own = raw_head(client);
    if (own == NULL)
        return NULL;
    g_autofree char *length = raw_header(own, "Content-Length");
    g_assert_nonnull(length);
    if (head != NULL)
        *head = g_steal_pointer(&own);
    return raw_bytes(client, strtoul(length, NULL, 10));
}
