#include "base/clock.h"
#include "base/limits.h"
#include "raw-client.h"
#include "site.h"
#include "tls-pair.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAM      "/api/v1/cameras/front/stream.mjpg"
#define PATIENCE_US (60 * G_USEC_PER_SEC)

static const char *const ids[] = {"front", NULL};

/* A server whose certificate lies in files. */
typedef struct Rig {
    TlsPair pair;
    VdHttps *tls;
    FakeApi *fake;
    VdHttp *http;
    guint16 port;
} Rig;

static time_t in_an_hour(void)
{
    return time(NULL) + 3600;
}

static void open_rig(Rig *rig, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;

    tls_pair_init(&rig->pair);
    tls_pair_write(&rig->pair, 1, in_an_hour());
    rig->tls = vd_https_new();
    g_assert_true(vd_https_configure(rig->tls, rig->pair.certificate, rig->pair.key, &error));
    g_assert_no_error(error);
    rig->fake = fake_api_new(ids);
    VdHttpSettings settings = {.listen = "127.0.0.1:0", .listen_fd = -1, .tls = rig->tls};
    rig->http = vd_http_new(&settings, fake_api_get(rig->fake), &error);
    g_assert_no_error(error);
    rig->port = vd_http_port(rig->http);
    raw_speak_tls("NORMAL");
}

static void close_rig(Rig *rig, gconstpointer unused)
{
    raw_speak_tls(NULL);
    vd_http_free(rig->http);
    g_assert_cmpuint(fake_api_watching(rig->fake), ==, 0);
    fake_api_free(rig->fake);
    vd_https_free(rig->tls);
    tls_pair_clear(&rig->pair);
}

static RawClient *connect_plainly(Rig *rig)
{
    raw_speak_tls(NULL);
    RawClient *client = raw_connect(rig->port);
    raw_speak_tls("NORMAL");
    return client;
}

static void assert_answers(RawClient *client)
{
    raw_get(client, "/healthz", "");
    g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 200);
}

static RawClient *view(Rig *rig)
{
    RawClient *client = raw_connect(rig->port);

    raw_get(client, STREAM, "");
    g_autofree char *head = raw_head(client);
    g_assert_cmpint(raw_status(head), ==, 200);
    return client;
}

static void assert_picture(Rig *rig, RawClient *client, guint64 number)
{
    fake_api_post(rig->fake, "front", number, 1000, false);
    g_autoptr(GBytes) part = raw_part(client, NULL);
    g_assert_nonnull(part);
    g_assert_cmpuint(((const guint8 *)g_bytes_get_data(part, NULL))[0], ==, number);
}

/* The number of the certificate that a connection was shown. */
static guint number_of(RawClient *client)
{
    unsigned count;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(client->tls, &count);
    gnutls_x509_crt_t certificate;
    guint8 number[20];
    size_t size = sizeof number;

    g_assert_cmpuint(count, ==, 1);
    gnutls_x509_crt_init(&certificate);
    g_assert_cmpint(gnutls_x509_crt_import(certificate, shown, GNUTLS_X509_FMT_DER), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_get_serial(certificate, number, &size), ==, 0);
    gnutls_x509_crt_deinit(certificate);
    return number[size - 1];
}

static guint number_now(Rig *rig)
{
    g_autoptr(RawClient) client = raw_connect(rig->port);

    assert_answers(client);
    return number_of(client);
}

/* --- which TLS it is -------------------------------------------------------------------------- */

