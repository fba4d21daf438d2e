#pragma once

#include "events/event.h"

#include <stdbool.h>

struct VdJournal;

/*
 * Where everything that happened is told: it gets its number, goes to the journal, and the newest
 * VD_MAX_EVENTS_HELD are kept for those who listen. Each listener keeps the number of the event it
 * had last and takes what came behind it when it likes: nobody waits for him. All functions are
 * [any].
 */
typedef struct VdEventHub VdEventHub;

/* On the poster's thread, with the hub's lock held: it may only wake somebody up. */
typedef void (*VdEventWake)(void *data);

/* journal: (transfer none) outlives it. */
VdEventHub *vd_event_hub_new(struct VdJournal *journal);
/* Nobody may post or watch any more. */
void vd_event_hub_free(VdEventHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdEventHub, vd_event_hub_free)

/* (transfer full) Answers the event's number. */
guint64 vd_event_hub_post(VdEventHub *hub, VdEvent *event);

guint64 vd_event_hub_last_id(VdEventHub *hub);
/*
 * The events behind number `after`, oldest first, `most` of them at most; NULL when some of them
 * are not held any more: the journal has them (transfer full): VdEvent.
 */
GPtrArray *vd_event_hub_take(VdEventHub *hub, guint64 after, guint most);
/* The number up to which events are not held any more. */
guint64 vd_event_hub_forgotten(VdEventHub *hub);

/* Answers what to unwatch by. When unwatch returns, wake is not running and will not be called. */
guint vd_event_hub_watch(VdEventHub *hub, VdEventWake wake, void *data);
void vd_event_hub_unwatch(VdEventHub *hub, guint watch);
