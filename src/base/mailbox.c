#include "base/mailbox.h"

#include "base/lock.h"

struct VdMailbox {
    gatomicrefcount refs;
    VdLock lock;
    VdCond posted;
    VdPicture *latest;  /* [lock] */
    guint64 number;     /* [lock] grows by one a post */
    bool closed;        /* [lock] */
    VdMailboxWake wake; /* [lock] */
    void *wake_data;    /* [lock] */
};

VdMailbox *vd_mailbox_new(void)
{
    VdMailbox *box = g_new0(VdMailbox, 1);

    g_atomic_ref_count_init(&box->refs);
    vd_lock_init(&box->lock);
    vd_cond_init(&box->posted);
    return box;
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
    vd_picture_unref(box->latest);
    vd_cond_clear(&box->posted);
    vd_lock_clear(&box->lock);
    g_free(box);
}

/* [lock] */
static void tell(VdMailbox *box)
{
    vd_cond_broadcast(&box->posted);
    if (box->wake != NULL)
        box->wake(box->wake_data);
}

void vd_mailbox_post(VdMailbox *box, VdPicture *picture)
{
    VdPicture *before = NULL;

    vd_lock(&box->lock);
    if (!box->closed) {
        before = g_steal_pointer(&box->latest);
        box->latest = vd_picture_ref(picture);
        box->number++;
        tell(box);
    }
    vd_unlock(&box->lock);
    vd_picture_unref(before);
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
static VdPicture *newer(VdMailbox *box, guint64 *seen)
{
    if (box->closed || box->number == *seen)
        return NULL;
    *seen = box->number;
    return vd_picture_ref(box->latest);
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
