#include "media/source-rtsp-session.h"

#include "base/lock.h"
#include "media/source-check.h"
#include "media/source-rtsp-sdp.h"
#include "media/source-rtsp.h"
#include "media/source-trust.h"

#include <gio/gio.h>
#include <gst/sdp/sdp.h>
#include <string.h>

#define USER_AGENT         "vedette/" PACKAGE_VERSION
#define MOST_REDIRECTS     3
#define MOST_SDP           (64 * 1024)
#define DEFAULT_TIMEOUT_S  60 /* RFC 2326, when a session does not say */
#define SEND_TIMEOUT_US    (2 * G_USEC_PER_SEC)
#define GOODBYE_TIMEOUT_US (100 * 1000)

struct VdRtspSession {
    const VdSourceSettings *settings;
    VdSourceFeed *feed;
    gint64 timeout_us; /* of one request */

    VdLock lock;
    GstRTSPConnection *connection; /* [lock] to replace and to interrupt; else the thread's */
    bool interrupted;              /* [lock] */

    char *uri;     /* of requests: without user and password */
    char *base;    /* that controls are relative to */
    char *control; /* of the whole session */
    GstCaps *caps;
    char *track; /* control of the video */
    VdRtspTransport transport;
    guint timeout_s;
    bool get_parameter; /* the server knows it */
    bool playing;
    bool renewed; /* the challenge, since the last keep-alive: a wrong password is no loop */
    int redirects;
};

/* --- the connection --------------------------------------------------------------------------- */

static GstRTSPConnection *make_connection(VdRtspSession *session, const char *uri)
{
    GstRTSPUrl *url = NULL;
    GstRTSPConnection *connection = NULL;

    if (gst_rtsp_url_parse(uri, &url) != GST_RTSP_OK)
        return NULL;
    /* Over TCP in any case: what the scheme says of transports is of the session's packets. */
    url->transports &= ~(GstRTSPLowerTrans)(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_HTTP);
    gst_rtsp_connection_create(url, &connection);
    gst_rtsp_url_free(url);
    if (connection == NULL)
        return NULL;
    gst_rtsp_connection_set_content_length_limit(connection, MOST_SDP);
    gst_rtsp_connection_set_tls_validation_flags(
        connection, session->settings->tls == VD_TLS_ANY ? 0 : G_TLS_CERTIFICATE_VALIDATE_ALL);
    if (session->settings->trust != NULL)
        gst_rtsp_connection_set_tls_database(connection, G_TLS_DATABASE(session->settings->trust));
    return connection;
}

static void close_connection(GstRTSPConnection *connection)
{
    if (connection == NULL)
        return;
    gst_rtsp_connection_close(connection);
    gst_rtsp_connection_free(connection);
}

/* Takes another uri, and with it another connection. */
static bool take_uri(VdRtspSession *session, const char *uri)
{
    GstRTSPConnection *connection = make_connection(session, uri);

    if (connection == NULL)
        return false;
    vd_lock(&session->lock);
    GstRTSPConnection *before = session->connection;
    session->connection = connection;
    if (session->interrupted)
        gst_rtsp_connection_flush(connection, TRUE);
    vd_unlock(&session->lock);
    close_connection(before);
    g_free(session->uri);
    session->uri = g_strdup(uri);
    return true;
}

VdRtspSession *vd_rtsp_session_new(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdRtspSession *session = g_new0(VdRtspSession, 1);

    session->settings = settings;
    session->feed = vd_source_feed_ref(feed);
    session->timeout_us = (gint64)settings->connect_timeout_ms * 1000;
    session->timeout_s = DEFAULT_TIMEOUT_S;
    session->transport = VD_RTSP_OVER_TCP;
    vd_lock_init(&session->lock);
    if (!take_uri(session, settings->location)) {
        vd_source_feed_lost(feed, VD_LOSS_UNSUPPORTED, "the uri is not one of RTSP");
        vd_rtsp_session_free(session);
        return NULL;
    }
    return session;
}

void vd_rtsp_session_interrupt(VdRtspSession *session)
{
    vd_lock(&session->lock);
    session->interrupted = true;
    gst_rtsp_connection_flush(session->connection, TRUE);
    vd_unlock(&session->lock);
}

static bool was_interrupted(VdRtspSession *session)
{
    vd_lock(&session->lock);
    bool interrupted = session->interrupted;
    vd_unlock(&session->lock);
    return interrupted;
}

