#include "camera/state.h"

#include <glib.h>

static const char *const event_names[VD_N_EVENTS] = {
    [VD_EVENT_ENABLE] = "enable",   [VD_EVENT_DISABLE] = "disable",
    [VD_EVENT_RENEW] = "renew",     [VD_EVENT_OPENED] = "opened",
    [VD_EVENT_CHANGED] = "changed", [VD_EVENT_DELIVERED] = "delivered",
    [VD_EVENT_FAILED] = "failed",   [VD_EVENT_UNSUPPORTED] = "unsupported",
    [VD_EVENT_STALLED] = "stalled", [VD_EVENT_LOST] = "lost",
    [VD_EVENT_TIMER] = "timer",
};

/* What is expected of every pair, written down a second time and in words. */
/* clang-format off */
static const struct {
    const char *state, *event, *next; /* next NULL: nothing happens */
} pairs[] = {
    {"off", "enable", "connecting"}, {"off", "disable", NULL}, {"off", "renew", NULL},
    {"off", "opened", NULL}, {"off", "changed", NULL}, {"off", "delivered", NULL},
    {"off", "failed", NULL}, {"off", "unsupported", NULL}, {"off", "stalled", NULL},
    {"off", "lost", NULL}, {"off", "timer", NULL},

    {"connecting", "enable", NULL}, {"connecting", "disable", "off"},
    {"connecting", "renew", "connecting"}, {"connecting", "opened", "starting"},
    {"connecting", "changed", NULL}, {"connecting", "delivered", NULL},
    {"connecting", "failed", NULL}, {"connecting", "unsupported", NULL},
    {"connecting", "stalled", NULL}, {"connecting", "lost", "waiting"},
    {"connecting", "timer", "waiting"},

    {"starting", "enable", NULL}, {"starting", "disable", "off"},
    {"starting", "renew", "connecting"}, {"starting", "opened", NULL},
    {"starting", "changed", "starting"}, {"starting", "delivered", "live"},
    {"starting", "failed", "undecodable"}, {"starting", "unsupported", "undecodable"},
    {"starting", "stalled", "waiting"}, {"starting", "lost", "waiting"},
    {"starting", "timer", NULL},

    {"live", "enable", NULL}, {"live", "disable", "off"}, {"live", "renew", "connecting"},
    {"live", "opened", NULL}, {"live", "changed", "starting"}, {"live", "delivered", NULL},
    {"live", "failed", "undecodable"}, {"live", "unsupported", "undecodable"},
    {"live", "stalled", "waiting"}, {"live", "lost", "waiting"}, {"live", "timer", NULL},

    {"undecodable", "enable", NULL}, {"undecodable", "disable", "off"},
    {"undecodable", "renew", "connecting"}, {"undecodable", "opened", NULL},
    {"undecodable", "changed", "starting"}, {"undecodable", "delivered", NULL},
    {"undecodable", "failed", NULL}, {"undecodable", "unsupported", NULL},
    {"undecodable", "stalled", "waiting"}, {"undecodable", "lost", "waiting"},
    {"undecodable", "timer", "starting"},

    {"waiting", "enable", NULL}, {"waiting", "disable", "off"},
    {"waiting", "renew", "connecting"}, {"waiting", "opened", NULL},
    {"waiting", "changed", NULL}, {"waiting", "delivered", NULL}, {"waiting", "failed", NULL},
    {"waiting", "unsupported", NULL}, {"waiting", "stalled", NULL}, {"waiting", "lost", NULL},
    {"waiting", "timer", "connecting"},
};
/* clang-format on */

static void every_pair_leads_where_it_should(void)
{
    g_assert_cmpint(G_N_ELEMENTS(pairs), ==, VD_N_STATES * VD_N_EVENTS);
    for (int i = 0; i < VD_N_STATES * VD_N_EVENTS; i++) {
        VdState state = i / VD_N_EVENTS, next = VD_N_STATES;
        VdStateEvent event = i % VD_N_EVENTS;

        g_assert_cmpstr(vd_state_name(state), ==, pairs[i].state);
        g_assert_cmpstr(event_names[event], ==, pairs[i].event);
        bool moved = vd_state_next(state, event, &next);
        g_test_message("%s, %s", pairs[i].state, pairs[i].event);
        g_assert_cmpint(moved, ==, pairs[i].next != NULL);
        if (moved)
            g_assert_cmpstr(vd_state_name(next), ==, pairs[i].next);
        else
            g_assert_cmpint(next, ==, VD_N_STATES);
    }
}

static void a_state_that_wants_pictures_always_leads_on_by_time_or_loss(void)
{
    for (VdState state = VD_STATE_CONNECTING; state < VD_N_STATES; state++) {
        VdState next;

        g_assert_true(vd_state_next(state, VD_EVENT_TIMER, &next) ||
                      vd_state_next(state, VD_EVENT_LOST, &next));
        g_assert_true(vd_state_next(state, VD_EVENT_DISABLE, &next));
        g_assert_cmpint(next, ==, VD_STATE_OFF);
    }
}

static void only_off_and_waiting_have_no_connection(void)
{
    for (VdState state = VD_STATE_OFF; state < VD_N_STATES; state++)
        g_assert_cmpint(vd_state_is_connected(state), ==,
                        state != VD_STATE_OFF && state != VD_STATE_WAITING);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/every_pair_leads_where_it_should", every_pair_leads_where_it_should);
    g_test_add_func("/state/a_state_that_wants_pictures_always_leads_on_by_time_or_loss",
                    a_state_that_wants_pictures_always_leads_on_by_time_or_loss);
    g_test_add_func("/state/only_off_and_waiting_have_no_connection",
                    only_off_and_waiting_have_no_connection);
    return g_test_run();
}
