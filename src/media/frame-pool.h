#pragma once

#include <gst/gst.h>

/*
 * Memory for decoded pictures that is handed on without a copy.
 *
 * A decoder goes on reading a picture that it has given away, as the reference of later ones, and
 * keeps its buffer mapped for writing all the while; GStreamer then copies each picture to get a
 * buffer of its own for timestamps (GstVideoDecoder of 1.22 does so for every frame of libav). A
 * copy of this memory is a second, read-only view of the same bytes instead: a decoder does not
 * write into what it has put out. Whoever asks to write into such a view gets a true copy.
 */

/* Answers an ALLOCATION query for raw video: such a pool, and that strides are understood. */
void vd_frame_pool_propose(GstQuery *query);
/*
 * Lets a sink that leaves this query without an answer, as appsink of 1.22 does, answer it with
 * such a pool for pictures in system memory: each decoded frame would be copied else.
 */
void vd_frame_pool_offer(GstElement *sink);
