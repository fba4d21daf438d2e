#pragma once

#include "base/mailbox.h"
#include "base/stages.h"

/*
 * Those who watch one rendition of one camera: what they wish, the mailbox that they all read, and
 * a seat for each with what he got. Counted; all functions are [any].
 */
typedef struct VdAudience VdAudience;
typedef struct VdSeat VdSeat;

/* -1: as the camera's configuration says, also after that changes. */
typedef struct VdWish {
    int width;   /* pixels; 0: the frame's own */
    int fps;     /* 0: all */
    int quality; /* 1..100 */
    int annotate;
    VdCodec codec;
    int bitrate; /* of a video, whose quality is -1; kbit/s, 0: VD_BITRATE */
} VdWish;

bool vd_wish_equal(const VdWish *a, const VdWish *b);

VdAudience *vd_audience_new(const VdWish *wish);
VdAudience *vd_audience_ref(VdAudience *audience);
void vd_audience_unref(VdAudience *audience);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdAudience, vd_audience_unref)

const VdWish *vd_audience_wish(const VdAudience *audience);
VdMailbox *vd_audience_mailbox(VdAudience *audience); /* (transfer none) */

/*
 * A seat keeps its audience alive. client: (nullable) who it is, for people; number: what tells it
 * from all others; stages: (nullable) where pictures are timed.
 */
VdSeat *vd_audience_join(VdAudience *audience, const char *client, guint64 number,
                         VdStages *stages);
void vd_seat_leave(VdSeat *seat);
/* Asks the seat of that number to be left; false: there is none. */
bool vd_audience_dismiss(VdAudience *audience, guint64 number);
bool vd_seat_dismissed(const VdSeat *seat);
/* One picture more, of so many bytes; it skipped so many that came before. */
void vd_seat_sent(VdSeat *seat, guint64 bytes, guint64 skipped);
/*
 * When it was sent, on vd_clock_now_us()'s clock. Cards, and what was there before the seat was
 * taken, say nothing of how long pictures take.
 */
void vd_seat_timed(VdSeat *seat, const VdPicture *picture, gint64 begun_us, gint64 done_us);

typedef struct VdAudienceCounts {
    guint viewers, slow;              /* now; slow: skipped some since the last count */
    guint64 pictures, skipped, bytes; /* ever, also of those who left */
} VdAudienceCounts;

/* Adds to *counts. Who is slow, and how fast, is judged since the call before: one caller, now and
 * then. */
void vd_audience_count(VdAudience *audience, VdAudienceCounts *counts);

typedef struct VdGuest {
    guint64 number;
    char *client;
    double fps; /* pictures a second, as last counted */
    gint64 since_wall_us;
    guint64 pictures, skipped, bytes;
} VdGuest;
void vd_guest_clear(void *guest);
/* Appends at most `most` VdGuest, the oldest first. */
void vd_audience_list(VdAudience *audience, GArray *guests, guint most);
