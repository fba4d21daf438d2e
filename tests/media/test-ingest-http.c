#include "ingest-kit.h"

#include <gio/gio.h>
#include <string.h>

/*
 * HTTP cameras in this process: each path answers in the way of some camera. The pictures are real
 * ones, 32x16, made when the test starts.
 */
static GBytes *picture, *other;
static guint16 port;

typedef struct Way {
    const char *path;
    const char *head;   /* status line and headers without the blank line; NULL: no answer */
    const char *before; /* of a part; a %zu stands for the picture's length */
    const char *after;
    guint parts; /* then the connection is closed; 0: for ever */
    gsize chunk; /* bytes written at once; 0: all */
} Way;

#define OK    "HTTP/1.1 200 OK\r\n"
#define MIXED OK "Content-Type: multipart/x-mixed-replace; boundary="

static const Way ways[] = {
    {"/plain", MIXED "b\r\n", "--b\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n",
     "\r\n", 0, 0},
    {"/bytes", MIXED "b\r\n", "--b\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", 0, 100},
    {"/vlc", "HTTP/1.0 200 OK\r\nContent-type: application/octet-stream\r\n",
     "\r\n--7b3cc56e5f51db803f790dad720ed50a\r\nContent-Type: image/jpeg\r\nContent-Length: "
     "%zu\r\n\r\n",
     "", 0, 0},
    {"/bare", "HTTP/1.0 200 OK\r\n", "--x\n\n", "\n", 0, 0},
    {"/quoted", MIXED "\"--my b\"\r\n", "--my b\r\nContent-Length: 99\r\n\r\n", "\r\n", 0, 0},
    {"/ends", MIXED "b\r\n", "--b\r\n\r\n", "\r\n", 5, 0},
    {"/closing", MIXED "b\r\n", "--b\r\n\r\n", "\r\n--b--\r\n", 0, 0},
    {"/single", OK "Content-Type: image/jpeg\r\n", "", "", 1, 0},
    {"/page", OK "Content-Type: text/html; charset=utf-8\r\n", "<html>%zu", "</html>", 1, 0},
    {"/noise", MIXED "b\r\n", "this is no picture\r\n", "", 50, 0},
    {"/nothing", MIXED "b\r\n", "", "", 1, 0},
    {"/huge", MIXED "b\r\n", "--b\r\nContent-Length: 99999999\r\n\r\n", "", 0, 0},
    {"/401", "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"cam\"\r\nContent-Length: 0\r\n",
     NULL, NULL, 0, 0},
    {"/404", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n", NULL, NULL, 0, 0},
    {"/500", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n", NULL, NULL, 0, 0},
    {"/moved", "HTTP/1.1 302 There\r\nLocation: /plain\r\nContent-Length: 0\r\n", NULL, NULL, 0, 0},
    {"/rubbish", "this is no HTTP\r\n", NULL, NULL, 1, 0},
    {"/no-status", "HTTP/1.1 abc\r\n", NULL, NULL, 1, 0},
    {"/other", "RTSP/1.0 400 Bad Request\r\n", NULL, NULL, 1, 0},
    {"/hangs-up", "", NULL, NULL, 1, 0},
    {"/circle", "HTTP/1.1 302 There\r\nLocation: /circle\r\nContent-Length: 0\r\n", NULL, NULL, 0,
     0},
    {"/headers", MIXED "b\r\n", NULL, NULL, 0, 0},
    {"/silent", NULL, NULL, NULL, 0, 0},
    {"/password", MIXED "b\r\n", "--b\r\n\r\n", "\r\n", 0, 0},
    {"/resize", MIXED "b\r\n", "--b\r\n\r\n", "\r\n", 0, 0},
};

/* base64 of "me:s@cret" */
#define CREDENTIALS "Basic bWU6c0BjcmV0"

static bool write_text(GOutputStream *out, const void *data, gsize length, gsize chunk)
{
    for (gsize at = 0; at < length;) {
        gsize take = chunk > 0 ? MIN(chunk, length - at) : length;
        if (!g_output_stream_write_all(out, (const char *)data + at, take, NULL, NULL, NULL))
            return false;
        at += take;
    }
    return true;
}

static bool write_part(GOutputStream *out, const Way *way, guint number)
{
    GBytes *jpeg = g_str_equal(way->path, "/resize") && number >= 5 ? other : picture;
    g_autoptr(GString) part = g_string_new(way->before);
    g_autofree char *length = g_strdup_printf("%zu", g_bytes_get_size(jpeg));

    g_string_replace(part, "%zu", length, 0);
    if (!g_str_equal(way->path, "/noise") && !g_str_equal(way->path, "/nothing"))
        g_string_append_len(part, g_bytes_get_data(jpeg, NULL), (gssize)g_bytes_get_size(jpeg));
    g_string_append(part, way->after);
    return write_text(out, part->str, part->len, way->chunk);
}

/* Fifty pictures a second, until the client leaves. */
static void write_parts(GOutputStream *out, const Way *way)
{
    for (guint i = 0; way->parts == 0 || i < way->parts; i++) {
        if (!write_part(out, way, i))
            break;
        /* the pace of the camera, not a wait for something */
        g_usleep(way->parts == 1 ? 0 : 20000);
    }
}

static const Way *way_of(const char *request)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
        if (g_str_has_prefix(request, "GET ") && g_str_has_prefix(request + 4, ways[i].path))
            return &ways[i];
    return &ways[0];
}

#define TLS_HANDSHAKE 0x16

/* Reads up to the blank line; NULL: the client left. Who begins with TLS is answered at once. */
static char *read_request(GInputStream *in)
{
    g_autoptr(GString) request = g_string_new(NULL);
    char byte;

    while (!g_str_has_suffix(request->str, "\r\n\r\n")) {
        if (g_input_stream_read(in, &byte, 1, NULL, NULL) <= 0)
            return NULL;
        g_string_append_c(request, byte);
        if (request->str[0] == TLS_HANDSHAKE)
            return g_strdup("GET /rubbish");
    }
    return g_strdup(request->str);
}

static gboolean on_run(GThreadedSocketService *service, GSocketConnection *connection,
                       GObject *source, gpointer unused)
{
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    g_autofree char *request = NULL;

    while ((request = read_request(in)) != NULL) {
        const Way *way = way_of(request);
        if (g_str_equal(way->path, "/password") && strstr(request, CREDENTIALS) == NULL)
            way = way_of("GET /401");
        g_clear_pointer(&request, g_free);
        if (way->head == NULL)
            continue; /* silent until the client leaves */
        if (!write_text(out, way->head, strlen(way->head), way->chunk) ||
            !write_text(out, "\r\n", 2, 0))
            break;
        if (way->before != NULL)
            write_parts(out, way);
        if (way->before != NULL || way->parts == 1)
            break;
    }
    return TRUE;
}

static GBytes *make_picture(int width)
{
    g_autofree char *launch = g_strdup_printf(
        "videotestsrc num-buffers=1 ! video/x-raw,format=I420,width=%d,height=16 ! jpegenc ! "
        "appsink name=sink",
        width);
    g_autoptr(GstElement) pipeline = gst_parse_launch(launch, NULL);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    GstSample *sample = NULL;
    GstMapInfo map;

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_signal_emit_by_name(sink, "pull-sample", &sample);
    g_assert_nonnull(sample);
    g_assert_true(gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ));
    GBytes *bytes = g_bytes_new(map.data, map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    gst_sample_unref(sample);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return bytes;
}

static void start(Kit *kit, const char *user, const char *path)
{
    g_autofree char *uri = g_strdup_printf("http://%s127.0.0.1:%u%s", user, port, path);

    kit_start(kit, uri);
}

static void every_camera_s_way_plays(void)
{
    static const char *const paths[] = {"/plain", "/bytes", "/vlc", "/bare", "/quoted", "/moved"};

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        int width = 0;
        Kit kit;
        g_test_message("%s", paths[i]);
        kit_init(&kit);
        start(&kit, "", paths[i]);
        kit_await_units(&kit, 10);
        g_assert_cmpstr(vd_ingest_transport(kit.ingest), ==, "http");
        gst_structure_get_int(gst_caps_get_structure(kit.caps, 0), "width", &width);
        g_assert_cmpint(width, ==, 32);
        g_assert_cmpint(kit.keys, ==, kit.units);
        g_assert_cmpint(kit.backwards, ==, 0);
        kit_clear(&kit);
    }
}

