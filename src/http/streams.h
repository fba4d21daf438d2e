#pragma once

#include "api/api.h"
#include "http/part.h"

/*
 * Who waits for pictures, and the loop that gives them out. All viewers of a mailbox form a group;
 * a post wakes the loop once, and each viewer whose socket has room is sent the group's newest
 * picture: from the picture's own memory, in one call, the same bytes for all. A viewer without
 * room is left alone until its socket has some and then gets what is newest by then.
 *
 * Of a video a viewer gets each picture, beginning with a key picture. One that is still behind
 * when the next key picture comes goes on with that; so does one that is so far behind that the
 * mailbox does not hold what it needs.
 *
 * The wires are lent by the server for as long as the stream lives. Everything here belongs to
 * the loop's thread but vd_streams_wake() and the mailboxes' posts.
 */
typedef struct VdStreams VdStreams;
typedef struct VdStream VdStream;

/*
 * The stream is over and its viewers are unwatched: a mailbox closed, the client left, or the
 * server stops. The wire is the server's again. picture: what a vd_streams_wait() was for,
 * (transfer none), or a placeholder when its time is over, or NULL.
 */
typedef void (*VdStreamEnd)(void *data, VdPicture *picture);

VdStreams *vd_streams_new(VdApi *api, GError **error);
/* Ends all streams. */
void vd_streams_free(VdStreams *streams);

/*
 * Begins to send parts of all viewers' pictures in turn; of a video there is one viewer. It ends
 * when the video's pictures become another size. last_twice: the last picture before a pause is
 * sent again. Takes the viewers (transfer full); the array stays the caller's.
 */
void vd_streams_add(VdStreams *streams, VdWire *wire, VdViewer *const *viewers, guint count,
                    VdFraming framing, bool last_twice, VdStreamEnd end, void *data);
/* Waits for the first live picture until deadline_us. Takes the viewer (transfer full). */
void vd_streams_wait(VdStreams *streams, VdWire *wire, VdViewer *viewer, gint64 deadline_us,
                     VdStreamEnd end, void *data);

/* Another descriptor whose being readable ends vd_streams_step(). */
bool vd_streams_also(VdStreams *streams, int fd, GError **error);
/* Waits until something can be done or timeout_ms passed, and does it for the streams. */
void vd_streams_step(VdStreams *streams, int timeout_ms);
/* Ends every stream, also those that are added from now on. */
void vd_streams_end_all(VdStreams *streams);
/* Ends the step that runs or comes next. [any] */
void vd_streams_wake(VdStreams *streams);
