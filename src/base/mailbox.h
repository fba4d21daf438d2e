#pragma once

#include "base/picture.h"

/*
 * Holds the newest picture of one rendition and, while that is a delta, those that it builds on:
 * of JPEGs one, of a video what came since its newest key picture, VD_MAX_BEHIND of them at most.
 * One posts, any number read; nobody waits for a reader. A reader keeps the number of the post it
 * last saw. All functions are [any].
 */
typedef struct VdMailbox VdMailbox;

/*
 * Called on the poster's thread after a post and after close, with the mailbox's lock held: it may
 * only wake somebody up, and must not call back into the mailbox.
 */
typedef void (*VdMailboxWake)(void *data);

VdMailbox *vd_mailbox_new(void);
VdMailbox *vd_mailbox_ref(VdMailbox *box);
void vd_mailbox_unref(VdMailbox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdMailbox, vd_mailbox_unref)

/* vd_clock_now_us() at its making, from which a video's times count. */
gint64 vd_mailbox_begun_us(const VdMailbox *box);

/* Is the newest, and replaces all others unless it is a delta; a no-op after close. (transfer none)
 */
void vd_mailbox_post(VdMailbox *box, VdPicture *picture);
/* Nothing comes any more: readers get NULL and vd_mailbox_closed() says true. */
void vd_mailbox_close(VdMailbox *box);
bool vd_mailbox_closed(VdMailbox *box);

/*
 * The picture posted next after *seen or, when that is not held any more, the oldest one held,
 * unless it is a delta; else NULL (transfer full). *seen becomes its number; posts are numbered
 * from 1, so start with 0, and *seen's step tells what was skipped.
 */
VdPicture *vd_mailbox_take(VdMailbox *box, guint64 *seen);
/* The same, waiting until deadline_us for one to come. Not for the main loop. */
VdPicture *vd_mailbox_wait(VdMailbox *box, guint64 *seen, gint64 deadline_us);

/* The number of the oldest picture that is held; 0: none is. */
guint64 vd_mailbox_oldest(VdMailbox *box);

/* Somebody waits for a picture that is no delta; true from then on until one is posted. */
void vd_mailbox_want_key(VdMailbox *box);
bool vd_mailbox_wants_key(VdMailbox *box);

/* One watcher a mailbox. When unwatch returns, wake is not running and will not be called. */
void vd_mailbox_watch(VdMailbox *box, VdMailboxWake wake, void *data);
void vd_mailbox_unwatch(VdMailbox *box);
