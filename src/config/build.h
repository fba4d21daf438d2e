#pragma once

#include "config/config.h"

/* How configurations come to be, for config/ itself: once shared they do not change. */

VdWebhookConfig *vd_webhook_config_blank(const char *id); /* no url */
VdConfig *vd_config_blank(void);                          /* defaults, no cameras */
void vd_config_finish(VdConfig *config);
VdCameraConfig *vd_camera_config_blank(const char *id); /* (nullable id) defaults, no uri */
void vd_camera_config_finish(VdCameraConfig *camera);
/* [vedette] and [defaults] as they are in config, no cameras. */
VdConfig *vd_config_without_cameras(const VdConfig *config);

void vd_origin_set(VdOrigin *origin, VdOriginKind kind, char *file, guint line);