/* --- saying what went wrong ------------------------------------------------------------------- */

static bool lose(VdRtspSession *session, VdLoss loss, int status)
{
    vd_rtsp_say(session->feed, session->settings, loss, status);
    return false;
}

static bool lose_result(VdRtspSession *session, GstRTSPResult result)
{
    switch (result) {
    case GST_RTSP_ETIMEOUT:
        return lose(session, VD_LOSS_TIMEOUT, 0);
    case GST_RTSP_EEOF:
    case GST_RTSP_ESYS:
    case GST_RTSP_ENET:
        return lose(session, VD_LOSS_CLOSED, 0);
    case GST_RTSP_EPARSE:
    case GST_RTSP_ENOMEM: /* more than we take */
        return lose(session, VD_LOSS_GARBAGE, 0);
    default:
        return lose(session, VD_LOSS_FAILED, 0);
    }
}

static bool lose_status(VdRtspSession *session, int status)
{
    switch (status) {
    case GST_RTSP_STS_UNAUTHORIZED:
    case GST_RTSP_STS_FORBIDDEN:
        return lose(session, VD_LOSS_UNAUTHORIZED, status);
    case GST_RTSP_STS_NOT_FOUND:
    case GST_RTSP_STS_GONE:
        return lose(session, VD_LOSS_NOT_FOUND, status);
    case GST_RTSP_STS_UNSUPPORTED_TRANSPORT:
    case GST_RTSP_STS_NOT_ACCEPTABLE:
        return lose(session, VD_LOSS_UNSUPPORTED, status);
    default:
        return lose(session, VD_LOSS_FAILED, status);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

/* Takes the answer's challenge; false when there is none we can answer. */
static bool take_challenge(VdRtspSession *session, GstRTSPMessage *answer)
{
    const VdSourceSettings *settings = session->settings;
    GstRTSPAuthCredential **offers =
        gst_rtsp_message_parse_auth_credentials(answer, GST_RTSP_HDR_WWW_AUTHENTICATE);
    GstRTSPAuthCredential *best = NULL;

    for (GstRTSPAuthCredential **offer = offers; offer != NULL && *offer != NULL; offer++)
        if ((*offer)->scheme == GST_RTSP_AUTH_DIGEST ||
            ((*offer)->scheme == GST_RTSP_AUTH_BASIC && best == NULL))
            best = *offer;
    if (best != NULL && settings->user != NULL) {
        gst_rtsp_connection_clear_auth_params(session->connection);
        for (GstRTSPAuthParam **param = best->params; param != NULL && *param != NULL; param++)
            gst_rtsp_connection_set_auth_param(session->connection, (*param)->name,
                                               (*param)->value);
        gst_rtsp_connection_set_auth(session->connection, best->scheme, settings->user,
                                     settings->password != NULL ? settings->password : "");
    }
    bool taken = best != NULL && settings->user != NULL;
    if (offers != NULL)
        gst_rtsp_auth_credentials_free(offers);
    return taken;
}

/* Reads until the answer comes; packets before it are thrown away, a key frame follows anyway. */
static GstRTSPResult receive_answer(VdRtspSession *session, GstRTSPMessage *answer)
{
    GstRTSPResult result;

    do {
        gst_rtsp_message_unset(answer);
        result = gst_rtsp_connection_receive_usec(session->connection, answer, session->timeout_us);
    } while (result == GST_RTSP_OK && answer->type != GST_RTSP_MESSAGE_RESPONSE);
    return result;
}

static GstRTSPResult exchange(VdRtspSession *session, GstRTSPMethod method, const char *uri,
                              GstRTSPHeaderField field, const char *value, GstRTSPMessage *answer)
{
    GstRTSPMessage request = {0};

    gst_rtsp_message_init_request(&request, method, uri);
    gst_rtsp_message_add_header(&request, GST_RTSP_HDR_USER_AGENT, USER_AGENT);
    if (value != NULL)
        gst_rtsp_message_add_header(&request, field, value);
    GstRTSPResult result =
        gst_rtsp_connection_send_usec(session->connection, &request, session->timeout_us);
    gst_rtsp_message_unset(&request);
    return result == GST_RTSP_OK ? receive_answer(session, answer) : result;
}

/* One request, said again once when a password is asked for. *status: the answer's. */
static GstRTSPResult ask(VdRtspSession *session, GstRTSPMethod method, const char *uri,
                         GstRTSPHeaderField field, const char *value, GstRTSPMessage *answer,
                         int *status)
{
    GstRTSPResult result = exchange(session, method, uri, field, value, answer);

    if (result == GST_RTSP_OK && answer->type_data.response.code == GST_RTSP_STS_UNAUTHORIZED &&
        take_challenge(session, answer))
        result = exchange(session, method, uri, field, value, answer);
    *status = result == GST_RTSP_OK ? (int)answer->type_data.response.code : 0;
    return result;
}

static const char *header(GstRTSPMessage *answer, GstRTSPHeaderField field)
{
    char *value = NULL;

    gst_rtsp_message_get_header(answer, field, &value, 0);
    return value;
}

/* --- what the stream is ----------------------------------------------------------------------- */

/* Another video than we know is named when there is none that we know. */
static bool pick_video(VdRtspSession *session, const GstSDPMessage *sdp)
{
    g_autofree char *unknown = NULL;

    gst_clear_caps(&session->caps);
    g_clear_pointer(&session->track, g_free);
    session->caps = vd_rtsp_sdp_video(sdp, session->base, &session->track, &unknown);
    if (session->caps != NULL)
        return true;
    if (unknown != NULL)
        vd_source_feed_lost(session->feed, VD_LOSS_UNSUPPORTED,
                            "the video is %s; only H.264, H.265 and MJPEG are supported", unknown);
    else
        vd_source_feed_lost(session->feed, VD_LOSS_UNSUPPORTED, "the stream carries no video");
    return false;
}

static bool read_sdp(VdRtspSession *session, GstRTSPMessage *answer)
{
    const char *base = header(answer, GST_RTSP_HDR_CONTENT_BASE);
    guint8 *body = NULL;
    guint length = 0;
    GstSDPMessage *sdp;
    bool found = false;

    if (base == NULL)
        base = header(answer, GST_RTSP_HDR_CONTENT_LOCATION);
    g_free(session->base);
    session->base = vd_rtsp_sdp_join(session->uri, base);
    gst_rtsp_message_get_body(answer, &body, &length);
    gst_sdp_message_new(&sdp);
    if (length > 0 && gst_sdp_message_parse_buffer(body, length, sdp) == GST_SDP_OK) {
        vd_rtsp_sdp_trim(sdp);
        session->control =
            vd_rtsp_sdp_join(session->base, gst_sdp_message_get_attribute_val(sdp, "control"));
        found = pick_video(session, sdp);
    } else {
        lose(session, VD_LOSS_GARBAGE, 0);
    }
    gst_sdp_message_free(sdp);
    return found;
}

/* id: (nullable) "1234;timeout=60" */
static void read_session(VdRtspSession *session, const char *id)
{
    const char *timeout = id != NULL ? g_strstr_len(id, -1, "timeout=") : NULL;

    if (timeout != NULL)
        session->timeout_s =
            (guint)CLAMP(g_ascii_strtoull(timeout + strlen("timeout="), NULL, 10), 2, 3600);
}

/* --- the steps -------------------------------------------------------------------------------- */

static bool same_host(const char *a, const char *b)
{
    g_autoptr(GUri) x = g_uri_parse(a, G_URI_FLAGS_PARSE_RELAXED, NULL);
    g_autoptr(GUri) y = g_uri_parse(b, G_URI_FLAGS_PARSE_RELAXED, NULL);

    return x != NULL && y != NULL && g_strcmp0(g_uri_get_host(x), g_uri_get_host(y)) == 0;
}

static bool connect_to(VdRtspSession *session)
{
    GstRTSPResult result =
        gst_rtsp_connection_connect_usec(session->connection, session->timeout_us);

    if (result == GST_RTSP_OK)
        return true;
    if (vd_source_trust_say(session->settings->trust, session->settings, session->feed))
        return false;
    if (session->redirects > 0 && result != GST_RTSP_ETIMEOUT) {
        g_autofree char *host = vd_source_settings_host(session->settings);
        vd_source_feed_lost(session->feed, VD_LOSS_REFUSED,
                            "%s sends on to an address where nobody takes connections", host);
        return false;
    }
    return lose(session, result == GST_RTSP_ETIMEOUT ? VD_LOSS_TIMEOUT : VD_LOSS_REFUSED, 0);
}

static bool options(VdRtspSession *session)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_OPTIONS, session->uri, 0, NULL, &answer, &status);

    if (result == GST_RTSP_OK && status == GST_RTSP_STS_OK) {
        const char *methods = header(&answer, GST_RTSP_HDR_PUBLIC);
        session->get_parameter = methods != NULL && strstr(methods, "GET_PARAMETER") != NULL;
    }
    gst_rtsp_message_unset(&answer);
    return result == GST_RTSP_OK || lose_result(session, result);
}

