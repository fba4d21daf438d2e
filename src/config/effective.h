#pragma once

#include "config/changes.h"
#include "config/options.h"

/*
 * One camera's effective configuration, and what the API may do to it. Beside a file's author the
 * API may less: password-file=, tls-ca-file=, detector-model= and detector-names= name only what
 * the files of the configuration name already, password-file= a credential of the service as well,
 * or anybody who may configure a camera could have any file's first line sent to a host of his own.
 */

/* Sets an option as a change does, password with password-file. What else is in camera stays. */
bool vd_change_apply(const VdConfig *base, const VdOption *option, VdCameraConfig *camera,
                     const char *text, GError **error);

/*
 * The camera of base, or one that only changes make, with its changes (option -> text, (nullable)).
 * What makes no sense is left out and named in warnings (VdConfigError, (nullable): nobody asks).
 * NULL when there is no such camera, or it has no uri and that is said in warnings. (transfer full)
 */
VdCameraConfig *vd_camera_config_with(const VdConfig *base, const char *id, GHashTable *changes,
                                      GPtrArray *warnings);

/* What it is without changes: the camera in the files, or what [defaults] says; deleted: the camera
 * in the files does not count. (transfer full) */
VdCameraConfig *vd_camera_config_unchanged(const VdConfig *base, const char *id, bool deleted);
