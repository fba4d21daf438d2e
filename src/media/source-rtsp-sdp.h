#pragma once

#include <gst/sdp/sdp.h>

/*
 * Leaves in a description only what is used of it. GStreamer makes a field of a caps of every
 * attribute and parameter, and the names of fields are kept for the life of the process: a server
 * that writes "a=ssrc:RANDOM ..." for each session would make us grow with each connection.
 */
void vd_rtsp_sdp_trim(GstSDPMessage *sdp);
