#include "media/source-rtsp.h"

#include "media/source-rtcp.h"
#include "media/source-rtsp-chain.h"
#include "media/source-rtsp-session.h"

#include <gio/gio.h>
#include <poll.h>
#include <sys/socket.h>

/*
 * RTSP with packets over UDP: waits for the connection and both sockets at once, takes many packets
 * in one call, and lets pass what is next without a delay. Only behind a gap packets wait for those
 * that are missing, as long as latency-ms= says.
 */
#define LATENCY_MS   100
#define PATIENCE_MS  1000
#define BATCH        16    /* packets read in one call */
#define MOST_BATCHES 64    /* before all else has its turn, whoever sends them */
#define MOST_BYTES   65536 /* of one */
#define MOST_RTCP    2048
#define REPORT_US    (5 * G_USEC_PER_SEC) /* RFC 3550, section 6.2, for two in a session */
#define GREETINGS    2

typedef struct Receiver {
    VdRtspPlayer *player;
    VdRtspSession *session;
    const VdRtspTransport *transport;
    VdRtspChain *chain;
    VdRtpOrder order;
    VdRtcp rtcp;
    gint64 keep_alive_us, report_us; /* when it is time for them */
    GSocketAddress *rtcp_peer;       /* (nullable) where reports go */

    struct sockaddr_storage known; /* where the newest packet that we took came from */
    socklen_t known_size;          /* 0: none yet */

    guint8 *room; /* of BATCH packets */
    struct mmsghdr batch[BATCH];
    struct iovec pieces[BATCH];
    struct sockaddr_storage names[BATCH];
} Receiver;

static void send_to(int fd, GSocketAddress *to, const void *data, gsize length)
{
    struct sockaddr_storage native;

    if (to != NULL && g_socket_address_to_native(to, &native, sizeof native, NULL))
        sendto(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&native,
               (socklen_t)g_socket_address_get_native_size(to));
}

static void send_report(Receiver *receiver, gint64 now_us)
{
    g_autoptr(GBytes) report = vd_rtcp_report(&receiver->rtcp, &receiver->order, now_us);
    gsize length;
    const void *data = g_bytes_get_data(report, &length);

    send_to(receiver->transport->ports.rtcp, receiver->rtcp_peer, data, length);
    receiver->report_us = now_us + REPORT_US;
}

/* Firewalls and address translations on our side let in what comes from where we have sent to. */
static void open_the_way(Receiver *receiver, gint64 now_us)
{
    static const guint8 greeting[VD_RTP_HEADER] = {2 << 6};

    for (guint i = 0; i < GREETINGS; i++) {
        send_to(receiver->transport->ports.rtp, receiver->transport->rtp, greeting,
                sizeof greeting);
        send_report(receiver, now_us);
    }
}

/* --- packets ---------------------------------------------------------------------------------- */

static void prepare_batch(Receiver *receiver)
{
    for (guint i = 0; i < BATCH; i++) {
        receiver->pieces[i] = (struct iovec){receiver->room + (gsize)i * MOST_BYTES, MOST_BYTES};
        receiver->batch[i].msg_hdr = (struct msghdr){.msg_name = &receiver->names[i],
                                                     .msg_namelen = sizeof receiver->names[i],
                                                     .msg_iov = &receiver->pieces[i],
                                                     .msg_iovlen = 1};
    }
}

/* Anybody can send to an open port: only the camera is listened to. */
static bool is_from_camera(Receiver *receiver, const struct sockaddr_storage *name, socklen_t size)
{
    if (size == receiver->known_size && memcmp(name, &receiver->known, size) == 0)
        return true;
    g_autoptr(GSocketAddress) from = g_socket_address_new_from_native((gpointer)name, size);
    if (!vd_rtsp_transport_takes(receiver->transport, from))
        return false;
    memcpy(&receiver->known, name, size);
    receiver->known_size = size;
    return true;
}

static bool push_kept(Receiver *receiver, gint64 now_us)
{
    GBytes *kept;
    bool on = true;

    while (on && (kept = vd_rtp_order_take(&receiver->order, now_us)) != NULL) {
        gsize length;
        const guint8 *data = g_bytes_get_data(kept, &length);
        on = vd_rtsp_chain_push(receiver->chain, data, length);
        g_bytes_unref(kept);
    }
    return on;
}

static bool take_packet(Receiver *receiver, const guint8 *packet, gsize length, gint64 now_us)
{
    VdRtpPlace place = vd_rtp_order_put(&receiver->order, packet, length, now_us);

    if (place != VD_RTP_NONE)
        vd_rtcp_count(&receiver->rtcp, &receiver->order, packet, now_us);
    if (place == VD_RTP_NEXT && !vd_rtsp_chain_push(receiver->chain, packet, length))
        return false;
    return push_kept(receiver, now_us);
}

