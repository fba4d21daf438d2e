#include "base/clock.h"
#include "base/log.h"

#include <gst/gst.h>
#include <unistd.h>

#define WHEN "2026-11-22T15:04:05.123Z "

/*
 * Each test runs itself in a child, whose stderr is what is judged: WRITES says what the child
 * does, the assertion what must have come out. It leaves with _exit(): what libraries keep until
 * the end is no leak of ours.
 */
#define IN_CHILD(writes)                        \
    G_STMT_START                                \
    {                                           \
        if (g_test_subprocess()) {              \
            vd_clock_hold(0, 1795359845123000); \
            writes;                             \
            _exit(0);                           \
        }                                       \
        g_test_trap_subprocess(NULL, 0, 0);     \
        g_test_trap_assert_passed();            \
    }                                           \
    G_STMT_END

static void a_line_names_time_level_and_camera(void)
{
    IN_CHILD(vd_log_warning("front", "gone for %d s", 4); vd_log_error(NULL, "no cameras");
             vd_log_info("back", "live"));
    g_test_trap_assert_stderr(WHEN "warning front: gone for 4 s\n" WHEN "error   no cameras\n" WHEN
                                   "info    back: live\n");
}

static void lines_less_important_than_the_level_are_left_out(void)
{
    IN_CHILD(vd_log_debug("a", "1"); vd_log_set_level(VD_LOG_DEBUG); vd_log_debug("a", "2");
             vd_log_set_level(VD_LOG_ERROR); vd_log_warning("a", "3"); vd_log_error("a", "4"));
    g_test_trap_assert_stderr(WHEN "debug   a: 2\n" WHEN "error   a: 4\n");
}

static void say(const char *camera, const char *topic, const char *text)
{
    vd_log_change(VD_LOG_INFO, camera, topic, "%s", text);
}

static void what_repeats_is_said_once_until_it_changes(void)
{
    IN_CHILD(say("a", "connection", "lost"); say("a", "connection", "lost");
             say("b", "connection", "lost"); say("a", "decoder", "lost");
             say(NULL, "connection", "lost"); say("a", "connection", "back");
             say("a", "connection", "lost"));
    g_test_trap_assert_stderr(WHEN "info    a: lost\n" WHEN "info    b: lost\n" WHEN
                                   "info    a: lost\n" WHEN "info    lost\n" WHEN
                                   "info    a: back\n" WHEN "info    a: lost\n");
}

static void what_was_said_of_a_camera_is_forgotten_with_it(void)
{
    IN_CHILD(vd_log_forget("a"); say("a", "x", "1"); say("ab", "x", "2"); vd_log_forget("a");
             say("a", "x", "1"); say("ab", "x", "2"));
    g_test_trap_assert_stderr(WHEN "info    a: 1\n" WHEN "info    ab: 2\n" WHEN "info    a: 1\n");
}

static void a_text_is_one_line_without_secrets(void)
{
    IN_CHILD(vd_log_info("a", "cannot open rtsp://joe:geheim@h/x?pwd=geheim\nb: forged\x1b[0m\n");
             vd_log_info("a", "bad \xff byte"));
    g_test_trap_assert_stderr(WHEN "info    a: cannot open rtsp://***@h/x?pwd=*** "
                                   "b: forged [0m\n" WHEN "info    a: bad \xef\xbf\xbd byte\n");
    g_test_trap_assert_stderr_unmatched("*geheim*");
}

static void an_audit_is_written_at_every_level(void)
{
    IN_CHILD(vd_log_set_level(VD_LOG_ERROR);
             vd_audit("user anna, 192.0.2.7 curl", "front", "%s", "b");
             vd_audit("192.0.2.7", NULL, "rtsp://u:p@x/\nb"));
    g_test_trap_assert_stderr(WHEN "info    front: audit: user anna, 192.0.2.7 curl: b\n" WHEN
                                   "info    audit: 192.0.2.7: rtsp://***@x/ b\n");
}

static void glibs_messages_come_the_same_way(void)
{
    IN_CHILD(vd_log_take_over(); g_log_set_always_fatal(0);
             g_warning("rtsp://joe:geheim@h/ is odd"); g_message("hello"); g_debug("unheard"));
    g_test_trap_assert_stderr(WHEN "warning rtsp://***@h/ is odd\n" WHEN "info    hello\n");
}

static void glibs_messages_are_said_once_too(void)
{
    IN_CHILD(vd_log_take_over(); g_log_set_always_fatal(0);
             for (int i = 0; i < 5; i++) g_warning("%s is odd", "this"); g_warning("so is that"));
    g_test_trap_assert_stderr(WHEN "warning this is odd\n" WHEN "warning so is that\n");
}

static void glibs_debugging_is_not_ours(void)
{
    IN_CHILD(vd_log_take_over(); vd_log_set_level(VD_LOG_DEBUG); g_unsetenv("G_MESSAGES_DEBUG");
             g_debug("unheard"); g_info("unheard"); vd_log_debug(NULL, "ours"));
    g_test_trap_assert_stderr(WHEN "debug   ours\n");
}

static void glibs_debugging_comes_when_asked_for(void)
{
    IN_CHILD(g_setenv("G_MESSAGES_DEBUG", "all", TRUE); vd_log_take_over(); g_debug("heard"));
    g_test_trap_assert_stderr(WHEN "debug   heard\n");
}

static void gstreamers_messages_come_when_asked_for(void)
{
    IN_CHILD(vd_log_take_over(); gst_init(NULL, NULL); gst_debug_set_active(TRUE);
             gst_debug_set_default_threshold(GST_LEVEL_WARNING);
             GST_WARNING("rtsp://joe:geheim@h/ is odd"); GST_INFO("unheard"));
    g_test_trap_assert_stderr("*debug   GStreamer WARN* default: rtsp://***@h/ is odd\n");
    g_test_trap_assert_stderr_unmatched("*unheard*");
    g_test_trap_assert_stderr_unmatched("*geheim*");
}

static void levels_have_names(void)
{
    VdLogLevel level = VD_LOG_INFO;

    g_assert_true(vd_log_level_find("debug", &level));
    g_assert_cmpint(level, ==, VD_LOG_DEBUG);
    g_assert_true(vd_log_level_find("error", &level));
    g_assert_cmpint(level, ==, VD_LOG_ERROR);
    g_assert_false(vd_log_level_find("loud", &level));
    g_assert_cmpint(level, ==, VD_LOG_ERROR);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/log/" #name, name)
    ADD(a_line_names_time_level_and_camera);
    ADD(lines_less_important_than_the_level_are_left_out);
    ADD(what_repeats_is_said_once_until_it_changes);
    ADD(what_was_said_of_a_camera_is_forgotten_with_it);
    ADD(a_text_is_one_line_without_secrets);
    ADD(an_audit_is_written_at_every_level);
    ADD(glibs_messages_come_the_same_way);
    ADD(glibs_messages_are_said_once_too);
    ADD(glibs_debugging_is_not_ours);
    ADD(glibs_debugging_comes_when_asked_for);
    ADD(gstreamers_messages_come_when_asked_for);
    ADD(levels_have_names);
    return g_test_run();
}
