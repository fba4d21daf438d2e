#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * How long to wait before the next try. Goes by time, not by tries, and by nothing else: it knows
 * no clock, and answers the same for the same seed and times.
 *
 * What had worked for a while is tried again almost at once, and so is the first loss for a long
 * time; after that a second or two lie between tries while the outage is younger than a minute,
 * and then ever more, up to a minute.
 * Randomness keeps a hundred cameras behind one switch from coming back in step.
 */
#define VD_BACKOFF_STEADY_US (3 * G_USEC_PER_SEC) /* what worked so long is tried again at once */
#define VD_BACKOFF_CALM_US   ((gint64)60 * G_USEC_PER_SEC) /* without a loss is a long time */
#define VD_BACKOFF_YOUNG_US \
    ((gint64)60 * G_USEC_PER_SEC) /* an outage up to this age is tried often */
#define VD_BACKOFF_MOST_US ((gint64)60 * G_USEC_PER_SEC)

typedef struct VdBackoff {
    guint64 random;    /* the generator's state */
    gint64 working_us; /* since when it works */
    gint64 outage_us;  /* when the outage began */
    gint64 lost_us;    /* the newest loss or failure; 0: none yet */
    gint64 base_us;    /* what the delay grew to, before jitter */
    bool working, outage;
} VdBackoff;

void vd_backoff_init(VdBackoff *backoff, guint64 seed);
/* It works: what is lost from now on is a new outage. */
void vd_backoff_working(VdBackoff *backoff, gint64 now_us);
/* A try failed, or what worked was lost: so long until the next try. */
gint64 vd_backoff_delay_us(VdBackoff *backoff, gint64 now_us);
