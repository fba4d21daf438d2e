#include "camera/backoff.h"

#define PROMPT_LEAST_US (100 * G_TIME_SPAN_MILLISECOND)
#define PROMPT_MOST_US  (300 * G_TIME_SPAN_MILLISECOND)
#define YOUNG_LEAST_US  (1 * G_USEC_PER_SEC)
#define YOUNG_MOST_US   (2 * G_USEC_PER_SEC)
#define JITTER_PERCENT  20

/* The largest base whose jitter does not go over the most. */
#define BASE_MOST_US (VD_BACKOFF_MOST_US * 100 / (100 + JITTER_PERCENT))

void vd_backoff_init(VdBackoff *backoff, guint64 seed)
{
    *backoff = (VdBackoff){.random = seed};
}

void vd_backoff_working(VdBackoff *backoff, gint64 now_us)
{
    if (backoff->working)
        return;
    backoff->working = true;
    backoff->working_us = now_us;
}

/* splitmix64: small, and good enough to spread cameras. */
static guint64 next_random(VdBackoff *backoff)
{
    guint64 z = backoff->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static gint64 between(VdBackoff *backoff, gint64 least, gint64 most)
{
    return least + (gint64)(next_random(backoff) % (guint64)(most - least + 1));
}

static gint64 grow(VdBackoff *backoff)
{
    backoff->base_us = MIN(MAX(backoff->base_us, YOUNG_MOST_US) * 2, BASE_MOST_US);
    gint64 jitter = backoff->base_us * JITTER_PERCENT / 100;
    return between(backoff, backoff->base_us - jitter, backoff->base_us + jitter);
}

gint64 vd_backoff_delay_us(VdBackoff *backoff, gint64 now_us)
{
    bool worked = backoff->working;
    bool calm = backoff->lost_us == 0 || now_us - backoff->lost_us >= VD_BACKOFF_CALM_US;
    bool steady = now_us - backoff->working_us >= VD_BACKOFF_STEADY_US;

    if (worked || !backoff->outage) {
        backoff->outage = true;
        backoff->outage_us = now_us;
        backoff->base_us = 0;
    }
    backoff->working = false;
    backoff->lost_us = now_us;
    if (worked && (steady || calm))
        return between(backoff, PROMPT_LEAST_US, PROMPT_MOST_US);
    if (now_us - backoff->outage_us < VD_BACKOFF_YOUNG_US)
        return between(backoff, YOUNG_LEAST_US, YOUNG_MOST_US);
    return grow(backoff);
}
