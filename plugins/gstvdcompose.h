#pragma once

#include "plugins/gstvddrawing.h"

#define GST_TYPE_VD_COMPOSE (gst_vd_compose_get_type())
G_DECLARE_FINAL_TYPE(GstVdCompose, gst_vd_compose, GST, VD_COMPOSE, GstVdDrawing)
