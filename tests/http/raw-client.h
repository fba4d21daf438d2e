#pragma once

#include <glib.h>
#include <stdbool.h>

/* A client that sees the very bytes. Reads give up after a minute, which fails the test. */
typedef struct RawClient {
    int fd;
    GString *unread;
    bool ended; /* the server closed */
    bool clean; /* and said so, by TLS */
    void *tls;  /* (nullable) gnutls_session_t */
} RawClient;

/* Who connects from now on does it by TLS, whatever certificate there is; priority: of GnuTLS,
 * NULL: plain. */
void raw_speak_tls(const char *priority);

RawClient *raw_connect(guint16 port);
/* receive_buffer: bytes of the socket's, 0: the system's own. */
RawClient *raw_connect_small(guint16 port, int receive_buffer);
void raw_close(RawClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RawClient, raw_close)

void raw_send(RawClient *client, const char *text);
/* "GET target HTTP/1.1" with Host and these further header lines (each ended with CRLF). */
void raw_get(RawClient *client, const char *target, const char *more);

/* A reply's or part's lines up to the empty one; NULL when the server closed first. */
char *raw_head(RawClient *client);
/* Exactly this many bytes, or fewer when the server closes. */
GBytes *raw_bytes(RawClient *client, gsize count);
/* Everything until the server closes. */
GBytes *raw_rest(RawClient *client);

/* A whole reply with Content-Length: its status, and its head and body where asked for. */
int raw_reply(RawClient *client, char **head, char **body);
/* One part of a stream after its boundary line; NULL when the stream ended. */
GBytes *raw_part(RawClient *client, char **head);

int raw_status(const char *head);
/* The header's value (transfer full), NULL when it is not there. */
char *raw_header(const char *head, const char *name);
