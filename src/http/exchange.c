#include "http/exchange.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/control.h"
#include "http/guard.h"
#include "http/headers.h"
#include "http/route.h"

#include <string.h>

enum {
    SNAPSHOT_WAIT_S = 5, /* for a camera's first live picture */
    LEAST_BLOCK = 64,    /* bytes of a buffer that libmicrohttpd wants and pictures do not use */
    MOST_BLOCK = 4096,
};

/* One request and its reply. */
typedef struct Exchange {
    VdExchanges *all;
    struct MHD_Connection *connection;
    VdRequest request;
    VdReply reply;
    VdPicture *picture; /* what a snapshot is answered with */
    VdTicket *entry;    /* (nullable) whether he may is being found out */
    char peer[VD_PEER_SIZE];
    GByteArray *body;        /* (nullable) what came of it */
    GList waiting, answered; /* in the queues of these names */
    VdListener *listener;    /* (nullable) of events */
    GList listening;         /* in the queue, while there is nothing for him */
    bool judged, refused;
    bool lent;     /* the socket is the streams' */
    bool over;     /* the streams gave it back, or somebody answered */
    char target[]; /* as the client wrote it; the query is cut off with a NUL */
} Exchange;

VdConnection *vd_exchange_connection(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

bool vd_exchange_controls(const VdExchanges *all, struct MHD_Connection *connection)
{
    return all->control != NULL &&
           MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON)->daemon == all->control;
}

void *vd_exchange_begin(void *all, const char *uri, struct MHD_Connection *connection)
{
    gsize length = strnlen(uri, VD_MAX_TARGET + 2);
    Exchange *exchange = g_malloc0(sizeof *exchange + length + 1);

    vd_handshake_end(&vd_exchange_connection(connection)->handshake);
    exchange->all = all;
    exchange->connection = connection;
    exchange->waiting.data = exchange->answered.data = exchange->listening.data = exchange;
    memcpy(exchange->target, uri, length);
    return exchange;
}

void vd_exchange_end(void *all, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode why)
{
    Exchange *exchange = *state;

    if (exchange == NULL)
        return;
    vd_head_begin(&exchange->all->heads, &vd_exchange_connection(connection)->head);
    vd_reply_clear(&exchange->reply, exchange->all->api);
    vd_request_clear(&exchange->request);
    vd_picture_unref(exchange->picture);
    vd_listener_free(exchange->listener);
    g_clear_pointer(&exchange->entry, vd_ticket_unref);
    if (exchange->body != NULL)
        g_byte_array_unref(exchange->body);
    g_free(exchange);
    *state = NULL;
}

static VdWire *wire_of(const Exchange *exchange)
{
    return &vd_exchange_connection(exchange->connection)->head.wire;
}

static void find_client(Exchange *exchange)
{
    vd_headers_peer(exchange->connection, exchange->peer);
    exchange->request.peer = exchange->peer;
    exchange->request.user_agent = vd_header(exchange->connection, MHD_HTTP_HEADER_USER_AGENT);
    exchange->request.accept = vd_header(exchange->connection, MHD_HTTP_HEADER_ACCEPT);
    exchange->request.encrypted = wire_of(exchange)->tls != NULL;
    exchange->request.if_match = vd_header(exchange->connection, MHD_HTTP_HEADER_IF_MATCH);
    exchange->request.known = vd_header(exchange->connection, MHD_HTTP_HEADER_IF_NONE_MATCH);
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
    if (reply->cookie != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, reply->cookie);
    if (reply->challenge != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, reply->challenge);
    if (reply->location != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, reply->location);
    if (reply->etag != NULL) {
        g_autofree char *quoted = g_strdup_printf("\"%s\"", reply->etag);
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, quoted);
    }
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

