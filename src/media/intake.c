#include "media/intake.h"

#include "base/clock.h"
#include "base/lock.h"

#include <string.h>

/*
 * A second of a 30 fps stream may wait. When all units are key frames (JPEG) so many never help:
 * less lateness is better than fewer losses.
 */
#define MAX_WAITING      30
#define MAX_WAITING_JPEG 8
#define MAX_BACKLOG      480 /* units of one group of pictures that can be caught up with */
#define MAX_REORDER      17  /* frames that a decoder may hold back */
#define N_UNITS          512 /* more than can be under way */
#define OLD_US           G_USEC_PER_SEC

G_STATIC_ASSERT(N_UNITS >= MAX_BACKLOG + MAX_REORDER);

typedef struct Unit {
    GstClockTime pts;
    VdUnitTimes times;
    bool claimed;
} Unit;

struct VdIntake {
    VdFlow *flow;
    VdRing *ring; /* (nullable) */
    guint subscription;
    gint64 started_us;
    gint64 newest_us; /* when the ring's newest unit came, as of the start; 0: never */
    GQuark codec;     /* units of another one are not for this decoder */
    guint most;       /* waiting units when all is well */
    VdLock lock;
    GstCaps *given;      /* [lock] the ring's caps, as last seen */
    bool backlog;        /* [lock] subscribing */
    bool fields;         /* [lock] */
    bool expecting;      /* [lock] pictures, or it fails */
    guint unanswered;    /* [lock] units since the newest picture */
    guint usual;         /* [lock] the most that were worked on when one came */
    bool noticed, quiet; /* [lock] that they are more than usual; it is not told yet */
    bool skipping;       /* [lock] until a key frame */
    guint limit;         /* [lock] waiting units now: more while a backlog is worked off */
    Unit units[N_UNITS]; /* [lock] those under way: first..end-1, modulo N_UNITS */
    guint64 first, end;  /* [lock] */
    VdIntakeStats stats; /* [lock] */
};

VdIntake *vd_intake_new(VdFlow *flow, GstCaps *caps)
{
    VdIntake *intake = g_new0(VdIntake, 1);

    vd_lock_init(&intake->lock);
    intake->flow = flow;
    intake->codec = gst_structure_get_name_id(gst_caps_get_structure(caps, 0));
    intake->most =
        intake->codec == g_quark_from_static_string("image/jpeg") ? MAX_WAITING_JPEG : MAX_WAITING;
    intake->limit = intake->most;
    return intake;
}

void vd_intake_free(VdIntake *intake)
{
    if (intake == NULL)
        return;
    vd_intake_stop(intake);
    gst_clear_caps(&intake->given);
    vd_lock_clear(&intake->lock);
    g_free(intake);
}

/* [lock] Units so old that their frame would have come are barren. */
static void settle(VdIntake *intake, guint waiting)
{
    while (intake->end - intake->first > waiting + MAX_REORDER) {
        if (!intake->units[intake->first++ % N_UNITS].claimed && !intake->fields)
            intake->stats.barren++;
    }
}

/* [lock] Whether there is room for this unit. */
static bool admit(VdIntake *intake, const VdUnit *unit, guint waiting)
{
    bool key = !GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT);

    if (intake->backlog)
        return waiting < MAX_BACKLOG;
    intake->limit = CLAMP(waiting + intake->most, intake->most, intake->limit);
    if (intake->skipping && key && waiting <= intake->most / 4)
        intake->skipping = false;
    if (waiting >= intake->limit)
        intake->skipping = true;
    return !intake->skipping;
}

/*
 * [lock] What is not the newest is only caught up with. It must be known before the unit is on its
 * way: its frame may come before vd_intake_start() goes on.
 */
static bool is_old(const VdIntake *intake, const VdUnit *unit)
{
    return intake->backlog && unit->received_us < intake->newest_us &&
           intake->started_us - unit->received_us > OLD_US;
}

/* [lock] */
static void remember(VdIntake *intake, const VdUnit *unit)
{
    Unit *slot = &intake->units[intake->end++ % N_UNITS];

    slot->pts = GST_BUFFER_PTS(unit->buffer);
    slot->times.received_us = unit->received_us;
    slot->times.captured_us = unit->captured_us;
    slot->times.given_us = vd_clock_now_us();
    slot->times.old = is_old(intake, unit);
    slot->claimed = false;
}

/* jpegdec looks for the ends of pictures by itself unless it is told that they have been found. */
static void give_caps(VdIntake *intake, GstCaps *given)
{
    g_autoptr(GstCaps) caps = gst_caps_copy(given);

    if (intake->most == MAX_WAITING_JPEG)
        gst_caps_set_simple(caps, "parsed", G_TYPE_BOOLEAN, TRUE, NULL);
    vd_flow_set_caps(intake->flow, caps);
}

