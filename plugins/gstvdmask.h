#pragma once

#include "plugins/gstvddrawing.h"

#define GST_TYPE_VD_MASK (gst_vd_mask_get_type())
G_DECLARE_FINAL_TYPE(GstVdMask, gst_vd_mask, GST, VD_MASK, GstVdDrawing)
