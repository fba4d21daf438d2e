#include "door.h"

#include <gio/gio.h>

struct CamDoor {
    GstRTSPServer *server;
    GstRTSPMountPoints *points;
    GstRTSPThread *thread; /* serves all clients */
    GstRTSPAuth *auth;     /* (nullable) */
    GTlsCertificate *certificate;
    char *address;
    guint port;
    GSocket *keeper;         /* bound and never listening: nobody else gets the port */
    guint listening;         /* source id, 0: not */
    GSocketService *silence; /* while silent */
    GPtrArray *held;         /* connections taken while silent */
    CamDoorCounts counts;
};

static void on_describe(GstRTSPClient *client, GstRTSPContext *context, CamDoor *door)
{
    door->counts.describes++;
}

static void on_play(GstRTSPClient *client, GstRTSPContext *context, CamDoor *door)
{
    door->counts.plays++;
}

static void on_client(GstRTSPServer *server, GstRTSPClient *client, CamDoor *door)
{
    door->counts.connections++;
    g_signal_connect(client, "describe-request", G_CALLBACK(on_describe), door);
    g_signal_connect(client, "play-request", G_CALLBACK(on_play), door);
}

static gboolean on_silent(GSocketService *service, GSocketConnection *connection, GObject *source,
                          CamDoor *door)
{
    door->counts.connections++;
    g_ptr_array_add(door->held, g_object_ref(connection));
    return TRUE;
}

static gboolean listen_open(CamDoor *door)
{
    g_autofree char *service = g_strdup_printf("%u", door->port);

    gst_rtsp_server_set_service(door->server, service);
    door->listening = gst_rtsp_server_attach(door->server, NULL);
    return door->listening != 0;
}

static gboolean listen_silent(CamDoor *door)
{
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string(door->address, door->port);

    door->silence = g_socket_service_new();
    g_signal_connect(door->silence, "incoming", G_CALLBACK(on_silent), door);
    return g_socket_listener_add_address(G_SOCKET_LISTENER(door->silence), address,
                                         G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL,
                                         NULL);
}

static void shut(CamDoor *door)
{
    if (door->listening)
        g_source_remove(door->listening);
    door->listening = 0;
    if (door->silence) {
        g_socket_service_stop(door->silence);
        g_socket_listener_close(G_SOCKET_LISTENER(door->silence));
    }
    g_clear_object(&door->silence);
    g_ptr_array_set_size(door->held, 0);
}

/*
 * The pool has one thread for clients; holding it keeps it for all that come. Only in it may a
 * client be closed: closing pulls connection, session and media out of the hands of who reads.
 */
static GstRTSPThread *clients_thread(GstRTSPServer *server)
{
    g_autoptr(GstRTSPThreadPool) pool = gst_rtsp_server_get_thread_pool(server);

    gst_rtsp_thread_pool_set_max_threads(pool, 1);
    return gst_rtsp_thread_pool_get_thread(pool, GST_RTSP_THREAD_TYPE_CLIENT, NULL);
}

/* While it is shut, a connection that somebody makes could take the port for its own end. */
static gboolean keep_port(CamDoor *door, GError **error)
{
    g_autoptr(GSocketAddress) wanted =
        g_inet_socket_address_new_from_string(door->address, door->port);
    g_autoptr(GSocketAddress) bound = NULL;

    if (!wanted) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is no address",
                    door->address);
        return FALSE;
    }
    door->keeper = g_socket_new(g_socket_address_get_family(wanted), G_SOCKET_TYPE_STREAM,
                                G_SOCKET_PROTOCOL_TCP, error);
    if (!door->keeper || !g_socket_bind(door->keeper, wanted, TRUE, error))
        return FALSE;
    bound = g_socket_get_local_address(door->keeper, error);
    if (bound)
        door->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    return bound != NULL;
}

CamDoor *cam_door_new(const char *address, guint port, const char *tls, GError **error)
{
    CamDoor *door = g_new0(CamDoor, 1);

    door->server = gst_rtsp_server_new();
    door->points = gst_rtsp_server_get_mount_points(door->server);
    door->thread = clients_thread(door->server);
    door->address = g_strdup(address);
    door->port = port;
    door->held = g_ptr_array_new_with_free_func(g_object_unref);
    gst_rtsp_server_set_address(door->server, address);
    g_signal_connect(door->server, "client-connected", G_CALLBACK(on_client), door);
    if (!keep_port(door, error)) {
        cam_door_free(door);
        return NULL;
    }
    if (tls) {
        door->certificate = g_tls_certificate_new_from_file(tls, error);
        if (!door->certificate) {
            cam_door_free(door);
            return NULL;
        }
        cam_door_auth(door, NULL, NULL, FALSE);
    }
    return door;
}

