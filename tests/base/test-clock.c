#include "base/clock.h"
#include "base/lock.h"

static void a_held_clock_stands_until_it_is_moved(void)
{
    vd_clock_hold(1000, 5000);
    g_assert_cmpint(vd_clock_now_us(), ==, 1000);
    g_assert_cmpint(vd_clock_wall_us(), ==, 5000);
    vd_clock_advance(250);
    g_assert_cmpint(vd_clock_now_us(), ==, 1250);
    g_assert_cmpint(vd_clock_wall_us(), ==, 5250);
    vd_clock_release();
    g_assert_cmpint(vd_clock_now_us(), !=, 1250);
}

static void a_released_clock_is_the_systems(void)
{
    gint64 before = g_get_monotonic_time();
    gint64 now = vd_clock_now_us();
    gint64 after = g_get_monotonic_time();

    g_assert_cmpint(before, <=, now);
    g_assert_cmpint(now, <=, after);
}

/* clang-format off */
static const struct { gint64 us; const char *text; } times[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {1795359845123999, "2026-11-22T15:04:05.123Z"},
    {951782400000000, "2000-02-29T00:00:00.000Z"},
    {-1, "1970-01-01T00:00:00.000Z"},
    {G_MININT64, "1970-01-01T00:00:00.000Z"},
    {G_MAXINT64, "9999-12-31T23:59:59.999Z"},
};
/* clang-format on */

static void times_are_written_with_milliseconds_in_utc(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *text = vd_clock_iso8601(times[i].us);

        g_assert_cmpstr(text, ==, times[i].text);
    }
}

static void times_are_read_with_their_zone_or_as_utc(void)
{
    static const char *const wrong[] = {"", "03:12", "yesterday", "2026-13-01T00:00:00Z"};
    static const struct {
        const char *text;
        gint64 us;
    } right[] = {
        {"2023-11-14T22:13:20Z", G_GINT64_CONSTANT(1700000000000000)},
        {"2023-11-14T22:13:20.250", G_GINT64_CONSTANT(1700000000250000)},
        {"2023-11-15T00:13:20+02:00", G_GINT64_CONSTANT(1700000000000000)},
    };
    gint64 us = 7;

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(vd_clock_read_iso8601(wrong[i], &us));
    g_assert_cmpint(us, ==, 7);
    for (gsize i = 0; i < G_N_ELEMENTS(right); i++) {
        g_assert_true(vd_clock_read_iso8601(right[i].text, &us));
        g_assert_cmpint(us, ==, right[i].us);
    }
}

static void a_deadline_in_the_past_is_over_at_once(void)
{
    static const gint64 deadlines[] = {G_MININT64, -1, 0, 1};
    VdLock lock;
    VdCond cond;

    vd_lock_init(&lock);
    vd_cond_init(&cond);
    vd_lock(&lock);
    for (gsize i = 0; i < G_N_ELEMENTS(deadlines); i++)
        g_assert_false(vd_cond_wait_until(&cond, &lock, deadlines[i]));
    vd_unlock(&lock);
    vd_cond_clear(&cond);
    vd_lock_clear(&lock);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/a_held_clock_stands_until_it_is_moved",
                    a_held_clock_stands_until_it_is_moved);
    g_test_add_func("/clock/a_released_clock_is_the_systems", a_released_clock_is_the_systems);
    g_test_add_func("/clock/times_are_written_with_milliseconds_in_utc",
                    times_are_written_with_milliseconds_in_utc);
    g_test_add_func("/clock/times_are_read_with_their_zone_or_as_utc",
                    times_are_read_with_their_zone_or_as_utc);
    g_test_add_func("/clock/a_deadline_in_the_past_is_over_at_once",
                    a_deadline_in_the_past_is_over_at_once);
    return g_test_run();
}
