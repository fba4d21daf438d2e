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
    guint channel;
    guint timeout_s;
    bool get_parameter; /* the server knows it */
    bool playing;
    bool renewed; /* the challenge, since the last keep-alive: a wrong password is no loop */
    int redirects;
};

/* --- the connection ------------------------------------------------------------------------------
 */

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

/* --- saying what went wrong ----------------------------------------------------------------------
 */

static VdRtspResult lose(VdRtspSession *session, VdLoss loss, int status)
{
    vd_rtsp_say(session->feed, session->settings, loss, status);
    return VD_RTSP_LOST;
}

static VdRtspResult lose_result(VdRtspSession *session, GstRTSPResult result)
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

static VdRtspResult lose_status(VdRtspSession *session, int status)
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

/* --- requests ------------------------------------------------------------------------------------
 */

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

/* --- what the stream is --------------------------------------------------------------------------
 */

/* (transfer full) */
static char *join(const char *base, const char *control)
{
    if (control == NULL || control[0] == '\0' || g_str_equal(control, "*"))
        return g_strdup(base);
    if (g_ascii_strncasecmp(control, "rtsp", 4) == 0 && strstr(control, "://") != NULL)
        return g_strdup(control);
    return g_strconcat(base, g_str_has_suffix(base, "/") || control[0] == '/' ? "" : "/", control,
                       NULL);
}

static GstCaps *media_caps(const GstSDPMedia *media)
{
    const char *format = gst_sdp_media_get_format(media, 0);
    int payload = format != NULL ? atoi(format) : -1;
    GstCaps *caps = payload >= 0 ? gst_sdp_media_get_caps_from_media(media, payload) : NULL;

    if (caps == NULL)
        caps = gst_caps_new_simple("application/x-rtp", "payload", G_TYPE_INT, payload, NULL);
    gst_sdp_media_attributes_to_caps(media, caps);
    GstStructure *s = gst_caps_get_structure(caps, 0);
    gst_structure_set_name(s, "application/x-rtp");
    gst_structure_set(s, "media", G_TYPE_STRING, "video", NULL);
    /* Payload 26 is JPEG by its number, and some cameras leave it at that. */
    if (payload == 26 && !gst_structure_has_field(s, "encoding-name"))
        gst_structure_set(s, "encoding-name", G_TYPE_STRING, "JPEG", "clock-rate", G_TYPE_INT,
                          90000, NULL);
    return caps;
}

/* Picks the first video that we know; another one is named when there is none. */
static bool pick_video(VdRtspSession *session, const GstSDPMessage *sdp)
{
    g_autofree char *unknown = NULL;

    for (guint i = 0; i < gst_sdp_message_medias_len(sdp); i++) {
        const GstSDPMedia *media = gst_sdp_message_get_media(sdp, i);
        if (g_strcmp0(gst_sdp_media_get_media(media), "video") != 0)
            continue;
        g_autoptr(GstCaps) caps = media_caps(media);
        const char *encoding =
            gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
        if (encoding != NULL && vd_source_codec(encoding) != NULL) {
            gst_caps_replace(&session->caps, caps);
            session->track = join(session->base, gst_sdp_media_get_attribute_val(media, "control"));
            return true;
        }
        g_free(unknown);
        unknown = g_strdup(encoding != NULL ? encoding : "of an unknown kind");
    }
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
    session->base = join(session->uri, base);
    gst_rtsp_message_get_body(answer, &body, &length);
    gst_sdp_message_new(&sdp);
    if (length > 0 && gst_sdp_message_parse_buffer(body, length, sdp) == GST_SDP_OK) {
        vd_rtsp_sdp_trim(sdp);
        session->control = join(session->base, gst_sdp_message_get_attribute_val(sdp, "control"));
        found = pick_video(session, sdp);
    } else {
        lose(session, VD_LOSS_GARBAGE, 0);
    }
    gst_sdp_message_free(sdp);
    return found;
}

/* "Session: 1234;timeout=60"; "interleaved=2-3" when the server wants other channels */
static void read_setup(VdRtspSession *session, GstRTSPMessage *answer)
{
    const char *id = header(answer, GST_RTSP_HDR_SESSION);
    const char *given = header(answer, GST_RTSP_HDR_TRANSPORT);
    const char *timeout = id != NULL ? strstr(id, "timeout=") : NULL;
    const char *interleaved = given != NULL ? strstr(given, "interleaved=") : NULL;

    if (timeout != NULL)
        session->timeout_s =
            (guint)CLAMP(g_ascii_strtoull(timeout + strlen("timeout="), NULL, 10), 2, 3600);
    if (interleaved != NULL)
        session->channel =
            (guint)MIN(g_ascii_strtoull(interleaved + strlen("interleaved="), NULL, 10), 254);
}

/* --- the steps -----------------------------------------------------------------------------------
 */

static bool same_host(const char *a, const char *b)
{
    g_autoptr(GUri) x = g_uri_parse(a, G_URI_FLAGS_PARSE_RELAXED, NULL);
    g_autoptr(GUri) y = g_uri_parse(b, G_URI_FLAGS_PARSE_RELAXED, NULL);

    return x != NULL && y != NULL && g_strcmp0(g_uri_get_host(x), g_uri_get_host(y)) == 0;
}

static VdRtspResult connect_to(VdRtspSession *session)
{
    GstRTSPResult result =
        gst_rtsp_connection_connect_usec(session->connection, session->timeout_us);

    if (result == GST_RTSP_OK)
        return VD_RTSP_PLAYING;
    if (vd_source_trust_say(session->settings->trust, session->settings, session->feed))
        return VD_RTSP_LOST;
    if (session->redirects > 0 && result != GST_RTSP_ETIMEOUT) {
        g_autofree char *host = vd_source_settings_host(session->settings);
        vd_source_feed_lost(session->feed, VD_LOSS_REFUSED,
                            "%s sends on to an address where nobody takes connections", host);
        return VD_RTSP_LOST;
    }
    return lose(session, result == GST_RTSP_ETIMEOUT ? VD_LOSS_TIMEOUT : VD_LOSS_REFUSED, 0);
}

