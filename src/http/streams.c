#include "http/streams.h"

#include "base/clock.h"
#include "base/lock.h"
#include "http/feed.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS = 64,
    TICK_US = G_USEC_PER_SEC,
    STUCK_US = 60 * G_USEC_PER_SEC,     /* without room for one byte: the client is gone */
    HALF_US = 5 * G_USEC_PER_SEC,       /* nothing taken since it closed its sending half */
    PAUSE_US = G_USEC_PER_SEC * 3 / 10, /* without a newer picture: the last is sent again */
    /*
     * Bytes not yet sent that the kernel keeps for a stream. Without it the socket's buffer grows
     * to megabytes, and a slow viewer sees pictures of seconds ago.
     */
    UNSENT = 128 * 1024,
};

/* The viewers of one mailbox. */
typedef struct Group {
    VdStreams *owner;
    VdMailbox *box;
    VdFeed *feed;
    GPtrArray *seats;
    guint plain; /* of these, without TLS: a pipe is of use to them */
    bool woken;  /* [lock] stands in owner->woken */
} Group;

/* One viewer's place in its group. */
typedef struct Seat {
    VdStream *stream;
    Group *group;
    guint place; /* in group->seats */
    VdViewer *viewer;
    guint64 seen; /* the number of the last part that was sent whole or is under way */
    bool begun;   /* it can use a delta behind that */
} Seat;

struct VdStream {
    VdStreams *owner;
    guint place; /* in owner->all */
    VdWire *wire;
    VdStreamEnd end;
    void *data;
    VdFraming framing;
    int width, height; /* of a video that has begun */
    VdPart *sending;   /* not yet whole */
    Seat *sender;
    gsize at;
    gint64 begun_us; /* when its first byte was to be written */
    guint64 skipped; /* before the part under way */
    VdPart *last;    /* may have to be sent twice */
    bool last_twice, repeating, full, half, over;
    gint64 moved_us;    /* when the socket last took something */
    gint64 deadline_us; /* of a wait; 0: a stream */
    guint turn;         /* the seat that is asked first */
    guint n_seats;
    Seat seats[];
};

struct VdStreams {
    VdApi *api;
    int epoll_fd;
    int event_fd;
    GHashTable *groups; /* VdMailbox -> Group */
    GPtrArray *all;     /* VdStream */
    GPtrArray *over;    /* VdStream that ended in this step */
    gint64 now_us;      /* read once a step, and behind each picture that is whole */
    gint64 tick_us;     /* when the next one is due */
    bool closed;
    GPtrArray *serving; /* Group; those of this step */
    VdLock lock;
    GPtrArray *woken; /* [lock] Group; those with a post since the last step */
};

/* [any], with the mailbox's lock held */
static void on_post(void *data)
{
    Group *group = data;
    VdStreams *streams = group->owner;

    vd_lock(&streams->lock);
    bool first = streams->woken->len == 0;
    if (!group->woken)
        g_ptr_array_add(streams->woken, group);
    group->woken = true;
    vd_unlock(&streams->lock);
    if (first)
        vd_streams_wake(streams);
}

void vd_streams_wake(VdStreams *streams)
{
    eventfd_write(streams->event_fd, 1);
}

static Group *group_of(VdStreams *streams, VdMailbox *box)
{
    Group *group = g_hash_table_lookup(streams->groups, box);

    if (group != NULL)
        return group;
    group = g_new0(Group, 1);
    group->owner = streams;
    group->box = vd_mailbox_ref(box);
    group->feed = vd_feed_new(box);
    group->seats = g_ptr_array_new();
    g_hash_table_insert(streams->groups, box, group);
    vd_mailbox_watch(box, on_post, group);
    return group;
}

static void free_group(Group *group)
{
    VdStreams *streams = group->owner;

    vd_mailbox_unwatch(group->box);
    vd_lock(&streams->lock);
    g_ptr_array_remove_fast(streams->woken, group);
    vd_unlock(&streams->lock);
    g_hash_table_remove(streams->groups, group->box);
    vd_mailbox_unref(group->box);
    vd_feed_free(group->feed);
    g_ptr_array_unref(group->seats);
    g_free(group);
}

static void stand_up(Seat *seat)
{
    Group *group = seat->group;
    Seat *moved = group->seats->pdata[group->seats->len - 1];

    moved->place = seat->place;
    g_ptr_array_remove_index_fast(group->seats, seat->place);
    group->plain -= seat->stream->wire->tls == NULL;
    if (group->seats->len == 0)
        free_group(group);
    VdApi *api = seat->stream->owner->api;
    api->unwatch(seat->viewer);
}

