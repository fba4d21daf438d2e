#include "halting-camera.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <string.h>

struct HaltingCamera {
    bool tls;
    gint64 halt_us;
    GPtrArray *packets; /* GBytes, framed as they are sent */
    GSocketListener *listener;
    guint port;
    GCancellable *stop;
    GThread *thread;

    GSocket *socket; /* these three are the thread's */
    GDataInputStream *input;
    GOutputStream *output;
    gint halts, left; /* atomic */
};

/* Anybody's; clients take it without a check. */
static const char certificate[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9wDXc+3uavW8zhVW\n"
    "fI8bdU8xaCyiR7cRg2fjqITwGWihRANCAATMa/hyuUwuNbGitYdKxVJnR0aIDNBi\n"
    "MQ1AFkRpIAV+IsmGo4R1lHrXXCnSKrhW0QW1I7Enb10ELcPrfGMtHyaW\n"
    "-----END PRIVATE KEY-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeTCCAR+gAwIBAgIUBhl5x2mL4Aq6eTmtXQBMTsi1VkswCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGY2FtZXJhMCAXDTI2MTEyNTE2NDQ0NFoYDzIxMjYxMTAxMTY0\n"
    "NDQ0WjARMQ8wDQYDVQQDDAZjYW1lcmEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AATMa/hyuUwuNbGitYdKxVJnR0aIDNBiMQ1AFkRpIAV+IsmGo4R1lHrXXCnSKrhW\n"
    "0QW1I7Enb10ELcPrfGMtHyaWo1MwUTAdBgNVHQ4EFgQUsDzjtdi8ZxGhgPWq33GX\n"
    "7MBpNmswHwYDVR0jBBgwFoAUsDzjtdi8ZxGhgPWq33GX7MBpNmswDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAu7tTjVEEl1K7Wi82jN8y5jXxHaAvO\n"
    "Cp9QgUNhBt9uNgIhAIAD+asTmp3U9wKjHSlpj09kKGzNKX1Gtp6Ibgl4FaYx\n"
    "-----END CERTIFICATE-----\n";

static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
                          "m=video 0 RTP/AVP 26\r\na=control:track\r\n";

/* --- the packets ------------------------------------------------------------------------------ */

static GBytes *frame_packet(GstBuffer *packet)
{
    gsize size = gst_buffer_get_size(packet);
    guint8 *data = g_malloc(4 + size);

    data[0] = '$';
    data[1] = 0;
    data[2] = (guint8)(size >> 8);
    data[3] = (guint8)size;
    gst_buffer_extract(packet, 0, data + 4, size);
    return g_bytes_new_take(data, 4 + size);
}

static GPtrArray *make_packets(void)
{
    GPtrArray *packets = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autofree char *launch = g_strdup_printf(
        "videotestsrc num-buffers=%d ! video/x-raw,format=I420,width=160,height=96 ! jpegenc ! "
        "rtpjpegpay mtu=600 ! appsink name=sink sync=false",
        HALTING_CAMERA_PICTURES);
    g_autoptr(GstElement) pipeline = gst_parse_launch(launch, NULL);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    GstSample *sample;

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(sink))) != NULL) {
        g_ptr_array_add(packets, frame_packet(gst_sample_get_buffer(sample)));
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    g_assert_cmpuint(packets->len, >, 4 * HALTING_CAMERA_PICTURES);
    return packets;
}

/* --- the thread ------------------------------------------------------------------------------- */

static void tell(gint *what)
{
    g_atomic_int_set(what, 1);
    g_main_context_wakeup(NULL);
}

static bool send_bytes(HaltingCamera *camera, const void *data, gsize length)
{
    return g_output_stream_write_all(camera->output, data, length, NULL, camera->stop, NULL);
}

/* Where the packet of this number is cut in two; 0: nowhere. In its header, and behind it. */
static gsize cut_of(const HaltingCamera *camera, guint number, gsize length)
{
    if (number == camera->packets->len / 3)
        return 2;
    return number == camera->packets->len / 2 ? length / 2 : 0;
}

static bool send_packet(HaltingCamera *camera, guint number)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(camera->packets->pdata[number], &length);
    gsize cut = cut_of(camera, number, length);

    if (cut > 0) {
        if (!send_bytes(camera, data, cut))
            return false;
        tell(&camera->halts);
        if (camera->halt_us == 0)
            return false;
        g_socket_condition_timed_wait(camera->socket, G_IO_IN, camera->halt_us, camera->stop, NULL);
    }
    return send_bytes(camera, data + cut, length - cut);
}

