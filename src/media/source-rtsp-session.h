#pragma once

#include "media/source-kind.h"

#include <gst/rtsp/rtsp.h>

/*
 * The client's side of one RTSP session over one connection: OPTIONS, DESCRIBE, SETUP and PLAY
 * with basic or digest authentication. Blocking; one thread, but vd_rtsp_session_interrupt().
 */
typedef struct VdRtspSession VdRtspSession;

typedef enum VdRtspResult {
    VD_RTSP_PLAYING,
    VD_RTSP_LOST,   /* the feed was told why */
    VD_RTSP_NO_TCP, /* the server does not give its stream over TCP */
} VdRtspResult;

/* settings: must outlive it. NULL: the feed was told why. */
VdRtspSession *vd_rtsp_session_new(const VdSourceSettings *settings, VdSourceFeed *feed);
/* Says TEARDOWN, without waiting for the answer. */
void vd_rtsp_session_free(VdRtspSession *session);
/* [any] What blocks returns at once, now and later. */
void vd_rtsp_session_interrupt(VdRtspSession *session);

VdRtspResult vd_rtsp_session_play(VdRtspSession *session);
/* What was agreed on, after PLAYING. (transfer none) */
GstRTSPConnection *vd_rtsp_session_connection(VdRtspSession *session);
GstCaps *vd_rtsp_session_caps(VdRtspSession *session);      /* application/x-rtp */
guint vd_rtsp_session_channel(VdRtspSession *session);      /* of RTP; RTCP has the next */
gint64 vd_rtsp_session_interval_us(VdRtspSession *session); /* between keep-alives */

/* Sends one; its answer comes between the packets, for vd_rtsp_session_answer(). */
bool vd_rtsp_session_keep_alive(VdRtspSession *session);
/* False: it says that the session is over. */
bool vd_rtsp_session_answer(VdRtspSession *session, const char *text, gsize length);