/* To be ended when the step is done: lists are being walked now. */
static void mark_over(VdStream *stream)
{
    if (!stream->over)
        g_ptr_array_add(stream->owner->over, stream);
    stream->over = true;
}

static void sit_down(VdStream *stream, Seat *seat, VdViewer *viewer)
{
    VdStreams *streams = stream->owner;

    seat->stream = stream;
    seat->viewer = viewer;
    seat->group = group_of(streams, streams->api->mailbox(viewer));
    seat->place = seat->group->seats->len;
    g_ptr_array_add(seat->group->seats, seat);
    seat->group->plain += stream->wire->tls == NULL;
    if (!vd_feed_refresh(seat->group->feed))
        mark_over(stream);
    /* What was posted before this viewer came was not skipped by it, and is not to be seen late. */
    const VdPart *newest = vd_feed_newest(seat->group->feed);
    if (newest != NULL)
        seat->seen = newest->picture->delta ? newest->number : newest->number - 1;
    if (newest == NULL || newest->picture->delta)
        vd_mailbox_want_key(seat->group->box);
}

static void end_stream(VdStream *stream, VdPicture *picture)
{
    VdStreams *streams = stream->owner;
    VdStream *moved = streams->all->pdata[streams->all->len - 1];

    moved->place = stream->place;
    g_ptr_array_remove_index_fast(streams->all, stream->place);
    epoll_ctl(streams->epoll_fd, EPOLL_CTL_DEL, stream->wire->fd, NULL);
    g_autoptr(VdPicture) kept = picture != NULL ? vd_picture_ref(picture) : NULL;
    for (guint i = 0; i < stream->n_seats; i++)
        stand_up(&stream->seats[i]);
    vd_part_unref(stream->sending);
    vd_part_unref(stream->last);
    stream->end(stream->data, kept);
    g_free(stream);
}

/* The next seat in turn whose group has a picture for it. */
static Seat *next_seat(VdStream *stream, VdPart **part)
{
    for (guint i = 0; i < stream->n_seats; i++) {
        Seat *seat = &stream->seats[(stream->turn + i) % stream->n_seats];

        *part = vd_feed_next(seat->group->feed, seat->seen, seat->begun);
        if (*part != NULL)
            return seat;
    }
    return NULL;
}

/* A video cannot change its size on the way. */
static bool fits(VdStream *stream, const VdPicture *picture)
{
    if (stream->framing == VD_FRAMING_OPENING) {
        stream->width = picture->width;
        stream->height = picture->height;
    }
    return stream->framing != VD_FRAMING_BARE ||
           (stream->width == picture->width && stream->height == picture->height);
}

/* Picks what is sent next; false when nothing new is there, or it ends the stream. */
static bool begin_part(VdStream *stream)
{
    VdPart *part;
    Seat *seat = next_seat(stream, &part);

    if (seat == NULL)
        return false;
    if (!fits(stream, part->picture)) {
        mark_over(stream);
        return false;
    }
    stream->sending = vd_part_ref(part);
    stream->sender = seat;
    stream->at = 0;
    stream->begun_us = stream->owner->now_us;
    stream->skipped = seat->begun ? part->number - seat->seen - 1 : 0;
    seat->begun = true;
    seat->seen = part->number;
    stream->turn = (guint)(seat - stream->seats + 1) % stream->n_seats;
    return true;
}

/* Not a byte of it went out: what is newest when there is room goes instead. */
static void take_part_back(VdStream *stream)
{
    stream->sender->seen = stream->sending->number - stream->skipped - 1;
    g_clear_pointer(&stream->sending, vd_part_unref);
}

static void finish_part(VdStream *stream)
{
    VdStreams *streams = stream->owner;

    streams->now_us = vd_clock_now_us();
    VdSent sent = {
        .picture = stream->sending->picture,
        .again = stream->repeating,
        .bytes = vd_part_size(stream->sending, stream->framing),
        .skipped = stream->skipped,
        .begun_us = stream->begun_us,
        .done_us = streams->now_us,
    };
    streams->api->sent(stream->sender->viewer, &sent);
    vd_part_unref(stream->last);
    bool again = stream->last_twice && !stream->repeating;
    stream->last = again ? vd_part_ref(stream->sending) : NULL;
    stream->repeating = false;
    if (stream->framing == VD_FRAMING_OPENING)
        stream->framing = VD_FRAMING_BARE;
    g_clear_pointer(&stream->sending, vd_part_unref);
}

