#pragma once

#include "config/options.h"

#include <jansson.h>

/*
 * A camera's options as JSON and back: "stream-fps" is the member "stream_fps", its value a number,
 * true or false, a text, or what shapes-json.h, zones-json.h and lines-json.h say. Secrets are
 * "***", in URIs too. [any]
 */

char *vd_option_member(const VdOption *option); /* (transfer full) */
/* A camera's option of that member name, or NULL. */
const VdOption *vd_option_of_member(const char *name);
/* The member nearest to a mistyped name (transfer full), or NULL when none is near. */
char *vd_option_member_nearest(const char *name);

json_t *vd_option_json(const VdOption *option, const VdCameraConfig *camera);
/* Where the value comes from: {"from":"defaults","file":"/etc/vedette/vedette.conf","line":7}; from
 * is "preset", "defaults", "camera" or "api", the first and the last without a place. */
json_t *vd_option_origin_json(const VdOption *option, const VdCameraConfig *camera);
/* {"uri":"test:moving","stream_fps":15,...}: every option of the camera. */
json_t *vd_camera_config_json(const VdCameraConfig *camera);
/* {"stream_fps":{"from":...},...}: the same of every option. */
json_t *vd_camera_config_origins_json(const VdCameraConfig *camera);

/* The text that the file would have for a value, which vd_option_set() then judges; NULL with
 * *error when it is not of the option's type. (transfer full) */
char *vd_option_text_of_json(const VdOption *option, const json_t *value, GError **error);

/* What RFC 7396 makes of a value (nullable) and a patch (transfer full). */
json_t *vd_json_merged(const json_t *now, const json_t *patch);

/* What is said of it, compact (transfer full). Takes the value (transfer full). */
GBytes *vd_json_bytes(json_t *value);

/*
 * A document whose top is an object: at most VD_MAX_JSON bytes, UTF-8, no member twice, no NUL in
 * texts. NULL with *error, which says where.
 */
json_t *vd_json_object(const char *text, gsize length, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)
