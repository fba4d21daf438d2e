#pragma once

#include "media/source-feed.h"

/*
 * From RTP packets to the feed's units on the caller's thread: depayloader and parser driven by
 * hand, no pipeline, no thread and no queue. One thread for all functions.
 */
typedef struct VdRtspChain VdRtspChain;

/* caps: application/x-rtp of the stream. NULL: the feed was told why. */
VdRtspChain *vd_rtsp_chain_new(VdSourceFeed *feed, GstCaps *caps);
void vd_rtsp_chain_free(VdRtspChain *chain);
/* One RTP packet. False: nothing more is wanted. */
bool vd_rtsp_chain_push(VdRtspChain *chain, const guint8 *packet, gsize length);
guint vd_rtsp_chain_clock_rate(const VdRtspChain *chain); /* of timestamps, Hz */
