#pragma once

#include "plugins/gstvdvideoenc.h"

#define GST_TYPE_VD_H264ENC (gst_vd_h264enc_get_type())
G_DECLARE_FINAL_TYPE(GstVdH264enc, gst_vd_h264enc, GST, VD_H264ENC, GstVdVideoenc)

GST_ELEMENT_REGISTER_DECLARE(vdh264enc)
