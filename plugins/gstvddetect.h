#pragma once

#include <gst/base/gstbasetransform.h>

#define GST_TYPE_VD_DETECT (gst_vd_detect_get_type())
G_DECLARE_FINAL_TYPE(GstVdDetect, gst_vd_detect, GST, VD_DETECT, GstBaseTransform)
GST_ELEMENT_REGISTER_DECLARE(vddetect)
