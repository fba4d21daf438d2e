#pragma once

#include <gst/video/gstvideofilter.h>

#define GST_TYPE_VD_SCALE (gst_vd_scale_get_type())
G_DECLARE_FINAL_TYPE(GstVdScale, gst_vd_scale, GST, VD_SCALE, GstVideoFilter)
