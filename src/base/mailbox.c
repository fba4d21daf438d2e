#include "base/mailbox.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"

struct VdMailbox {
    gatomicrefcount refs;
    gint64 begun_us;
    VdLock lock;
    VdCond posted;
    GQueue held;        /* [lock] VdPicture, the newest last */
    gsize held_bytes;   /* [lock] */
    guint64 number;     /* [lock] of the newest; grows by one a post */
    bool closed;        /* [lock] */
    gint wants_key;     /* atomic: who asks does not wait for a wake-up under way */
    VdMailboxWake wake; /* [lock] */
    void *wake_data;    /* [lock] */
};

VdMailbox *vd_mailbox_new(void)
{
    VdMailbox *box = g_new0(VdMailbox, 1);

    g_atomic_ref_count_init(&box->refs);
    box->begun_us = vd_clock_now_us();
    vd_lock_init(&box->lock);
    vd_cond_init(&box->posted);
    return box;
}

static void unref_picture(void *picture)
{
    vd_picture_unref(picture);
}

VdMailbox *vd_mailbox_ref(VdMailbox *box)
{
    g_atomic_ref_count_inc(&box->refs);
    return box;
}

void vd_mailbox_unref(VdMailbox *box)
{
    if (box == NULL || !g_atomic_ref_count_dec(&box->refs))
        return;
    g_queue_clear_full(&box->held, unref_picture);
    vd_cond_clear(&box->posted);
    vd_lock_clear(&box->lock);
    g_free(box);
}

gint64 vd_mailbox_begun_us(const VdMailbox *box)
{
    return box->begun_us;
}

/* [lock] */
static void tell(VdMailbox *box)
{
    vd_cond_broadcast(&box->posted);
    if (box->wake != NULL)
        box->wake(box->wake_data);
}

/* [lock] Takes out what no reader needs who keeps up, and what is too much to keep for others. */
static void let_go(VdMailbox *box, bool delta, GQueue *gone)
{
    while (box->held.length > 1 &&
           (!delta || box->held.length > VD_MAX_BEHIND || box->held_bytes > VD_MAX_BEHIND_BYTES)) {
        GList *oldest = g_queue_pop_head_link(&box->held);

        box->held_bytes -= g_bytes_get_size(((VdPicture *)oldest->data)->bytes);
        g_queue_push_tail_link(gone, oldest);
    }
}

void vd_mailbox_post(VdMailbox *box, VdPicture *picture)
{
    GQueue gone = G_QUEUE_INIT;

    vd_lock(&box->lock);
    if (!box->closed) {
        g_queue_push_tail(&box->held, vd_picture_ref(picture));
        box->held_bytes += g_bytes_get_size(picture->bytes);
        box->number++;
        if (!picture->delta)
            g_atomic_int_set(&box->wants_key, 0);
        let_go(box, picture->delta, &gone);
        tell(box);
    }
    vd_unlock(&box->lock);
    g_queue_clear_full(&gone, unref_picture);
}

void vd_mailbox_close(VdMailbox *box)
{
    vd_lock(&box->lock);
    box->closed = true;
    tell(box);
    vd_unlock(&box->lock);
}

bool vd_mailbox_closed(VdMailbox *box)
{
    vd_lock(&box->lock);
    bool closed = box->closed;
    vd_unlock(&box->lock);
    return closed;
}

/* [lock] */
static guint64 oldest(const VdMailbox *box)
{
    return box->number - box->held.length + 1;
}

/* [lock] */
static VdPicture *newer(VdMailbox *box, guint64 *seen)
{
    guint64 next = MAX(*seen + 1, oldest(box));

    if (box->closed || next > box->number)
        return NULL;
    VdPicture *picture = g_queue_peek_nth(&box->held, (guint)(next - oldest(box)));
    if (picture->delta && next != *seen + 1)
        return NULL;
    *seen = next;
    return vd_picture_ref(picture);
}

VdPicture *vd_mailbox_take(VdMailbox *box, guint64 *seen)
{
    vd_lock(&box->lock);
    VdPicture *picture = newer(box, seen);
    vd_unlock(&box->lock);
    return picture;
}

VdPicture *vd_mailbox_wait(VdMailbox *box, guint64 *seen, gint64 deadline_us)
{
    VdPicture *picture;

    vd_lock(&box->lock);
    while ((picture = newer(box, seen)) == NULL && !box->closed)
        if (!vd_cond_wait_until(&box->posted, &box->lock, deadline_us))
            break;
    vd_unlock(&box->lock);
    return picture;
}

guint64 vd_mailbox_oldest(VdMailbox *box)
{
    vd_lock(&box->lock);
    guint64 number = box->held.length > 0 ? oldest(box) : 0;
    vd_unlock(&box->lock);
    return number;
}

void vd_mailbox_want_key(VdMailbox *box)
{
    g_atomic_int_set(&box->wants_key, 1);
}

bool vd_mailbox_wants_key(VdMailbox *box)
{
    return g_atomic_int_get(&box->wants_key) != 0;
}

void vd_mailbox_watch(VdMailbox *box, VdMailboxWake wake, void *data)
{
    vd_lock(&box->lock);
    g_assert(box->wake == NULL);
    box->wake = wake;
    box->wake_data = data;
    vd_unlock(&box->lock);
}

void vd_mailbox_unwatch(VdMailbox *box)
{
    vd_lock(&box->lock);
    box->wake = NULL;
    vd_unlock(&box->lock);
}
