#include "http/feed.h"

/* Viewers of one picture: a pipe costs what a copy less saves eight or ten of them. */
#define PIPE_VIEWERS 16

struct VdFeed {
    VdMailbox *box;
    guint64 seen;
    GPtrArray *parts; /* VdPart: what the mailbox held at the last look, numbers without a gap */
    VdPipe *pipe;     /* (nullable) while there were few viewers */
    guint64 piped;    /* the number of the part that the pipe has; 0: none */
};

static void unref_part(void *part)
{
    vd_part_unref(part);
}

VdFeed *vd_feed_new(VdMailbox *box)
{
    VdFeed *feed = g_new0(VdFeed, 1);

    feed->box = vd_mailbox_ref(box);
    feed->parts = g_ptr_array_new_with_free_func(unref_part);
    return feed;
}

void vd_feed_free(VdFeed *feed)
{
    if (feed == NULL)
        return;
    g_ptr_array_unref(feed->parts);
    vd_pipe_free(feed->pipe);
    vd_mailbox_unref(feed->box);
    g_free(feed);
}

static VdPart *part_at(const VdFeed *feed, guint64 at)
{
    return at < feed->parts->len ? feed->parts->pdata[at] : NULL;
}

/* What the mailbox holds no more is not kept here either. */
static void forget_old(VdFeed *feed)
{
    guint64 oldest = vd_mailbox_oldest(feed->box);
    guint count = 0;

    while (count < feed->parts->len && part_at(feed, count)->number < oldest)
        count++;
    g_ptr_array_remove_range(feed->parts, 0, count);
}

bool vd_feed_refresh(VdFeed *feed)
{
    VdPicture *picture;

    while ((picture = vd_mailbox_take(feed->box, &feed->seen)) != NULL)
        g_ptr_array_add(feed->parts, vd_part_new(picture, feed->seen));
    forget_old(feed);
    return !vd_mailbox_closed(feed->box);
}

const VdPart *vd_feed_newest(const VdFeed *feed)
{
    return feed->parts->len > 0 ? part_at(feed, feed->parts->len - 1) : NULL;
}

VdPart *vd_feed_next(const VdFeed *feed, guint64 seen, bool begun)
{
    const VdPart *oldest = part_at(feed, 0);

    if (oldest == NULL)
        return NULL;
    VdPart *part = part_at(feed, seen >= oldest->number ? seen - oldest->number + 1 : 0);
    bool follows = part != NULL && begun && part->number == seen + 1;
    return part != NULL && (follows || !part->picture->delta) ? part : NULL;
}

/* Where the kernel has no pipe for it, each viewer gets a copy. */
void vd_feed_fill_pipe(VdFeed *feed, guint viewers)
{
    const VdPart *newest = vd_feed_newest(feed);

    if (newest == NULL || newest->number == feed->piped || viewers < PIPE_VIEWERS)
        return;
    if (feed->pipe == NULL)
        feed->pipe = vd_pipe_new();
    feed->piped = feed->pipe != NULL && vd_part_fill(newest, feed->pipe) ? newest->number : 0;
}

VdPipe *vd_feed_pipe(const VdFeed *feed, const VdPart *part, VdFraming framing)
{
    return part->number == feed->piped && framing == vd_part_usual(part) ? feed->pipe : NULL;
}
