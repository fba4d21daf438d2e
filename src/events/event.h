#pragma once

#include "base/event-kind.h"

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * Something that happened: plain data, counted, and immutable once it has its number. The numbers
 * grow with time and are never given twice, also when the newest ones were lost with the process:
 * they are microseconds since 1970, or one more than the last one.
 */
typedef struct VdEvent {
    gatomicrefcount refs;
    guint64 id; /* 0: not numbered yet */
    gint64 wall_us;
    VdEventKind kind;
    char *camera;   /* (nullable) its id */
    json_t *fields; /* an object: what else there is to say of this kind */
    GBytes *json;   /* the whole: {"id":...,"time":...,"kind":...,"camera":...,and the fields} */
} VdEvent;

/* camera: (nullable). fields: (nullable) (transfer full) an object. */
VdEvent *vd_event_new(VdEventKind kind, const char *camera, gint64 wall_us, json_t *fields);
/* Gives it its number and its JSON; whoever knows of it knows it whole from then on. */
void vd_event_number(VdEvent *event, guint64 id);
/*
 * A numbered event as somebody may see it who sees cameras of these patterns alone (NULL: all): the
 * event itself, of a change of the configuration what it says of those cameras, or NULL (transfer
 * full).
 */
VdEvent *vd_event_seen(VdEvent *event, const char *const *cameras);
VdEvent *vd_event_ref(VdEvent *event);
void vd_event_unref(VdEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdEvent, vd_event_unref)
