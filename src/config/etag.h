#pragma once

#include "config/config.h"

/*
 * A strong mark of a camera's effective configuration, secrets included: equal configurations have
 * equal marks for as long as the process lives. It is keyed with random bytes of the process, so
 * that no secret can be guessed with its help. 32 letters of 0-9 and a-f, without the quotes that
 * HTTP puts around it (transfer full). [any]
 */
char *vd_camera_config_etag(const VdCameraConfig *camera);
