#pragma once

#include "config/lines.h"

#include <jansson.h>

/*
 * Lines as JSON: an object with one a member, {"gate":{"points":[[x,y],...],"direction":"both"}}.
 * As shapes-json.h says.
 */
json_t *vd_lines_json(const VdLines *lines); /* (nullable) */
char *vd_lines_text_of_json(const json_t *value, GError **error);
