#pragma once

#include "base/picture.h"

#include <stdbool.h>

/* What each GPU decodes, found out once, beside all streams: for who asks what this machine can. */

void vd_gpu_survey(void); /* [main] asks those that are open and were not asked yet */
/* [any] False: it has not said yet. *codecs: 1 << VdCodec of each that it decodes. */
bool vd_gpu_decodes(guint number, guint *codecs);
