#pragma once

#include <gst/sdp/sdp.h>

/*
 * Leaves in a description only what is used of it. GStreamer makes a field of a caps of every
 * attribute and parameter, and the names of fields are kept for the life of the process: a server
 * that writes "a=ssrc:RANDOM ..." for each session would make us grow with each connection.
 */
void vd_rtsp_sdp_trim(GstSDPMessage *sdp);

/* What a control attribute (nullable) means beside its base. (transfer full) */
char *vd_rtsp_sdp_join(const char *base, const char *control);

/*
 * The first video of a codec that can be played: application/x-rtp, and the uri of its control;
 * both (transfer full). NULL: there is none; *unknown, NULL before, names the codec of the last one
 * that cannot be played, where there is one (transfer full).
 */
GstCaps *vd_rtsp_sdp_video(const GstSDPMessage *sdp, const char *base, char **control,
                           char **unknown);
