#include "media/rate.h"

/* One event each `step` from `from` to `until`; answers the last one's time. */
static gint64 tick(VdRate *rate, gint64 from, gint64 until, gint64 step)
{
    gint64 at = from;

    for (; at + step <= until; at += step)
        vd_rate_tick(rate, at);
    vd_rate_tick(rate, at);
    return at;
}

static void a_steady_rate_is_told_at_every_moment(void)
{
    static const gint64 steps_ms[] = {10, 33, 100, 700, 1500, 2000, 3000, 10000};

    for (gsize i = 0; i < G_N_ELEMENTS(steps_ms); i++) {
        gint64 step = steps_ms[i] * 1000, first = 5 * G_USEC_PER_SEC;
        double right = (double)G_USEC_PER_SEC / (double)step;
        VdRate rate = {0};

        gint64 last = tick(&rate, first, first + 10 * MAX(step, G_USEC_PER_SEC), step);
        for (gint64 later = 0; later <= step; later += step / 10) {
            g_test_message("each %" G_GINT64_FORMAT " ms, %" G_GINT64_FORMAT " us later",
                           steps_ms[i], later);
            g_assert_cmpfloat_with_epsilon(vd_rate_read(&rate, last + later), right, right / 50);
        }
    }
}

static void a_rate_goes_down_when_nothing_comes_any_more(void)
{
    VdRate rate = {0};
    gint64 last = tick(&rate, G_USEC_PER_SEC, 9 * G_USEC_PER_SEC, 40000);
    double before = vd_rate_read(&rate, last);

    g_assert_cmpfloat_with_epsilon(before, 25, 0.5);
    for (gint64 later = 4; later < 100; later *= 2) {
        double now = vd_rate_read(&rate, last + later * G_USEC_PER_SEC);
        g_assert_cmpfloat(now, <, before * 0.75);
        before = now;
    }
    g_assert_cmpfloat(before, <, 0.5);
}

static void nothing_and_one_event_are_no_rate(void)
{
    VdRate rate = {0};

    g_assert_cmpfloat(vd_rate_read(&rate, 7), ==, 0);
    vd_rate_tick(&rate, 1000);
    g_assert_cmpfloat(vd_rate_read(&rate, 1000), ==, 0);
    g_assert_cmpfloat(vd_rate_read(&rate, 9 * G_USEC_PER_SEC), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/rate/" #name, name)
    ADD(a_steady_rate_is_told_at_every_moment);
    ADD(a_rate_goes_down_when_nothing_comes_any_more);
    ADD(nothing_and_one_event_are_no_rate);
    return g_test_run();
}
