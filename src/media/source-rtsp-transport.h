#pragma once

#include "media/source-rtp-ports.h"

/* How the packets come, as SETUP has agreed on. */
typedef struct VdRtspTransport {
    bool udp;
    guint channel;    /* without udp: of RTP on the connection; RTCP has the next */
    VdRtpPorts ports; /* with udp: ours */
    /* With udp: where RTP and RTCP come from, in so far as the server has said; else NULL. */
    GSocketAddress *rtp, *rtcp;
    GInetAddress *server; /* whom we talk to: packets may come from there, too */
} VdRtspTransport;

#define VD_RTSP_OVER_TCP ((VdRtspTransport){.ports = VD_RTP_PORTS_CLOSED})

/* Makes it UDP: opens ports towards the other end of the connection. False with *error. */
bool vd_rtsp_transport_open(VdRtspTransport *transport, GSocket *connection, GError **error);
void vd_rtsp_transport_clear(VdRtspTransport *transport);

/* The header of SETUP. (transfer full) */
char *vd_rtsp_transport_wish(const VdRtspTransport *transport);
/*
 * Takes the answer's (nullable). Where it says nothing, or not as it should, the channels are those
 * that were wished for, and the server's ports unknown.
 */
void vd_rtsp_transport_read(VdRtspTransport *transport, const char *answer);
/* Whether packets from there are the stream's. [any] */
bool vd_rtsp_transport_takes(const VdRtspTransport *transport, GSocketAddress *from);