static void only_1_2_and_1_3_are_spoken(Rig *rig, gconstpointer unused)
{
    static const struct {
        const char *priority;
        bool spoken;
    } rows[] = {
        {"NORMAL:-VERS-ALL:+VERS-TLS1.0", false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.1", false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.3", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC", false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].priority);
        raw_speak_tls(rows[i].priority);
        g_autoptr(RawClient) client = raw_connect(rig->port);
        g_assert_true(client->ended == !rows[i].spoken);
        if (rows[i].spoken)
            assert_answers(client);
    }
}

static void http_1_1_is_agreed_upon(Rig *rig, gconstpointer unused)
{
    g_autoptr(RawClient) client = connect_plainly(rig);
    const gnutls_datum_t offered[] = {{(unsigned char *)"h2", 2}, {(unsigned char *)"http/1.1", 8}};
    gnutls_certificate_credentials_t any;
    gnutls_session_t session;
    gnutls_datum_t chosen;

    gnutls_certificate_allocate_credentials(&any);
    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
    gnutls_priority_set_direct(session, "NORMAL", NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, any);
    gnutls_transport_set_int(session, client->fd);
    gnutls_alpn_set_protocols(session, offered, G_N_ELEMENTS(offered), 0);
    g_assert_cmpint(gnutls_handshake(session), ==, 0);
    g_assert_cmpint(gnutls_alpn_get_selected_protocol(session, &chosen), ==, 0);
    g_assert_cmpmem(chosen.data, chosen.size, "http/1.1", 8);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(any);
}

static void a_plain_request_is_told_so(Rig *rig, gconstpointer unused)
{
    g_autoptr(RawClient) client = connect_plainly(rig);

    g_autofree char *body = NULL;

    raw_get(client, "/healthz", "");
    g_assert_cmpint(raw_reply(client, NULL, &body), ==, 400);
    g_assert_true(g_str_has_suffix(body, "https alone\"}}\n"));
    g_autoptr(GBytes) rest = raw_rest(client);
    g_assert_cmpuint(g_bytes_get_size(rest), ==, 0);
    g_autoptr(RawClient) other = raw_connect(rig->port);
    assert_answers(other);
}

static void who_is_left_is_told_by_tls(Rig *rig, gconstpointer unused)
{
    g_autoptr(RawClient) client = view(rig);

    assert_picture(rig, client, 1);
    fake_api_remove(rig->fake, "front");
    g_autoptr(GBytes) rest = raw_rest(client);
    g_assert_true(client->clean);
}

/* --- who does not come to an end with it ------------------------------------------------------ */

/* A ClientHello, or a part of it, after which nothing comes. */
static RawClient *begin_handshake(Rig *rig, gsize most)
{
    RawClient *client = connect_plainly(rig);
    gnutls_certificate_credentials_t any;
    gnutls_session_t session;
    int ends[2];
    char hello[4096];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
    gnutls_certificate_allocate_credentials(&any);
    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    gnutls_priority_set_direct(session, "NORMAL", NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, any);
    gnutls_transport_set_int(session, ends[0]);
    g_assert_cmpint(gnutls_handshake(session), ==, GNUTLS_E_AGAIN);
    ssize_t size = recv(ends[1], hello, sizeof hello, 0);
    g_assert_cmpint(size, >, 100);
    g_assert_cmpint(send(client->fd, hello, MIN((gsize)size, most), MSG_NOSIGNAL), >, 0);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(any);
    close(ends[0]);
    close(ends[1]);
    return client;
}

/* How often the server's loop goes round within a while. */
static guint rounds(Rig *rig, gint64 while_us)
{
    gint64 until_us = g_get_monotonic_time() + while_us, last_us = 0;
    guint count = 0;

    while (g_get_monotonic_time() < until_us) {
        gint64 now_us = vd_http_last_progress_us(rig->http);

        count += now_us != last_us;
        last_us = now_us;
    }
    return count;
}

static void who_says_nothing_holds_up_nobody(Rig *rig, gconstpointer unused)
{
    g_autoptr(GPtrArray) idle = g_ptr_array_new_with_free_func((GDestroyNotify)raw_close);
    char byte;

    for (guint i = 0; i < 100; i++) {
        RawClient *client = i % 3 == 0   ? connect_plainly(rig)
                            : i % 3 == 1 ? begin_handshake(rig, 50)
                                         : begin_handshake(rig, G_MAXSIZE);

        g_ptr_array_add(idle, client);
        if (i % 3 == 2) /* its answer is there: the handshake waits for this side */
            g_assert_cmpint(recv(client->fd, &byte, 1, 0), ==, 1);
    }
    g_autoptr(RawClient) viewer = view(rig);
    for (guint64 i = 1; i <= 20; i++)
        assert_picture(rig, viewer, i);
    /* Nor does it keep the loop busy: it waits for them all. */
    g_assert_cmpuint(rounds(rig, G_USEC_PER_SEC / 2), <, 20);
}

static void who_takes_too_long_is_ended(Rig *rig, gconstpointer unused)
{
    vd_clock_hold(vd_clock_now_us(), vd_clock_wall_us());
    g_autoptr(RawClient) silent = connect_plainly(rig);
    g_autoptr(RawClient) half = begin_handshake(rig, G_MAXSIZE);
    g_autoptr(RawClient) shaken = raw_connect(rig->port);
    g_autoptr(RawClient) other = raw_connect(rig->port);
    assert_answers(other);
    vd_clock_advance(20 * G_USEC_PER_SEC + 1);
    g_autoptr(RawClient) later = raw_connect(rig->port); /* the loop goes round */
    assert_answers(later);
    g_autoptr(GBytes) rest = raw_rest(silent);
    g_assert_cmpuint(g_bytes_get_size(rest), ==, 0);
    g_autoptr(GBytes) hello = raw_rest(half);
    g_autofree char *head = raw_head(shaken);
    g_assert_cmpint(raw_status(head), ==, 408);
    vd_clock_release();
}

static void stopping_does_not_wait_for_handshakes(Rig *rig, gconstpointer unused)
{
    g_autoptr(GPtrArray) idle = g_ptr_array_new_with_free_func((GDestroyNotify)raw_close);

    for (guint i = 0; i < 20; i++)
        g_ptr_array_add(idle,
                        i % 2 == 0 ? begin_handshake(rig, G_MAXSIZE) : raw_connect(rig->port));
    gint64 begin_us = g_get_monotonic_time();
    vd_http_free(g_steal_pointer(&rig->http));
    g_assert_cmpint(g_get_monotonic_time() - begin_us, <, 4 * G_USEC_PER_SEC);
}

/* --- another certificate ---------------------------------------------------------------------- */

static void a_new_pair_is_shown_to_who_comes_then(Rig *rig, gconstpointer unused)
{
    g_autoptr(RawClient) viewer = view(rig);

    assert_picture(rig, viewer, 1);
    tls_pair_write(&rig->pair, 2, in_an_hour());
    vd_https_refresh(rig->tls);
    g_assert_cmpuint(number_now(rig), ==, 1); /* it may not be whole yet */
    vd_https_refresh(rig->tls);
    g_assert_cmpuint(number_now(rig), ==, 2);
    assert_picture(rig, viewer, 2);
    g_assert_cmpuint(number_of(viewer), ==, 1);
    tls_pair_write(&rig->pair, 3, in_an_hour());
    g_assert_true(vd_https_configure(rig->tls, rig->pair.certificate, rig->pair.key, NULL));
    g_assert_cmpuint(number_now(rig), ==, 3);
    assert_picture(rig, viewer, 3);
}

static void half_a_pair_is_not_taken(Rig *rig, gconstpointer unused)
{
    g_autofree char *certificate = NULL, *key = NULL;
    g_autoptr(GError) error = NULL;

    tls_pair_make(2, in_an_hour(), &certificate, &key);
    g_assert_true(g_file_set_contents(rig->pair.certificate, certificate, -1, NULL));
    for (guint i = 0; i < 3; i++)
        vd_https_refresh(rig->tls);
    g_assert_cmpuint(number_now(rig), ==, 1);
    g_assert_false(vd_https_configure(rig->tls, rig->pair.certificate, rig->pair.key, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "it is not the key of the certificate in "));
    g_assert_cmpuint(number_now(rig), ==, 1);
    g_assert_true(g_file_set_contents(rig->pair.key, key, -1, NULL));
    vd_https_refresh(rig->tls);
    vd_https_refresh(rig->tls);
    g_assert_cmpuint(number_now(rig), ==, 2);
}

static void files_that_go_leave_what_was_read(Rig *rig, gconstpointer unused)
{
    unlink(rig->pair.key);
    for (guint i = 0; i < 3; i++)
        vd_https_refresh(rig->tls);
    g_assert_cmpuint(number_now(rig), ==, 1);
}

/* --- files ------------------------------------------------------------------------------------ */

static void assert_refused(const TlsPair *pair, const char *certificate, const char *key,
                           const char *why)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(pair->certificate, certificate, -1, NULL));
    g_assert_true(g_file_set_contents(pair->key, key, -1, NULL));
    g_assert_null(vd_certificate_load(pair->certificate, pair->key, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, why));
}

