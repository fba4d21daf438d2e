#include "base/clock.h"
#include "base/limits.h"
#include "camera/receiver.h"
#include "fake-media.h"

#include <unistd.h>

#define SECOND G_USEC_PER_SEC

/* A receiver whose ingest and analysis are fakes, on a clock that stands. */
typedef struct Rig {
    VdReceiver *receiver;
    VdCameraConfig *config;
    guint changes;
} Rig;

static void on_changed(VdReceiver *receiver, void *data)
{
    ((Rig *)data)->changes++;
}

static VdCameraConfig *config_new(bool analysis)
{
    VdCameraConfig *config = vd_camera_config_new("front", "test:moving", NULL);

    config->analysis = analysis;
    return config;
}

static void rig_init(Rig *rig, bool analysis)
{
    vd_clock_hold(1000 * (gint64)SECOND, 0);
    fake_media = (FakeMedia){0};
    rig->changes = 0;
    rig->config = config_new(analysis);
    rig->receiver = vd_receiver_new("front", NULL, NULL, on_changed, rig);
    vd_receiver_configure(rig->receiver, rig->config, VD_APPLY_RECONNECT);
}

static void rig_clear(Rig *rig)
{
    vd_receiver_free(rig->receiver);
    vd_camera_config_unref(rig->config);
    g_assert_cmpuint(fake_media.ingests_alive, ==, 0);
    g_assert_cmpuint(fake_media.analyses_alive, ==, 0);
    vd_clock_release();
}

static VdState state_of(const Rig *rig)
{
    VdReceiverFacts facts;

    vd_receiver_tell(rig->receiver, &facts);
    vd_receiver_facts_clear(&facts);
    return facts.state;
}

static void expect(const Rig *rig, VdState state)
{
    g_assert_cmpstr(vd_state_name(state_of(rig)), ==, vd_state_name(state));
}

static void expect_reason(const Rig *rig, const char *part)
{
    VdReceiverFacts facts;

    vd_receiver_tell(rig->receiver, &facts);
    g_assert_nonnull(strstr(facts.reason, part));
    vd_receiver_facts_clear(&facts);
}

static gint64 next_try_in(const Rig *rig)
{
    VdReceiverFacts facts;

    vd_receiver_tell(rig->receiver, &facts);
    vd_receiver_facts_clear(&facts);
    return facts.next_try_us != 0 ? facts.next_try_us - vd_clock_now_us() : -1;
}

static void await(const Rig *rig, VdState state)
{
    while (state_of(rig) != state)
        g_main_context_iteration(NULL, TRUE);
}

static void go_live(Rig *rig)
{
    fake_opened();
    expect(rig, VD_STATE_STARTING);
    fake_running();
    expect(rig, VD_STATE_LIVE);
}

static void a_refused_camera_waits_and_is_tried_again(void)
{
    Rig rig;

    rig_init(&rig, true);
    expect(&rig, VD_STATE_CONNECTING);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    expect(&rig, VD_STATE_WAITING);
    expect_reason(&rig, "nobody listens");
    g_assert_cmpuint(fake_media.ingests_alive, ==, 0);
    g_assert_cmpint(next_try_in(&rig), >=, SECOND);
    g_assert_cmpint(next_try_in(&rig), <=, 2 * SECOND);
    await(&rig, VD_STATE_CONNECTING);
    g_assert_cmpuint(fake_media.ingests, ==, 2);
    expect_reason(&rig, "nobody listens");
    rig_clear(&rig);
}

static void another_source_is_not_held_to_the_old_ones_waits(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    await(&rig, VD_STATE_CONNECTING);
    vd_clock_advance(120 * (gint64)SECOND);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    g_assert_cmpint(next_try_in(&rig), >, 2 * SECOND);
    vd_receiver_configure(rig.receiver, rig.config, VD_APPLY_RECONNECT);
    expect(&rig, VD_STATE_CONNECTING);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    g_assert_cmpint(next_try_in(&rig), <=, 2 * SECOND);
    rig_clear(&rig);
}

