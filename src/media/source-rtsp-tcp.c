#include "media/source-rtsp.h"

#include "media/source-rtcp.h"
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
 * RTSP over TCP: reads packets as they come, many in one call, and pushes them through depayloader
 * and parser by hand. Nothing gets lost or overtakes on the way, so there is nothing to put right.
 */
#define PATIENCE_S 1 /* how long a read waits before it looks at the clock */

typedef struct Reader {
    VdRtspPlayer *player;
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
    if (g_str_equal(reader->player->settings->scheme, "rtsps")) {
        reader->tls = connection;
        return true;
    }
    int flags = fcntl(reader->fd, F_GETFL);
    if (flags < 0 || fcntl(reader->fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
        setsockopt(reader->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(reader->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
        return false;
    return vd_rtsp_player_wait_at(reader->player, reader->fd);
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
            vd_rtsp_say(reader->player->feed, reader->player->settings, VD_LOSS_GARBAGE, 0);
            return false;
        case VD_WIRE_TEXT:
            on = vd_rtsp_session_answer(reader->session, (const char *)item.data, item.length);
            break;
        case VD_WIRE_PACKET:
            if (item.channel == reader->channel) {
                if (!vd_rtsp_chain_push(reader->chain, item.data, item.length))
                    return false;
            } else if (item.channel == reader->channel + 1) {
                on = !vd_rtcp_says_bye(item.data, item.length);
            }
            break;
        }
        if (!on) {
            vd_rtsp_say(reader->player->feed, reader->player->settings, VD_LOSS_CLOSED, 0);
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
            vd_source_feed_arrived(reader->player->feed);
            vd_wire_filled(&reader->wire, (gsize)got);
            if (!take_items(reader))
                return;
        }
    } while (got != 0 && keep_alive(reader) && !vd_rtsp_player_is_stopped(reader->player));
    vd_rtsp_say(reader->player->feed, reader->player->settings, VD_LOSS_CLOSED, 0);
}

void vd_rtsp_receive_tcp(VdRtspPlayer *player)
{
    Reader reader = {.player = player, .session = player->session};

    reader.chain = vd_rtsp_chain_new(player->feed, vd_rtsp_session_caps(player->session));
    if (reader.chain == NULL)
        return;
    reader.channel = vd_rtsp_session_transport(player->session)->channel;
    reader.next_us = g_get_monotonic_time() + vd_rtsp_session_interval_us(player->session);
    vd_wire_init(&reader.wire);
    if (take_socket(&reader))
        read_on(&reader);
    vd_wire_clear(&reader.wire);
    vd_rtsp_chain_free(reader.chain);
}
