#include "http/http.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/control.h"
#include "http/exchange.h"
#include "http/listen.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/*
 * libmicrohttpd reads requests and writes replies; it is driven from our own loop, on one thread,
 * so that a reply, a picture and a client's leaving never meet in two threads. When a stream's
 * headers are out its connection is suspended, which takes its socket out of libmicrohttpd's sight,
 * and the socket is lent to streams.c until the stream ends.
 *
 * Why not a content reader and MHD_resume_connection() for each picture, as one would: that is two
 * epoll_ctl(), a write() to wake the thread, a copy into a buffer of 64 KiB a viewer, and often a
 * second send(). Measured side by side, 30 kB pictures at 15/s to 50, 200, 500, 1000 viewers, in µs
 * of CPU a picture a viewer (tests/bench/http-fanout against the same library used that way): 16,
 * 12, 14, 14 here, 23, 24, 33, 25 there; 35 MB against 54 MB at 1000; and a client that left is
 * noticed at once, where a suspended connection notices nothing. One thread is enough: 1000 viewers
 * take a fifth of a core, and what is left of it is the kernel's copying.
 */

enum {
    /*
     * Request line and headers, and 64 bytes that libmicrohttpd notes of each header and parameter;
     * what does not fit it refuses in its own words, before we are asked. A request that leaves no
     * room in it for the answer's headers would get no answer at all. Half of it is written to, and
     * a viewer keeps that for as long as its stream lives.
     */
    CONNECTION_MEMORY = 40 * 1024,
    IDLE_S = 15,   /* a connection that neither sends nor takes anything */
    HEAD_S = 20,   /* a whole request, however busily it comes */
    REFUSALS = 32, /* connections over the limit that are still told so */
    CONTROLS = 64, /* connections to the control socket, beside all others */
    STEP_MS = 1000,
};

struct VdHttp {
    VdExchanges exchanges;
    VdHttps *tls; /* (nullable) plain */
    VdHandshakes handshakes;
    struct MHD_Daemon *mhd;
    GThread *thread;
    char *socket_path;  /* of a Unix socket that is ours to remove */
    char *control_path; /* (nullable) the same */
    guint16 port;
    bool needs_accounts;
    gint64 progress_us; /* atomic */
    gint64 looked_us;   /* when those who wait were last looked after */
};

static enum MHD_Result let_in(void *data, const struct sockaddr *address, socklen_t size)
{
    const VdHttp *http = data;

    return http->exchanges.connections < http->exchanges.max_connections + REFUSALS ? MHD_YES
                                                                                    : MHD_NO;
}

static void begin_connection(VdHttp *http, VdConnection *own, struct MHD_Connection *connection)
{
    VdWire *wire = &own->head.wire;
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    http->exchanges.connections += vd_exchange_controls(&http->exchanges, connection) ? 0 : 1;
    wire->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    vd_head_begin(&http->exchanges.heads, &own->head);
    if (session == NULL)
        return;
    wire->tls = session->tls_session;
    vd_handshake_begin(&http->handshakes, &own->handshake, connection, wire,
                       vd_https_certificate(http->tls));
}

static void end_connection(VdHttp *http, VdConnection *own, struct MHD_Connection *connection)
{
    http->exchanges.connections -= vd_exchange_controls(&http->exchanges, connection) ? 0 : 1;
    vd_handshake_end(&own->handshake);
    vd_certificate_unref(own->handshake.certificate);
    vd_head_end(&http->exchanges.heads, &own->head);
    g_free(own);
}

static void count_connection(void *data, struct MHD_Connection *connection, void **socket_state,
                             enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_state = g_new0(VdConnection, 1);
        begin_connection(data, *socket_state, connection);
    } else {
        end_connection(data, g_steal_pointer(socket_state), connection);
    }
}

/* Every client that leaves makes a line of it. */
static void G_GNUC_PRINTF(2, 0) log_line(void *data, const char *format, va_list args)
{
    if (!vd_log_enabled(VD_LOG_DEBUG))
        return;
    g_autofree char *line = g_strdup_vprintf(format, args);
    vd_log_debug(NULL, "http: %s", g_strchomp(line));
}

/* How long both may wait. */
static int step_ms(const VdHttp *http)
{
    MHD_UNSIGNED_LONG_LONG wanted_ms, least_ms = STEP_MS;

    if (MHD_get_timeout(http->mhd, &wanted_ms) == MHD_YES)
        least_ms = MIN(wanted_ms, least_ms);
    if (http->exchanges.control != NULL &&
        MHD_get_timeout(http->exchanges.control, &wanted_ms) == MHD_YES)
        least_ms = MIN(wanted_ms, least_ms);
    return (int)least_ms;
}

static void run_library(VdHttp *http)
{
    MHD_run(http->mhd);
    if (http->exchanges.control != NULL)
        MHD_run(http->exchanges.control);
}

/* Once a second: each costs a call of the kernel. */
static void look_after_waiting(VdHttp *http)
{
    gint64 now_us = vd_clock_now_us();

    if (now_us - http->looked_us < STEP_MS * 1000LL)
        return;
    http->looked_us = now_us;
    vd_exchanges_notice_leavers(&http->exchanges);
}

static void *run(void *data)
{
    VdHttp *http = data;
    sigset_t pipe;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    vd_exchanges_hear(&http->exchanges);
    while (g_atomic_int_get(&http->exchanges.stop) == 0) {
        vd_streams_step(http->exchanges.streams, step_ms(http));
        vd_heads_expire(&http->exchanges.heads, vd_clock_now_us() - HEAD_S * G_USEC_PER_SEC);
        vd_exchanges_take_answered(&http->exchanges);
        look_after_waiting(http);
        vd_handshakes_go_on(&http->handshakes);
        run_library(http);
        vd_handshakes_wait(&http->handshakes);
        __atomic_store_n(&http->progress_us, vd_clock_now_us(), __ATOMIC_RELAXED);
    }
    vd_streams_end_all(http->exchanges.streams);
    vd_exchanges_end(&http->exchanges);
    vd_handshakes_end(&http->handshakes);
    run_library(http);
    return NULL;
}