void cam_door_free(CamDoor *door)
{
    shut(door);
    g_ptr_array_unref(door->held);
    g_clear_object(&door->keeper);
    g_clear_object(&door->auth);
    g_clear_object(&door->certificate);
    gst_rtsp_thread_stop(door->thread);
    g_object_unref(door->points);
    g_object_unref(door->server);
    g_free(door->address);
    g_free(door);
}

GstRTSPMountPoints *cam_door_points(CamDoor *door)
{
    return door->points;
}

guint cam_door_port(const CamDoor *door)
{
    return door->port;
}

gboolean cam_door_set(CamDoor *door, CamDoorState state)
{
    shut(door);
    if (state != CAM_DOOR_OPEN)
        cam_door_drop(door, NULL);
    switch (state) {
    case CAM_DOOR_OPEN:
        return listen_open(door);
    case CAM_DOOR_SILENT:
        return listen_silent(door);
    case CAM_DOOR_SHUT:
        break;
    }
    return TRUE;
}

void cam_door_auth(CamDoor *door, const char *user, const char *password, gboolean basic)
{
    g_autoptr(GstRTSPToken) token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "user", NULL);

    g_clear_object(&door->auth);
    if (user || door->certificate)
        door->auth = gst_rtsp_auth_new();
    if (door->certificate)
        gst_rtsp_auth_set_tls_certificate(door->auth, door->certificate);
    if (user && basic) {
        g_autofree char *secret = gst_rtsp_auth_make_basic(user, password);

        gst_rtsp_auth_set_supported_methods(door->auth, GST_RTSP_AUTH_BASIC);
        gst_rtsp_auth_add_basic(door->auth, secret, token);
    } else if (user) {
        gst_rtsp_auth_set_supported_methods(door->auth, GST_RTSP_AUTH_DIGEST);
        gst_rtsp_auth_add_digest(door->auth, user, password, token);
    } else if (door->auth) {
        gst_rtsp_auth_set_default_token(door->auth, token);
    }
    gst_rtsp_server_set_auth(door->server, door->auth);
}

/* Looks for a session that plays a path among a client's. */
typedef struct Search {
    const char *path;
    gboolean found;
} Search;

static GstRTSPFilterResult match_media(GstRTSPSession *session, GstRTSPSessionMedia *media,
                                       gpointer data)
{
    Search *search = data;
    int matched = 0;

    if (gst_rtsp_session_media_matches(media, search->path, &matched))
        search->found = TRUE;
    return GST_RTSP_FILTER_KEEP;
}

static GstRTSPFilterResult match_session(GstRTSPClient *client, GstRTSPSession *session,
                                         gpointer data)
{
    g_list_free(gst_rtsp_session_filter(session, match_media, data));
    return GST_RTSP_FILTER_KEEP;
}

typedef struct Order {
    GstRTSPServer *server;
    GList *clients; /* who was connected when it was given */
    char *path;     /* (nullable) */
} Order;

static void order_free(gpointer data)
{
    Order *order = data;

    g_list_free_full(order->clients, g_object_unref);
    g_object_unref(order->server);
    g_free(order->path);
    g_free(order);
}

static GstRTSPFilterResult drop_client(GstRTSPServer *server, GstRTSPClient *client, gpointer data)
{
    const Order *order = data;
    Search search = {order->path, order->path == NULL};

    if (!g_list_find(order->clients, client))
        return GST_RTSP_FILTER_KEEP;
    if (order->path)
        g_list_free(gst_rtsp_client_session_filter(client, match_session, &search));
    return search.found ? GST_RTSP_FILTER_REMOVE : GST_RTSP_FILTER_KEEP;
}

/* Behind what the clients' thread does now; who connects from now on is not in it. */
static void post(CamDoor *door, GSourceFunc what, const char *path)
{
    Order *order = g_new0(Order, 1);

    order->server = g_object_ref(door->server);
    order->clients = gst_rtsp_server_client_filter(door->server, NULL, NULL);
    order->path = g_strdup(path);
    g_main_context_invoke_full(door->thread->context, G_PRIORITY_HIGH, what, order, order_free);
    /* cppcheck-suppress memleak ; the source has it */
}

static gboolean drop(gpointer data)
{
    const Order *order = data;

    g_list_free(gst_rtsp_server_client_filter(order->server, drop_client, data));
    return G_SOURCE_REMOVE;
}

void cam_door_drop(CamDoor *door, const char *path)
{
    post(door, drop, path);
}

static gboolean clean(gpointer data)
{
    const Order *order = data;
    g_autoptr(GstRTSPSessionPool) pool = gst_rtsp_server_get_session_pool(order->server);

    gst_rtsp_session_pool_cleanup(pool);
    return G_SOURCE_REMOVE;
}

void cam_door_clean(CamDoor *door)
{
    post(door, clean, NULL);
}

void cam_door_counts(const CamDoor *door, CamDoorCounts *counts)
{
    *counts = door->counts;
}
