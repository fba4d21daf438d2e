#include "camera/reporter.h"

#define SECOND G_USEC_PER_SEC

/* A camera whose pictures are told and not made. */
typedef struct Told {
    VdFrameHub *hub;
    VdReporter *reporter;
    GString *text;
    guint64 number;
} Told;

static void on_happened(VdEvent *event, void *data)
{
    Told *told = data;

    g_string_append_printf(told->text, "%s %s; ", vd_event_kind_name(event->kind), event->camera);
    vd_event_unref(event);
}

static void told_init(Told *told)
{
    *told = (Told){.hub = vd_frame_hub_new(), .text = g_string_new(NULL)};
    told->reporter = vd_reporter_new("front", on_happened, told);
    vd_reporter_follow(told->reporter, told->hub);
}

static void told_clear(Told *told)
{
    vd_reporter_free(told->reporter);
    vd_frame_hub_unref(told->hub);
    g_string_free(told->text, TRUE);
}

/* n pictures of so bright a background, 100 ms apart. primed: it is to be believed. */
static void show(Told *told, int n, double brightness, bool primed)
{
    for (int i = 0; i < n; i++) {
        g_autoptr(VdFrame) frame = vd_frame_new(gst_sample_new(NULL, NULL, NULL, NULL));

        frame->number = ++told->number;
        frame->received_us = (gint64)frame->number * SECOND / 10;
        frame->captured_us = frame->received_us;
        frame->report = vd_report_new(NULL, 0);
        frame->report->number = frame->number;
        frame->report->primed = primed;
        frame->report->lighting.brightness = brightness;
        frame->report->lighting.anew = brightness == 0;
        vd_frame_hub_post(told->hub, frame);
    }
}

static void another_light_is_told_also_while_the_background_is_young(void)
{
    Told told;

    told_init(&told);
    show(&told, 20, 50, true);
    show(&told, 1, 0, false);
    show(&told, 9, 120, false);
    g_assert_cmpstr(told.text->str, ==, "");
    show(&told, 2, 120, false);
    g_assert_cmpstr(told.text->str, ==, "light-changed front; ");
    show(&told, 50, 120, true);
    g_assert_cmpstr(told.text->str, ==, "light-changed front; ");
    told_clear(&told);
}

static void light_that_changed_while_it_was_away_is_none(void)
{
    char reason[] = "it is gone";
    const VdReceiverFacts away = {.state = VD_STATE_WAITING, .loss = VD_N_LOSSES, .reason = reason};
    Told told;

    told_init(&told);
    show(&told, 20, 50, true);
    vd_reporter_take(told.reporter, &away);
    show(&told, 40, 120, true);
    vd_reporter_follow(told.reporter, told.hub);
    show(&told, 40, 200, true);
    g_assert_cmpstr(told.text->str, ==, "camera-state front; ");
    told_clear(&told);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reporter/another_light_is_told_also_while_the_background_is_young",
                    another_light_is_told_also_while_the_background_is_young);
    g_test_add_func("/reporter/light_that_changed_while_it_was_away_is_none",
                    light_that_changed_while_it_was_away_is_none);
    return g_test_run();
}