static void what_cannot_be_used_is_named(void)
{
    g_autofree char *certificate = NULL, *key = NULL, *other = NULL, *other_key = NULL;
    g_autofree char *large = g_strnfill(VD_MAX_TLS_FILE + 1, '\n');
    g_autoptr(GError) error = NULL;
    TlsPair pair;

    tls_pair_init(&pair);
    tls_pair_make(1, in_an_hour(), &certificate, &key);
    tls_pair_make(2, in_an_hour(), &other, &other_key);
    g_assert_null(vd_certificate_load(pair.certificate, pair.key, &error));
    g_assert_nonnull(strstr(error->message, "No such file"));
    g_autofree char *unrelated = g_strconcat(certificate, other, NULL);
    g_autofree char *half = g_strndup(key, strlen(key) / 2);
    assert_refused(&pair, "", key, "there is no certificate in this file");
    assert_refused(&pair, certificate, "", "there is no key in this file");
    assert_refused(&pair, certificate, half, "there is no key in this file");
    assert_refused(&pair, certificate, other_key, "it is not the key of the certificate in");
    assert_refused(&pair, key, key, "there is no certificate in this file");
    assert_refused(&pair, large, key, "tls-certificate=");
    assert_refused(&pair, certificate, large, "too large: 1048576 bytes are allowed");
    tls_pair_clear(&pair);
}