/* False: nothing more is wanted. */
static bool read_rtp(Receiver *receiver, gint64 now_us)
{
    int n = BATCH;

    for (guint turn = 0; n == BATCH && turn < MOST_BATCHES; turn++) {
        prepare_batch(receiver);
        n = recvmmsg(receiver->transport->ports.rtp, receiver->batch, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++) {
            const struct msghdr *header = &receiver->batch[i].msg_hdr;
            if (!is_from_camera(receiver, &receiver->names[i], header->msg_namelen))
                continue;
            vd_source_feed_arrived(receiver->player->feed);
            if (!take_packet(receiver, header->msg_iov->iov_base, receiver->batch[i].msg_len,
                             now_us))
                return false;
        }
    }
    return true;
}

/* False: the camera says that it is over. */
static bool read_rtcp(Receiver *receiver, gint64 now_us)
{
    guint8 data[MOST_RTCP];
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    gssize length = recvfrom(receiver->transport->ports.rtcp, data, sizeof data, MSG_DONTWAIT,
                             (struct sockaddr *)&name, &size);

    if (length <= 0)
        return true;
    g_autoptr(GSocketAddress) from = g_socket_address_new_from_native(&name, size);
    if (!vd_rtsp_transport_takes(receiver->transport, from))
        return true;
    g_set_object(&receiver->rtcp_peer, from);
    vd_rtcp_hear(&receiver->rtcp, data, (gsize)length, now_us);
    return !vd_rtcp_says_bye(data, (gsize)length);
}

/* --- the thread ------------------------------------------------------------------------------- */

static bool keep_times(Receiver *receiver, gint64 now_us)
{
    if (now_us >= receiver->report_us)
        send_report(receiver, now_us);
    if (now_us < receiver->keep_alive_us)
        return true;
    receiver->keep_alive_us = now_us + vd_rtsp_session_interval_us(receiver->session);
    return vd_rtsp_session_keep_alive(receiver->session);
}

static int patience_ms(const Receiver *receiver, gint64 now_us)
{
    gint64 wait_us = vd_rtp_order_deadline_us(&receiver->order) - now_us;

    return (int)CLAMP((wait_us + 999) / 1000, 0, PATIENCE_MS);
}

static void read_on(Receiver *receiver, int connection)
{
    const VdRtpPorts *ports = &receiver->transport->ports;
    struct pollfd fds[] = {
        {connection, POLLIN, 0}, {ports->rtp, POLLIN, 0}, {ports->rtcp, POLLIN, 0}};
    gint64 now_us = g_get_monotonic_time();
    bool on = true;

    while (on && !vd_rtsp_player_is_stopped(receiver->player)) {
        int n = poll(fds, G_N_ELEMENTS(fds), patience_ms(receiver, now_us));
        now_us = g_get_monotonic_time();
        if (n > 0 && fds[1].revents != 0 && !read_rtp(receiver, now_us))
            return;
        if (!push_kept(receiver, now_us))
            return;
        if (n > 0 && fds[2].revents != 0)
            on = read_rtcp(receiver, now_us);
        if (on && n > 0 && fds[0].revents != 0)
            on = vd_rtsp_session_listen(receiver->session);
        on = on && keep_times(receiver, now_us);
    }
    vd_rtsp_say(receiver->player->feed, receiver->player->settings, VD_LOSS_CLOSED, 0);
}

static void init(Receiver *receiver, VdRtspPlayer *player)
{
    int latency_ms = player->settings->latency_ms;
    gint64 now_us = g_get_monotonic_time();

    receiver->player = player;
    receiver->session = player->session;
    receiver->transport = vd_rtsp_session_transport(player->session);
    vd_rtp_order_init(&receiver->order, (gint64)(latency_ms < 0 ? LATENCY_MS : latency_ms) * 1000);
    vd_rtcp_init(&receiver->rtcp, vd_rtsp_chain_clock_rate(receiver->chain), g_random_int());
    g_set_object(&receiver->rtcp_peer, receiver->transport->rtcp);
    receiver->keep_alive_us = now_us + vd_rtsp_session_interval_us(player->session);
    receiver->room = g_malloc((gsize)BATCH * MOST_BYTES);
    open_the_way(receiver, now_us);
}

static void clear(Receiver *receiver)
{
    vd_rtp_order_clear(&receiver->order);
    g_clear_object(&receiver->rtcp_peer);
    g_free(receiver->room);
}

void vd_rtsp_receive_udp(VdRtspPlayer *player)
{
    GSocket *socket =
        gst_rtsp_connection_get_read_socket(vd_rtsp_session_connection(player->session));
    Receiver receiver = {0};

    receiver.chain = vd_rtsp_chain_new(player->feed, vd_rtsp_session_caps(player->session));
    if (receiver.chain == NULL)
        return;
    init(&receiver, player);
    if (vd_rtsp_player_wait_at(player, g_socket_get_fd(socket)))
        read_on(&receiver, g_socket_get_fd(socket));
    clear(&receiver);
    vd_rtsp_chain_free(receiver.chain);
}
