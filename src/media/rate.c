#include "media/rate.h"

#define WINDOW_US (2 * G_USEC_PER_SEC)

static double over(guint count, gint64 age_us)
{
    return count * (double)G_USEC_PER_SEC / (double)age_us;
}

/* The event that opens a window belongs to the one before: a window counts whole intervals. */
void vd_rate_tick(VdRate *rate, gint64 now_us)
{
    if (rate->start_us == 0) {
        rate->start_us = now_us;
        return;
    }
    rate->count++;
    if (now_us - rate->start_us < WINDOW_US)
        return;
    rate->per_second = over(rate->count, now_us - rate->start_us);
    rate->start_us = now_us;
    rate->count = 0;
}

double vd_rate_read(const VdRate *rate, gint64 now_us)
{
    gint64 age = now_us - rate->start_us;

    if (rate->start_us == 0 || age <= 0)
        return rate->per_second;
    if (rate->per_second == 0.0)
        return over(rate->count, age);
    /* A window that is overdue says at most what it would if the next event came now. */
    return age > WINDOW_US ? MIN(rate->per_second, over(rate->count + 1, age)) : rate->per_second;
}
