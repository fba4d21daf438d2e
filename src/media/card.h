#pragma once

#include "base/clock.h"

#include <gst/gst.h>

/* What a viewer sees when there is no picture: a grey one with some lines of text. */

/* (transfer full) "NAME", "state: reason", "since 15:04:05 (42 s)". reason: (nullable). */
char *vd_card_text(const char *name, const char *state, const char *reason, VdMoment since,
                   VdMoment now);

/* (transfer full) An empty card, I420 of full range. */
GstSample *vd_card_sample(int width, int height);
