#include "api/history.h"

#include "api/local.h"
#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

#define PAGE 100 /* events of an answer, where nobody says how many */

/* (transfer full) ticket, answer */
static void answer_and_forget(VdTicket *ticket, VdAnswer *answer)
{
    vd_answer_give(answer, ticket);
    vd_ticket_unref(ticket);
}

static void refuse(VdTicket *ticket, GError *error)
{
    VdAnswer *answer = vd_answer_new();

    answer->error = error;
    answer_and_forget(ticket, answer);
}

/* --- the question ----------------------------------------------------------------------------- */

static void read_time(const char *name, const char *text, gint64 *us, VdAnswer *answer)
{
    if (text != NULL && !vd_clock_read_iso8601(text, us))
        vd_answer_add_detail(answer, name, "a time, as 2026-11-22T15:04:05Z");
}

static void read_kinds(const char *text, guint *kinds, VdAnswer *answer)
{
    if (text == NULL || vd_event_kinds_read(text, kinds))
        return;
    g_autofree char *known = g_strjoinv(", ", (char **)vd_event_kind_names());
    vd_answer_add_detail(answer, "kinds", known);
}

static void read_cursor(const VdEventQuery *query, VdEventFilter *filter, VdAnswer *answer)
{
    guint64 id;

    if (query->cursor == NULL)
        return;
    if (g_ascii_string_to_unsigned(query->cursor, 10, 1, G_MAXINT64, &id, NULL))
        *(query->oldest_first ? &filter->after_id : &filter->before_id) = id;
    else
        vd_answer_add_detail(answer, "cursor", "what an answer said in next");
}

/* What cannot be taken stands in the answer's details. */
static void read_query(const VdEventQuery *query, VdEventFilter *filter, VdAnswer *answer)
{
    *filter = (VdEventFilter){
        .camera = query->camera,
        .seen = query->sight.cameras,
        .oldest_first = query->oldest_first,
        .limit = query->limit > 0 ? query->limit : PAGE,
    };
    read_time("since", query->since, &filter->since_us, answer);
    read_time("until", query->until, &filter->until_us, answer);
    read_kinds(query->kinds, &filter->kinds, answer);
    read_cursor(query, filter, answer);
}

/* --- the answer, on the journal's thread ------------------------------------------------------ */

static void append_json(GString *text, const VdEvent *event)
{
    gsize size;
    const char *json = g_bytes_get_data(event->json, &size);

    g_string_append_len(text, json, (gssize)size);
}

static GBytes *page_json(GPtrArray *events, bool more)
{
    GString *text = g_string_new("{\"events\":[");

    for (guint i = 0; i < events->len; i++) {
        if (i > 0)
            g_string_append_c(text, ',');
        append_json(text, events->pdata[i]);
    }
    if (more && events->len > 0)
        g_string_append_printf(text, "],\"next\":\"%" G_GUINT64_FORMAT "\"}",
                               ((VdEvent *)events->pdata[events->len - 1])->id);
    else
        g_string_append(text, "],\"next\":null}");
    return g_string_free_to_bytes(text);
}

static void on_found(GPtrArray *events, bool more, void *ticket)
{
    VdAnswer *answer = vd_answer_new();

    if (events != NULL)
        answer->body = page_json(events, more);
    else
        g_set_error(&answer->error, VD_ERROR, VD_ERROR_FAILED, "the journal cannot be read");
    answer_and_forget(ticket, answer);
}

static void on_stored(GPtrArray *events, bool more, void *ticket)
{
    VdAnswer *answer = vd_answer_new();
    GString *text = g_string_new(NULL);

    if (events != NULL && events->len > 0)
        append_json(text, events->pdata[0]);
    else
        g_set_error(&answer->error, VD_ERROR, VD_ERROR_FAILED,
                    "the event was told and could not be kept");
    answer->body = g_string_free_to_bytes(text);
    answer_and_forget(ticket, answer);
}

static void events_free(void *events)
{
    g_ptr_array_unref(events);
}

