#include "media/source-feed.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/uri.h"
#include "media/source-check.h"
#include "media/source-entry.h"
#include "media/source-time.h"

#include <string.h>

struct VdSourceFeed {
    gatomicrefcount refs;
    VdRing *ring;
    VdSourceEvents events;
    void *data;
    guint heard; /* atomic; VdHeard */

    VdLock lock;
    VdCond pushed;
    bool closed;  /* [lock] by the owner */
    bool lost;    /* [lock] by the source */
    bool pushing; /* [lock] */

    /* [streaming thread] */
    VdSourceTime time;
    gint64 arrived_us; /* when the source last read something; 0: it does not say */
    GstCaps *given;    /* what the source says, as last judged */
    GstCaps *caps;     /* what the ring is told: `given` without what changes by the way */
    bool opened;
    bool announce; /* caps are new: say so after their first key frame */
};

typedef enum Word { OPENED, CHANGED, LOST } Word;

typedef struct Message {
    VdSourceFeed *feed;
    Word word;
    GstCaps *caps; /* (nullable) */
    VdLoss loss;
    char *text; /* (nullable) */
} Message;

VdSourceFeed *vd_source_feed_new(VdRing *ring, const VdSourceEvents *events, void *data)
{
    VdSourceFeed *feed = g_new0(VdSourceFeed, 1);

    g_atomic_ref_count_init(&feed->refs);
    feed->ring = vd_ring_ref(ring);
    feed->events = *events;
    feed->data = data;
    vd_lock_init(&feed->lock);
    vd_cond_init(&feed->pushed);
    return feed;
}

VdSourceFeed *vd_source_feed_ref(VdSourceFeed *feed)
{
    g_atomic_ref_count_inc(&feed->refs);
    return feed;
}

void vd_source_feed_unref(VdSourceFeed *feed)
{
    if (feed == NULL || !g_atomic_ref_count_dec(&feed->refs))
        return;
    vd_ring_unref(feed->ring);
    gst_clear_caps(&feed->given);
    gst_clear_caps(&feed->caps);
    vd_cond_clear(&feed->pushed);
    vd_lock_clear(&feed->lock);
    g_free(feed);
}

void vd_source_feed_close(VdSourceFeed *feed)
{
    vd_lock(&feed->lock);
    feed->closed = true;
    /* As long as one push into the ring takes, and consumers there are short. */
    while (feed->pushing)
        vd_cond_wait(&feed->pushed, &feed->lock);
    vd_unlock(&feed->lock);
}

static void message_free(gpointer data)
{
    Message *message = data;

    vd_source_feed_unref(message->feed);
    gst_clear_caps(&message->caps);
    g_free(message->text);
    g_free(message);
}

/* [main] Only the main loop closes, so what is open now stays open during the call. */
static gboolean tell(gpointer data)
{
    Message *message = data;
    VdSourceFeed *feed = message->feed;

    vd_lock(&feed->lock);
    bool closed = feed->closed;
    vd_unlock(&feed->lock);
    if (closed)
        return G_SOURCE_REMOVE;
    if (message->word == OPENED)
        feed->events.opened(message->caps, feed->data);
    else if (message->word == CHANGED)
        feed->events.changed(message->caps, feed->data);
    else
        feed->events.lost(message->loss, message->text, feed->data);
    return G_SOURCE_REMOVE;
}

static void post(VdSourceFeed *feed, Word word, GstCaps *caps, VdLoss loss, char *text)
{
    Message *message = g_new0(Message, 1);

    message->feed = vd_source_feed_ref(feed);
    message->word = word;
    message->caps = caps != NULL ? gst_caps_ref(caps) : NULL;
    message->loss = loss;
    message->text = text;
    g_idle_add_full(G_PRIORITY_DEFAULT, tell, message, message_free);
    /* cppcheck-suppress memleak ; the idle source has it */
}

bool vd_source_feed_over(VdSourceFeed *feed)
{
    vd_lock(&feed->lock);
    bool first = !feed->lost && !feed->closed;
    feed->lost = true;
    vd_unlock(&feed->lock);
    return first;
}

