#pragma once

#include "media/source-kind.h"

/*
 * The two ways to play RTSP. Over TCP by a receiver of our own (source-rtsp-tcp.c says why), over
 * UDP by rtspsrc with its jitter buffer; source-rtsp.c chooses.
 */
typedef struct VdRtspUdp VdRtspUdp;
VdRtspUdp *vd_rtsp_udp_new(const VdSourceSettings *settings, VdSourceFeed *feed);
void vd_rtsp_udp_free(VdRtspUdp *udp);

/* no_tcp: [main] the server gives its stream over UDP only; never called after free. */
typedef struct VdRtspTcp VdRtspTcp;
VdRtspTcp *vd_rtsp_tcp_new(const VdSourceSettings *settings, VdSourceFeed *feed,
                           void (*no_tcp)(void *data), void *data);
void vd_rtsp_tcp_free(VdRtspTcp *tcp);

/*
 * From RTP packets or depayloaded units of this codec ("H.264", ...) to what the ring keeps, as
 * gst-launch-1.0 takes it.
 */
const char *vd_rtsp_depay(const char *codec);

/* Says what went wrong in the words of a camera's owner. status: RTSP's, or 0. [any] */
void vd_rtsp_say(VdSourceFeed *feed, const VdSourceSettings *settings, VdLoss loss, int status);
