#include "media/flow.h"

#include "base/clock.h"
#include "media/reaper.h"

static gint samples; /* atomic */

static void count_sample(GstSample *sample, void *data)
{
    g_atomic_int_inc(&samples);
}

static void fail(const char *text, void *data)
{
    g_error("%s", text);
}

static const VdFlowEvents events = {.sample = count_sample, .failed = fail};

static VdFlow *start(double lost)
{
    static const char *const factories[] = {"identity", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple("application/x-test");
    VdFlow *flow = vd_flow_new(factories, NULL, &events, NULL, &error);

    g_assert_no_error(error);
    g_object_set(vd_flow_element(flow, "identity"), "drop-probability", lost, NULL);
    g_atomic_int_set(&samples, 0);
    vd_flow_set_caps(flow, caps);
    vd_flow_start(flow);
    return flow;
}

static void stop(VdFlow *flow)
{
    vd_flow_close(flow);
    vd_flow_unref(flow);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static void drain(VdFlow *flow, guint64 count)
{
    gint64 until_us = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

    while (vd_flow_drained(flow) < count && g_get_monotonic_time() < until_us)
        g_usleep(500);
    g_assert_cmpuint(vd_flow_drained(flow), ==, count);
}

static void what_came_out_is_worked_off(void)
{
    VdFlow *flow = start(0);

    g_assert_cmpuint(vd_flow_drained(flow), ==, 0);
    for (guint64 i = 1; i <= 100; i++) {
        vd_flow_push(flow, gst_buffer_new());
        drain(flow, i);
        g_assert_cmpint(g_atomic_int_get(&samples), ==, (gint)i);
    }
    for (guint i = 0; i < 100; i++)
        vd_flow_push(flow, gst_buffer_new());
    drain(flow, 200);
    stop(flow);
}

static void what_is_lost_on_the_way_is_worked_off_too(void)
{
    VdFlow *flow = start(1);

    for (guint64 i = 1; i <= 100; i++) {
        vd_flow_push(flow, gst_buffer_new());
        drain(flow, i);
    }
    g_assert_cmpint(g_atomic_int_get(&samples), ==, 0);
    stop(flow);
}

static void one_that_was_closed_leaves_nothing_behind(void)
{
    VdFlow *flow = start(0);
    GstElement *source = vd_flow_element(flow, "appsrc");

    g_object_add_weak_pointer(G_OBJECT(source), (gpointer *)&source);
    vd_flow_push(flow, gst_buffer_new());
    stop(flow);
    g_assert_null(source);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/flow/" #name, name)
    ADD(what_came_out_is_worked_off);
    ADD(what_is_lost_on_the_way_is_worked_off_too);
    ADD(one_that_was_closed_leaves_nothing_behind);
    return g_test_run();
}
