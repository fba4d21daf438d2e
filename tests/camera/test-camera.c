#include "base/clock.h"
#include "camera/cameras.h"
#include "media/reaper.h"

#include <gst/gst.h>
#include <string.h>

/* Real cameras with the built-in scenes. */
typedef struct Rig {
    VdCameras *cameras;
    GHashTable *statuses; /* id -> VdStatus */
    guint removed, alive;
    GString *states; /* every new state of "front": "connecting starting live " */
} Rig;

static const VdWish small = {.width = 64, .fps = 0, .quality = 50, .annotate = 0};

static void note_state(Rig *rig, const VdStatus *status)
{
    const VdStatusParts *parts = vd_status_parts(status);
    const char *name = vd_state_name(parts->shown.state);
    const VdStatus *before = g_hash_table_lookup(rig->statuses, parts->config->id);

    if (!g_str_equal(parts->config->id, "front"))
        return;
    if (before == NULL || vd_status_parts(before)->shown.since.us != parts->shown.since.us)
        g_string_append_printf(rig->states, "%s ", name);
}

static void on_published(VdStatus *status, void *data)
{
    Rig *rig = data;

    note_state(rig, status);
    g_hash_table_replace(rig->statuses, g_strdup(vd_status_parts(status)->config->id),
                         vd_status_ref(status));
}

static void on_removed(const char *id, void *data)
{
    Rig *rig = data;

    rig->removed++;
    g_hash_table_remove(rig->statuses, id);
}

static void on_happened(VdEvent *event, void *data)
{
    vd_event_unref(event);
}

static void on_alive(void *data)
{
    ((Rig *)data)->alive++;
}

static void configure(Rig *rig, const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) config = vd_config_parse(text, strlen(text), "test", errors);

    g_assert_nonnull(config);
    vd_cameras_configure(rig->cameras, config);
}

static void rig_init(Rig *rig, const char *text)
{
    static const VdCamerasEvents events = {on_published, on_removed, on_alive, on_happened};

    rig->removed = rig->alive = 0;
    rig->states = g_string_new(NULL);
    rig->statuses =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)vd_status_unref);
    rig->cameras = vd_cameras_new(&events, rig);
    configure(rig, text);
}

static void rig_clear(Rig *rig)
{
    vd_cameras_free(rig->cameras);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
    g_hash_table_unref(rig->statuses);
    g_string_free(rig->states, TRUE);
}

static const VdStatusParts *look(const Rig *rig, const char *id)
{
    VdStatus *status = g_hash_table_lookup(rig->statuses, id);

    g_assert_nonnull(status);
    return vd_status_parts(status);
}

static void await_state(const Rig *rig, const char *id, VdState state)
{
    gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (look(rig, id)->shown.state != state) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_main_context_iteration(NULL, TRUE);
    }
}

static VdPicture *next_picture(VdMailbox *box, guint64 *seen)
{
    gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    VdPicture *picture;

    while ((picture = vd_mailbox_take(box, seen)) == NULL) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_main_context_iteration(NULL, FALSE);
        g_usleep(500);
    }
    return picture;
}

