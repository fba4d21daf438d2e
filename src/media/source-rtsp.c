#include "media/source-rtsp.h"

#include "media/source-probe.h"
#include "media/source-rtsp-session.h"

#include <sys/socket.h>

static void say_refused(VdSourceFeed *feed, const VdSourceSettings *settings)
{
    if (g_str_equal(settings->scheme, "rtsps"))
        vd_source_probe(settings, feed, VD_LOSS_REFUSED, "no TLS connection with %s");
    else /* it has come meanwhile */
        vd_source_probe(settings, feed, VD_LOSS_REFUSED, "nobody took connections at %s");
}

void vd_rtsp_say(VdSourceFeed *feed, const VdSourceSettings *settings, VdLoss loss, int status)
{
    static const char *const texts[VD_N_LOSSES] = {
        [VD_LOSS_TIMEOUT] = "%s does not answer",
        [VD_LOSS_UNAUTHORIZED] = "%s does not accept this user and password",
        [VD_LOSS_NOT_FOUND] = "%s has no stream of this path",
        [VD_LOSS_CLOSED] = "%s ended the stream",
        [VD_LOSS_UNSUPPORTED] = "%s offers no stream that can be played here",
        [VD_LOSS_GARBAGE] = "%s does not speak RTSP as it should",
    };
    const char *text = texts[loss] != NULL ? texts[loss] : "%s cannot be played";

    if (loss == VD_LOSS_REFUSED && status == 0) {
        say_refused(feed, settings);
        return;
    }
    g_autofree char *host = vd_source_settings_host(settings);
    g_autofree char *number = status != 0 ? g_strdup_printf(" (RTSP %d)", status) : g_strdup("");
    g_auto(GStrv) parts = g_strsplit(text, "%s", 2);

    vd_source_feed_lost(feed, loss, "%s%s%s%s", parts[0], host, parts[1], number);
}

/* --- the thread and its owner ----------------------------------------------------------------- */

static void player_unref(VdRtspPlayer *player)
{
    if (!g_atomic_ref_count_dec(&player->refs))
        return;
    vd_source_settings_free(player->settings);
    vd_source_feed_unref(player->feed);
    vd_lock_clear(&player->lock);
    g_free(player);
}

bool vd_rtsp_player_wait_at(VdRtspPlayer *player, int fd)
{
    vd_lock(&player->lock);
    player->fd = fd;
    bool stopped = player->stopped;
    vd_unlock(&player->lock);
    return !stopped;
}

/* The owner must not shut down a number that means another file by then. */
void vd_rtsp_player_leave(VdRtspPlayer *player)
{
    vd_rtsp_player_wait_at(player, -1);
}

bool vd_rtsp_player_is_stopped(VdRtspPlayer *player)
{
    vd_lock(&player->lock);
    bool stopped = player->stopped;
    vd_unlock(&player->lock);
    return stopped;
}

static void receive(VdRtspPlayer *player)
{
    bool udp = vd_rtsp_session_transport(player->session)->udp;

    vd_lock(&player->lock);
    player->udp = udp;
    vd_unlock(&player->lock);
    if (udp)
        vd_rtsp_receive_udp(player);
    else
        vd_rtsp_receive_tcp(player);
    vd_rtsp_player_leave(player);
}

static gpointer run(gpointer data)
{
    VdRtspPlayer *player = data;

    if (vd_rtsp_session_play(player->session))
        receive(player);
    vd_lock(&player->lock);
    VdRtspSession *session = g_steal_pointer(&player->session);
    vd_unlock(&player->lock);
    vd_rtsp_session_free(session);
    player_unref(player);
    return NULL;
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdRtspPlayer *player = g_new0(VdRtspPlayer, 1);

    g_atomic_ref_count_init(&player->refs);
    player->settings = vd_source_settings_copy(settings);
    player->feed = vd_source_feed_ref(feed);
    player->udp = settings->transport == VD_TRANSPORT_UDP;
    player->fd = -1;
    vd_lock_init(&player->lock);
    player->session = vd_rtsp_session_new(player->settings, feed);
    if (player->session != NULL) {
        g_atomic_ref_count_inc(&player->refs);
        g_thread_unref(g_thread_new("rtsp", run, player));
    }
    return player;
}

static void stop(void *source)
{
    VdRtspPlayer *player = source;

    vd_lock(&player->lock);
    player->stopped = true;
    if (player->fd >= 0)
        shutdown(player->fd, SHUT_RD);
    if (player->session != NULL)
        vd_rtsp_session_interrupt(player->session);
    vd_unlock(&player->lock);
    player_unref(player);
}

static const char *transport(const void *source)
{
    VdRtspPlayer *player = (VdRtspPlayer *)source;

    vd_lock(&player->lock);
    bool udp = player->udp;
    vd_unlock(&player->lock);
    return udp ? "udp" : "tcp";
}

const VdSourceKind vd_source_rtsp = {start, stop, transport};