/* *moved: the stream is elsewhere, and the session's uri is that now */
static bool describe(VdRtspSession *session, bool *moved)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_DESCRIBE, session->uri, GST_RTSP_HDR_ACCEPT,
                               "application/sdp", &answer, &status);
    bool described = true;

    *moved = false;
    if (result != GST_RTSP_OK) {
        described = lose_result(session, result);
    } else if (status >= 300 && status < 400) {
        const char *to = header(&answer, GST_RTSP_HDR_LOCATION);
        /* Not to another host: it would be asked for the camera's password. */
        *moved = to != NULL && session->redirects++ < MOST_REDIRECTS &&
                 same_host(session->uri, to) && take_uri(session, to);
        if (!*moved)
            described = lose_status(session, status);
    } else if (status != GST_RTSP_STS_OK) {
        described = lose_status(session, status);
    } else if (!read_sdp(session, &answer)) {
        described = false;
    }
    gst_rtsp_message_unset(&answer);
    return described;
}

/* What servers answer that give no stream in this way: 461, and others that mean it. */
static bool means_another_transport(int status)
{
    return status != GST_RTSP_STS_UNAUTHORIZED && status != GST_RTSP_STS_NOT_FOUND;
}

/* *other: (nullable) set, and nothing said, when another transport may do. */
static bool setup(VdRtspSession *session, bool *other)
{
    g_autofree char *wish = vd_rtsp_transport_wish(&session->transport);
    GstRTSPMessage answer = {0};
    int status;
    bool done = true;
    GstRTSPResult result = ask(session, GST_RTSP_SETUP, session->track, GST_RTSP_HDR_TRANSPORT,
                               wish, &answer, &status);

    if (result != GST_RTSP_OK) {
        done = lose_result(session, result);
    } else if (status == GST_RTSP_STS_OK) {
        read_session(session, header(&answer, GST_RTSP_HDR_SESSION));
        vd_rtsp_transport_read(&session->transport, header(&answer, GST_RTSP_HDR_TRANSPORT));
    } else {
        done = false;
        if (other != NULL && means_another_transport(status))
            *other = true;
        else
            lose_status(session, status);
    }
    gst_rtsp_message_unset(&answer);
    return done;
}

