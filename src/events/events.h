#pragma once

#include "config/config.h"
#include "events/hub.h"
#include "events/journal.h"
#include "events/sink.h"

/*
 * All that is behind an event: the hub that numbers and tells it, the journal that keeps it, and
 * the web servers and the broker that are told.
 * [main] but for vd_events_post() and what the two are asked.
 */
typedef struct VdEvents VdEvents;

/* folder: (nullable) where the journal lies; without one it is kept in memory. */
VdEvents *vd_events_new(const char *folder, const VdConfig *config);
/* Nobody may post any more. What is in the journal's queue is written. */
void vd_events_free(VdEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdEvents, vd_events_free)

void vd_events_configure(VdEvents *events, const VdConfig *config);

/* (transfer full) Answers the event's number. [any] */
guint64 vd_events_post(VdEvents *events, VdEvent *event);

/* How those take it who are told: how many there are, in `sinks`, which has room. [any] */
guint vd_events_sinks(VdEvents *events, VdSinkFacts sinks[VD_MAX_SINKS]);

VdEventHub *vd_events_hub(VdEvents *events);    /* (transfer none) */
VdJournal *vd_events_journal(VdEvents *events); /* (transfer none) */
