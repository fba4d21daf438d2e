#pragma once

#include <gst/base/gstbasetransform.h>

#define GST_TYPE_VD_MOTION (gst_vd_motion_get_type())
G_DECLARE_FINAL_TYPE(GstVdMotion, gst_vd_motion, GST, VD_MOTION, GstBaseTransform)
