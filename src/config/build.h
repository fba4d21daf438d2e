#pragma once

#include "config/config.h"

/* How configurations come to be, for config/ itself: once shared they do not change. */

VdConfig *vd_config_blank(void); /* defaults, no cameras */
void vd_config_finish(VdConfig *config);
VdCameraConfig *vd_camera_config_blank(const char *id); /* (nullable id) defaults, no uri */
void vd_camera_config_finish(VdCameraConfig *camera);
