#pragma once

#include "config/config.h"

/*
 * The camera of a configuration whose settings are tried: that of the id, or the first, or what
 * [defaults] says where there is none. file: (nullable) every setting at its default. NULL with an
 * error; VD_ERROR_NOT_FOUND: there is no such camera. (transfer full)
 */
VdCameraConfig *vd_replay_settings(const char *file, const char *id, GError **error);
