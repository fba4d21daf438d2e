#pragma once

#include <glib.h>
#include <jansson.h>

/*
 * What two settings make of one recording, incidents (VdIncident) of which overlap being the same
 * one, each with one of the other's. (transfer full)
 */
json_t *vd_difference(const GArray *a, const GArray *b);
