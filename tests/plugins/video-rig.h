#pragma once

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "support.h"

/* What the tests of vdh264enc and vdh265enc share: pictures, and what libavcodec makes of units. */
typedef struct Codec {
    const char *factory;
    const char *software, *hardware; /* by their names in libavcodec */
    enum AVCodecID id;
} Codec;

enum { N_CODECS = 2, FRAME_MS = 40 };
extern const Codec codecs[N_CODECS];

/* (transfer full) Soft waves that move, in system memory, with a time and a duration. */
GstBuffer *wave_new(const GstVideoInfo *info, int number);

bool is_key(GstBuffer *unit);
/* Whether a key picture comes with all that a decoder needs to begin there. */
bool has_parameter_sets(const Codec *codec, GstBuffer *unit);

/*
 * Decodes the units from..to, the first a key picture, as a stream of their own, and fails unless
 * picture i is wave i, without what an odd size has too much, with at least that many dB.
 */
void assert_waves(const Codec *codec, GPtrArray *units, guint from, guint to,
                  const GstVideoInfo *info, double least);
/* A unit for every picture, in order, with its time and duration. */
void assert_times(GPtrArray *units, guint pictures);

/* (transfer full) (nullable) A string property. */
char *text_of(GstElement *element, const char *property);
