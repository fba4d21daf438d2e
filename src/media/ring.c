#include "media/ring.h"

#include "base/lock.h"

/* Arrival times kept to say the rate of the last seconds. */
#define N_ARRIVALS     64
#define RATE_WINDOW_US (5 * G_USEC_PER_SEC)

typedef struct Gop {
    GArray *units; /* VdUnit, a key frame first */
    gsize bytes;
} Gop;

typedef struct Consumer {
    guint id;
    VdRingConsumer consume;
    void *data;
    bool wait_key; /* its backlog had lost its tail: go on with a key frame */
} Consumer;

struct VdRing {
    gatomicrefcount refs;
    guint64 most_ns;
    gsize most_bytes;
    VdStages *stages; /* (nullable) */

    /* Held while consumers run, so that each sees every unit once and in order. Taken first. */
    VdLock delivery;
    GArray *consumers; /* [delivery] Consumer */
    guint last_id;     /* [delivery] */

    VdLock lock;
    GQueue gops;                 /* [lock] Gop, the oldest at the head */
    GstCaps *caps;               /* [lock] of the newest unit */
    bool need_key;               /* [lock] */
    bool cut;                    /* [lock] the newest GOP has no room for more */
    gsize kept;                  /* [lock] bytes */
    guint64 units;               /* [lock] */
    guint64 bytes;               /* [lock] */
    guint64 dropped;             /* [lock] */
    gint64 last_us;              /* [lock] */
    GstClockTime newest;         /* [lock] ring time of the newest unit kept */
    gint64 arrivals[N_ARRIVALS]; /* [lock] a circle; arrivals[n_arrivals % N] is the oldest */
    guint64 n_arrivals;          /* [lock] since the last break */
};

static void clear_unit(gpointer data)
{
    VdUnit *unit = data;

    gst_buffer_unref(unit->buffer);
    gst_caps_unref(unit->caps);
}

static Gop *gop_new(void)
{
    Gop *gop = g_new0(Gop, 1);

    gop->units = g_array_new(FALSE, FALSE, sizeof(VdUnit));
    g_array_set_clear_func(gop->units, clear_unit);
    return gop;
}

static void gop_free(gpointer data)
{
    Gop *gop = data;

    g_array_unref(gop->units);
    g_free(gop);
}

/* Decoding order is what never goes back; with B frames that is the DTS. */
static GstClockTime unit_time(const VdUnit *unit)
{
    return GST_BUFFER_DTS_IS_VALID(unit->buffer) ? GST_BUFFER_DTS(unit->buffer)
                                                 : GST_BUFFER_PTS(unit->buffer);
}

static GstClockTime gop_start(const Gop *gop)
{
    return unit_time(&g_array_index(gop->units, VdUnit, 0));
}

VdRing *vd_ring_new(guint seconds, gsize bytes, VdStages *stages)
{
    VdRing *ring = g_new0(VdRing, 1);

    g_atomic_ref_count_init(&ring->refs);
    ring->most_ns = seconds * GST_SECOND;
    ring->most_bytes = bytes;
    ring->stages = vd_stages_ref(stages);
    ring->need_key = true;
    ring->consumers = g_array_new(FALSE, FALSE, sizeof(Consumer));
    g_queue_init(&ring->gops);
    vd_lock_init(&ring->delivery);
    vd_lock_init(&ring->lock);
    return ring;
}

VdRing *vd_ring_ref(VdRing *ring)
{
    g_atomic_ref_count_inc(&ring->refs);
    return ring;
}

void vd_ring_unref(VdRing *ring)
{
    if (ring == NULL || !g_atomic_ref_count_dec(&ring->refs))
        return;
    g_queue_clear_full(&ring->gops, gop_free);
    gst_clear_caps(&ring->caps);
    g_array_unref(ring->consumers);
    vd_stages_unref(ring->stages);
    vd_lock_clear(&ring->lock);
    vd_lock_clear(&ring->delivery);
    g_free(ring);
}

VdStages *vd_ring_stages(const VdRing *ring)
{
    return ring->stages;
}

/* [lock] The units of what is dropped were used once: they are not counted as lost. */
static void drop_oldest(VdRing *ring)
{
    Gop *gop = g_queue_pop_head(&ring->gops);

    ring->kept -= gop->bytes;
    gop_free(gop);
}

/* [lock] False: it cannot be used, for want of a key frame. */
static bool admit(VdRing *ring, GstCaps *caps, bool key)
{
    bool same = ring->caps != NULL && (ring->caps == caps || gst_caps_is_equal(ring->caps, caps));

    if (!key && (ring->need_key || !same))
        return false;
    if (!same) {
        while (!g_queue_is_empty(&ring->gops))
            drop_oldest(ring);
        gst_caps_replace(&ring->caps, caps);
    }
    ring->need_key = false;
    return true;
}

/* [lock] Makes room for a unit of `size` bytes at `now`; false when there is none. */
static bool make_room(VdRing *ring, gsize size, GstClockTime now, bool key)
{
    guint least = key ? 0 : 1; /* a unit inside a GOP needs the GOP */

    while (ring->kept + size > ring->most_bytes && g_queue_get_length(&ring->gops) > least)
        drop_oldest(ring);
    /* The oldest may go when the others cover the time on their own. */
    while (g_queue_get_length(&ring->gops) > 1 &&
           now >= gop_start(g_queue_peek_nth(&ring->gops, 1)) + ring->most_ns)
        drop_oldest(ring);
    return ring->kept + size <= ring->most_bytes;
}

