#pragma once

#include "api/api.h"
#include "api/roster.h"

/* Everybody who watches, over all cameras. [any] */

/* The JSON body, of cameras that are seen (transfer full). */
GBytes *vd_viewers_json(VdRoster *roster, const VdSight *sight, const VdPage *page);
/* Asks the viewer of that number to be ended; false: none is seen. */
bool vd_viewers_dismiss(VdRoster *roster, guint64 number, const VdSight *sight);
