#include "http/http.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/heads.h"
#include "http/listen.h"
#include "http/route.h"
#include "http/streams.h"

#include <arpa/inet.h>
#include <microhttpd.h>
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
    HEADERS_MAX = 16 * 1024,
    IDLE_S = 15,         /* a connection that neither sends nor takes anything */
    HEAD_S = 20,         /* request line and headers, however busily they come */
    REFUSALS = 32,       /* connections over the limit that are still told so */
    SNAPSHOT_WAIT_S = 5, /* for a camera's first live picture */
    STEP_MS = 1000,
    LEAST_BLOCK = 64, /* bytes of a buffer that libmicrohttpd wants and pictures do not use */
    MOST_BLOCK = 4096,
};

struct VdHttp {
    VdApi *api;
    VdStreams *streams;
    struct MHD_Daemon *mhd;
    GThread *thread;
    char *socket_path; /* of a Unix socket that is ours to remove */
    guint16 port;
    guint max_connections;
    guint connections;  /* [loop's thread] */
    GQueue heads;       /* [loop's thread] */
    gint stop;          /* atomic */
    gint64 progress_us; /* atomic */
};

/* One request and its reply. */
typedef struct Exchange {
    VdHttp *http;
    struct MHD_Connection *connection;
    VdRequest request;
    VdReply reply;
    VdPicture *picture; /* what a snapshot is answered with */
    char peer[INET6_ADDRSTRLEN];
    bool judged, refused;
    bool lent;     /* the socket is the streams' */
    bool over;     /* the streams gave it back */
    char target[]; /* as the client wrote it; the query is cut off with a NUL */
} Exchange;

static VdHead *head_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void *begin_exchange(void *http, const char *uri, struct MHD_Connection *connection)
{
    gsize length = strnlen(uri, VD_MAX_TARGET + 2);
    Exchange *exchange = g_malloc0(sizeof *exchange + length + 1);

    exchange->http = http;
    exchange->connection = connection;
    memcpy(exchange->target, uri, length);
    return exchange;
}

static void end_exchange(void *http, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    Exchange *exchange = *state;

    if (exchange == NULL)
        return;
    vd_head_begin(&exchange->http->heads, head_of(connection));
    vd_reply_clear(&exchange->reply, exchange->http->api);
    vd_request_clear(&exchange->request);
    vd_picture_unref(exchange->picture);
    g_free(exchange);
    *state = NULL;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void find_peer(Exchange *exchange)
{
    const struct sockaddr *address =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
            ->client_addr;
    const void *bytes = NULL;

    if (address != NULL && address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)address)->sin_addr;
    else if (address != NULL && address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (bytes == NULL ||
        inet_ntop(address->sa_family, bytes, exchange->peer, sizeof exchange->peer) == NULL)
        g_strlcpy(exchange->peer, "local", sizeof exchange->peer);
    exchange->request.peer = exchange->peer;
    exchange->request.user_agent = header(exchange->connection, MHD_HTTP_HEADER_USER_AGENT);
    exchange->request.accept = header(exchange->connection, MHD_HTTP_HEADER_ACCEPT);
}

static gint64 body_length(struct MHD_Connection *connection)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    guint64 value;

    if (header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
        return -1;
    if (length == NULL)
        return 0;
    if (!g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &value, NULL))
        return G_MAXINT64;
    return (gint64)value;
}

/* What is counted of a request's headers. */
typedef struct Framing {
    const char *length; /* (nullable) the first one */
    guint hosts;
    bool chunked, differs;
} Framing;

static enum MHD_Result look_at_header(void *data, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    Framing *framing = data;

    if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        framing->hosts++;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->chunked = true;
    } else if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->differs |= framing->length != NULL && g_strcmp0(framing->length, value) != 0;
        framing->length = value;
    }
    return MHD_YES;
}

/* A proxy before us may take the one and we the other: what is a body to it is a request to us. */
static bool contradicts_itself(struct MHD_Connection *connection)
{
    Framing framing = {0};

    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &framing);
    return framing.differs || framing.hosts > 1 || (framing.chunked && framing.length != NULL);
}