static guint doubts;

static void count_doubt(const char *text)
{
    g_test_message("%s", text);
    doubts++;
}

static void assert_doubts(const TlsPair *pair, guint count)
{
    g_autoptr(VdCertificate) certificate = vd_certificate_load(pair->certificate, pair->key, NULL);

    g_assert_nonnull(certificate);
    doubts = 0;
    vd_certificate_doubts(certificate, count_doubt);
    g_assert_cmpuint(doubts, ==, count);
}

static void what_is_doubtful_is_said(void)
{
    TlsPair pair;

    tls_pair_init(&pair);
    tls_pair_write(&pair, 1, in_an_hour());
    assert_doubts(&pair, 0);
    chmod(pair.key, 0640);
    assert_doubts(&pair, 0);
    chmod(pair.key, 0644);
    assert_doubts(&pair, 1);
    tls_pair_write(&pair, 1, time(NULL) - 60);
    assert_doubts(&pair, 1);
    tls_pair_clear(&pair);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/tls/" #name, Rig, NULL, open_rig, name, close_rig)
    TEST(only_1_2_and_1_3_are_spoken);
    TEST(http_1_1_is_agreed_upon);
    TEST(a_plain_request_is_told_so);
    TEST(who_is_left_is_told_by_tls);
    TEST(who_says_nothing_holds_up_nobody);
    TEST(who_takes_too_long_is_ended);
    TEST(stopping_does_not_wait_for_handshakes);
    TEST(a_new_pair_is_shown_to_who_comes_then);
    TEST(half_a_pair_is_not_taken);
    TEST(files_that_go_leave_what_was_read);
    g_test_add_func("/tls/what_cannot_be_used_is_named", what_cannot_be_used_is_named);
    g_test_add_func("/tls/what_is_doubtful_is_said", what_is_doubtful_is_said);
    return g_test_run();
}
