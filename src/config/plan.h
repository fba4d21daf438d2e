#pragma once

#include "config/config.h"

#include <jansson.h>

/*
 * What a change of a camera does, before it is done:
 * {"changed":[{"option":"stream_fps","from":15,"to":5,"applies":"live"}],"applies":"live"}
 * Options are JSON's members; secrets are "***". "applies" is one of vd_apply_name()'s, the
 * strongest of all; "added" or "removed" of a camera that was not there (NULL) or goes. [any]
 */
json_t *vd_plan_json(const VdCameraConfig *old, const VdCameraConfig *now);

const char *
vd_apply_name(VdApply apply); /* "nothing", "live", "analysis", "reconnect", "restart" */