static enum MHD_Result let_in_all(void *data, const struct sockaddr *address, socklen_t size)
{
    return MHD_YES;
}

/* One socket's part of the library, driven by the loop. Takes the socket in any case. */
static bool start_library(VdHttp *http, struct MHD_Daemon **daemon, int listen_fd, guint most,
                          MHD_AcceptPolicyCallback accept, GError **error)
{
    static const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    bool secure = http->tls != NULL && daemon == &http->mhd;

    *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (secure ? MHD_USE_TLS : 0),
        0, accept, http, vd_exchange_answer, &http->exchanges, MHD_OPTION_EXTERNAL_LOGGER, log_line,
        http, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT, most,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, vd_exchange_begin, &http->exchanges,
        MHD_OPTION_NOTIFY_COMPLETED, vd_exchange_end, &http->exchanges,
        MHD_OPTION_NOTIFY_CONNECTION, count_connection, http, MHD_OPTION_ARRAY,
        secure ? vd_handshake_options() : none, MHD_OPTION_END);
    if (*daemon == NULL) {
        close(listen_fd);
        g_set_error_literal(error, VD_ERROR, VD_ERROR_FAILED, "libmicrohttpd does not start");
        return false;
    }
    int epoll_fd = MHD_get_daemon_info(*daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return vd_streams_also(http->exchanges.streams, epoll_fd, error);
}

static bool start_control(VdHttp *http, const char *path, GError **error)
{
    http->exchanges.control_group = vd_control_group();
    int fd = vd_control_listen(path, http->exchanges.control_group, error);

    if (fd < 0) {
        g_prefix_error(error, "control-socket=");
        return false;
    }
    http->control_path = g_strdup(path);
    return start_library(http, &http->exchanges.control, fd, CONTROLS, let_in_all, error);
}

/* Takes the socket in any case. */
static bool start(VdHttp *http, int listen_fd, const char *control, GError **error)
{
    http->exchanges.streams = vd_streams_new(http->exchanges.api, error);
    if (http->exchanges.streams == NULL || !vd_handshakes_init(&http->handshakes, error)) {
        close(listen_fd);
        return false;
    }
    guint most = http->exchanges.max_connections + REFUSALS + 1;
    if (!start_library(http, &http->mhd, listen_fd, most, let_in, error) ||
        !vd_streams_also(http->exchanges.streams, http->handshakes.epoll_fd, error) ||
        (control != NULL && !start_control(http, control, error)))
        return false;
    http->thread = g_thread_try_new("http", run, http, error);
    return http->thread != NULL;
}

/* Whether other machines may connect. */
static bool may_be_reached(const VdHttpSettings *settings)
{
    return settings->insecure_listen || (settings->tls != NULL && settings->access != NULL &&
                                         vd_access_is_controlled(settings->access));
}

static int listen_at(const VdHttpSettings *settings, GError **error)
{
    bool reached = may_be_reached(settings);

    if (settings->listen_fd >= 0)
        return vd_listen_take(settings->listen_fd, reached, error);
    int fd = vd_listen(settings->listen, reached, error);
    if (fd < 0)
        g_prefix_error(error, "listen=");
    return fd;
}

VdHttp *vd_http_new(const VdHttpSettings *settings, VdApi *api, GError **error)
{
    int fd = listen_at(settings, error);

    if (fd < 0)
        return NULL;
    VdHttp *http = g_new0(VdHttp, 1);
    if (settings->listen_fd < 0 && settings->listen[0] == '/')
        http->socket_path = g_strdup(settings->listen);
    vd_lock_init(&http->exchanges.lock);
    http->exchanges.api = api;
    http->exchanges.access = settings->access;
    http->port = vd_listen_port(fd);
    http->needs_accounts = !settings->insecure_listen && !vd_listen_is_local(fd);
    http->tls = http->port != 0 ? settings->tls : NULL;
    http->handshakes.epoll_fd = -1;
    http->exchanges.max_connections =
        settings->max_connections > 0 ? (guint)settings->max_connections : 1024;
    http->progress_us = vd_clock_now_us();
    if (start(http, fd, settings->control, error))
        return http;
    vd_http_free(http);
    return NULL;
}

void vd_http_free(VdHttp *http)
{
    if (http == NULL)
        return;
    g_atomic_int_set(&http->exchanges.stop, 1);
    if (http->thread != NULL) {
        vd_streams_wake(http->exchanges.streams);
        g_thread_join(http->thread);
    }
    if (http->mhd != NULL)
        MHD_stop_daemon(http->mhd);
    if (http->exchanges.control != NULL)
        MHD_stop_daemon(http->exchanges.control);
    vd_handshakes_clear(&http->handshakes);
    vd_streams_free(http->exchanges.streams);
    vd_lock_clear(&http->exchanges.lock);
    if (http->socket_path != NULL)
        unlink(http->socket_path);
    if (http->control_path != NULL)
        unlink(http->control_path);
    g_free(http->socket_path);
    g_free(http->control_path);
    g_free(http);
}

bool vd_http_needs_accounts(VdHttp *http)
{
    return http->needs_accounts;
}

guint16 vd_http_port(VdHttp *http)
{
    return http->port;
}

gint64 vd_http_last_progress_us(VdHttp *http)
{
    return __atomic_load_n(&http->progress_us, __ATOMIC_RELAXED);
}