/* [any] From now on no connection may be suspended: it would never be resumed. */
static bool is_stopping(const VdExchanges *all)
{
    return g_atomic_int_get(&all->stop) != 0;
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

    if (exchange->over || is_stopping(exchange->all))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (exchange->lent)
        return 0;
    if (position < size_of(reply->body))
        return copy(reply->body, position, buffer, room);
    g_clear_pointer(&reply->body, g_bytes_unref);
    exchange->lent = true;
    MHD_suspend_connection(exchange->connection);
    vd_streams_add(exchange->all->streams, wire_of(exchange), reply->viewers, reply->n_viewers,
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

/* --- events ----------------------------------------------------------------------------------- */

/* On any thread, and under a lock: something happened, or older events were found. */
static void on_happened(void *data)
{
    VdExchanges *all = data;

    vd_lock(&all->lock);
    all->happened = true;
    vd_unlock(&all->lock);
    vd_streams_wake(all->streams);
}

void vd_exchanges_hear(VdExchanges *all)
{
    all->heard = all->api->hear(all->api->self, on_happened, all);
}

/* libmicrohttpd asks for more. While there is nothing for him he is suspended. */
static ssize_t read_events(void *data, uint64_t position, char *buffer, size_t room)
{
    Exchange *exchange = data;
    VdExchanges *all = exchange->all;

    if (is_stopping(all))
        return MHD_CONTENT_READER_END_OF_STREAM;
    gsize count = vd_listener_read(exchange->listener, buffer, room, vd_clock_now_us());
    if (count == 0) {
        MHD_suspend_connection(exchange->connection);
        g_queue_push_tail_link(&all->listening, &exchange->listening);
    }
    return (ssize_t)count;
}

static enum MHD_Result queue_events(Exchange *exchange)
{
    exchange->listener = vd_listener_new(exchange->all->api, &exchange->request.sight,
                                         exchange->reply.after, on_happened, exchange->all);
    return queue(exchange, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, MOST_BLOCK,
                                                             read_events, exchange, NULL));
}

static void listen_on(VdExchanges *all)
{
    Exchange *exchange = g_queue_pop_head_link(&all->listening)->data;

    MHD_resume_connection(exchange->connection);
}

/* All of them when something happened, else those who are due to be told that nothing did. */
static void go_on_listening(VdExchanges *all, bool happened)
{
    gint64 now_us = vd_clock_now_us();

    while (all->listening.head != NULL &&
           (happened || is_stopping(all) ||
            vd_listener_due_us(((Exchange *)all->listening.head->data)->listener) <= now_us))
        listen_on(all);
}

/* --- answers of others ------------------------------------------------------------------------ */

static enum MHD_Result refuse_to_wait(Exchange *exchange)
{
    vd_reply_clear(&exchange->reply, exchange->all->api);
    exchange->reply = vd_reply_error(503, "stopping", NULL, 0, "the server stops");
    exchange->reply.retry_after_s = SNAPSHOT_WAIT_S;
    return queue_body(exchange);
}

/* The ticket's wake-up, on any thread. */
static void on_answered(void *data)
{
    Exchange *exchange = data;
    VdExchanges *all = exchange->all;

    vd_lock(&all->lock);
    g_queue_push_tail_link(&all->answered, &exchange->answered);
    vd_unlock(&all->lock);
    vd_streams_wake(all->streams);
}

static void go_on(Exchange *exchange)
{
    g_queue_unlink(&exchange->all->waiting, &exchange->waiting);
    exchange->over = true;
    MHD_resume_connection(exchange->connection);
}

void vd_exchanges_take_answered(VdExchanges *all)
{
    vd_lock(&all->lock);
    GQueue answered = all->answered;
    g_queue_init(&all->answered);
    bool happened = all->happened;
    all->happened = false;
    vd_unlock(&all->lock);
    go_on_listening(all, happened);
    for (GList *link; (link = g_queue_pop_head_link(&answered)) != NULL;)
        go_on(link->data);
}

static VdTicket *awaited(const Exchange *exchange)
{
    return exchange->entry != NULL ? exchange->entry : exchange->request.ticket;
}

void vd_exchanges_notice_leavers(VdExchanges *all)
{
    for (GList *link = all->waiting.head; link != NULL; link = link->next)
        if (vd_wire_is_left(wire_of(link->data)))
            vd_ticket_leave(awaited(link->data));
}

void vd_exchanges_end(VdExchanges *all)
{
    for (GList *link = all->waiting.head; link != NULL; link = link->next)
        vd_ticket_abandon(awaited(link->data));
    all->api->unhear(all->api->self, all->heard);
    vd_exchanges_take_answered(all);
    while (all->waiting.head != NULL)
        go_on(all->waiting.head->data);
}

static enum MHD_Result wait_for_answer(Exchange *exchange)
{
    MHD_suspend_connection(exchange->connection);
    g_queue_push_tail_link(&exchange->all->waiting, &exchange->waiting);
    return MHD_YES;
}

static enum MHD_Result queue_answer(Exchange *exchange)
{
    g_autoptr(VdAnswer) answer = vd_ticket_take(exchange->request.ticket);

    if (answer == NULL)
        return refuse_to_wait(exchange);
    exchange->reply = vd_reply_from_answer(answer);
    return queue_body(exchange);
}

static enum MHD_Result wait_for_picture(Exchange *exchange)
{
    if (is_stopping(exchange->all))
        return refuse_to_wait(exchange);
    exchange->lent = true;
    exchange->reply.n_viewers = 0;
    MHD_suspend_connection(exchange->connection);
    vd_streams_wait(exchange->all->streams, wire_of(exchange), exchange->reply.viewers[0],
                    vd_clock_now_us() + SNAPSHOT_WAIT_S * G_USEC_PER_SEC, socket_back, exchange);
    return MHD_YES;
}

/* A live picture is a 200; a placeholder says why in a 503's body; without either JSON does. */
static enum MHD_Result queue_picture(Exchange *exchange)
{
    const VdPicture *picture = exchange->picture;
    VdReply *reply = &exchange->reply;

    vd_reply_clear(reply, exchange->all->api);
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
    case VD_REPLY_EVENTS:
        return queue_events(exchange);
    case VD_REPLY_LATER:
        return wait_for_answer(exchange);
    case VD_REPLY_BODY:
        break;
    }
    return queue_body(exchange);
}

