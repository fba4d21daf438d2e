#pragma once

#include "media/source-kind.h"
#include "media/source-rtsp-transport.h"

#include <gst/rtsp/rtsp.h>

/*
 * The client's side of one RTSP session over one connection: OPTIONS, DESCRIBE, SETUP and PLAY
 * with basic or digest authentication. Blocking; one thread, but vd_rtsp_session_interrupt().
 */
typedef struct VdRtspSession VdRtspSession;

/* settings: must outlive it. NULL: the feed was told why. */
VdRtspSession *vd_rtsp_session_new(const VdSourceSettings *settings, VdSourceFeed *feed);
/* Says TEARDOWN, without waiting for the answer. */
void vd_rtsp_session_free(VdRtspSession *session);
/* [any] What blocks returns at once, now and later. */
void vd_rtsp_session_interrupt(VdRtspSession *session);

/* False: the feed was told why. */
bool vd_rtsp_session_play(VdRtspSession *session);
/* What was agreed on, after PLAYING. (transfer none) */
GstRTSPConnection *vd_rtsp_session_connection(VdRtspSession *session);
GstCaps *vd_rtsp_session_caps(VdRtspSession *session); /* application/x-rtp */
const VdRtspTransport *vd_rtsp_session_transport(VdRtspSession *session);
gint64 vd_rtsp_session_interval_us(VdRtspSession *session); /* between keep-alives */

/* Sends one. Its answer comes later: between the packets for _answer(), over UDP for _listen(). */
bool vd_rtsp_session_keep_alive(VdRtspSession *session);
/* False: it says that the session is over. */
bool vd_rtsp_session_answer(VdRtspSession *session, const char *text, gsize length);
/* Takes one message that has begun to come; false: the session is over. */
bool vd_rtsp_session_listen(VdRtspSession *session);
