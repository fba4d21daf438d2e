#pragma once

#include <gst/base/gstbasetransform.h>

#define GST_TYPE_VD_TAMPER (gst_vd_tamper_get_type())
G_DECLARE_FINAL_TYPE(GstVdTamper, gst_vd_tamper, GST, VD_TAMPER, GstBaseTransform)