static void every_fault_has_its_name(void)
{
    static const struct {
        const char *path;
        VdLoss loss;
        const char *text;
        int timeout_ms; /* 0: one that is not reached */
    } rows[] = {
        {"/ends", VD_LOSS_CLOSED, "the camera ended the stream"},
        {"/closing", VD_LOSS_CLOSED, "the camera ended the stream"},
        {"/single", VD_LOSS_UNSUPPORTED, "gives a single picture"},
        {"/page", VD_LOSS_UNSUPPORTED, "gives a page"},
        {"/noise", VD_LOSS_GARBAGE, "holds no picture"},
        {"/nothing", VD_LOSS_GARBAGE, "holds no picture"},
        {"/huge", VD_LOSS_GARBAGE, "more than 16 MB"},
        {"/401", VD_LOSS_UNAUTHORIZED, "does not accept this user and password"},
        {"/404", VD_LOSS_NOT_FOUND, "no stream of this path (HTTP 404)"},
        {"/500", VD_LOSS_FAILED, "answers with HTTP 500"},
        {"/rubbish", VD_LOSS_GARBAGE, "does not speak HTTP as it should"},
        {"/no-status", VD_LOSS_GARBAGE, "does not speak HTTP as it should"},
        {"/other", VD_LOSS_GARBAGE, "does not speak HTTP as it should"},
        {"/hangs-up", VD_LOSS_GARBAGE, "does not speak HTTP as it should"},
        {"/silent", VD_LOSS_TIMEOUT, "does not answer", 1000},
        {"/headers", VD_LOSS_TIMEOUT, "answers, but gives no picture within 5 s", 5000},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        g_test_message("%s", rows[i].path);
        kit_init(&kit);
        if (rows[i].timeout_ms > 0)
            kit.camera.connect_timeout_ms = rows[i].timeout_ms;
        start(&kit, "me:secret@", rows[i].path);
        kit_await_loss(&kit, rows[i].loss, rows[i].text);
        g_assert_null(strstr(kit.text, "secret"));
        kit_clear(&kit);
    }
}