/* Sends what there is until the socket is full or nothing is left. */
static void push(VdStream *stream)
{
    while (!stream->full && !stream->over && (stream->sending != NULL || begin_part(stream))) {
        VdPipe *pipe = vd_feed_pipe(stream->sender->group->feed, stream->sending, stream->framing);
        gssize sent =
            vd_part_send(stream->sending, stream->framing, stream->at, pipe, stream->wire);

        if (sent < 0) {
            mark_over(stream);
            return;
        }
        stream->at += (gsize)sent;
        stream->moved_us = sent > 0 ? stream->owner->now_us : stream->moved_us;
        stream->full = stream->at < vd_part_size(stream->sending, stream->framing);
        if (!stream->full)
            finish_part(stream);
        else if (stream->at == 0 && !stream->wire->busy)
            take_part_back(stream);
    }
}

/* A wait is over with its first live picture. */
static void look(VdStream *stream)
{
    const VdPart *newest = vd_feed_newest(stream->seats[0].group->feed);

    if (newest != NULL && !newest->picture->placeholder)
        mark_over(stream);
}

static void serve(VdStream *stream)
{
    if (stream->over)
        return;
    if (stream->deadline_us != 0)
        look(stream);
    else
        push(stream);
}

static void serve_group(Group *group)
{
    bool open = vd_feed_refresh(group->feed);

    vd_feed_fill_pipe(group->feed, group->plain);
    for (guint i = 0; i < group->seats->len; i++) {
        Seat *seat = group->seats->pdata[i];

        if (!open || group->owner->api->dismissed(seat->viewer))
            mark_over(seat->stream);
        serve(seat->stream);
    }
}

static void serve_woken(VdStreams *streams)
{
    vd_lock(&streams->lock);
    GPtrArray *serving = streams->woken;
    streams->woken = streams->serving;
    streams->serving = serving;
    for (guint i = 0; i < serving->len; i++)
        ((Group *)serving->pdata[i])->woken = false;
    vd_unlock(&streams->lock);
    for (guint i = 0; i < serving->len; i++)
        serve_group(serving->pdata[i]);
    g_ptr_array_set_size(serving, 0);
}

/*
 * A client may close its sending half and read on, as `nc -N` does. One that has left looks the
 * same until it answers what is sent next with a reset.
 */
static void serve_socket(VdStream *stream, uint32_t events)
{
    if ((events & (EPOLLHUP | EPOLLERR)) != 0)
        mark_over(stream);
    if ((events & EPOLLRDHUP) != 0 && !stream->half) {
        stream->half = true;
        stream->moved_us = stream->owner->now_us;
    }
    if ((events & EPOLLOUT) != 0)
        stream->full = false;
    serve(stream);
}

/* Sends the last picture again after a pause, once. */
static void repeat_last(VdStream *stream)
{
    if (stream->last == NULL || stream->sending != NULL ||
        stream->owner->now_us - stream->moved_us < PAUSE_US)
        return;
    stream->sending = g_steal_pointer(&stream->last);
    stream->sender = &stream->seats[0];
    stream->at = 0;
    stream->skipped = 0;
    stream->repeating = true;
    push(stream);
}

static bool is_lost(const VdStream *stream, gint64 now_us)
{
    gint64 still_us = now_us - stream->moved_us;

    if (stream->half && still_us > HALF_US)
        return true;
    return stream->deadline_us != 0 ? now_us >= stream->deadline_us
                                    : stream->full && still_us > STUCK_US;
}

static void tick(VdStreams *streams)
{
    gint64 now_us = streams->now_us;

    streams->tick_us = now_us + TICK_US;
    for (guint i = 0; i < streams->all->len; i++) {
        VdStream *stream = streams->all->pdata[i];

        if (is_lost(stream, now_us))
            mark_over(stream);
        else if (stream->deadline_us != 0)
            streams->tick_us = MIN(streams->tick_us, stream->deadline_us);
        repeat_last(stream);
    }
}

/* What a wait was for, or the newest placeholder. */
static VdPicture *found_by(const VdStream *stream)
{
    const VdPart *newest = vd_feed_newest(stream->seats[0].group->feed);

    return stream->deadline_us != 0 && newest != NULL ? newest->picture : NULL;
}

static void end_over(VdStreams *streams)
{
    for (guint i = 0; i < streams->over->len; i++) {
        VdStream *stream = streams->over->pdata[i];

        end_stream(stream, found_by(stream));
    }
    g_ptr_array_set_size(streams->over, 0);
}

