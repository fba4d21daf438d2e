#pragma once

#include <gst/gst.h>

/* What the module registers. */
GST_ELEMENT_REGISTER_DECLARE(vdcompose)
GST_ELEMENT_REGISTER_DECLARE(vdjpegenc)
GST_ELEMENT_REGISTER_DECLARE(vdmask)
GST_ELEMENT_REGISTER_DECLARE(vdmotion)
GST_ELEMENT_REGISTER_DECLARE(vdscale)
GST_ELEMENT_REGISTER_DECLARE(vdtestsrc)
