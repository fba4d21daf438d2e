#pragma once

#include "api/api.h"
#include "base/command.h"
#include "camera/cameras.h"
#include "config/settings.h"

/* As VdApi's explain(): answered on the main loop, which has the cameras. [any] */
void vd_explain_post(VdCommands *commands, VdCameras *cameras, const VdSettings *settings,
                     const char *camera, const char *at, guint seconds, VdTicket *ticket);
