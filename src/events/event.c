#include "events/event.h"

#include "base/clock.h"
#include "base/words.h"

#include <string.h>

VdEvent *vd_event_new(VdEventKind kind, const char *camera, gint64 wall_us, json_t *fields)
{
    VdEvent *event = g_new0(VdEvent, 1);

    g_atomic_ref_count_init(&event->refs);
    event->kind = kind;
    event->camera = g_strdup(camera);
    event->wall_us = wall_us;
    event->fields = fields != NULL ? fields : json_object();
    return event;
}

static void free_text(void *text)
{
    free(text);
}

void vd_event_number(VdEvent *event, guint64 id)
{
    g_autofree char *time = vd_clock_iso8601(event->wall_us);
    json_t *whole = json_object();

    event->id = id;
    json_object_set_new_nocheck(whole, "id", json_integer((json_int_t)id));
    json_object_set_new_nocheck(whole, "time", json_string(time));
    json_object_set_new_nocheck(whole, "kind", json_string(vd_event_kind_name(event->kind)));
    json_object_set_new_nocheck(whole, "camera",
                                event->camera != NULL ? json_string(event->camera) : json_null());
    json_object_update(whole, event->fields);
    char *text = json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(9));
    event->json = g_bytes_new_with_free_func(text, strlen(text), free_text, text);
    json_decref(whole);
}

static json_t *ids_seen(const json_t *ids, const char *const *cameras)
{
    json_t *seen = json_array();

    for (gsize i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));

        if (id != NULL && vd_matches_any(cameras, id))
            json_array_append_new(seen, json_string(id));
    }
    return seen;
}

/* What was added, removed and changed of these, and not by whom; NULL: nothing. */
static VdEvent *change_seen(const VdEvent *event, const char *const *cameras)
{
    json_t *fields = json_object(), *ids;
    const char *name;
    gsize count = 0;

    json_object_foreach(event->fields, name, ids)
    {
        json_t *seen = json_is_array(ids) ? ids_seen(ids, cameras) : json_null();

        count += json_array_size(seen);
        json_object_set_new(fields, name, seen);
    }
    VdEvent *part = vd_event_new(event->kind, NULL, event->wall_us, fields);
    if (count > 0)
        vd_event_number(part, event->id);
    else
        g_clear_pointer(&part, vd_event_unref);
    return part;
}

VdEvent *vd_event_seen(VdEvent *event, const char *const *cameras)
{
    if (cameras == NULL || (event->camera != NULL && vd_matches_any(cameras, event->camera)))
        return vd_event_ref(event);
    return event->kind == VD_KIND_CONFIGURATION ? change_seen(event, cameras) : NULL;
}

VdEvent *vd_event_ref(VdEvent *event)
{
    g_atomic_ref_count_inc(&event->refs);
    return event;
}

void vd_event_unref(VdEvent *event)
{
    if (event == NULL || !g_atomic_ref_count_dec(&event->refs))
        return;
    json_decref(event->fields);
    g_clear_pointer(&event->json, g_bytes_unref);
    g_free(event->camera);
    g_free(event);
}
