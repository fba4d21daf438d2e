#pragma once

#include "plugins/gstvdvideoenc.h"

#define GST_TYPE_VD_H265ENC (gst_vd_h265enc_get_type())
G_DECLARE_FINAL_TYPE(GstVdH265enc, gst_vd_h265enc, GST, VD_H265ENC, GstVdVideoenc)

GST_ELEMENT_REGISTER_DECLARE(vdh265enc)