static VdStream *new_stream(VdStreams *streams, VdWire *wire, guint count, VdStreamEnd end,
                            void *data)
{
    VdStream *stream = g_malloc0(sizeof *stream + count * sizeof stream->seats[0]);
    struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = stream};

    stream->owner = streams;
    stream->wire = wire;
    stream->end = end;
    stream->data = data;
    stream->n_seats = count;
    stream->moved_us = streams->now_us = vd_clock_now_us();
    stream->place = streams->all->len;
    g_ptr_array_add(streams->all, stream);
    if (epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, wire->fd, &event) < 0 || streams->closed)
        mark_over(stream);
    return stream;
}

/* Fails on a Unix socket, which needs nothing. Under TLS libmicrohttpd may leave a cork in it. */
static void tune_socket(int fd)
{
    const int on = 1, off = 0, unsent = UNSENT;

    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

void vd_streams_add(VdStreams *streams, VdWire *wire, VdViewer *const *viewers, guint count,
                    VdFraming framing, bool last_twice, VdStreamEnd end, void *data)
{
    VdStream *stream = new_stream(streams, wire, count, end, data);

    stream->framing = framing;
    stream->last_twice = last_twice;
    for (guint i = 0; i < count; i++)
        sit_down(stream, &stream->seats[i], viewers[i]);
    tune_socket(wire->fd);
    const char *text = vd_part_opening(stream->framing);
    const struct iovec opening = {(void *)text, strlen(text)};
    if (vd_wire_send(wire, &opening, 1, 0) < (gssize)opening.iov_len)
        mark_over(stream);
    push(stream);
}

void vd_streams_wait(VdStreams *streams, VdWire *wire, VdViewer *viewer, gint64 deadline_us,
                     VdStreamEnd end, void *data)
{
    VdStream *stream = new_stream(streams, wire, 1, end, data);

    stream->deadline_us = deadline_us;
    streams->tick_us = MIN(streams->tick_us, deadline_us);
    sit_down(stream, &stream->seats[0], viewer);
    look(stream);
}

bool vd_streams_also(VdStreams *streams, int fd, GError **error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = streams};

    if (epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "epoll: %s", g_strerror(errno));
    return false;
}

void vd_streams_step(VdStreams *streams, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    gint64 until_tick_us = streams->tick_us - vd_clock_now_us();
    int most_ms = streams->over->len > 0 ? 0 : (int)CLAMP(until_tick_us / 1000 + 1, 0, 1000);
    eventfd_t wakes;

    int count = epoll_wait(streams->epoll_fd, events, EVENTS, MIN(timeout_ms, most_ms));
    streams->now_us = vd_clock_now_us();
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == NULL)
            eventfd_read(streams->event_fd, &wakes);
        else if (events[i].data.ptr != streams)
            serve_socket(events[i].data.ptr, events[i].events);
    }
    serve_woken(streams);
    if (streams->now_us >= streams->tick_us)
        tick(streams);
    end_over(streams);
}

void vd_streams_end_all(VdStreams *streams)
{
    streams->closed = true;
    for (guint i = 0; i < streams->all->len; i++)
        mark_over(streams->all->pdata[i]);
    end_over(streams);
}

VdStreams *vd_streams_new(VdApi *api, GError **error)
{
    VdStreams *streams = g_new0(VdStreams, 1);
    struct epoll_event event = {.events = EPOLLIN};

    streams->api = api;
    streams->groups = g_hash_table_new(NULL, NULL);
    streams->all = g_ptr_array_new();
    streams->over = g_ptr_array_new();
    streams->serving = g_ptr_array_new();
    streams->woken = g_ptr_array_new();
    vd_lock_init(&streams->lock);
    streams->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    streams->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (streams->epoll_fd >= 0 && streams->event_fd >= 0 &&
        epoll_ctl(streams->epoll_fd, EPOLL_CTL_ADD, streams->event_fd, &event) == 0)
        return streams;
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "epoll, eventfd: %s", g_strerror(errno));
    vd_streams_free(streams);
    return NULL;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void vd_streams_free(VdStreams *streams)
{
    if (streams == NULL)
        return;
    vd_streams_end_all(streams);
    close_if_open(streams->epoll_fd);
    close_if_open(streams->event_fd);
    vd_lock_clear(&streams->lock);
    g_ptr_array_unref(streams->woken);
    g_ptr_array_unref(streams->serving);
    g_ptr_array_unref(streams->over);
    g_ptr_array_unref(streams->all);
    g_hash_table_unref(streams->groups);
    g_free(streams);
}
