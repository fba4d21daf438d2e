#pragma once

#include "api/api.h"
#include "base/command.h"
#include "config/settings.h"

/*
 * Connections that are tried for those who ask, VD_MAX_PROBES at once: posted to the main loop,
 * judged by what holds there, and their tickets answered when they are over. Each is one audit
 * line.
 */
typedef struct VdProbes VdProbes;

VdProbes *vd_probes_new(VdCommands *commands, const VdSettings *settings); /* [main] */
/* Returns at once, whatever they do; their tickets are not answered any more. [main] */
void vd_probes_free(VdProbes *probes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdProbes, vd_probes_free)

/* As VdApi's probe(). [any] */
void vd_probes_post(VdProbes *probes, GBytes *body, const char *who, VdTicket *ticket);