static void a_scene_comes_live_at_once_and_stays(void)
{
    Rig rig;

    rig_init(&rig, "[camera front]\nuri=test:moving\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    g_assert_cmpstr(rig.states->str, ==, "connecting starting live ");
    while (look(&rig, "front")->shown.analysis.decoded <= 10)
        g_main_context_iteration(NULL, TRUE);
    const VdStatusParts *parts = look(&rig, "front");
    g_assert_cmpstr(rig.states->str, ==, "connecting starting live ");
    g_assert_cmpuint(parts->shown.ring.units, >, 10);
    g_assert_cmpstr(parts->shown.transport, ==, "test");
    rig_clear(&rig);
}

static void a_failing_scene_waits_and_returns(void)
{
    Rig rig;

    rig_init(&rig, "[camera front]\nuri=test:failing?up=3\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    await_state(&rig, "front", VD_STATE_WAITING);
    g_assert_cmpstr(look(&rig, "front")->shown.reason, !=, "");
    g_assert_cmpint(look(&rig, "front")->shown.away.us, !=, 0);
    await_state(&rig, "front", VD_STATE_LIVE);
    g_assert_cmpuint(look(&rig, "front")->shown.reconnects, ==, 1);
    g_assert_true(g_str_has_prefix(rig.states->str,
                                   "connecting starting live waiting connecting starting live "));
    rig_clear(&rig);
}

static void a_scene_that_is_away_refuses_until_it_is_back(void)
{
    Rig rig;

    rig_init(&rig, "[camera front]\nuri=test:failing?width=64&height=48&fps=5&up=2&down=2\n");
    /* A try may miss the time that the scene is away; it is away again and again. */
    for (int rounds = 0; strstr(rig.states->str, "connecting waiting connecting ") == NULL;
         rounds++) {
        g_assert_cmpint(rounds, <, 20);
        await_state(&rig, "front", VD_STATE_LIVE);
        await_state(&rig, "front", VD_STATE_WAITING);
        await_state(&rig, "front", VD_STATE_LIVE);
    }
    rig_clear(&rig);
}

static void a_camera_is_switched_off_and_on(void)
{
    Rig rig;

    rig_init(&rig, "[camera front]\nuri=test:quiet\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    configure(&rig, "[camera front]\nuri=test:quiet\nenabled=false\n");
    await_state(&rig, "front", VD_STATE_OFF);
    configure(&rig, "[camera front]\nuri=test:quiet\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    rig_clear(&rig);
}

/* Waits until front's views say that they left out so many, as a busy machine makes them. */
static void await_left_out(const Rig *rig, guint64 pictures)
{
    gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    guint64 told;

    do {
        const GArray *renditions = look(rig, "front")->renditions;
        told = 0;
        for (guint i = 0; i < renditions->len; i++)
            told += g_array_index(renditions, VdRenditionStatus, i).view.skipped;
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    } while (told < pictures && g_main_context_iteration(NULL, TRUE));
}

static void what_takes_effect_live_costs_no_frame(void)
{
    Rig rig;
    g_autoptr(VdAudience) audience = vd_audience_new(&small);
    guint64 seen = 0, first_post = 0, first = 0, last = 0;

    rig_init(&rig, "[camera front]\nuri=test:quiet\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    vd_cameras_open(rig.cameras, "front", audience);
    for (int i = 0; i < 40; i++) {
        g_autoptr(VdPicture) picture = next_picture(vd_audience_mailbox(audience), &seen);

        g_assert_false(picture->placeholder);
        if (i == 0) {
            first = picture->number;
            first_post = seen;
        }
        last = picture->number;
        if (i == 20)
            configure(&rig, "[camera front]\nuri=test:quiet\nname=Other\nmotion-threshold=30\n"
                            "masks=0.1,0.1 0.4,0.1 0.4,0.3\n");
    }
    g_assert_cmpstr(rig.states->str, ==, "connecting starting live ");
    /* of all that are missing some came, and were not looked at in time */
    await_left_out(&rig, last - first - (seen - first_post));
    g_assert_cmpstr(look(&rig, "front")->config->name, ==, "Other");
    g_assert_cmpuint(look(&rig, "front")->shown.reconnects, ==, 0);
    vd_cameras_close(rig.cameras, "front", audience);
    rig_clear(&rig);
}

static void another_analysis_keeps_the_connection(void)
{
    Rig rig;

    rig_init(&rig, "[camera front]\nuri=test:quiet\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    configure(&rig, "[camera front]\nuri=test:quiet\nanalysis-width=128\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    g_assert_cmpuint(look(&rig, "front")->shown.reconnects, ==, 0);
    g_assert_cmpstr(rig.states->str, ==, "connecting starting live starting live ");
    rig_clear(&rig);
}

static void a_camera_removed_while_live_closes_its_mailboxes(void)
{
    Rig rig;
    g_autoptr(VdAudience) audience = vd_audience_new(&small);
    guint64 seen = 0;

    rig_init(&rig, "[camera front]\nuri=test:quiet\n[camera back]\nuri=test:quiet\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    vd_cameras_open(rig.cameras, "front", audience);
    vd_picture_unref(next_picture(vd_audience_mailbox(audience), &seen));
    configure(&rig, "[camera back]\nuri=test:quiet\n");
    g_assert_cmpuint(rig.removed, ==, 1);
    g_assert_true(vd_mailbox_closed(vd_audience_mailbox(audience)));
    await_state(&rig, "back", VD_STATE_LIVE);
    rig_clear(&rig);
}

static void unwatched_cameras_without_analysis_decode_nothing(void)
{
    Rig rig;
    g_autoptr(VdAudience) audience = vd_audience_new(&small);
    guint64 seen = 0;

    rig_init(&rig, "[camera front]\nuri=test:quiet\nanalysis=false\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    while (rig.alive < 3)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(look(&rig, "front")->shown.analysis.decoded, ==, 0);
    vd_cameras_open(rig.cameras, "front", audience);
    g_autoptr(VdPicture) picture = next_picture(vd_audience_mailbox(audience), &seen);
    g_assert_false(picture->placeholder);
    vd_cameras_close(rig.cameras, "front", audience);
    while (look(&rig, "front")->shown.decoder[0] != '\0')
        g_main_context_iteration(NULL, TRUE);
    rig_clear(&rig);
}

static VdPicture *live_picture_as_wide_as(VdAudience *audience, int width)
{
    guint64 seen = 0;
    VdPicture *picture;

    while ((picture = next_picture(vd_audience_mailbox(audience), &seen))->width != width ||
           picture->placeholder)
        vd_picture_unref(picture);
    return picture;
}

static void the_large_stream_is_decoded_only_for_large_pictures(void)
{
    static const VdWish large = {.width = 640, .fps = 0, .quality = 50, .annotate = 0};
    Rig rig;
    g_autoptr(VdAudience) modest = vd_audience_new(&small);
    g_autoptr(VdAudience) greedy = vd_audience_new(&large);

    rig_init(&rig, "[camera front]\nuri=test:moving?width=640&height=480\n"
                   "analysis-uri=test:moving?width=320&height=240\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    vd_cameras_open(rig.cameras, "front", modest);
    vd_picture_unref(live_picture_as_wide_as(modest, 64));
    g_assert_true(look(&rig, "front")->two_streams);
    g_assert_cmpint(look(&rig, "front")->shown.width, ==, 320);
    g_assert_cmpuint(look(&rig, "front")->main.analysis.decoded, ==, 0);
    vd_cameras_open(rig.cameras, "front", greedy);
    vd_picture_unref(live_picture_as_wide_as(greedy, 640));
    vd_cameras_close(rig.cameras, "front", greedy);
    while (look(&rig, "front")->main.decoder[0] != '\0')
        g_main_context_iteration(NULL, TRUE);
    configure(&rig, "[camera front]\nuri=test:moving?width=640&height=480\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    g_assert_false(look(&rig, "front")->two_streams);
    vd_picture_unref(live_picture_as_wide_as(modest, 64));
    rig_clear(&rig);
}

static void a_main_stream_is_shown_while_the_small_one_is_away(void)
{
    Rig rig;
    g_autoptr(VdAudience) audience = vd_audience_new(&small);

    rig_init(&rig, "[camera front]\nuri=test:moving?width=640&height=480\n"
                   "analysis-uri=rtsp://127.0.0.1:1/nobody\n");
    await_state(&rig, "front", VD_STATE_WAITING);
    vd_cameras_open(rig.cameras, "front", audience);
    vd_picture_unref(live_picture_as_wide_as(audience, 64));
    while (look(&rig, "front")->main.analysis.decoded == 0)
        g_main_context_iteration(NULL, TRUE);
    configure(&rig, "[camera front]\nuri=test:moving?width=640&height=480\n"
                    "analysis-uri=test:moving?width=320&height=240\n");
    await_state(&rig, "front", VD_STATE_LIVE);
    while (look(&rig, "front")->main.decoder[0] != '\0')
        g_main_context_iteration(NULL, TRUE);
    vd_picture_unref(live_picture_as_wide_as(audience, 64));
    rig_clear(&rig);
}

static bool has_small_picture(const Rig *rig)
{
    const VdStatusParts *parts = look(rig, "front");

    return parts->two_streams && parts->shown.state == VD_STATE_LIVE;
}

static void a_small_stream_comes_and_goes_beside_a_main_one_that_stays(void)
{
    static const char one[] = "[camera front]\nuri=test:moving?width=640&height=480\n";
    static const char two[] = "[camera front]\nuri=test:moving?width=640&height=480\n"
                              "analysis-uri=test:moving?width=320&height=240\n";
    static const char other[] = "[camera front]\nuri=test:moving?width=640&height=480\n"
                                "analysis-uri=test:moving?width=160&height=120\n";
    Rig rig;

    rig_init(&rig, one);
    await_state(&rig, "front", VD_STATE_LIVE);
    configure(&rig, two);
    while (!has_small_picture(&rig))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(look(&rig, "front")->main.reconnects, ==, 0);
    guint64 units = look(&rig, "front")->main.ring.units;
    g_assert_cmpuint(units, >, 0);
    configure(&rig, other);
    while (!has_small_picture(&rig) || look(&rig, "front")->shown.width != 160)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(look(&rig, "front")->main.reconnects, ==, 0);
    configure(&rig, one);
    await_state(&rig, "front", VD_STATE_LIVE);
    while (look(&rig, "front")->shown.decoder[0] == '\0')
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(look(&rig, "front")->two_streams);
    g_assert_cmpuint(look(&rig, "front")->shown.reconnects, ==, 0);
    g_assert_cmpuint(look(&rig, "front")->shown.ring.units, >=, units);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/camera/" #name, name)
    ADD(a_scene_comes_live_at_once_and_stays);
    ADD(a_failing_scene_waits_and_returns);
    ADD(a_scene_that_is_away_refuses_until_it_is_back);
    ADD(a_camera_is_switched_off_and_on);
    ADD(what_takes_effect_live_costs_no_frame);
    ADD(another_analysis_keeps_the_connection);
    ADD(a_camera_removed_while_live_closes_its_mailboxes);
    ADD(unwatched_cameras_without_analysis_decode_nothing);
    ADD(the_large_stream_is_decoded_only_for_large_pictures);
    g_test_add_func("/camera/a_main_stream_is_shown_while_the_small_one_is_away",
                    a_main_stream_is_shown_while_the_small_one_is_away);
    ADD(a_small_stream_comes_and_goes_beside_a_main_one_that_stays);
    return g_test_run();
}
