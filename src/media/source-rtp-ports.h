#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/*
 * The two UDP sockets of a stream: RTP on an even port and RTCP on the one behind it, open on the
 * address alone that the camera is talked to from. Non-blocking; one thread.
 */
typedef struct VdRtpPorts {
    int rtp, rtcp; /* -1: closed */
    guint16 port;  /* of rtp */
} VdRtpPorts;

#define VD_RTP_PORTS_CLOSED ((VdRtpPorts){-1, -1, 0})

/* local: its port does not count. False with *error: nothing is open. */
bool vd_rtp_ports_open(VdRtpPorts *ports, GInetSocketAddress *local, GError **error);
void vd_rtp_ports_close(VdRtpPorts *ports);