static void G_GNUC_PRINTF(3, 0)
    explain(VdSourceFeed *feed, VdLoss loss, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    if (g_str_has_suffix(text, ".")) /* an element's sentence; ours go on: "..., retrying in 2 s" */
        text[strlen(text) - 1] = '\0';
    post(feed, LOST, NULL, loss, vd_redact_text(text));
}

void vd_source_feed_explain(VdSourceFeed *feed, VdLoss loss, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    explain(feed, loss, format, args);
    va_end(args);
}

void vd_source_feed_lost(VdSourceFeed *feed, VdLoss loss, const char *format, ...)
{
    va_list args;

    if (!vd_source_feed_over(feed))
        return;
    va_start(args, format);
    explain(feed, loss, format, args);
    va_end(args);
}

void vd_source_feed_hear(VdSourceFeed *feed, VdHeard heard)
{
    guint before = (guint)g_atomic_int_get(&feed->heard);

    if (before < (guint)heard) /* at each packet: dearer than a look */
        g_atomic_int_or(&feed->heard, (guint)heard);
}

void vd_source_feed_arrived(VdSourceFeed *feed)
{
    vd_source_feed_hear(feed, VD_HEARD_TRAFFIC);
    feed->arrived_us = vd_clock_now_us();
}

VdHeard vd_source_feed_heard(VdSourceFeed *feed)
{
    return (VdHeard)g_atomic_int_get(&feed->heard);
}

/* Judges new caps; false when no decoder of ours takes them. */
static bool take_caps(VdSourceFeed *feed, GstCaps *caps)
{
    if (caps == feed->given)
        return true;
    g_autofree char *refusal = vd_source_check_caps(caps);
    if (refusal != NULL) {
        vd_source_feed_lost(feed, VD_LOSS_UNSUPPORTED, "%s", refusal);
        return false;
    }
    gst_caps_replace(&feed->given, caps);
    if (feed->caps == NULL || !vd_source_same_stream(feed->caps, caps)) {
        gst_caps_replace(&feed->caps, caps);
        feed->announce = true;
    }
    return true;
}

static bool enter(VdSourceFeed *feed)
{
    vd_lock(&feed->lock);
    bool open = !feed->closed && !feed->lost;
    feed->pushing = open;
    vd_unlock(&feed->lock);
    return open;
}

static void leave(VdSourceFeed *feed)
{
    vd_lock(&feed->lock);
    feed->pushing = false;
    vd_cond_signal(&feed->pushed);
    vd_unlock(&feed->lock);
}

static void push(VdSourceFeed *feed, GstBuffer *unit, bool key)
{
    gint64 now_us = vd_clock_now_us();

    vd_source_time_stamp(&feed->time, unit, now_us * 1000);
    vd_ring_push(feed->ring, unit, feed->caps, now_us, vd_clock_wall_us());
    gint64 arrived_us = feed->arrived_us != 0 ? feed->arrived_us : now_us;
    vd_stages_observe(vd_ring_stages(feed->ring), VD_STAGE_RECEIVE, vd_clock_now_us() - arrived_us);
    if (feed->announce && key) {
        post(feed, feed->opened ? CHANGED : OPENED, feed->caps, 0, NULL);
        feed->opened = true;
        feed->announce = false;
    }
}

bool vd_source_feed_unit(VdSourceFeed *feed, GstBuffer *unit, GstCaps *caps)
{
    bool key =
        !GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT) && vd_source_entry(unit, caps);

    vd_source_feed_hear(feed, VD_HEARD_TRAFFIC);
    /* A piece without PTS is a splinter of a unit that a parser has cut in two. */
    if (GST_BUFFER_PTS_IS_VALID(unit) && (feed->opened || key) && take_caps(feed, caps)) {
        unit = gst_buffer_make_writable(unit);
        if (!key)
            GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
        if (enter(feed)) {
            push(feed, unit, key);
            leave(feed);
        }
    }
    gst_buffer_unref(unit);
    vd_lock(&feed->lock);
    bool open = !feed->closed && !feed->lost;
    vd_unlock(&feed->lock);
    return open;
}
