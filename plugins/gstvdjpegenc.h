#pragma once

#include <gst/video/gstvideoencoder.h>

#define GST_TYPE_VD_JPEGENC (gst_vd_jpegenc_get_type())
G_DECLARE_FINAL_TYPE(GstVdJpegenc, gst_vd_jpegenc, GST, VD_JPEGENC, GstVideoEncoder)
