#include "http/headers.h"

#include <arpa/inet.h>

const char *vd_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

void vd_headers_peer(struct MHD_Connection *connection, char *peer)
{
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    const void *bytes = NULL;

    if (address != NULL && address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)address)->sin_addr;
    else if (address != NULL && address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (bytes == NULL || inet_ntop(address->sa_family, bytes, peer, VD_PEER_SIZE) == NULL)
        g_strlcpy(peer, "local", VD_PEER_SIZE);
}

void vd_headers_ask(struct MHD_Connection *connection, VdAsk *ask)
{
    ask->host = vd_header(connection, MHD_HTTP_HEADER_HOST);
    ask->origin = vd_header(connection, MHD_HTTP_HEADER_ORIGIN);
    ask->authorization = vd_header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
    ask->cookie = vd_header(connection, MHD_HTTP_HEADER_COOKIE);
    ask->csrf = vd_header(connection, "X-CSRF-Token");
}

gint64 vd_headers_body_length(struct MHD_Connection *connection)
{
    const char *length = vd_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    guint64 value;

    if (vd_header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
        return -1;
    if (length == NULL)
        return 0;
    if (!g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &value, NULL))
        return G_MAXINT64;
    return (gint64)value;
}

/* What is counted of a request's headers. */
typedef struct Framing {
    const char *length; /* (nullable) the first one */
    guint hosts;
    bool chunked, differs;
} Framing;

static enum MHD_Result look_at_header(void *data, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    Framing *framing = data;

    if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        framing->hosts++;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->chunked = true;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->differs |= framing->length != NULL && g_strcmp0(framing->length, value) != 0;
        framing->length = value;
    }
    return MHD_YES;
}

/* A proxy before us may take the one and we the other: what is a body to it is a request to us. */

bool vd_headers_contradict(struct MHD_Connection *connection)
{
    Framing framing = {0};

    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &framing);
    return framing.differs || framing.hosts > 1 || (framing.chunked && framing.length != NULL);
}
