#include "api/incidents.h"
#include "api/local.h"
#include "base/clock.h"
#include "media/reaper.h"

#include <gst/gst.h>
#include <string.h>

/* What becomes an event, from the cameras and the daemon to the hub. */

static VdConfig *parse(const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    VdConfig *config = vd_config_parse(text, strlen(text), "test", errors);

    g_assert_nonnull(config);
    return config;
}

/* "kind camera {fields}" of each event behind *seen. */
static char *told(VdEvents *events, guint64 *seen)
{
    g_autoptr(GPtrArray) taken = vd_event_hub_take(vd_events_hub(events), *seen, 100);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < taken->len; i++) {
        const VdEvent *event = taken->pdata[i];
        char *fields = json_dumps(event->fields, JSON_COMPACT);

        g_string_append_printf(text, "%s %s %s\n", vd_event_kind_name(event->kind),
                               event->camera != NULL ? event->camera : "-", fields);
        *seen = event->id;
        free(fields);
    }
    return g_string_free(text, FALSE);
}

static void assert_told(VdEvents *events, guint64 *seen, const char *expected)
{
    g_autofree char *text = told(events, seen);

    g_assert_cmpstr(text, ==, expected);
}

static void a_changed_configuration_is_told_and_the_first_is_not(void)
{
    g_autoptr(VdConfig) first = parse("[camera a]\nuri=test:quiet\n[camera b]\nuri=test:quiet\n");
    g_autoptr(VdConfig) second =
        parse("[camera b]\nuri=test:quiet\njpeg-quality=50\n[camera c]\nuri=test:quiet\n");
    g_autoptr(VdEvents) events = vd_events_new(NULL, first);
    VdIncidents *incidents = vd_incidents_new(events);
    guint64 seen = 0;

    vd_incidents_configured(incidents, first, NULL);
    vd_incidents_configured(incidents, first, NULL);
    assert_told(events, &seen, "");
    vd_incidents_configured(incidents, second, "anna from 192.0.2.7");
    assert_told(events, &seen,
                "configuration - {\"added\":[\"c\"],\"removed\":[\"a\"],\"changed\":[\"b\"],"
                "\"who\":\"anna from 192.0.2.7\"}\n");
    vd_incidents_configured(incidents, first, NULL);
    assert_told(events, &seen,
                "configuration - {\"added\":[\"a\"],\"removed\":[\"c\"],\"changed\":[\"b\"],"
                "\"who\":null}\n");
    vd_incidents_free(incidents);
}

static void a_refused_viewer_is_told_once_a_minute(void)
{
    g_autoptr(VdConfig) config = parse("");
    g_autoptr(VdEvents) events = vd_events_new(NULL, config);
    VdIncidents *incidents = vd_incidents_new(events);
    guint64 seen = 0;

    vd_clock_hold(1000 * (gint64)G_USEC_PER_SEC, 1000);
    vd_incidents_viewer_refused(incidents, "a", "too many");
    vd_incidents_viewer_refused(incidents, "b", "too many");
    assert_told(events, &seen, "viewer-limit a {\"reason\":\"too many\"}\n");
    vd_clock_advance(60 * (gint64)G_USEC_PER_SEC);
    vd_incidents_viewer_refused(incidents, "b", "too many");
    assert_told(events, &seen, "viewer-limit b {\"reason\":\"too many\"}\n");
    vd_incidents_free(incidents);
    vd_clock_release();
}

/* Lets the main loop run until an event of this kind was told; answers all that was till then. */
static char *wait_for(VdEvents *events, guint64 *seen, const char *kind)
{
    GString *all = g_string_new(NULL);

    while (strstr(all->str, kind) == NULL) {
        g_main_context_iteration(NULL, TRUE);
        g_autofree char *text = told(events, seen);
        g_string_append(all, text);
    }
    return g_string_free(all, FALSE);
}

static void a_camera_s_state_and_motion_are_told_and_end_with_it(void)
{
    g_autoptr(VdConfig) moving = parse("[camera front]\nuri=test:moving\nevent-min-ms=200\n");
    g_autoptr(VdConfig) none = parse("");
    g_autoptr(VdCommands) commands = vd_commands_new();
    g_autoptr(VdEvents) events = vd_events_new(NULL, moving);
    VdSettings settings = {.config = moving};
    VdLocal *local = vd_local_new(commands, &settings, events);
    guint64 seen = 0;

    vd_local_configure(local);
    g_autofree char *begun = wait_for(events, &seen, "motion-start");
    g_assert_nonnull(strstr(begun, "camera-state front {\"from\":null,\"to\":\"live\","));
    g_assert_nonnull(strstr(begun, "motion-start front {\"since\":\""));
    settings.config = none;
    vd_local_configure(local);
    g_autofree char *over = told(events, &seen);
    g_assert_nonnull(strstr(over, "motion-end front {\"since\":\""));
    g_assert_nonnull(strstr(over, "configuration - {\"added\":[],\"removed\":[\"front\"]"));
    vd_local_free(local);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static void a_camera_that_cannot_be_reached_is_told_with_its_reason(void)
{
    g_autoptr(VdConfig) gone = parse("[camera front]\nuri=rtsp://127.0.0.1:1/x\n");
    g_autoptr(VdCommands) commands = vd_commands_new();
    g_autoptr(VdEvents) events = vd_events_new(NULL, gone);
    VdSettings settings = {.config = gone};
    VdLocal *local = vd_local_new(commands, &settings, events);
    guint64 seen = 0;

    vd_local_configure(local);
    g_autofree char *text = wait_for(events, &seen, "camera-state");
    g_assert_nonnull(strstr(text, "camera-state front {\"from\":null,\"to\":\"waiting\","));
    g_assert_nonnull(strstr(text, "\"reason_code\":\"refused\"}"));
    vd_local_free(local);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/events/" #name, name)
    ADD(a_changed_configuration_is_told_and_the_first_is_not);
    ADD(a_refused_viewer_is_told_once_a_minute);
    ADD(a_camera_s_state_and_motion_are_told_and_end_with_it);
    ADD(a_camera_that_cannot_be_reached_is_told_with_its_reason);
    return g_test_run();
}
