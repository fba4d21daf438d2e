#pragma once

#include "config/config.h"
#include "events/events.h"

/* What happens to the whole daemon and not to one camera, made into events. */
typedef struct VdIncidents VdIncidents;

VdIncidents *vd_incidents_new(VdEvents *events);
void vd_incidents_free(VdIncidents *incidents);

/* Looks whether a GPU failed; to be called about twice a second. [main] */
void vd_incidents_look_at_gpus(VdIncidents *incidents);
/* Somebody was refused because there are too many viewers: told once a minute. [any] */
void vd_incidents_viewer_refused(VdIncidents *incidents, const char *camera, const char *why);
/* Something is configured anew, which those who are told of events hear, too. Of cameras: which
 * come, go, and are others now. The first time is none. who: (nullable) asked for it; NULL: the
 * files say so. [main]
 */
void vd_incidents_configured(VdIncidents *incidents, const VdConfig *config, const char *who);
