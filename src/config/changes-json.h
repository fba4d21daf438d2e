#pragma once

#include "config/settings.h"

#include <jansson.h>

/*
 * What the API changed beside the files, for people: of each camera that it touched, sorted,
 *
 *     {"id":"front","change":"changed","kept":true,"options":[{"option":"stream_fps","value":5,
 *      "files":7,"origin":{"from":"defaults","file":"/etc/vedette/vedette.conf","line":7}}]}
 *
 * change: "added", "changed", "removed", "replaced" (removed, and another of its id added), or
 * "unused" where no camera is made of it. kept: it is on disk so. files: what the value is without
 * the change, and origin where that comes from. Secrets are "***". (transfer full) [main]
 */
json_t *vd_changes_json(const VdSettings *settings);
