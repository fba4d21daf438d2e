#pragma once

#include "media/ingest.h"

/*
 * Between a source's streaming threads and the rest: units go into the ring, words to the main
 * loop. Every source's thread holds a reference, so a thread that hangs hangs alone.
 */
typedef struct VdSourceFeed VdSourceFeed;

/* Called from the main loop's default context, never after vd_source_feed_close(). */
typedef struct VdSourceEvents {
    void (*opened)(GstCaps *caps, void *data);
    void (*changed)(GstCaps *caps, void *data);
    void (*lost)(VdLoss loss, const char *text, void *data); /* once, the last one */
} VdSourceEvents;

VdSourceFeed *vd_source_feed_new(VdRing *ring, const VdSourceEvents *events, void *data);
VdSourceFeed *vd_source_feed_ref(VdSourceFeed *feed); /* [any] */
void vd_source_feed_unref(VdSourceFeed *feed);        /* [any] */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdSourceFeed, vd_source_feed_unref)

/* [main] When it returns nothing more comes into the ring, and no event is called. */
void vd_source_feed_close(VdSourceFeed *feed);

/*
 * [streaming thread, one a feed] An access unit with stream time as PTS (and DTS, if known).
 * Checks what it is, gives it ring time and pushes it. False: closed or lost, so stop.
 */
bool vd_source_feed_unit(VdSourceFeed *feed, GstBuffer *unit,
                         GstCaps *caps); /* unit: (transfer full) */

/* How far the other side came; it never goes back. */
typedef enum VdHeard {
    VD_HEARD_NOTHING,
    VD_HEARD_ANSWER, /* it agreed to send the stream */
    VD_HEARD_TRAFFIC =
        3, /* with the one before it; something of it came, even if no unit is made of it yet */
} VdHeard;
/* [streaming thread] Something of the stream has just been read: traffic, whose time is known. */
void vd_source_feed_arrived(VdSourceFeed *feed);
void vd_source_feed_hear(VdSourceFeed *feed, VdHeard heard); /* [any] */
VdHeard vd_source_feed_heard(VdSourceFeed *feed);            /* [any] */

/* [any] It is over. The first one counts. text is redacted here. */
void vd_source_feed_lost(VdSourceFeed *feed, VdLoss loss, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* [any] The same in two steps: it is over (false: it was before), and later why. */
bool vd_source_feed_over(VdSourceFeed *feed);
void vd_source_feed_explain(VdSourceFeed *feed, VdLoss loss, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
