#include "camera/news.h"

#include "base/log.h"

#include <unistd.h>

#define SECOND G_USEC_PER_SEC
#define WHEN   "2026-11-22T15:04:05.123Z "

static VdNews news;

static void begin(const char *label)
{
    vd_clock_hold(1000 * SECOND, 1795359845123000);
    vd_news_init(&news, "front", label);
}

static void trouble(VdState state, char *reason, gint64 delay_us)
{
    VdReceiverFacts facts = {
        .state = state,
        .reason = reason,
        .next_try_us = delay_us != 0 ? vd_clock_now_us() + delay_us : 0,
    };

    vd_news_say(&news, &facts, "rtsp://joe:geheim@h/", 0);
}

static void live(char *decoder, int gpu, char *no_gpu, guint64 reconnects, gint64 away_us)
{
    VdReceiverFacts facts = {.state = VD_STATE_LIVE,
                             .reason = (char *)"",
                             .codec = "h264",
                             .width = 640,
                             .height = 360,
                             .transport = "tcp",
                             .decoder = decoder,
                             .gpu = gpu,
                             .no_gpu = no_gpu,
                             .reconnects = reconnects};

    vd_news_say(&news, &facts, "rtsp://joe:geheim@h/", away_us);
}

/* Does `what` in a child whose stderr is judged. */
static void in_child(void (*what)(void))
{
    if (g_test_subprocess()) {
        what();
        vd_news_clear(&news);
        _exit(0);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
}

static void say_troubles(void)
{
    static char lost[] = "lost", stalled[] = "stalled";

    begin(NULL);
    for (int i = 0; i < 3; i++) {
        trouble(VD_STATE_WAITING, lost, SECOND);
        trouble(VD_STATE_WAITING, stalled, 3 * SECOND / 2);
    }
    live((char *)"avdec_h264", -1, NULL, 0, 0);
    trouble(VD_STATE_WAITING, lost, SECOND);
    vd_news_forget(&news);
    trouble(VD_STATE_WAITING, lost, SECOND);
}

static void each_trouble_of_an_outage_is_said_once(void)
{
    in_child(say_troubles);
    g_test_trap_assert_stderr(
        WHEN "warning front: lost; retrying in 1.0 s\n" WHEN
             "warning front: stalled; retrying in 1.5 s\n" WHEN
             "info    front: live: h264 640x360 over tcp, decoded by avdec_h264\n" WHEN
             "warning front: lost; retrying in 1.0 s\n" WHEN
             "warning front: lost; retrying in 1.0 s\n");
}

static void say_places(void)
{
    begin(NULL);
    live((char *)"nvh264dec", 1, NULL, 0, 0);
    live((char *)"avdec_h264", -1, (char *)"gpu=off", 1, 995 * SECOND);
}

static void who_decodes_is_said_and_why_it_is_not_a_gpu(void)
{
    in_child(say_places);
    g_test_trap_assert_stderr(
        WHEN "info    front: live: h264 640x360 over tcp, decoded by nvh264dec on GPU 1\n" WHEN
             "info    front: live: h264 640x360 over tcp, decoded by avdec_h264 (not on a GPU: "
             "gpu=off), after 5.0 s\n");
}

static void say_all(void)
{
    static char unsupported[] = "10-bit", lost[] = "nobody answers";

    begin("main");
    vd_log_set_level(VD_LOG_DEBUG);
    trouble(VD_STATE_CONNECTING, unsupported, 0);
    trouble(VD_STATE_UNDECODABLE, unsupported, 0);
    trouble(VD_STATE_WAITING, lost, SECOND);
    trouble(VD_STATE_OFF, unsupported, 0);
    live((char *)"", -1, NULL, 1, 995 * SECOND);
}

static void every_state_has_its_words(void)
{
    in_child(say_all);
    g_test_trap_assert_stderr(
        WHEN "debug   front: main: connecting: rtsp://***@h/\n" WHEN
             "warning front: main: no pictures: 10-bit; not trying again until the stream "
             "changes\n" WHEN "warning front: main: nobody answers; retrying in 1.0 s\n" WHEN
             "info    front: main: off\n" WHEN
             "info    front: main: live: h264 640x360 over tcp, not decoded while nobody watches, "
             "after 5.0 s\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/news/" #name, name)
    ADD(each_trouble_of_an_outage_is_said_once);
    ADD(who_decodes_is_said_and_why_it_is_not_a_gpu);
    ADD(every_state_has_its_words);
    return g_test_run();
}
