#include "events/hub.h"

#include "base/limits.h"
#include "base/lock.h"
#include "events/journal.h"

typedef struct Watcher {
    guint id;
    VdEventWake wake;
    void *data;
} Watcher;

struct VdEventHub {
    VdJournal *journal;
    VdLock lock; /* the journal's own is taken under it, so that it gets events in their order */
    VdEvent *held[VD_MAX_EVENTS_HELD]; /* [lock] the one posted as number n lies at n % size */
    guint64 posted;                    /* [lock] */
    guint64 last_id, forgotten;        /* [lock] */
    GArray *watchers;                  /* [lock] Watcher */
    guint next_watch;                  /* [lock] */
};

VdEventHub *vd_event_hub_new(VdJournal *journal)
{
    VdEventHub *hub = g_new0(VdEventHub, 1);

    hub->journal = journal;
    vd_lock_init(&hub->lock);
    hub->last_id = hub->forgotten = vd_journal_last_id(journal);
    hub->watchers = g_array_new(FALSE, FALSE, sizeof(Watcher));
    return hub;
}

void vd_event_hub_free(VdEventHub *hub)
{
    if (hub == NULL)
        return;
    for (guint i = 0; i < VD_MAX_EVENTS_HELD; i++)
        vd_event_unref(hub->held[i]);
    g_array_unref(hub->watchers);
    vd_lock_clear(&hub->lock);
    g_free(hub);
}

/* [lock] (transfer full) */
static void hold(VdEventHub *hub, VdEvent *event)
{
    VdEvent **place = &hub->held[hub->posted++ % VD_MAX_EVENTS_HELD];

    if (*place != NULL)
        hub->forgotten = (*place)->id;
    vd_event_unref(*place);
    *place = event;
}

guint64 vd_event_hub_post(VdEventHub *hub, VdEvent *event)
{
    vd_lock(&hub->lock);
    guint64 id = MAX(hub->last_id + 1, (guint64)MAX(event->wall_us, 0));
    hub->last_id = id;
    vd_event_number(event, id);
    vd_journal_store(hub->journal, event);
    hold(hub, event);
    for (guint i = 0; i < hub->watchers->len; i++) {
        const Watcher *watcher = &g_array_index(hub->watchers, Watcher, i);
        watcher->wake(watcher->data);
    }
    vd_unlock(&hub->lock);
    return id;
}

guint64 vd_event_hub_last_id(VdEventHub *hub)
{
    vd_lock(&hub->lock);
    guint64 id = hub->last_id;
    vd_unlock(&hub->lock);
    return id;
}

guint64 vd_event_hub_forgotten(VdEventHub *hub)
{
    vd_lock(&hub->lock);
    guint64 id = hub->forgotten;
    vd_unlock(&hub->lock);
    return id;
}

/* [lock] The place in the order of posting of the first that is later than `after`. */
static guint64 find_first(const VdEventHub *hub, guint64 after)
{
    guint64 first = hub->posted > VD_MAX_EVENTS_HELD ? hub->posted - VD_MAX_EVENTS_HELD : 0;
    guint64 place = hub->posted;

    while (place > first && hub->held[(place - 1) % VD_MAX_EVENTS_HELD]->id > after)
        place--;
    return place;
}

GPtrArray *vd_event_hub_take(VdEventHub *hub, guint64 after, guint most)
{
    GPtrArray *events = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);

    vd_lock(&hub->lock);
    bool held = after >= hub->forgotten;
    for (guint64 i = find_first(hub, after); held && i < hub->posted && events->len < most; i++)
        g_ptr_array_add(events, vd_event_ref(hub->held[i % VD_MAX_EVENTS_HELD]));
    vd_unlock(&hub->lock);
    if (!held)
        g_clear_pointer(&events, g_ptr_array_unref);
    return events;
}

guint vd_event_hub_watch(VdEventHub *hub, VdEventWake wake, void *data)
{
    vd_lock(&hub->lock);
    Watcher watcher = {++hub->next_watch, wake, data};
    g_array_append_val(hub->watchers, watcher);
    vd_unlock(&hub->lock);
    return watcher.id;
}

void vd_event_hub_unwatch(VdEventHub *hub, guint watch)
{
    vd_lock(&hub->lock);
    for (guint i = 0; i < hub->watchers->len; i++)
        if (g_array_index(hub->watchers, Watcher, i).id == watch) {
            g_array_remove_index(hub->watchers, i);
            break;
        }
    vd_unlock(&hub->lock);
}