/* What is wrong before anything else is looked at. */
static bool over_limits(Exchange *exchange)
{
    const VdExchanges *all = exchange->all;
    gsize headers =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
            ->header_size;

    if (all->connections > all->max_connections &&
        !vd_exchange_controls(all, exchange->connection)) {
        exchange->reply = vd_reply_error(503, "limit", NULL, 0, "all %u connections are taken",
                                         all->max_connections);
        exchange->reply.retry_after_s = SNAPSHOT_WAIT_S;
    } else if (headers > VD_MAX_HEADERS && strlen(exchange->target) <= VD_MAX_TARGET) {
        exchange->reply =
            vd_reply_error(431, "headers_too_large", NULL, 0,
                           "request line and headers may have %d bytes", VD_MAX_HEADERS);
    } else if (vd_headers_contradict(exchange->connection)) {
        exchange->reply = vd_reply_error(400, "bad_request", NULL, 0,
                                         "headers contradict each other: Content-Length, "
                                         "Transfer-Encoding or Host");
    } else {
        return false;
    }
    return true;
}

/* An answer given before a body was read closes the connection: without one it is kept for later.
 */
static enum MHD_Result go_on_or_refuse(Exchange *exchange)
{
    bool now = exchange->refused && vd_headers_body_length(exchange->connection) != 0;

    return now ? send_reply(exchange) : MHD_YES;
}

static enum MHD_Result take_judgement(Exchange *exchange, VdJudgement judgement)
{
    exchange->refused = !vd_guard_admit(&exchange->request, judgement, &exchange->reply);
    return go_on_or_refuse(exchange);
}

static void free_judgement(void *data)
{
    vd_account_unref(((VdJudgement *)data)->account);
    g_free(data);
}

/* On the thread that found it out. */
static void give_judgement(void *ticket, VdJudgement judgement)
{
    vd_ticket_answer(ticket, g_memdup2(&judgement, sizeof judgement), free_judgement);
}

static void unref_ticket(void *ticket)
{
    vd_ticket_unref(ticket);
}

/* Whether he may is known, or the server stops. */
static enum MHD_Result enter(Exchange *exchange)
{
    g_autofree VdJudgement *judgement = vd_ticket_take(exchange->entry);

    g_clear_pointer(&exchange->entry, vd_ticket_unref);
    exchange->over = false;
    return judgement != NULL ? take_judgement(exchange, *judgement) : refuse_to_wait(exchange);
}

