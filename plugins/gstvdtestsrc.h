#pragma once

#include <gst/base/gstpushsrc.h>

#define GST_TYPE_VD_TESTSRC (gst_vd_testsrc_get_type())
G_DECLARE_FINAL_TYPE(GstVdTestsrc, gst_vd_testsrc, GST, VD_TESTSRC, GstPushSrc)
