#pragma once

#include "config/zones.h"

#include <jansson.h>

/*
 * Zones as JSON: an object with one a member,
 * {"drive":{"points":[[x,y],...],"ignore":false,"min_size":0.5,"min_ms":null}}; min_size is in
 * percent of the picture, and min_ms null says that event_min_ms counts. As shapes-json.h says.
 */
json_t *vd_zones_json(const VdZones *zones); /* (nullable) */
char *vd_zones_text_of_json(const json_t *value, GError **error);