/* True: goes on. Without a number in the answer the client would not take it for its own. */
static bool answer(HaltingCamera *camera, const char *request, const char *number)
{
    bool describe = g_str_has_prefix(request, "DESCRIBE ");
    g_autofree char *head = g_strdup_printf(
        "RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1\r\n"
        "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nContent-Length: %zu\r\n\r\n%s",
        number, describe ? strlen(sdp) : 0, describe ? sdp : "");

    if (g_str_has_prefix(request, "TEARDOWN ")) /* nobody waits for an answer */
        return true;
    if (!send_bytes(camera, head, strlen(head)))
        return false;
    if (g_str_has_prefix(request, "PLAY "))
        for (guint i = 0; i < camera->packets->len && send_packet(camera, i); i++)
            ;
    return true;
}

/* (transfer full) NULL: the client has hung up. */
static char *read_line(HaltingCamera *camera)
{
    return g_data_input_stream_read_line(camera->input, NULL, camera->stop, NULL);
}

/* False: the client has left. */
static bool serve_request(HaltingCamera *camera)
{
    g_autofree char *request = read_line(camera);
    g_autofree char *number = NULL;

    if (request == NULL)
        return false;
    for (;;) {
        g_autofree char *line = read_line(camera);
        if (line == NULL)
            return false;
        if (line[0] == '\0')
            return answer(camera, request, number != NULL ? number : "0");
        if (g_ascii_strncasecmp(line, "CSeq: ", 6) == 0) {
            g_free(number);
            number = g_strdup(line + 6);
        }
    }
}

/* (transfer full) */
static GIOStream *open_stream(const HaltingCamera *camera, GSocketConnection *connection)
{
    g_autoptr(GError) error = NULL;

    if (!camera->tls)
        return G_IO_STREAM(g_object_ref(connection));
    g_autoptr(GTlsCertificate) own = g_tls_certificate_new_from_pem(certificate, -1, &error);
    g_assert_no_error(error);
    GIOStream *stream = g_tls_server_connection_new(G_IO_STREAM(connection), own, &error);
    g_assert_no_error(error);
    return stream;
}

static gpointer serve(gpointer data)
{
    HaltingCamera *camera = data;
    g_autoptr(GSocketConnection) connection =
        g_socket_listener_accept(camera->listener, NULL, camera->stop, NULL);

    if (connection == NULL)
        return NULL;
    g_autoptr(GIOStream) stream = open_stream(camera, connection);
    camera->socket = g_socket_connection_get_socket(connection);
    camera->input = g_data_input_stream_new(g_io_stream_get_input_stream(stream));
    camera->output = g_io_stream_get_output_stream(stream);
    g_data_input_stream_set_newline_type(camera->input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
    while (serve_request(camera))
        ;
    g_object_unref(camera->input);
    tell(&camera->left);
    return NULL;
}

/* --- its owner -------------------------------------------------------------------------------- */

HaltingCamera *halting_camera_new(bool tls, gint64 halt_us)
{
    HaltingCamera *camera = g_new0(HaltingCamera, 1);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string("127.0.0.1", 0);
    g_autoptr(GSocketAddress) bound = NULL;

    camera->tls = tls;
    camera->halt_us = halt_us;
    camera->packets = make_packets();
    camera->listener = g_socket_listener_new();
    camera->stop = g_cancellable_new();
    g_socket_listener_add_address(camera->listener, any, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL);
    g_assert_nonnull(bound);
    camera->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    camera->thread = g_thread_new("camera", serve, camera);
    return camera;
}

void halting_camera_free(HaltingCamera *camera)
{
    g_cancellable_cancel(camera->stop);
    g_thread_join(camera->thread);
    g_object_unref(camera->stop);
    g_object_unref(camera->listener);
    g_ptr_array_unref(camera->packets);
    g_free(camera);
}

char *halting_camera_uri(const HaltingCamera *camera)
{
    return g_strdup_printf("rtsp%s://127.0.0.1:%u/x", camera->tls ? "s" : "", camera->port);
}

bool halting_camera_halts(void *camera)
{
    return g_atomic_int_get(&((HaltingCamera *)camera)->halts) != 0;
}

bool halting_camera_is_left(void *camera)
{
    return g_atomic_int_get(&((HaltingCamera *)camera)->left) != 0;
}