static void being_sent_in_circles_ends(void)
{
    static const char *const users[] = {"", "me:secret@"};

    for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
        Kit kit;
        kit_init(&kit);
        start(&kit, users[i], "/circle");
        kit_await_loss(&kit, VD_LOSS_FAILED, "sends on to an address that is not followed");
        kit_clear(&kit);
    }
}

static void who_is_not_there_is_told_from_whose_name_is_not_known(void)
{
    static const struct {
        const char *uri;
        VdLoss loss;
        const char *text;
    } rows[] = {
        {"http://127.0.0.1:1/x", VD_LOSS_REFUSED, "nobody takes connections at 127.0.0.1:1"},
        {"https://127.0.0.1:1/x", VD_LOSS_REFUSED, "nobody takes connections at 127.0.0.1:1"},
        {"http://no-such-host.invalid/x", VD_LOSS_UNKNOWN_HOST,
         "the host no-such-host.invalid is not known"},
        {"https://me:secret@no-such-host.invalid:1/x", VD_LOSS_UNKNOWN_HOST,
         "the host no-such-host.invalid is not known"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        g_test_message("%s", rows[i].uri);
        kit_init(&kit);
        kit_start(&kit, rows[i].uri);
        kit_await_loss(&kit, rows[i].loss, rows[i].text);
        kit_clear(&kit);
    }
}

static void who_speaks_no_tls_is_not_called_away(void)
{
    static const struct {
        VdTls tls;
        VdLoss loss;
        const char *text;
    } rows[] = {
        {VD_TLS_VERIFY, VD_LOSS_GARBAGE, "does not speak HTTPS as it should"},
        {VD_TLS_ANY, VD_LOSS_GARBAGE, "does not speak HTTPS as it should"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *uri = g_strdup_printf("https://127.0.0.1:%u/rubbish", port);
        Kit kit;
        kit_init(&kit);
        kit.camera.tls = rows[i].tls;
        kit_start(&kit, uri);
        kit_await_loss(&kit, rows[i].loss, rows[i].text);
        kit_clear(&kit);
    }
}

static void a_password_is_given_when_asked_for(void)
{
    static const struct {
        const char *in_uri, *user, *password;
        bool welcome;
    } rows[] = {
        {"me:s%40cret@", NULL, NULL, true},
        {"", "me", "s@cret", true},
        {"me:wrong@", NULL, NULL, false},
        {"", NULL, NULL, false},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        kit_init(&kit);
        kit.camera.user = (char *)rows[i].user;
        kit.camera.password = (char *)rows[i].password;
        start(&kit, rows[i].in_uri, "/password");
        if (rows[i].welcome)
            kit_await_units(&kit, 2);
        else
            kit_await_loss(&kit, VD_LOSS_UNAUTHORIZED, "does not accept this user and password");
        kit_clear(&kit);
    }
}

static void another_size_is_a_change(void)
{
    int width = 0;
    Kit kit;

    kit_init(&kit);
    start(&kit, "", "/resize");
    kit_await_changed(&kit);
    gst_structure_get_int(gst_caps_get_structure(kit.caps, 0), "width", &width);
    g_assert_cmpint(width, ==, 48);
    kit_clear(&kit);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    picture = make_picture(32);
    other = make_picture(48);

    g_autoptr(GSocketService) service = g_threaded_socket_service_new(32);
    g_autoptr(GInetAddress) local = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(local, 0);
    g_autoptr(GSocketAddress) bound = NULL;
    g_autoptr(GError) error = NULL;
    g_socket_listener_add_address(G_SOCKET_LISTENER(service), any, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
    g_assert_no_error(error);
    port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    g_signal_connect(service, "run", G_CALLBACK(on_run), NULL);
    g_socket_service_start(service);

#define ADD(name) g_test_add_func("/ingest/http/" #name, name)
    ADD(every_camera_s_way_plays);
    ADD(every_fault_has_its_name);
    ADD(being_sent_in_circles_ends);
    ADD(who_is_not_there_is_told_from_whose_name_is_not_known);
    ADD(who_speaks_no_tls_is_not_called_away);
    ADD(a_password_is_given_when_asked_for);
    ADD(another_size_is_a_change);
    int result = g_test_run();
    g_socket_service_stop(service);
    return result; /* the pictures stay: a server's thread may still be sending one */
}
