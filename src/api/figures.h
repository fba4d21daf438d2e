#pragma once

#include "api/roster.h"
#include "base/ticket.h"
#include "config/config.h"
#include "events/events.h"

/*
 * Sums, metrics, and what this machine can do: what is made anew at most twice a second, however
 * many ask. [any] but for the first three.
 */
typedef struct VdFigures VdFigures;

VdFigures *vd_figures_new(VdRoster *roster, VdEvents *events); /* which outlive it */
void vd_figures_free(VdFigures *figures);
/* Limits that are configured. */
void vd_figures_configure(VdFigures *figures, const VdConfig *config);

GBytes *vd_figures_stats(VdFigures *figures);   /* (transfer full) JSON */
GBytes *vd_figures_metrics(VdFigures *figures); /* (transfer full) as Prometheus reads it */
/* Answers the ticket with a VdAnswer. */
void vd_figures_system(VdFigures *figures, VdTicket *ticket);