static bool setup_udp(VdRtspSession *session)
{
    GSocket *socket = gst_rtsp_connection_get_read_socket(session->connection);
    g_autoptr(GError) error = NULL;

    if (vd_rtsp_transport_open(&session->transport, socket, &error))
        return setup(session, NULL);
    vd_source_feed_lost(session->feed, VD_LOSS_FAILED, "%s", error->message);
    return false;
}

/*
 * Automatic is TCP first: it passes where UDP is filtered, loses nothing and costs less. VLC and
 * others only know UDP. TLS covers what comes over the connection alone, so who asks for rtsps gets
 * UDP only when asking for that as well.
 */
static bool setup_any(VdRtspSession *session)
{
    const VdSourceSettings *settings = session->settings;
    bool may_fall_back =
        settings->transport == VD_TRANSPORT_AUTO && !g_str_equal(settings->scheme, "rtsps");
    bool other = false;

    if (settings->transport == VD_TRANSPORT_UDP)
        return setup_udp(session);
    return setup(session, may_fall_back ? &other : NULL) || (other && setup_udp(session));
}

static bool play(VdRtspSession *session)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_PLAY, session->control, GST_RTSP_HDR_RANGE,
                               "npt=0.000-", &answer, &status);

    gst_rtsp_message_unset(&answer);
    if (result != GST_RTSP_OK)
        return lose_result(session, result);
    if (status != GST_RTSP_STS_OK)
        return lose_status(session, status);
    session->playing = true;
    vd_source_feed_hear(session->feed, VD_HEARD_ANSWER);
    return true;
}

