#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Judges a parsed stream by its caps. NULL when our decoders and elements take it, else one
 * sentence that says what it is and what to set. (transfer full) (nullable) [any]
 */
char *vd_source_check_caps(GstCaps *caps);

/* Whether both describe the same codec, profile and size: what a decoder must be told of. [any] */
bool vd_source_same_stream(GstCaps *a, GstCaps *b);

/* "H.264", "H.265", "MJPEG", or NULL for what we do not know. By media type or RTP encoding. */
const char *vd_source_codec(const char *name);
