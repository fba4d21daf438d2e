#pragma once

#include "base/stages.h"

#include <gst/gst.h>
#include <stdbool.h>

/*
 * The packet ring of one camera's stream: encoded access units grouped by GOP, the newest
 * `seconds` of them but never more than `bytes` (then the oldest GOP goes; a GOP larger than that
 * loses its tail until the next key frame). Ingest pushes; consumers get every unit on the pushing
 * thread, beginning with the newest key frame. All functions are [any].
 *
 * A unit's PTS is ring time: ns of the monotonic clock at arrival made regular by the stream's own
 * timestamps, never going backwards. Streams that reorder pictures (B frames) have a DTS as well:
 * then that never goes backwards, and the PTS is the time of showing. Units without key frame
 * before them are dropped and counted.
 */
typedef struct VdRing VdRing;

typedef struct VdUnit {
    GstBuffer *buffer;  /* memory shared, not copied; PTS = ring time; DELTA_UNIT when not key */
    GstCaps *caps;      /* video/x-h264 (byte-stream, au), video/x-h265 (same), image/jpeg */
    gint64 received_us; /* vd_clock_now_us() */
    gint64 captured_us; /* wall clock */
} VdUnit;

typedef void (*VdRingConsumer)(const VdUnit *unit, void *data);

/* stages: (nullable) where what is done on both sides of it is timed. */
VdRing *vd_ring_new(guint seconds, gsize bytes, VdStages *stages);
VdRing *vd_ring_ref(VdRing *ring);
void vd_ring_unref(VdRing *ring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdRing, vd_ring_unref)

VdStages *vd_ring_stages(const VdRing *ring); /* (nullable) (transfer none) */

/* Adds a unit (buffer and caps: transfer none). The key frame of new caps empties the ring. */
void vd_ring_push(VdRing *ring, GstBuffer *buffer, GstCaps *caps, gint64 received_us,
                  gint64 captured_us);
/* The source went away: what is kept stays, the next unit must be a key frame. */
void vd_ring_break(VdRing *ring);

/* From now on every unit; with backlog, first those from the newest key frame on, at once. */
guint vd_ring_subscribe(VdRing *ring, VdRingConsumer consumer, void *data, bool backlog);
/* When it returns the consumer is not running and will not be called. */
void vd_ring_unsubscribe(VdRing *ring, guint id);

typedef struct VdRingStats {
    guint64 units, bytes; /* ever pushed */
    guint64 dropped;      /* for want of a key frame or room */
    gint64 last_us;       /* vd_clock_now_us() of the newest unit; 0: none since the last break */
    gsize kept_bytes;
    double kept_seconds;
    double fps; /* of the last seconds */
} VdRingStats;
void vd_ring_stats(VdRing *ring, VdRingStats *stats);
