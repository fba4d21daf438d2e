#include "media/source-rtsp.h"

#include "base/lock.h"
#include "media/source-rtsp-chain.h"
#include "media/source-rtsp-session.h"
#include "media/source-rtsp-wire.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

/*
 * RTSP over TCP on one thread: reads packets as they come, many in one call, and pushes them
 * through depayloader and parser by hand.
 *
 * Why not rtspsrc: its jitter buffer, RTP session and four threads a camera cost more than the rest
 * of receiving, and over TCP there is nothing for them to put right. Measured on one machine in one
 * hour, receiving and parsing only, cores: 8 cameras of 640x360 15 fps 0.5 Mb/s 0.047 with rtspsrc
 * (0.042 with buffer-mode=none, 0.043 without RTCP too), 0.018 here; 4 of 1920x1080 30 fps 4 Mb/s
 * 0.061 (0.060), 0.023 here; one thread a camera instead of four.
 */
#define PATIENCE_S 1 /* how long a read waits before it looks at the clock */

struct VdRtspTcp {
    gatomicrefcount
        refs; /* of the owner, of the thread, and of what is on its way to the main loop */
    VdSourceSettings *settings;
    VdSourceFeed *feed;
    void (*no_tcp)(void *data);
    void *data;
    bool freed;             /* [main] */
    VdRtspSession *session; /* (nullable) freed by the last reference */

    VdLock lock;
    bool stopped; /* [lock] */
    int fd;       /* [lock] of what is being read; -1: none, or TLS */
};

static void tcp_unref(gpointer data)
{
    VdRtspTcp *tcp = data;

    if (!g_atomic_ref_count_dec(&tcp->refs))
        return;
    vd_source_settings_free(tcp->settings);
    vd_source_feed_unref(tcp->feed);
    vd_lock_clear(&tcp->lock);
    g_free(tcp);
}

static gboolean tell_no_tcp(gpointer data)
{
    VdRtspTcp *tcp = data;

    if (!tcp->freed)
        tcp->no_tcp(tcp->data);
    return G_SOURCE_REMOVE;
}

static bool is_stopped(VdRtspTcp *tcp)
{
    vd_lock(&tcp->lock);
    bool stopped = tcp->stopped;
    vd_unlock(&tcp->lock);
    return stopped;
}

/* --- reading -------------------------------------------------------------------------------------
 */

typedef struct Reader {
    VdRtspTcp *tcp;
    VdRtspSession *session;
    VdRtspChain *chain;
    VdWire wire;
    guint channel;          /* of RTP */
    GstRTSPConnection *tls; /* NULL: read the socket itself */
    int fd;
    gint64 next_us; /* when to say that we are here */
} Reader;

