#include "base/clock.h"

#include "base/lock.h"

/* 9999-12-31T23:59:59.999: what a date with four digits of a year can say. */
#define LAST_US (G_GINT64_CONSTANT(253402300799999) * 1000)

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static gint held;        /* atomic; nonzero while a test holds the clock */
static gint64 held_now;  /* [lock] */
static gint64 held_wall; /* [lock] */

static gint64 read_held(const gint64 *value)
{
    vd_lock(&lock);
    gint64 result = *value;
    vd_unlock(&lock);
    return result;
}

gint64 vd_clock_now_us(void)
{
    return g_atomic_int_get(&held) ? read_held(&held_now) : g_get_monotonic_time();
}

gint64 vd_clock_wall_us(void)
{
    return g_atomic_int_get(&held) ? read_held(&held_wall) : g_get_real_time();
}

VdMoment vd_moment_now(void)
{
    return (VdMoment){vd_clock_now_us(), vd_clock_wall_us()};
}

void vd_clock_hold(gint64 now_us, gint64 wall_us)
{
    vd_lock(&lock);
    held_now = now_us;
    held_wall = wall_us;
    vd_unlock(&lock);
    g_atomic_int_set(&held, 1);
}

void vd_clock_advance(gint64 us)
{
    vd_lock(&lock);
    held_now += us;
    held_wall += us;
    vd_unlock(&lock);
}

void vd_clock_release(void)
{
    g_atomic_int_set(&held, 0);
}

char *vd_clock_iso8601(gint64 wall_us)
{
    gint64 us = CLAMP(wall_us, 0, LAST_US);
    g_autoptr(GDateTime) seconds = g_date_time_new_from_unix_utc(us / G_USEC_PER_SEC);
    g_autofree char *date = g_date_time_format(seconds, "%Y-%m-%dT%H:%M:%S");

    return g_strdup_printf("%s.%03dZ", date, (int)(us % G_USEC_PER_SEC / 1000));
}

bool vd_clock_read_iso8601(const char *text, gint64 *wall_us)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);

    if (time == NULL)
        return false;
    *wall_us = g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
    return true;
}