/* Units come one after the other, so that what is done outside the lock stays in order. */
static void on_unit(const VdUnit *unit, void *data)
{
    VdIntake *intake = data;
    guint waiting = vd_flow_level(intake->flow);

    if (gst_structure_get_name_id(gst_caps_get_structure(unit->caps, 0)) != intake->codec)
        return;
    vd_lock(&intake->lock);
    bool admitted = admit(intake, unit, waiting);
    bool new_caps = admitted && unit->caps != intake->given;
    bool silent = false, quiet = false;
    if (admitted) {
        settle(intake, waiting);
        remember(intake, unit);
        silent = intake->expecting && ++intake->unanswered > waiting + MAX_REORDER;
        quiet =
            intake->expecting && !intake->noticed && intake->unanswered > waiting + intake->usual;
        intake->noticed |= quiet;
        intake->quiet |= quiet;
    } else {
        intake->stats.dropped++;
    }
    if (new_caps)
        gst_caps_replace(&intake->given, unit->caps);
    vd_unlock(&intake->lock);
    if (new_caps)
        give_caps(intake, unit->caps);
    if (admitted)
        vd_flow_push(intake->flow, gst_buffer_ref(unit->buffer));
    if (quiet)
        vd_flow_tell(intake->flow);
    if (silent)
        vd_flow_fail(intake->flow, "the decoder takes the stream and gives no pictures");
}

void vd_intake_start(VdIntake *intake, VdRing *ring)
{
    VdRingStats stats;

    vd_ring_stats(ring, &stats);
    intake->ring = vd_ring_ref(ring);
    intake->started_us = vd_clock_now_us();
    intake->newest_us = stats.last_us;
    intake->backlog = true;
    intake->subscription = vd_ring_subscribe(ring, on_unit, intake, true);
    vd_lock(&intake->lock);
    intake->backlog = false;
    intake->limit = MAX_BACKLOG;
    if (intake->end > intake->first)
        /* the newest that the ring has kept */
        intake->units[(intake->end - 1) % N_UNITS].times.old = false;
    vd_unlock(&intake->lock);
}

void vd_intake_stop(VdIntake *intake)
{
    if (intake->ring == NULL)
        return;
    vd_ring_unsubscribe(intake->ring, intake->subscription);
    g_clear_pointer(&intake->ring, vd_ring_unref);
}

/*
 * [lock] (nullable) The unit that this frame was made of. With B frames units are not in the order
 * of their PTS; of two fields only the first one's is the frame's.
 */
static Unit *unit_of(VdIntake *intake, GstClockTime pts)
{
    Unit *nearest = NULL;

    for (guint64 i = intake->end; i > intake->first; i--) {
        Unit *unit = &intake->units[(i - 1) % N_UNITS];
        if (unit->pts == pts)
            return unit;
        if (unit->pts < pts && (nearest == NULL || unit->pts > nearest->pts))
            nearest = unit;
    }
    return nearest;
}

void vd_intake_claim(VdIntake *intake, GstClockTime pts, VdUnitTimes *times)
{
    times->received_us = times->given_us = vd_clock_now_us();
    times->captured_us = vd_clock_wall_us();
    times->old = false;
    guint waiting = vd_flow_level(intake->flow);
    vd_lock(&intake->lock);
    intake->usual = MAX(intake->usual, intake->unanswered - MIN(waiting, intake->unanswered));
    intake->unanswered = 0;
    intake->noticed = false;
    intake->quiet = false;
    Unit *unit = unit_of(intake, pts);
    if (unit != NULL) {
        unit->claimed = true;
        *times = unit->times;
    }
    vd_unlock(&intake->lock);
}

void vd_intake_expect_pictures(VdIntake *intake)
{
    vd_lock(&intake->lock);
    intake->expecting = true;
    intake->usual = 1;
    vd_unlock(&intake->lock);
}

bool vd_intake_take_quiet(VdIntake *intake)
{
    vd_lock(&intake->lock);
    bool quiet = intake->quiet;
    intake->quiet = false;
    vd_unlock(&intake->lock);
    return quiet;
}

void vd_intake_set_fields(VdIntake *intake, bool fields)
{
    vd_lock(&intake->lock);
    intake->fields = fields;
    vd_unlock(&intake->lock);
}

void vd_intake_stats(VdIntake *intake, VdIntakeStats *stats)
{
    vd_lock(&intake->lock);
    *stats = intake->stats;
    vd_unlock(&intake->lock);
    stats->waiting = vd_flow_level(intake->flow);
}
