#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Which decoder for which stream. Named, never left to autoplugging: that would choose by rank what
 * has to be chosen by cost and by what the machine has.
 */

/*
 * The factory that decodes access units of these caps. NULL with *error, a plain sentence, when
 * there is none here or when the caps already say that the pictures cannot be analysed.
 */
const char *vd_decoder_choose(const GstCaps *caps, GError **error);

/* Low delay, one thread, not giving up on damaged units. Once, before the decoder runs. */
void vd_decoder_set_up(GstElement *decoder);

/*
 * What NVDEC holds of its GPU's memory for such a decoder of GStreamer's, reckoned, since nobody
 * tells: the surfaces that it decodes into and one that it puts pictures out of. 0: it does not run
 * yet. [any]
 */
guint64 vd_decoder_gpu_memory(GstElement *decoder);

/* Whether decoded pictures of these caps can be analysed and shown; else *error says what they are.
 */
bool vd_decoder_accepts(const GstCaps *raw, GError **error);