static void add_headers(struct MHD_Response *response, const VdReply *reply)
{
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    if (reply->cache != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, reply->cache);
    if (reply->state != NULL)
        MHD_add_response_header(response, "X-State", reply->state);
    if (reply->unbuffered)
        MHD_add_response_header(response, "X-Accel-Buffering", "no");
    if (reply->allow != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
    if (reply->policy != NULL) {
        MHD_add_response_header(response, "Content-Security-Policy", reply->policy);
        MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    }
    if (reply->retry_after_s != 0) {
        char seconds[16];

        g_snprintf(seconds, sizeof seconds, "%u", reply->retry_after_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
}

static enum MHD_Result queue(Exchange *exchange, struct MHD_Response *response)
{
    const VdReply *reply = &exchange->reply;

    if (response == NULL)
        return MHD_NO;
    add_headers(response, reply);
    enum MHD_Result result = MHD_queue_response(exchange->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static void unref_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

static enum MHD_Result queue_body(Exchange *exchange)
{
    gsize size = 0;
    const void *data = "";
    GBytes *body = g_steal_pointer(&exchange->reply.body);

    if (body == NULL)
        return queue(exchange,
                     MHD_create_response_from_buffer(0, (void *)data, MHD_RESPMEM_PERSISTENT));
    data = g_bytes_get_data(body, &size);
    return queue(exchange, MHD_create_response_from_buffer_with_free_callback_cls(
                               size, (void *)data, unref_bytes, body));
}

/* The streams gave the socket back: libmicrohttpd goes on where it was suspended. */
static void socket_back(void *data, VdPicture *picture)
{
    Exchange *exchange = data;

    exchange->over = true;
    exchange->picture = picture != NULL ? vd_picture_ref(picture) : NULL;
    MHD_resume_connection(exchange->connection);
}

static int socket_of(const Exchange *exchange)
{
    return MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
        ->connect_fd;
}

/* [any] From now on no connection may be suspended: it would never be resumed. */
static bool is_stopping(const VdHttp *http)
{
    return g_atomic_int_get(&http->stop) != 0;
}

static gsize size_of(GBytes *body)
{
    return body != NULL ? g_bytes_get_size(body) : 0;
}

static ssize_t copy(GBytes *body, gsize at, char *buffer, size_t room)
{
    gsize size;
    const char *bytes = g_bytes_get_data(body, &size);
    gsize count = MIN(room, size - at);

    memcpy(buffer, bytes + at, count);
    return (ssize_t)count;
}

/*
 * libmicrohttpd asks for a stream's body: the headers are out. It writes what comes before the
 * pictures itself, and asks again.
 */
static ssize_t lend_socket(void *data, uint64_t position, char *buffer, size_t room)
{
    Exchange *exchange = data;
    VdReply *reply = &exchange->reply;

    if (exchange->over || is_stopping(exchange->http))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (exchange->lent)
        return 0;
    if (position < size_of(reply->body))
        return copy(reply->body, position, buffer, room);
    g_clear_pointer(&reply->body, g_bytes_unref);
    exchange->lent = true;
    MHD_suspend_connection(exchange->connection);
    vd_streams_add(exchange->http->streams, socket_of(exchange), reply->viewers, reply->n_viewers,
                   reply->framing, reply->last_twice, socket_back, exchange);
    reply->n_viewers = 0;
    return 0;
}

/* A body without a length, of which HEAD is sent nothing. */
static enum MHD_Result queue_stream(Exchange *exchange)
{
    gsize block = CLAMP(size_of(exchange->reply.body), LEAST_BLOCK, MOST_BLOCK);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, lend_socket, exchange, NULL);

    if (response == NULL)
        return MHD_NO;
    /* No chunks: the body is written past libmicrohttpd and ends with the connection. */
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return queue(exchange, response);
}

static enum MHD_Result refuse_to_wait(Exchange *exchange)
{
    vd_reply_clear(&exchange->reply, exchange->http->api);
    exchange->reply = vd_reply_error(503, "stopping", NULL, 0, "the server stops");
    exchange->reply.retry_after_s = SNAPSHOT_WAIT_S;
    return queue_body(exchange);
}

static enum MHD_Result wait_for_picture(Exchange *exchange)
{
    if (is_stopping(exchange->http))
        return refuse_to_wait(exchange);
    exchange->lent = true;
    exchange->reply.n_viewers = 0;
    MHD_suspend_connection(exchange->connection);
    vd_streams_wait(exchange->http->streams, socket_of(exchange), exchange->reply.viewers[0],
                    vd_clock_now_us() + SNAPSHOT_WAIT_S * G_USEC_PER_SEC, socket_back, exchange);
    return MHD_YES;
}

/* A live picture is a 200; a placeholder says why in a 503's body; without either JSON does. */
static enum MHD_Result queue_picture(Exchange *exchange)
{
    const VdPicture *picture = exchange->picture;
    VdReply *reply = &exchange->reply;

    vd_reply_clear(reply, exchange->http->api);
    if (picture != NULL) {
        *reply = vd_reply_picture(!picture->placeholder, g_bytes_ref(picture->bytes));
        return queue_body(exchange);
    }
    *reply = vd_reply_error(503, "no_picture", NULL, 0, "no picture of %s came within %d s",
                            exchange->request.id, SNAPSHOT_WAIT_S);
    reply->retry_after_s = SNAPSHOT_WAIT_S;
    return queue_body(exchange);
}

static enum MHD_Result send_reply(Exchange *exchange)
{
    switch (exchange->reply.kind) {
    case VD_REPLY_STREAM:
    case VD_REPLY_HEAD:
        return queue_stream(exchange);
    case VD_REPLY_PICTURE:
        return wait_for_picture(exchange);
    case VD_REPLY_BODY:
        break;
    }
    return queue_body(exchange);
}

/* What is wrong before anything else is looked at. */
static bool over_limits(Exchange *exchange)
{
    const VdHttp *http = exchange->http;
    gsize headers =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
            ->header_size;

    if (http->connections > http->max_connections) {
        exchange->reply = vd_reply_error(503, "limit", NULL, 0, "all %u connections are taken",
                                         http->max_connections);
        exchange->reply.retry_after_s = SNAPSHOT_WAIT_S;
    } else if (headers > HEADERS_MAX && strlen(exchange->target) <= VD_MAX_TARGET) {
        exchange->reply = vd_reply_error(431, "headers_too_large", NULL, 0,
                                         "request line and headers may have %d bytes", HEADERS_MAX);
    } else if (contradicts_itself(exchange->connection)) {
        exchange->reply = vd_reply_error(400, "bad_request", NULL, 0,
                                         "headers contradict each other: Content-Length, "
                                         "Transfer-Encoding or Host");
    } else {
        return false;
    }
    return true;
}

/*
 * The headers are there and no byte of a body was read. An answer given here closes the connection,
 * so one that needs no closing is kept for later.
 */
static enum MHD_Result judge(Exchange *exchange, const char *method)
{
    char *query = strchr(exchange->target, '?');
    gint64 length = body_length(exchange->connection);

    exchange->judged = true;
    vd_head_end(&exchange->http->heads, head_of(exchange->connection));
    if (over_limits(exchange)) {
        exchange->refused = true;
        return send_reply(exchange);
    }
    if (query != NULL)
        *query++ = '\0';
    exchange->refused = !vd_route_judge(&exchange->request, method, exchange->target, query, length,
                                        &exchange->reply);
    return exchange->refused && length != 0 ? send_reply(exchange) : MHD_YES;
}

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_size, void **state)
{
    Exchange *exchange = *state;

    if (!exchange->judged)
        return judge(exchange, method);
    if (*body_size > 0) {
        *body_size = 0;
        return MHD_YES;
    }
    if (exchange->over)
        return queue_picture(exchange);
    if (exchange->refused)
        return send_reply(exchange);
    if (exchange->request.route->params != 0)
        find_peer(exchange);
    exchange->reply = vd_route_answer(&exchange->request, exchange->http->api);
    return send_reply(exchange);
}

static enum MHD_Result let_in(void *data, const struct sockaddr *address, socklen_t size)
{
    const VdHttp *http = data;

    return http->connections < http->max_connections + REFUSALS ? MHD_YES : MHD_NO;
}

static void count_connection(void *data, struct MHD_Connection *connection, void **socket_state,
                             enum MHD_ConnectionNotificationCode what)
{
    VdHttp *http = data;
    VdHead *head = *socket_state;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        http->connections++;
        *socket_state = head = g_new0(VdHead, 1);
        head->fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        vd_head_begin(&http->heads, head);
    } else {
        http->connections--;
        vd_head_end(&http->heads, head);
        g_free(head);
        *socket_state = NULL;
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

static void *run(void *data)
{
    VdHttp *http = data;
    sigset_t pipe;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    while (!is_stopping(http)) {
        MHD_UNSIGNED_LONG_LONG wanted_ms;
        int timeout_ms = STEP_MS;

        if (MHD_get_timeout(http->mhd, &wanted_ms) == MHD_YES)
            timeout_ms = (int)MIN(wanted_ms, (MHD_UNSIGNED_LONG_LONG)STEP_MS);
        vd_streams_step(http->streams, timeout_ms);
        vd_heads_expire(&http->heads, vd_clock_now_us() - HEAD_S * G_USEC_PER_SEC);
        MHD_run(http->mhd);
        __atomic_store_n(&http->progress_us, vd_clock_now_us(), __ATOMIC_RELAXED);
    }
    vd_streams_end_all(http->streams);
    MHD_run(http->mhd);
    return NULL;
}

/* Takes the socket in any case. */
static bool start(VdHttp *http, int listen_fd, GError **error)
{
    http->streams = vd_streams_new(http->api, error);
    if (http->streams == NULL) {
        close(listen_fd);
        return false;
    }
    http->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, let_in, http, answer, http,
        MHD_OPTION_EXTERNAL_LOGGER, log_line, http, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, http->max_connections + REFUSALS + 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, http, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, http, MHD_OPTION_NOTIFY_CONNECTION, count_connection, http, MHD_OPTION_END);
    if (http->mhd == NULL) {
        close(listen_fd);
        g_set_error_literal(error, VD_ERROR, VD_ERROR_FAILED, "libmicrohttpd does not start");
        return false;
    }
    int epoll_fd = MHD_get_daemon_info(http->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    if (!vd_streams_also(http->streams, epoll_fd, error))
        return false;
    http->thread = g_thread_try_new("http", run, http, error);
    return http->thread != NULL;
}

VdHttp *vd_http_new(const VdHttpSettings *settings, VdApi *api, GError **error)
{
    bool insecure = settings->insecure_listen;
    int fd = settings->listen_fd >= 0 ? vd_listen_take(settings->listen_fd, insecure, error)
                                      : vd_listen(settings->listen, insecure, error);

    if (fd < 0)
        return NULL;
    VdHttp *http = g_new0(VdHttp, 1);
    if (settings->listen_fd < 0 && settings->listen[0] == '/')
        http->socket_path = g_strdup(settings->listen);
    http->api = api;
    http->port = vd_listen_port(fd);
    http->max_connections = settings->max_connections > 0 ? (guint)settings->max_connections : 1024;
    http->progress_us = vd_clock_now_us();
    if (start(http, fd, error))
        return http;
    vd_http_free(http);
    return NULL;
}

void vd_http_free(VdHttp *http)
{
    if (http == NULL)
        return;
    g_atomic_int_set(&http->stop, 1);
    if (http->thread != NULL) {
        vd_streams_wake(http->streams);
        g_thread_join(http->thread);
    }
    if (http->mhd != NULL)
        MHD_stop_daemon(http->mhd);
    vd_streams_free(http->streams);
    if (http->socket_path != NULL)
        unlink(http->socket_path);
    g_free(http->socket_path);
    g_free(http);
}

guint16 vd_http_port(VdHttp *http)
{
    return http->port;
}

gint64 vd_http_last_progress_us(VdHttp *http)
{
    return __atomic_load_n(&http->progress_us, __ATOMIC_RELAXED);
}