/* [lock] */
static void keep(VdRing *ring, const VdUnit *unit, bool key)
{
    gsize size = gst_buffer_get_size(unit->buffer);
    GstClockTime now = unit_time(unit);

    if (key)
        ring->cut = false;
    if (ring->cut || !make_room(ring, size, now, key)) {
        ring->cut = true;
        ring->dropped++;
        return;
    }
    if (key)
        g_queue_push_tail(&ring->gops, gop_new());

    Gop *gop = g_queue_peek_tail(&ring->gops);
    VdUnit kept = *unit;
    gst_buffer_ref(kept.buffer);
    gst_caps_ref(kept.caps);
    g_array_append_val(gop->units, kept);
    gop->bytes += size;
    ring->kept += size;
    ring->newest = now;
}

/* [delivery] */
static void deliver(VdRing *ring, const VdUnit *unit, bool key)
{
    for (guint i = 0; i < ring->consumers->len; i++) {
        Consumer *consumer = &g_array_index(ring->consumers, Consumer, i);

        if (consumer->wait_key && !key)
            continue;
        consumer->wait_key = false;
        consumer->consume(unit, consumer->data);
    }
}

void vd_ring_push(VdRing *ring, GstBuffer *buffer, GstCaps *caps, gint64 received_us,
                  gint64 captured_us)
{
    bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);

    vd_lock(&ring->delivery);
    vd_lock(&ring->lock);
    bool admitted = admit(ring, caps, key);
    /* One caps object for all units of a stream: consumers compare by pointer first. */
    VdUnit unit = {buffer, ring->caps, received_us, captured_us};
    ring->units++;
    ring->bytes += gst_buffer_get_size(buffer);
    if (admitted) {
        keep(ring, &unit, key);
        ring->last_us = received_us;
        ring->arrivals[ring->n_arrivals++ % N_ARRIVALS] = received_us;
    } else {
        ring->dropped++;
    }
    vd_unlock(&ring->lock);
    if (admitted)
        deliver(ring, &unit, key);
    vd_unlock(&ring->delivery);
}

void vd_ring_break(VdRing *ring)
{
    vd_lock(&ring->lock);
    ring->need_key = true;
    ring->last_us = 0;
    ring->n_arrivals = 0;
    vd_unlock(&ring->lock);
}

/* The newest GOP, referenced; *cut: it has lost its tail. (transfer full) */
static GArray *backlog_of(VdRing *ring, bool *cut)
{
    GArray *units = g_array_new(FALSE, FALSE, sizeof(VdUnit));

    g_array_set_clear_func(units, clear_unit);
    vd_lock(&ring->lock);
    Gop *gop = g_queue_peek_tail(&ring->gops);
    *cut = ring->cut;
    if (gop != NULL)
        g_array_append_vals(units, gop->units->data, gop->units->len);
    for (guint i = 0; i < units->len; i++) {
        gst_buffer_ref(g_array_index(units, VdUnit, i).buffer);
        gst_caps_ref(g_array_index(units, VdUnit, i).caps);
    }
    vd_unlock(&ring->lock);
    return units;
}

guint vd_ring_subscribe(VdRing *ring, VdRingConsumer consume, void *data, bool backlog)
{
    vd_lock(&ring->delivery);
    Consumer consumer = {.id = ++ring->last_id, .consume = consume, .data = data};

    if (backlog) {
        g_autoptr(GArray) units = backlog_of(ring, &consumer.wait_key);
        for (guint i = 0; i < units->len; i++)
            consume(&g_array_index(units, VdUnit, i), data);
    }
    g_array_append_val(ring->consumers, consumer);
    vd_unlock(&ring->delivery);
    return consumer.id;
}

void vd_ring_unsubscribe(VdRing *ring, guint id)
{
    vd_lock(&ring->delivery);
    for (guint i = 0; i < ring->consumers->len; i++) {
        if (g_array_index(ring->consumers, Consumer, i).id == id) {
            g_array_remove_index(ring->consumers, i);
            break;
        }
    }
    vd_unlock(&ring->delivery);
}

/* [lock] Units a second of what arrived within the window before the newest, and of two at least.
 */
static double recent_rate(const VdRing *ring)
{
    guint64 n = MIN(ring->n_arrivals, N_ARRIVALS);
    gint64 first = ring->last_us;
    guint64 used = 0;

    for (guint64 i = 0; i < n; i++) {
        gint64 at = ring->arrivals[(ring->n_arrivals - 1 - i) % N_ARRIVALS];
        if (used > 1 && ring->last_us - at > RATE_WINDOW_US)
            break;
        first = at;
        used++;
    }
    return ring->last_us > first
               ? (double)(used - 1) * G_USEC_PER_SEC / (double)(ring->last_us - first)
               : 0;
}

void vd_ring_stats(VdRing *ring, VdRingStats *stats)
{
    vd_lock(&ring->lock);
    Gop *oldest = g_queue_peek_head(&ring->gops);

    *stats = (VdRingStats){
        .units = ring->units,
        .bytes = ring->bytes,
        .dropped = ring->dropped,
        .last_us = ring->last_us,
        .kept_bytes = ring->kept,
        .kept_seconds =
            oldest != NULL ? (double)(ring->newest - gop_start(oldest)) / GST_SECOND : 0,
        .fps = recent_rate(ring),
    };
    vd_unlock(&ring->lock);
}
