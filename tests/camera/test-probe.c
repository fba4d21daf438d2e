#include "base/clock.h"
#include "base/limits.h"
#include "camera/probe.h"
#include "camera/status-json.h"
#include "fake-media.h"

#include <string.h>

#define SECOND G_USEC_PER_SEC

/* A probe whose ingest and analysis are fakes, on a clock that stands. */
typedef struct Rig {
    VdProbe *probe;
    guint done;
    char *json; /* what came of it */
} Rig;

static void on_done(VdProbe *probe, const VdProbeFacts *facts, void *data)
{
    Rig *rig = data;
    g_autoptr(GBytes) json = vd_probe_to_json(facts);

    g_assert_true(probe == rig->probe);
    rig->done++;
    g_free(rig->json);
    rig->json = g_strndup(g_bytes_get_data(json, NULL), g_bytes_get_size(json));
    g_clear_pointer(&rig->probe, vd_probe_free);
}

static void rig_init(Rig *rig, bool enabled)
{
    g_autoptr(VdCameraConfig) config = vd_camera_config_new("front", "test:moving", NULL);

    *rig = (Rig){0};
    vd_clock_hold(1000 * (gint64)SECOND, 0);
    fake_media = (FakeMedia){0};
    config->enabled = enabled;
    config->analysis = false;
    rig->probe = vd_probe_new(config, on_done, rig);
    g_assert_nonnull(fake_media.ingest);
}

static void rig_clear(Rig *rig)
{
    vd_probe_free(rig->probe);
    g_free(rig->json);
    g_assert_cmpuint(fake_media.ingests_alive, ==, 0);
    g_assert_cmpuint(fake_media.analyses_alive, ==, 0);
    g_assert_cmpuint(fake_media.ingests, ==, 1); /* nothing is tried again */
    vd_clock_release();
}

static void work(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* It is over, and this is a part of what is said of it. */
static void expect(Rig *rig, const char *part)
{
    work();
    g_assert_cmpuint(rig->done, ==, 1);
    g_test_message("%s", rig->json);
    g_assert_nonnull(strstr(rig->json, part));
}

static void it_is_reached_with_the_first_picture(void)
{
    Rig rig;

    rig_init(&rig, true);
    vd_clock_advance(120 * 1000);
    fake_opened();
    work();
    g_assert_cmpuint(rig.done, ==, 0);
    vd_clock_advance(30 * 1000);
    fake_running();
    g_assert_cmpuint(rig.done, ==, 0); /* not from inside of what happens */
    expect(&rig, "{\"reached\":true,\"state\":\"live\",\"reason\":\"\",\"reason_code\":null,"
                 "\"transport\":\"test\",\"codec\":\"h264\",\"width\":640,\"height\":360,"
                 "\"fps_announced\":0.0,\"decoder\":\"avdec_h264\",\"gpu\":null,"
                 "\"no_gpu_reason\":\"gpu=off\",\"first_unit_ms\":120,\"first_picture_ms\":150}");
    rig_clear(&rig);
}

static void a_camera_that_is_switched_off_can_be_tried(void)
{
    Rig rig;

    rig_init(&rig, false);
    fake_opened();
    fake_running();
    expect(&rig, "\"reached\":true");
    rig_clear(&rig);
}

static void why_it_is_not_reached_is_said_as_a_camera_says_it(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    expect(&rig, "{\"reached\":false,\"state\":\"waiting\",\"reason\":\"nobody listens\","
                 "\"reason_code\":\"refused\",\"transport\":\"\",\"codec\":\"\",\"width\":0,");
    expect(&rig, "\"first_unit_ms\":null,\"first_picture_ms\":null}");
    rig_clear(&rig);
}

static void what_cannot_be_decoded_is_not_tried_again(void)
{
    Rig rig;

    rig_init(&rig, true);
    vd_clock_advance(5000);
    fake_opened();
    fake_failed(false, "the decoder is broken");
    expect(&rig,
           "{\"reached\":false,\"state\":\"undecodable\",\"reason\":\"the decoder is broken\",");
    expect(&rig, "\"codec\":\"h264\"");
    expect(&rig, "\"first_unit_ms\":5,\"first_picture_ms\":null}");
    g_assert_cmpuint(fake_media.analyses, ==, 1);
    rig_clear(&rig);
}

static void data_without_a_picture_is_a_stall(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_opened();
    vd_probe_tick(rig.probe);
    work();
    g_assert_cmpuint(rig.done, ==, 0);
    vd_clock_advance(5 * SECOND);
    fake_unit();
    vd_probe_tick(rig.probe);
    expect(&rig, "\"reason\":\"stalled: data comes, but no picture of it for 4.0 s\"");
    rig_clear(&rig);
}

static void it_ends_in_time_whatever_comes(void)
{
    Rig rig;

    rig_init(&rig, true);
    vd_clock_advance((VD_MAX_PROBE_MS - 1) * 1000LL);
    fake_opened();
    vd_probe_tick(rig.probe);
    work();
    g_assert_cmpuint(rig.done, ==, 0);
    vd_clock_advance(1000);
    vd_probe_tick(rig.probe);
    vd_probe_tick(rig.probe);
    expect(&rig, "{\"reached\":false,\"state\":\"starting\",\"reason\":\"no picture within 15 s\","
                 "\"reason_code\":\"other\"");
    rig_clear(&rig);
}

static void what_comes_behind_the_end_changes_nothing(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_opened();
    fake_running();
    fake_lost(VD_LOSS_CLOSED, "it went away");
    vd_probe_tick(rig.probe);
    expect(&rig, "\"reached\":true,\"state\":\"live\",\"reason\":\"\"");
    rig_clear(&rig);
}

static void freed_it_says_nothing(void)
{
    Rig rig;

    rig_init(&rig, true);
    fake_lost(VD_LOSS_REFUSED, "nobody listens");
    g_clear_pointer(&rig.probe, vd_probe_free);
    work();
    g_assert_cmpuint(rig.done, ==, 0);
    rig_clear(&rig);
}

static void nothing_is_logged(void)
{
    Rig rig;

    if (g_test_subprocess()) {
        rig_init(&rig, true);
        fake_opened();
        fake_changed("video/x-h265, width=320, height=240");
        fake_lost(VD_LOSS_REFUSED, "nobody listens");
        expect(&rig, "nobody listens");
        rig_clear(&rig);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("");
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/probe/" #name, name)
    ADD(it_is_reached_with_the_first_picture);
    ADD(a_camera_that_is_switched_off_can_be_tried);
    ADD(why_it_is_not_reached_is_said_as_a_camera_says_it);
    ADD(what_cannot_be_decoded_is_not_tried_again);
    ADD(data_without_a_picture_is_a_stall);
    ADD(it_ends_in_time_whatever_comes);
    ADD(what_comes_behind_the_end_changes_nothing);
    ADD(freed_it_says_nothing);
    ADD(nothing_is_logged);
    return g_test_run();
}