bool vd_rtsp_session_play(VdRtspSession *session)
{
    bool moved;

    do {
        moved = false;
        if (!connect_to(session) || !options(session) || !describe(session, &moved))
            return false;
    } while (moved);
    return setup_any(session) && play(session);
}

GstRTSPConnection *vd_rtsp_session_connection(VdRtspSession *session)
{
    return session->connection;
}

GstCaps *vd_rtsp_session_caps(VdRtspSession *session)
{
    return session->caps;
}

const VdRtspTransport *vd_rtsp_session_transport(VdRtspSession *session)
{
    return &session->transport;
}

gint64 vd_rtsp_session_interval_us(VdRtspSession *session)
{
    return (gint64)session->timeout_s * G_USEC_PER_SEC / 2;
}

static bool say(VdRtspSession *session, GstRTSPMethod method, gint64 timeout_us)
{
    GstRTSPMessage request = {0};

    gst_rtsp_message_init_request(&request, method, session->control);
    gst_rtsp_message_add_header(&request, GST_RTSP_HDR_USER_AGENT, USER_AGENT);
    GstRTSPResult result = gst_rtsp_connection_send_usec(session->connection, &request, timeout_us);
    gst_rtsp_message_unset(&request);
    return result == GST_RTSP_OK;
}

static bool say_alive(VdRtspSession *session)
{
    return say(session, session->get_parameter ? GST_RTSP_GET_PARAMETER : GST_RTSP_OPTIONS,
               SEND_TIMEOUT_US);
}

bool vd_rtsp_session_keep_alive(VdRtspSession *session)
{
    session->renewed = false;
    return say_alive(session);
}

/* A nonce has grown old: the next keep-alive uses the new one. False: the session is over. */
static bool judge_answer(VdRtspSession *session, GstRTSPMessage *answer)
{
    GstRTSPStatusCode status = answer->type_data.response.code;

    if (status == GST_RTSP_STS_UNAUTHORIZED && !session->renewed) {
        session->renewed = true;
        if (take_challenge(session, answer))
            say_alive(session);
    }
    return status != GST_RTSP_STS_SESSION_NOT_FOUND;
}

bool vd_rtsp_session_answer(VdRtspSession *session, const char *text, gsize length)
{
    static const char name[] = "www-authenticate:";
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(copy, "\r\n", -1);
    GstRTSPMessage answer = {0};
    int status = 0;

    if (g_str_has_prefix(copy, "RTSP/1.") && length > strlen("RTSP/1.0 "))
        status = atoi(copy + strlen("RTSP/1.0 "));
    gst_rtsp_message_init_response(&answer, (GstRTSPStatusCode)status, NULL, NULL);
    for (guint i = 0; lines[i] != NULL; i++)
        if (g_ascii_strncasecmp(lines[i], name, strlen(name)) == 0)
            gst_rtsp_message_add_header(&answer, GST_RTSP_HDR_WWW_AUTHENTICATE,
                                        g_strchug(lines[i] + strlen(name)));
    bool on = judge_answer(session, &answer) && !g_str_has_prefix(copy, "TEARDOWN ");
    gst_rtsp_message_unset(&answer);
    return on;
}

bool vd_rtsp_session_listen(VdRtspSession *session)
{
    GstRTSPMessage message = {0};
    bool on = gst_rtsp_connection_receive_usec(session->connection, &message, SEND_TIMEOUT_US) ==
              GST_RTSP_OK;

    if (on && message.type == GST_RTSP_MESSAGE_RESPONSE)
        on = judge_answer(session, &message);
    else if (on && message.type == GST_RTSP_MESSAGE_REQUEST)
        on = message.type_data.request.method != GST_RTSP_TEARDOWN;
    gst_rtsp_message_unset(&message);
    return on;
}

void vd_rtsp_session_free(VdRtspSession *session)
{
    if (session == NULL)
        return;
    if (session->playing) {
        if (was_interrupted(session)) /* it cannot send before it is allowed to again */
            gst_rtsp_connection_flush(session->connection, FALSE);
        say(session, GST_RTSP_TEARDOWN, GOODBYE_TIMEOUT_US);
    }
    close_connection(session->connection);
    vd_rtsp_transport_clear(&session->transport);
    gst_clear_caps(&session->caps);
    g_free(session->uri);
    g_free(session->base);
    g_free(session->control);
    g_free(session->track);
    vd_lock_clear(&session->lock);
    vd_source_feed_unref(session->feed);
    g_free(session);
}