static void on_older(GPtrArray *events, bool more, void *ticket)
{
    GPtrArray *copy = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);

    for (guint i = 0; events != NULL && i < events->len; i++)
        g_ptr_array_add(copy, vd_event_ref(events->pdata[i]));
    vd_ticket_answer(ticket, copy, events_free);
    vd_ticket_unref(ticket);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(VdEvents *events, const VdEventFilter *filter, VdJournalAnswer answer,
                VdTicket *ticket)
{
    VdTicket *own = vd_ticket_ref(ticket);

    if (!vd_journal_find(vd_events_journal(events), filter, answer, own))
        refuse(own, g_error_new(VD_ERROR, VD_ERROR_BUSY, "too many ask the journal"));
}

static void find_in(VdEvents *events, const VdEventQuery *query, VdTicket *ticket)
{
    g_autoptr(VdAnswer) answer = vd_answer_new();
    VdEventFilter filter;

    read_query(query, &filter, answer);
    if (answer->details->len == 0) {
        ask(events, &filter, on_found, ticket);
        return;
    }
    answer->of_query = true;
    g_set_error(&answer->error, VD_ERROR, VD_ERROR_INVALID,
                "%u of the query's parameters cannot be taken", answer->details->len);
    answer_and_forget(vd_ticket_ref(ticket), g_steal_pointer(&answer));
}

static void find_older(VdEvents *events, guint64 after, VdTicket *ticket)
{
    const VdEventFilter filter = {.after_id = after, .oldest_first = true, .limit = PAGE};

    if (!vd_journal_find(vd_events_journal(events), &filter, on_older, vd_ticket_ref(ticket)))
        on_older(NULL, false, ticket);
}

static void post_test(VdEvents *events, const char *camera, const char *who, VdTicket *ticket)
{
    json_t *fields = json_pack("{s:s}", "who", who);
    guint64 id =
        vd_events_post(events, vd_event_new(VD_KIND_TEST, camera, vd_clock_wall_us(), fields));
    const VdEventFilter filter = {.after_id = id - 1, .before_id = id + 1, .limit = 1};

    ask(events, &filter, on_stored, ticket);
}

/* --- the table's functions -------------------------------------------------------------------- */

static VdEventHub *hub_of(void *self)
{
    return vd_events_hub(vd_local_events(self));
}

static GPtrArray *api_events_after(void *self, guint64 after, guint most)
{
    return vd_event_hub_take(hub_of(self), after, most);
}

static guint64 api_last_event(void *self)
{
    return vd_event_hub_last_id(hub_of(self));
}

static guint64 api_forgotten_event(void *self)
{
    return vd_event_hub_forgotten(hub_of(self));
}

static GBytes *api_event_json(void *self, VdEvent *event, const VdSight *sight)
{
    g_autoptr(VdEvent) seen = vd_event_seen(event, sight->cameras);

    return seen != NULL ? g_bytes_ref(seen->json) : NULL;
}

static guint api_hear(void *self, VdTicketWake wake, void *data)
{
    return vd_event_hub_watch(hub_of(self), wake, data);
}

static void api_unhear(void *self, guint id)
{
    vd_event_hub_unwatch(hub_of(self), id);
}

static void api_older_events(void *self, guint64 after, VdTicket *ticket)
{
    find_older(vd_local_events(self), after, ticket);
}

static void api_find_events(void *self, const VdEventQuery *query, VdTicket *ticket)
{
    find_in(vd_local_events(self), query, ticket);
}

static void api_test_event(void *self, const char *camera, const char *who, VdTicket *ticket)
{
    g_autoptr(GBytes) found = vd_local_api(self)->camera(self, camera);

    if (found != NULL)
        post_test(vd_local_events(self), camera, who, ticket);
    else
        refuse(vd_ticket_ref(ticket),
               g_error_new(VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", camera));
}

void vd_history_fill(VdApi *api)
{
    api->events_after = api_events_after;
    api->last_event = api_last_event;
    api->forgotten_event = api_forgotten_event;
    api->event_json = api_event_json;
    api->hear = api_hear;
    api->unhear = api_unhear;
    api->older_events = api_older_events;
    api->find_events = api_find_events;
    api->test_event = api_test_event;
}
