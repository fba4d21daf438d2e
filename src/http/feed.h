#pragma once

#include "base/mailbox.h"
#include "http/part.h"

/*
 * What a mailbox holds, as parts that are made once for all its viewers, and a pipe that has the
 * newest where they are many. It belongs to one thread.
 */
typedef struct VdFeed VdFeed;

VdFeed *vd_feed_new(VdMailbox *box);
void vd_feed_free(VdFeed *feed);

/* Takes what was posted; false when nothing comes any more. */
bool vd_feed_refresh(VdFeed *feed);

const VdPart *vd_feed_newest(const VdFeed *feed); /* (nullable) (transfer none) */
/*
 * What a viewer is to be sent who saw part `seen` last: the part behind it, or the oldest there is;
 * NULL when there is none, or it needs what he has not got. begun: he can use a delta behind that
 * part. (transfer none)
 */
VdPart *vd_feed_next(const VdFeed *feed, guint64 seen, bool begun);

/* Has the newest part in the pipe from now on, unless so few viewers are better off without. */
void vd_feed_fill_pipe(VdFeed *feed, guint viewers);
/* (nullable) A pipe that has the very bytes of this part in this framing (transfer none). */
VdPipe *vd_feed_pipe(const VdFeed *feed, const VdPart *part, VdFraming framing);
