#pragma once

#include "api/api.h"
#include "api/roster.h"
#include "base/command.h"
#include "config/settings.h"

/* What a camera is configured to be, as JSON bodies (transfer full); NULL: no such camera. [any] */

/* Its options; etag: the mark of them (transfer full). */
GBytes *vd_configuration_json(VdRoster *roster, const char *id, char **etag);
/* Where the value of each comes from. */
GBytes *vd_origins_json(VdRoster *roster, const char *id);

/* As VdApi's changes(): answered on the main loop, which has the settings. */
void vd_changes_ask(VdCommands *commands, const VdSettings *settings, const VdSight *sight,
                    VdTicket *ticket);
