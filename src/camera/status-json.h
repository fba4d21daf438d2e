#pragma once

#include "camera/probe.h"
#include "camera/status.h"

/*
 * The JSON of a camera's status, as docs/http-api.md tells it: whole, with the configuration, or
 * brief, as lists have it. now_us and wall_us: the moment that ages are counted from, on
 * vd_clock_now_us()'s clock and on the wall.
 */
GBytes *vd_status_to_json(const VdStatusParts *parts, gint64 now_us, gint64 wall_us, bool whole);
/* What came of a connection that was tried: members that are a status's are as there. */
GBytes *vd_probe_to_json(const VdProbeFacts *facts);
