#include "http/listener.h"

#include <string.h>

#define AT_ONCE 64 /* events */

struct VdListener {
    VdApi *api;
    VdSight sight;
    VdTicketWake answered;
    void *data;
    guint64 after;
    GString *text; /* for him, from `at` on */
    gsize at;
    gint64 spoke_us;  /* when there was something for him last */
    VdTicket *ticket; /* (nullable) older events are asked for */
};

VdListener *vd_listener_new(VdApi *api, const VdSight *sight, guint64 after, VdTicketWake answered,
                            void *data)
{
    VdListener *listener = g_new0(VdListener, 1);

    listener->api = api;
    listener->sight = *sight;
    listener->after = after;
    listener->answered = answered;
    listener->data = data;
    listener->text = g_string_new(": vedette\n\n");
    return listener;
}

void vd_listener_free(VdListener *listener)
{
    if (listener == NULL)
        return;
    if (listener->ticket != NULL)
        vd_ticket_abandon(listener->ticket);
    vd_ticket_unref(listener->ticket);
    g_string_free(listener->text, TRUE);
    g_free(listener);
}

/* What he may not see is as if it had not been. */
static void append(VdListener *listener, VdEvent *event)
{
    VdApi *api = listener->api;
    g_autoptr(GBytes) seen = api->event_json(api->self, event, &listener->sight);
    gsize size;

    listener->after = event->id;
    if (seen == NULL)
        return;
    const char *json = g_bytes_get_data(seen, &size);
    g_string_append_printf(listener->text, "id: %" G_GUINT64_FORMAT "\ndata: ", event->id);
    g_string_append_len(listener->text, json, (gssize)size);
    g_string_append(listener->text, "\n\n");
}

static void append_all(VdListener *listener, GPtrArray *events)
{
    for (guint i = 0; i < events->len; i++)
        append(listener, events->pdata[i]);
}

static void ask_for_older(VdListener *listener)
{
    listener->ticket = vd_ticket_new(listener->answered, listener->data);
    listener->api->older_events(listener->api->self, listener->after, listener->ticket);
}

/* The journal may lack some that are not in memory any more: behind its last one those are next. */
static void take_older(VdListener *listener)
{
    g_autoptr(GPtrArray) events = vd_ticket_take(listener->ticket);

    if (events == NULL)
        return;
    g_clear_pointer(&listener->ticket, vd_ticket_unref);
    append_all(listener, events);
    if (events->len == 0)
        listener->after = MAX(listener->after, listener->api->forgotten_event(listener->api->self));
}

/* Answers whether there were any. */
static bool take_newest(VdListener *listener)
{
    g_autoptr(GPtrArray) events =
        listener->api->events_after(listener->api->self, listener->after, AT_ONCE);

    if (events != NULL)
        append_all(listener, events);
    else
        ask_for_older(listener);
    return events != NULL && events->len > 0;
}

static void fill(VdListener *listener, gint64 now_us)
{
    g_string_truncate(listener->text, 0);
    listener->at = 0;
    if (listener->ticket != NULL)
        take_older(listener);
    while (listener->ticket == NULL && listener->text->len == 0 && take_newest(listener))
        ;
    if (listener->text->len == 0 && now_us >= vd_listener_due_us(listener))
        g_string_append(listener->text, ":\n\n");
}

gsize vd_listener_read(VdListener *listener, char *buffer, gsize room, gint64 now_us)
{
    if (listener->at == listener->text->len)
        fill(listener, now_us);
    gsize count = MIN(room, listener->text->len - listener->at);
    memcpy(buffer, listener->text->str + listener->at, count);
    listener->at += count;
    if (count > 0)
        listener->spoke_us = now_us;
    return count;
}

gint64 vd_listener_due_us(const VdListener *listener)
{
    return listener->spoke_us + VD_HEARTBEAT_US;
}
