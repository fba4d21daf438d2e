#pragma once

#include "api/api.h"
#include "api/roster.h"

/* The JSON of all cameras; the whole is made once for all who ask until a camera changes. [any] */
typedef struct VdList VdList;

VdList *vd_list_new(VdRoster *roster); /* which outlives it */
void vd_list_free(VdList *list);

/* {"cameras":[...],"next":...} (transfer full); NULL: the cursor is none. */
GBytes *vd_list_cameras(VdList *list, const VdSight *sight, const VdPage *page);
