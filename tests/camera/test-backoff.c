#include "base/clock.h"
#include "camera/backoff.h"

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)

/* Fails once: the held clock goes on by the delay that is answered. */
static gint64 fail(VdBackoff *backoff)
{
    gint64 delay = vd_backoff_delay_us(backoff, vd_clock_now_us());

    vd_clock_advance(delay);
    return delay;
}

static void work_for(VdBackoff *backoff, gint64 us)
{
    vd_backoff_working(backoff, vd_clock_now_us());
    vd_clock_advance(us);
}

static void what_had_worked_is_tried_again_at_once_but_only_once(void)
{
    VdBackoff backoff;

    for (guint64 seed = 0; seed < 200; seed++) {
        vd_backoff_init(&backoff, seed);
        work_for(&backoff, 10 * G_USEC_PER_SEC);
        gint64 first = fail(&backoff);
        g_assert_cmpint(first, >=, 100000);
        g_assert_cmpint(first, <=, 300000);
        g_assert_cmpint(fail(&backoff), >=, G_USEC_PER_SEC);
    }
}

static void what_works_only_briefly_is_not_tried_again_at_once(void)
{
    VdBackoff backoff;

    vd_backoff_init(&backoff, 1);
    fail(&backoff);
    for (int i = 0; i < 1000; i++) {
        work_for(&backoff, VD_BACKOFF_STEADY_US - 1);
        gint64 delay = fail(&backoff);
        g_assert_cmpint(delay, >=, G_USEC_PER_SEC);
        g_assert_cmpint(delay, <=, 2 * G_USEC_PER_SEC);
    }
}

static void the_first_loss_is_tried_again_at_once_however_short_it_worked(void)
{
    VdBackoff backoff;

    vd_backoff_init(&backoff, 7);
    work_for(&backoff, 1);
    g_assert_cmpint(fail(&backoff), <=, 300000);
    work_for(&backoff, 1);
    g_assert_cmpint(fail(&backoff), >=, G_USEC_PER_SEC);
}

static void a_young_outage_is_tried_every_second_or_two(void)
{
    VdBackoff backoff;
    gint64 start = vd_clock_now_us();
    int tries = 0;

    vd_backoff_init(&backoff, 2);
    for (; vd_clock_now_us() - start < MINUTE; tries++) {
        gint64 delay = fail(&backoff);
        g_assert_cmpint(delay, >=, G_USEC_PER_SEC);
        g_assert_cmpint(delay, <=, 2 * G_USEC_PER_SEC);
    }
    g_assert_cmpint(tries, >=, 30);
    g_assert_cmpint(tries, <=, 60);
}

static void an_old_outage_is_tried_ever_less_but_every_minute(void)
{
    VdBackoff backoff;
    gint64 start = vd_clock_now_us(), most = 0;
    int tries = 0;

    vd_backoff_init(&backoff, 3);
    for (; vd_clock_now_us() - start < 24 * 60 * MINUTE; tries++) {
        gint64 delay = fail(&backoff);
        g_assert_cmpint(delay, >=, G_USEC_PER_SEC);
        g_assert_cmpint(delay, <=, MINUTE);
        if (vd_clock_now_us() - start > 5 * MINUTE)
            g_assert_cmpint(delay, >=, 40 * G_USEC_PER_SEC);
        most = MAX(most, delay);
    }
    g_assert_cmpint(most, >, 55 * G_USEC_PER_SEC);
    /* a day: one a minute and a little more, at most */
    g_assert_cmpint(tries, <, 24 * 60 * 3 / 2);
}

static void a_picture_ends_the_outage(void)
{
    VdBackoff backoff;
    gint64 start = vd_clock_now_us();

    vd_backoff_init(&backoff, 4);
    while (vd_clock_now_us() - start < 60 * MINUTE)
        fail(&backoff);
    work_for(&backoff, G_USEC_PER_SEC);
    for (int i = 0; i < 20; i++)
        g_assert_cmpint(fail(&backoff), <=, 2 * G_USEC_PER_SEC);
}

static void delays_depend_on_the_seed_and_on_nothing_else(void)
{
    VdBackoff one, same, other;
    int equal = 0;

    vd_backoff_init(&one, 5);
    vd_backoff_init(&same, 5);
    vd_backoff_init(&other, 6);
    for (gint64 now = 0; now < 10 * MINUTE; now += G_USEC_PER_SEC) {
        gint64 delay = vd_backoff_delay_us(&one, now);
        g_assert_cmpint(delay, ==, vd_backoff_delay_us(&same, now));
        equal += delay == vd_backoff_delay_us(&other, now);
    }
    g_assert_cmpint(equal, <, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    vd_clock_hold(MINUTE, 0);
#define ADD(name) g_test_add_func("/backoff/" #name, name)
    ADD(what_had_worked_is_tried_again_at_once_but_only_once);
    ADD(what_works_only_briefly_is_not_tried_again_at_once);
    ADD(the_first_loss_is_tried_again_at_once_however_short_it_worked);
    ADD(a_young_outage_is_tried_every_second_or_two);
    ADD(an_old_outage_is_tried_ever_less_but_every_minute);
    ADD(a_picture_ends_the_outage);
    ADD(delays_depend_on_the_seed_and_on_nothing_else);
    return g_test_run();
}
