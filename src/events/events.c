#include "events/events.h"

#include "base/clock.h"
#include "events/mqtt.h"
#include "events/webhooks.h"

#define JOURNAL "events.db"

struct VdEvents {
    VdJournal *journal;
    VdEventHub *hub;
    VdWebhooks *webhooks;
    VdMqtt *mqtt;
};

static VdJournalBounds bounds_of(const VdConfig *config)
{
    return (VdJournalBounds){.days = config->event_days, .max_mb = config->event_max_mb};
}

/* [the journal's thread] Those who listen are told what those who read it later are not. */
static void on_trouble(const char *text, void *data)
{
    VdEvents *events = data;

    vd_events_post(events, vd_event_new(VD_KIND_STORAGE, NULL, vd_clock_wall_us(),
                                        json_pack("{s:s, s:b, s:s?}", "what", "journal", "ok",
                                                  text == NULL, "reason", text)));
}

VdEvents *vd_events_new(const char *folder, const VdConfig *config)
{
    VdEvents *events = g_new0(VdEvents, 1);
    VdJournalBounds bounds = bounds_of(config);
    g_autofree char *file =
        folder != NULL ? g_build_filename(folder, JOURNAL, NULL) : g_strdup(":memory:");

    events->journal = vd_journal_new(file, &bounds);
    events->hub = vd_event_hub_new(events->journal);
    vd_journal_on_trouble(events->journal, on_trouble, events);
    events->webhooks = vd_webhooks_new(events->hub, events->journal);
    events->mqtt = vd_mqtt_new(events->hub);
    vd_events_configure(events, config);
    return events;
}

void vd_events_free(VdEvents *events)
{
    if (events == NULL)
        return;
    vd_mqtt_free(events->mqtt);
    vd_webhooks_stop(events->webhooks);
    vd_journal_free(events->journal);
    vd_webhooks_free(events->webhooks);
    vd_event_hub_free(events->hub);
    g_free(events);
}

void vd_events_configure(VdEvents *events, const VdConfig *config)
{
    VdJournalBounds bounds = bounds_of(config);

    vd_journal_set_bounds(events->journal, &bounds);
    vd_webhooks_configure(events->webhooks, config->webhooks);
    vd_mqtt_configure(events->mqtt, config);
}

guint64 vd_events_post(VdEvents *events, VdEvent *event)
{
    return vd_event_hub_post(events->hub, event);
}

guint vd_events_sinks(VdEvents *events, VdSinkFacts sinks[VD_MAX_SINKS])
{
    guint count = vd_webhooks_tell(events->webhooks, sinks);

    return count + (vd_mqtt_tell(events->mqtt, &sinks[count]) ? 1 : 0);
}

VdEventHub *vd_events_hub(VdEvents *events)
{
    return events->hub;
}

VdJournal *vd_events_journal(VdEvents *events)
{
    return events->journal;
}