static void two_troubles_that_take_turns_are_said_once(void)
{
    Rig rig;

    if (g_test_subprocess()) {
        rig_init(&rig, true);
        for (int i = 0; i < 4; i++) {
            fake_lost(VD_LOSS_TIMEOUT, i % 2 == 0 ? "no answer" : "no picture");
            await(&rig, VD_STATE_CONNECTING);
        }
        _exit(0);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*no answer;*no picture;*");
    g_test_trap_assert_stderr_unmatched("*no answer;*no answer;*");
    g_test_trap_assert_stderr_unmatched("*no picture;*no picture;*");
}

static void a_lost_session_that_had_worked_is_renewed_at_once(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    expect_reason(&rig, "");
    vd_clock_advance(10 * SECOND);
    fake_lost(VD_LOSS_CLOSED, "the other side ended it");
    expect(&rig, VD_STATE_WAITING);
    g_assert_false(vd_receiver_shows(rig.receiver));
    g_assert_cmpint(next_try_in(&rig), <=, 300 * 1000);
    await(&rig, VD_STATE_CONNECTING);
    go_live(&rig);
    VdReceiverFacts facts;
    vd_receiver_tell(rig.receiver, &facts);
    g_assert_cmpuint(facts.reconnects, ==, 1);
    g_assert_cmpstr(facts.error, ==, "the other side ended it");
    vd_receiver_facts_clear(&facts);
    rig_clear(&rig);
}

static void silence_is_a_stall_and_is_declared_in_time(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    vd_clock_advance(4 * SECOND);
    vd_receiver_tick(rig.receiver);
    expect(&rig, VD_STATE_LIVE);
    vd_clock_advance(SECOND / 2);
    vd_receiver_tick(rig.receiver);
    expect(&rig, VD_STATE_WAITING);
    expect_reason(&rig, "stalled: nothing came");
    rig_clear(&rig);
}

static void data_without_pictures_is_a_stall_too(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    for (int i = 0; i < 9; i++) {
        expect(&rig, VD_STATE_LIVE);
        vd_clock_advance(SECOND / 2);
        fake_unit();
        vd_receiver_tick(rig.receiver);
    }
    expect(&rig, VD_STATE_WAITING);
    expect_reason(&rig, "stalled: data comes");
    rig_clear(&rig);
}

static void a_failed_decoder_is_replaced_without_touching_the_connection(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    vd_clock_advance(3 * SECOND);
    fake_unit();
    fake_failed(false, "the decoder choked");
    expect(&rig, VD_STATE_UNDECODABLE);
    expect_reason(&rig, "the decoder choked");
    g_assert_cmpuint(fake_media.analyses_alive, ==, 0);
    g_assert_cmpint(next_try_in(&rig), <=, 300 * 1000);
    await(&rig, VD_STATE_STARTING);
    fake_running();
    expect(&rig, VD_STATE_LIVE);
    g_assert_cmpuint(fake_media.ingests, ==, 1);
    g_assert_cmpuint(fake_media.analyses, ==, 2);
    rig_clear(&rig);
}

static void what_no_decoder_can_do_is_tried_again_only_when_it_changes(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_opened();
    fake_failed(true, "no decoder for this");
    expect(&rig, VD_STATE_UNDECODABLE);
    g_assert_cmpint(next_try_in(&rig), ==, -1);
    for (int i = 0; i < 100; i++) {
        vd_clock_advance(SECOND / 2);
        fake_unit();
        vd_receiver_tick(rig.receiver);
        expect(&rig, VD_STATE_UNDECODABLE);
    }
    fake_changed("video/x-h265, width=320, height=240");
    expect(&rig, VD_STATE_STARTING);
    g_assert_cmpuint(fake_media.ingests, ==, 1);
    rig_clear(&rig);
}

static void without_analysis_pictures_are_decoded_only_when_wanted(void)
{
    Rig rig;

    rig_init(&rig, false);
    fake_opened();
    expect(&rig, VD_STATE_LIVE);
    g_assert_cmpuint(fake_media.analyses, ==, 0);
    vd_receiver_want_pictures(rig.receiver, true);
    g_assert_cmpuint(fake_media.analyses_alive, ==, 1);
    fake_running();
    expect(&rig, VD_STATE_LIVE);
    vd_receiver_want_pictures(rig.receiver, false);
    g_assert_cmpuint(fake_media.analyses_alive, ==, 0);
    expect(&rig, VD_STATE_LIVE);
    rig_clear(&rig);
}

static void a_wish_that_cannot_be_met_ends_with_those_who_had_it(void)
{
    Rig rig;

    rig_init(&rig, false);
    fake_opened();
    vd_receiver_want_pictures(rig.receiver, true);
    fake_failed(true, "no decoder for this");
    expect(&rig, VD_STATE_UNDECODABLE);
    vd_receiver_want_pictures(rig.receiver, false);
    expect(&rig, VD_STATE_LIVE);
    rig_clear(&rig);
}

static void reconfigure(Rig *rig, VdApply change)
{
    vd_receiver_configure(rig->receiver, rig->config, change);
}

static void a_configuration_interrupts_no_more_than_it_must(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    reconfigure(&rig, VD_APPLY_LIVE);
    expect(&rig, VD_STATE_LIVE);
    g_assert_cmpuint(fake_media.configured, ==, 1);
    g_assert_cmpuint(fake_media.analyses, ==, 1);
    reconfigure(&rig, VD_APPLY_ANALYSIS);
    expect(&rig, VD_STATE_STARTING);
    g_assert_cmpuint(fake_media.analyses, ==, 2);
    g_assert_cmpuint(fake_media.ingests, ==, 1);
    reconfigure(&rig, VD_APPLY_RECONNECT);
    expect(&rig, VD_STATE_CONNECTING);
    g_assert_cmpuint(fake_media.ingests, ==, 2);
    g_assert_cmpuint(fake_media.ingests_alive, ==, 1);
    rig_clear(&rig);
}

static bool knows_the_scene(const Rig *rig)
{
    g_autoptr(GBytes) scene = vd_frame_hub_scene(vd_receiver_hub(rig->receiver));

    return scene != NULL;
}

static void the_scene_stays_known_for_ten_minutes_and_to_its_source_alone(void)
{
    g_autoptr(GBytes) scene = g_bytes_new_static("scene", 5);
    Rig rig;

    rig_init(&rig, true);
    vd_frame_hub_keep_scene(vd_receiver_hub(rig.receiver), scene);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    reconfigure(&rig, VD_APPLY_RECONNECT);
    vd_clock_advance(VD_SCENE_LASTS_US);
    g_assert_true(knows_the_scene(&rig));
    vd_clock_advance(1);
    g_assert_false(knows_the_scene(&rig));
    vd_frame_hub_keep_scene(vd_receiver_hub(rig.receiver), scene);
    VdCameraConfig *other = vd_camera_config_copy(rig.config);
    g_free(other->uri);
    other->uri = g_strdup("rtsp://elsewhere/1");
    vd_receiver_configure(rig.receiver, other, VD_APPLY_RECONNECT);
    vd_camera_config_unref(other);
    g_assert_false(knows_the_scene(&rig));
    rig_clear(&rig);
}

static void a_camera_can_be_switched_off_and_on(void)
{
    Rig rig;

    rig_init(&rig, true);
    go_live(&rig);
    rig.config->enabled = false;
    reconfigure(&rig, VD_APPLY_RECONNECT);
    expect(&rig, VD_STATE_OFF);
    g_assert_cmpuint(fake_media.ingests_alive, ==, 0);
    expect_reason(&rig, "switched off");
    vd_receiver_tick(rig.receiver);
    rig.config->enabled = true;
    reconfigure(&rig, VD_APPLY_RECONNECT);
    expect(&rig, VD_STATE_CONNECTING);
    go_live(&rig);
    rig_clear(&rig);
}

static void a_camera_that_hangs_in_connecting_is_given_up(void)
{
    Rig rig;

    rig_init(&rig, true);
    rig.config->connect_timeout_ms = 1;
    reconfigure(&rig, VD_APPLY_RECONNECT);
    await(&rig, VD_STATE_WAITING);
    expect_reason(&rig, "time-out");
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/receiver/" #name, name)
    ADD(a_refused_camera_waits_and_is_tried_again);
    ADD(another_source_is_not_held_to_the_old_ones_waits);
    ADD(two_troubles_that_take_turns_are_said_once);
    ADD(a_lost_session_that_had_worked_is_renewed_at_once);
    ADD(silence_is_a_stall_and_is_declared_in_time);
    ADD(data_without_pictures_is_a_stall_too);
    ADD(a_failed_decoder_is_replaced_without_touching_the_connection);
    ADD(what_no_decoder_can_do_is_tried_again_only_when_it_changes);
    ADD(without_analysis_pictures_are_decoded_only_when_wanted);
    ADD(a_wish_that_cannot_be_met_ends_with_those_who_had_it);
    ADD(a_configuration_interrupts_no_more_than_it_must);
    ADD(the_scene_stays_known_for_ten_minutes_and_to_its_source_alone);
    ADD(a_camera_can_be_switched_off_and_on);
    ADD(a_camera_that_hangs_in_connecting_is_given_up);
    return g_test_run();
}
