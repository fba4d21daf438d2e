#include "camera/audience.h"

#include "base/clock.h"
#include "base/lock.h"

#define LEAST_SPAN_US (G_USEC_PER_SEC / 2) /* that a rate is counted over */

/* The counters are written by whoever serves the seat and read by others: atomic, no order. */
struct VdSeat {
    VdAudience *audience;
    char *client;
    guint64 number;
    VdStages *stages; /* (nullable) */
    VdMoment since;
    gint dismissed;                            /* atomic */
    guint64 pictures, skipped, bytes;          /* atomic */
    guint64 skipped_counted, pictures_counted; /* [lock of the audience] */
    gint64 counted_us;                         /* [lock of the audience] */
    double fps;                                /* [lock of the audience] */
    GList link;                                /* [lock of the audience] */
};

struct VdAudience {
    gatomicrefcount refs;
    VdWish wish;
    VdMailbox *mailbox;
    VdLock lock;
    GQueue seats;          /* [lock] VdSeat */
    VdAudienceCounts left; /* [lock] of those who left */
};

bool vd_wish_equal(const VdWish *a, const VdWish *b)
{
    return a->width == b->width && a->fps == b->fps && a->quality == b->quality &&
           a->annotate == b->annotate && a->codec == b->codec && a->bitrate == b->bitrate;
}

VdAudience *vd_audience_new(const VdWish *wish)
{
    VdAudience *audience = g_new0(VdAudience, 1);

    g_atomic_ref_count_init(&audience->refs);
    audience->wish = *wish;
    audience->mailbox = vd_mailbox_new();
    vd_lock_init(&audience->lock);
    return audience;
}

VdAudience *vd_audience_ref(VdAudience *audience)
{
    g_atomic_ref_count_inc(&audience->refs);
    return audience;
}

void vd_audience_unref(VdAudience *audience)
{
    if (audience == NULL || !g_atomic_ref_count_dec(&audience->refs))
        return;
    vd_mailbox_unref(audience->mailbox);
    vd_lock_clear(&audience->lock);
    g_free(audience);
}

const VdWish *vd_audience_wish(const VdAudience *audience)
{
    return &audience->wish;
}

VdMailbox *vd_audience_mailbox(VdAudience *audience)
{
    return audience->mailbox;
}

VdSeat *vd_audience_join(VdAudience *audience, const char *client, guint64 number, VdStages *stages)
{
    VdSeat *seat = g_new0(VdSeat, 1);

    seat->audience = vd_audience_ref(audience);
    seat->client = g_strdup(client != NULL ? client : "");
    seat->number = number;
    seat->stages = vd_stages_ref(stages);
    seat->since = vd_moment_now();
    seat->counted_us = seat->since.us;
    seat->link.data = seat;
    vd_lock(&audience->lock);
    g_queue_push_tail_link(&audience->seats, &seat->link);
    vd_unlock(&audience->lock);
    return seat;
}

static guint64 read_counter(const guint64 *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void add_seat(VdAudienceCounts *counts, const VdSeat *seat)
{
    counts->pictures += read_counter(&seat->pictures);
    counts->skipped += read_counter(&seat->skipped);
    counts->bytes += read_counter(&seat->bytes);
}

void vd_seat_leave(VdSeat *seat)
{
    if (seat == NULL)
        return;
    VdAudience *audience = seat->audience;

    vd_lock(&audience->lock);
    g_queue_unlink(&audience->seats, &seat->link);
    add_seat(&audience->left, seat);
    vd_unlock(&audience->lock);
    vd_audience_unref(audience);
    vd_stages_unref(seat->stages);
    g_free(seat->client);
    g_free(seat);
}

void vd_seat_sent(VdSeat *seat, guint64 bytes, guint64 skipped)
{
    __atomic_fetch_add(&seat->pictures, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&seat->bytes, bytes, __ATOMIC_RELAXED);
    if (skipped > 0)
        __atomic_fetch_add(&seat->skipped, skipped, __ATOMIC_RELAXED);
}

bool vd_audience_dismiss(VdAudience *audience, guint64 number)
{
    bool found = false;

    vd_lock(&audience->lock);
    for (GList *link = audience->seats.head; link != NULL && !found; link = link->next) {
        VdSeat *seat = link->data;

        found = seat->number == number;
        if (found)
            g_atomic_int_set(&seat->dismissed, 1);
    }
    vd_unlock(&audience->lock);
    return found;
}

bool vd_seat_dismissed(const VdSeat *seat)
{
    return g_atomic_int_get(&seat->dismissed) != 0;
}

/* [lock] */
static void judge(VdSeat *seat, VdAudienceCounts *counts, gint64 now_us)
{
    guint64 skipped = read_counter(&seat->skipped), pictures = read_counter(&seat->pictures);

    counts->slow += skipped > seat->skipped_counted;
    seat->skipped_counted = skipped;
    if (now_us - seat->counted_us < LEAST_SPAN_US)
        return;
    seat->fps = (double)(pictures - seat->pictures_counted) * G_USEC_PER_SEC /
                (double)(now_us - seat->counted_us);
    seat->pictures_counted = pictures;
    seat->counted_us = now_us;
}

void vd_seat_timed(VdSeat *seat, const VdPicture *picture, gint64 begun_us, gint64 done_us)
{
    if (picture->placeholder || picture->encoded_us < seat->since.us)
        return;
    vd_stages_observe(seat->stages, VD_STAGE_QUEUE, begun_us - picture->encoded_us);
    vd_stages_observe(seat->stages, VD_STAGE_SEND, done_us - begun_us);
    vd_stages_observe(seat->stages, VD_STAGE_TOTAL, done_us - picture->received_us);
}

void vd_audience_count(VdAudience *audience, VdAudienceCounts *counts)
{
    gint64 now_us = vd_clock_now_us();

    vd_lock(&audience->lock);
    counts->pictures += audience->left.pictures;
    counts->skipped += audience->left.skipped;
    counts->bytes += audience->left.bytes;
    counts->viewers += g_queue_get_length(&audience->seats);
    for (GList *link = audience->seats.head; link != NULL; link = link->next) {
        judge(link->data, counts, now_us);
        add_seat(counts, link->data);
    }
    vd_unlock(&audience->lock);
}

void vd_guest_clear(void *guest)
{
    g_free(((VdGuest *)guest)->client);
}

void vd_audience_list(VdAudience *audience, GArray *guests, guint most)
{
    vd_lock(&audience->lock);
    for (GList *link = audience->seats.head; link != NULL && most > 0; link = link->next, most--) {
        const VdSeat *seat = link->data;
        VdGuest guest = {
            .number = seat->number,
            .fps = seat->fps,
            .client = g_strdup(seat->client),
            .since_wall_us = seat->since.wall_us,
            .pictures = read_counter(&seat->pictures),
            .skipped = read_counter(&seat->skipped),
            .bytes = read_counter(&seat->bytes),
        };
        g_array_append_val(guests, guest);
    }
    vd_unlock(&audience->lock);
}
