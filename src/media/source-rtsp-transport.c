#include "media/source-rtsp-transport.h"

#include <gst/rtsp/rtsp.h>

bool vd_rtsp_transport_open(VdRtspTransport *transport, GSocket *connection, GError **error)
{
    g_autoptr(GSocketAddress) local = g_socket_get_local_address(connection, error);
    g_autoptr(GSocketAddress) remote =
        local != NULL ? g_socket_get_remote_address(connection, error) : NULL;

    if (remote == NULL)
        return false;
    transport->udp = true;
    g_set_object(&transport->server,
                 g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
    return vd_rtp_ports_open(&transport->ports, G_INET_SOCKET_ADDRESS(local), error);
}

void vd_rtsp_transport_clear(VdRtspTransport *transport)
{
    vd_rtp_ports_close(&transport->ports);
    g_clear_object(&transport->rtp);
    g_clear_object(&transport->rtcp);
    g_clear_object(&transport->server);
}

char *vd_rtsp_transport_wish(const VdRtspTransport *transport)
{
    guint port = transport->ports.port;

    return transport->udp ? g_strdup_printf("RTP/AVP;unicast;client_port=%u-%u", port, port + 1)
                          : g_strdup("RTP/AVP/TCP;unicast;interleaved=0-1");
}

/* Cameras behind an address translation name themselves as they are known behind it. */
static GSocketAddress *address_at(VdRtspTransport *transport, const char *source, gint port)
{
    g_autoptr(GInetAddress) named = source != NULL ? g_inet_address_new_from_string(source) : NULL;
    bool usable = named != NULL && !g_inet_address_get_is_any(named) &&
                  g_inet_address_get_family(named) == g_inet_address_get_family(transport->server);

    if (port <= 0 || port > G_MAXUINT16)
        return NULL;
    return g_inet_socket_address_new(usable ? named : transport->server, (guint16)port);
}

void vd_rtsp_transport_read(VdRtspTransport *transport, const char *answer)
{
    GstRTSPTransport *said = NULL;

    gst_rtsp_transport_new(&said);
    if (answer != NULL && gst_rtsp_transport_parse(answer, said) == GST_RTSP_OK) {
        transport->channel = (guint)CLAMP(said->interleaved.min, 0, 254);
        if (transport->udp) {
            transport->rtp = address_at(transport, said->source, said->server_port.min);
            transport->rtcp = address_at(transport, said->source, said->server_port.max);
        }
    }
    gst_rtsp_transport_free(said);
}

bool vd_rtsp_transport_takes(const VdRtspTransport *transport, GSocketAddress *from)
{
    GInetAddress *named = NULL, *address = NULL;

    if (G_IS_INET_SOCKET_ADDRESS(from))
        address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(from));
    if (transport->rtp != NULL)
        named = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(transport->rtp));
    return address != NULL && (g_inet_address_equal(address, transport->server) ||
                               (named != NULL && g_inet_address_equal(address, named)));
}