/* Who is at the other end of the control socket, where he is an admin (nullable). */
static VdAccount *peer_of(const Exchange *exchange)
{
    return vd_exchange_controls(exchange->all, exchange->connection)
               ? vd_control_peer(wire_of(exchange)->fd, exchange->all->control_group)
               : NULL;
}

static enum MHD_Result ask_to_enter(Exchange *exchange)
{
    VdRequest *request = &exchange->request;
    VdAccess *access = exchange->all->access;
    g_autoptr(VdAccount) peer = peer_of(exchange);
    VdAsk ask = {
        .role = request->route->role,
        .changes = strcmp(request->route->method, "GET") != 0,
        .peer = peer,
        .place = exchange->peer,
        .encrypted = wire_of(exchange)->tls != NULL,
    };

    find_client(exchange);
    vd_headers_ask(exchange->connection, &ask);
    request->access = access;
    request->cookie = ask.cookie;
    request->csrf = ask.csrf;
    exchange->entry = vd_ticket_new(on_answered, exchange);
    VdTicket *ticket = vd_ticket_ref(exchange->entry);
    VdJudgement judgement = vd_access_judge(access, &ask, give_judgement, ticket, unref_ticket);
    if (judgement.verdict == VD_VERDICT_LATER)
        return wait_for_answer(exchange);
    vd_ticket_unref(ticket);
    g_clear_pointer(&exchange->entry, vd_ticket_unref);
    return take_judgement(exchange, judgement);
}

/* The headers are there and no byte of a body was read. */
static enum MHD_Result judge(Exchange *exchange, const char *method)
{
    char *query = strchr(exchange->target, '?');
    gint64 length = vd_headers_body_length(exchange->connection);

    exchange->judged = true;
    if (over_limits(exchange)) {
        exchange->refused = true;
        return send_reply(exchange);
    }
    if (query != NULL)
        *query++ = '\0';
    exchange->request.last_event = vd_header(exchange->connection, "Last-Event-ID");
    exchange->request.content_type = vd_header(exchange->connection, MHD_HTTP_HEADER_CONTENT_TYPE);
    exchange->refused = !vd_route_judge(&exchange->request, method, exchange->target, query, length,
                                        &exchange->reply);
    if (exchange->refused || exchange->all->access == NULL)
        return go_on_or_refuse(exchange);
    return is_stopping(exchange->all) ? refuse_to_wait(exchange) : ask_to_enter(exchange);
}

/* A body is no longer than was judged: libmicrohttpd ends it at its Content-Length. */
static void take_body(Exchange *exchange, const char *bytes, gsize count)
{
    if (exchange->refused)
        return;
    if (exchange->body == NULL)
        exchange->body = g_byte_array_new();
    g_byte_array_append(exchange->body, (const guint8 *)bytes, (guint)count);
}

/* The request is whole. */
static enum MHD_Result act(Exchange *exchange)
{
    VdRequest *request = &exchange->request;

    if (request->peer == NULL)
        find_client(exchange);
    if (exchange->body != NULL)
        request->body = g_byte_array_free_to_bytes(g_steal_pointer(&exchange->body));
    if (request->route->later && is_stopping(exchange->all))
        return refuse_to_wait(exchange);
    if (request->route->later)
        request->ticket = vd_ticket_new(on_answered, exchange);
    exchange->reply = vd_route_answer(request, exchange->all->api);
    return send_reply(exchange);
}

enum MHD_Result vd_exchange_answer(void *all, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *body,
                                   size_t *body_size, void **state)
{
    Exchange *exchange = *state;

    if (!exchange->judged)
        return judge(exchange, method);
    if (exchange->entry != NULL)
        return enter(exchange);
    if (*body_size > 0) {
        take_body(exchange, body, *body_size);
        *body_size = 0;
        return MHD_YES;
    }
    if (exchange->over)
        return exchange->request.ticket != NULL ? queue_answer(exchange) : queue_picture(exchange);
    vd_head_end(&exchange->all->heads, &vd_exchange_connection(connection)->head);
    return exchange->refused ? send_reply(exchange) : act(exchange);
}
