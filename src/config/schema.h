#pragma once

#include <jansson.h>

/*
 * The JSON Schema (draft 2020-12) of a camera's configuration, made of the options table: type,
 * range, default, help, and for programs "x-unit" and "x-applies" (vd_apply_name()). Secrets are
 * writeOnly. (transfer full) [any]
 */
json_t *vd_options_schema(void);
