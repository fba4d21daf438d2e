#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Whether a decoder can begin with this unit and show whole pictures: an IDR or another random
 * access picture, an intra picture, a recovery point. For units of start codes (byte-stream) and
 * JPEG; what is packed otherwise is taken at its word. [any]
 *
 * Why not the parser's flag alone: h264parse and h265parse put the parameter sets that were
 * announced into the first unit, and call it a key frame for that, whatever it is.
 */
bool vd_source_entry(GstBuffer *unit, GstCaps *caps);