/* The socket is made blocking, so that a wait for the next packet is one system call. */
static bool take_socket(Reader *reader)
{
    GstRTSPConnection *connection = vd_rtsp_session_connection(reader->session);
    GSocket *socket = gst_rtsp_connection_get_read_socket(connection);
    struct timeval patience = {.tv_sec = PATIENCE_S};

    reader->fd = g_socket_get_fd(socket);
    if (g_str_equal(reader->tcp->settings->scheme, "rtsps")) {
        reader->tls = connection;
        return true;
    }
    int flags = fcntl(reader->fd, F_GETFL);
    if (flags < 0 || fcntl(reader->fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
        setsockopt(reader->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(reader->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
        return false;
    vd_lock(&reader->tcp->lock);
    reader->tcp->fd = reader->fd;
    bool stopped = reader->tcp->stopped;
    vd_unlock(&reader->tcp->lock);
    return !stopped;
}

/* The owner must not shut down a number that means another file by then. */
static void leave_socket(Reader *reader)
{
    vd_lock(&reader->tcp->lock);
    reader->tcp->fd = -1;
    vd_unlock(&reader->tcp->lock);
}

/*
 * > 0: bytes; 0: the end; < 0: nothing for a while, look at the clock. GstRTSPConnection does not
 * hand out a client's TLS stream, reads no less than it is asked for, and when the time is up
 * forgets what came until then. One byte has come or has not; the rest of a packet is waited for
 * until it is there or the owner interrupts, and a keep-alive waits with it.
 */
static gssize read_tls(Reader *reader, guint8 *into, gsize room)
{
    gsize wanted = MIN(vd_wire_wants(&reader->wire), room);
    gint64 patience_us = wanted == 1 ? PATIENCE_S * G_USEC_PER_SEC : 0; /* 0: for ever */
    GstRTSPResult result =
        gst_rtsp_connection_read_usec(reader->tls, into, (guint)wanted, patience_us);

    if (result == GST_RTSP_OK)
        return (gssize)wanted;
    return result == GST_RTSP_ETIMEOUT ? -1 : 0;
}

/*
 * A camera with Nagle's algorithm on keeps the end of a picture until all before it has been
 * acknowledged, which our side would put off for 40 ms. The kernel forgets this wish soon.
 */
static void acknowledge_at_once(int fd)
{
    const int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static gssize read_some(Reader *reader, guint8 *into, gsize room)
{
    if (reader->tls != NULL)
        return read_tls(reader, into, room);
    gssize got = recv(reader->fd, into, room, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -1 : 0;
    acknowledge_at_once(reader->fd);
    return got;
}

/* RTCP: only a BYE is news. Compound packets have it somewhere behind a report. */
static bool says_bye(const guint8 *data, gsize length)
{
    gsize at = 0;

    while (at + 4 <= length && data[at] >> 6 == 2) {
        if (data[at + 1] == 203)
            return true;
        at += 4 * (1 + ((gsize)data[at + 2] << 8 | data[at + 3]));
    }
    return false;
}

/* False: it is over, and said where that is news. */
static bool take_items(Reader *reader)
{
    VdWireItem item;

    for (;;) {
        bool on = true;
        switch (vd_wire_next(&reader->wire, &item)) {
        case VD_WIRE_MORE:
            return true;
        case VD_WIRE_BROKEN:
            vd_rtsp_say(reader->tcp->feed, reader->tcp->settings, VD_LOSS_GARBAGE, 0);
            return false;
        case VD_WIRE_TEXT:
            on = vd_rtsp_session_answer(reader->session, (const char *)item.data, item.length);
            break;
        case VD_WIRE_PACKET:
            if (item.channel == reader->channel) {
                if (!vd_rtsp_chain_push(reader->chain, item.data, item.length))
                    return false;
            } else if (item.channel == reader->channel + 1) {
                on = !says_bye(item.data, item.length);
            }
            break;
        }
        if (!on) {
            vd_rtsp_say(reader->tcp->feed, reader->tcp->settings, VD_LOSS_CLOSED, 0);
            return false;
        }
    }
}

static bool keep_alive(Reader *reader)
{
    gint64 now_us = g_get_monotonic_time();

    if (now_us < reader->next_us)
        return true;
    reader->next_us = now_us + vd_rtsp_session_interval_us(reader->session);
    return vd_rtsp_session_keep_alive(reader->session);
}

static void read_on(Reader *reader)
{
    gsize room;
    gssize got;

    do {
        guint8 *into = vd_wire_room(&reader->wire, &room);
        got = read_some(reader, into, room);
        if (got > 0) {
            vd_source_feed_hear(reader->tcp->feed, VD_HEARD_TRAFFIC);
            vd_wire_filled(&reader->wire, (gsize)got);
            if (!take_items(reader))
                return;
        }
    } while (got != 0 && keep_alive(reader) && !is_stopped(reader->tcp));
    vd_rtsp_say(reader->tcp->feed, reader->tcp->settings, VD_LOSS_CLOSED, 0);
}

static void receive(VdRtspTcp *tcp)
{
    Reader reader = {.tcp = tcp, .session = tcp->session};

    reader.chain = vd_rtsp_chain_new(tcp->feed, vd_rtsp_session_caps(tcp->session));
    if (reader.chain == NULL)
        return;
    reader.channel = vd_rtsp_session_channel(tcp->session);
    reader.next_us = g_get_monotonic_time() + vd_rtsp_session_interval_us(tcp->session);
    vd_wire_init(&reader.wire);
    if (take_socket(&reader))
        read_on(&reader);
    leave_socket(&reader);
    vd_wire_clear(&reader.wire);
    vd_rtsp_chain_free(reader.chain);
}

/* --- the thread and its owner --------------------------------------------------------------------
 */

static gpointer run(gpointer data)
{
    VdRtspTcp *tcp = data;
    VdRtspResult result = vd_rtsp_session_play(tcp->session);

    if (result == VD_RTSP_PLAYING)
        receive(tcp);
    else if (result == VD_RTSP_NO_TCP) {
        g_atomic_ref_count_inc(&tcp->refs);
        g_idle_add_full(G_PRIORITY_DEFAULT, tell_no_tcp, tcp, tcp_unref);
    }
    vd_lock(&tcp->lock);
    VdRtspSession *session = g_steal_pointer(&tcp->session);
    vd_unlock(&tcp->lock);
    vd_rtsp_session_free(session);
    tcp_unref(tcp);
    return NULL;
}

VdRtspTcp *vd_rtsp_tcp_new(const VdSourceSettings *settings, VdSourceFeed *feed,
                           void (*no_tcp)(void *data), void *data)
{
    VdRtspTcp *tcp = g_new0(VdRtspTcp, 1);

    g_atomic_ref_count_init(&tcp->refs);
    tcp->settings = vd_source_settings_copy(settings);
    tcp->feed = vd_source_feed_ref(feed);
    tcp->no_tcp = no_tcp;
    tcp->data = data;
    tcp->fd = -1;
    vd_lock_init(&tcp->lock);
    tcp->session = vd_rtsp_session_new(tcp->settings, feed);
    if (tcp->session != NULL) {
        g_atomic_ref_count_inc(&tcp->refs);
        g_thread_unref(g_thread_new("rtsp", run, tcp));
    }
    return tcp;
}

void vd_rtsp_tcp_free(VdRtspTcp *tcp)
{
    if (tcp == NULL)
        return;
    tcp->freed = true;
    vd_lock(&tcp->lock);
    tcp->stopped = true;
    if (tcp->fd >= 0)
        shutdown(tcp->fd, SHUT_RD);
    if (tcp->session != NULL)
        vd_rtsp_session_interrupt(tcp->session);
    vd_unlock(&tcp->lock);
    tcp_unref(tcp);
}