static VdRtspResult options(VdRtspSession *session)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_OPTIONS, session->uri, 0, NULL, &answer, &status);

    if (result == GST_RTSP_OK && status == GST_RTSP_STS_OK) {
        const char *methods = header(&answer, GST_RTSP_HDR_PUBLIC);
        session->get_parameter = methods != NULL && strstr(methods, "GET_PARAMETER") != NULL;
    }
    gst_rtsp_message_unset(&answer);
    return result == GST_RTSP_OK ? VD_RTSP_PLAYING : lose_result(session, result);
}

/* *moved: the stream is elsewhere, and the session's uri is that now */
static VdRtspResult describe(VdRtspSession *session, bool *moved)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_DESCRIBE, session->uri, GST_RTSP_HDR_ACCEPT,
                               "application/sdp", &answer, &status);
    VdRtspResult outcome = VD_RTSP_PLAYING;

    *moved = false;
    if (result != GST_RTSP_OK) {
        outcome = lose_result(session, result);
    } else if (status >= 300 && status < 400) {
        const char *to = header(&answer, GST_RTSP_HDR_LOCATION);
        /* Not to another host: it would be asked for the camera's password. */
        *moved = to != NULL && session->redirects++ < MOST_REDIRECTS &&
                 same_host(session->uri, to) && take_uri(session, to);
        if (!*moved)
            outcome = lose_status(session, status);
    } else if (status != GST_RTSP_STS_OK) {
        outcome = lose_status(session, status);
    } else if (!read_sdp(session, &answer)) {
        outcome = VD_RTSP_LOST;
    }
    gst_rtsp_message_unset(&answer);
    return outcome;
}

static VdRtspResult setup(VdRtspSession *session)
{
    GstRTSPMessage answer = {0};
    int status;
    GstRTSPResult result = ask(session, GST_RTSP_SETUP, session->track, GST_RTSP_HDR_TRANSPORT,
                               "RTP/AVP/TCP;unicast;interleaved=0-1", &answer, &status);
    VdRtspResult outcome = VD_RTSP_PLAYING;

    if (result != GST_RTSP_OK)
        outcome = lose_result(session, result);
    else if (status == GST_RTSP_STS_OK)
        read_setup(session, &answer);
    else if (status == GST_RTSP_STS_UNAUTHORIZED || status == GST_RTSP_STS_NOT_FOUND ||
             session->settings->transport == VD_TRANSPORT_TCP)
        outcome = lose_status(session, status);
    else
        outcome = VD_RTSP_NO_TCP; /* 461, and what else servers say that only know UDP */
    gst_rtsp_message_unset(&answer);
    return outcome;
}

static VdRtspResult play(VdRtspSession *session)
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
    return VD_RTSP_PLAYING;
}

VdRtspResult vd_rtsp_session_play(VdRtspSession *session)
{
    VdRtspResult result;
    bool moved = false;

    do {
        result = connect_to(session);
        if (result == VD_RTSP_PLAYING)
            result = options(session);
        if (result == VD_RTSP_PLAYING)
            result = describe(session, &moved);
    } while (result == VD_RTSP_PLAYING && moved);
    if (result == VD_RTSP_PLAYING)
        result = setup(session);
    return result == VD_RTSP_PLAYING ? play(session) : result;
}

GstRTSPConnection *vd_rtsp_session_connection(VdRtspSession *session)
{
    return session->connection;
}

GstCaps *vd_rtsp_session_caps(VdRtspSession *session)
{
    return session->caps;
}

guint vd_rtsp_session_channel(VdRtspSession *session)
{
    return session->channel;
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

/* A nonce has grown old: the next keep-alive uses the new one. */
static void renew_challenge(VdRtspSession *session, const char *text, gsize length)
{
    static const char name[] = "www-authenticate:";
    g_autofree char *copy = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(copy, "\r\n", -1);
    GstRTSPMessage answer = {0};

    gst_rtsp_message_init_response(&answer, GST_RTSP_STS_UNAUTHORIZED, NULL, NULL);
    for (guint i = 0; lines[i] != NULL; i++)
        if (g_ascii_strncasecmp(lines[i], name, strlen(name)) == 0)
            gst_rtsp_message_add_header(&answer, GST_RTSP_HDR_WWW_AUTHENTICATE,
                                        g_strchug(lines[i] + strlen(name)));
    if (take_challenge(session, &answer))
        say_alive(session);
    gst_rtsp_message_unset(&answer);
}

bool vd_rtsp_session_answer(VdRtspSession *session, const char *text, gsize length)
{
    int status = 0;

    if (g_str_has_prefix(text, "RTSP/1.") && length > strlen("RTSP/1.0 "))
        status = atoi(text + strlen("RTSP/1.0 "));
    if (status == GST_RTSP_STS_UNAUTHORIZED && !session->renewed) {
        session->renewed = true;
        renew_challenge(session, text, length);
    }
    return status != GST_RTSP_STS_SESSION_NOT_FOUND && !g_str_has_prefix(text, "TEARDOWN ");
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
    gst_clear_caps(&session->caps);
    g_free(session->uri);
    g_free(session->base);
    g_free(session->control);
    g_free(session->track);
    vd_lock_clear(&session->lock);
    vd_source_feed_unref(session->feed);
    g_free(session);
}
