#include "media/source-probe.h"

#include <gio/gio.h>
#include <string.h>

#define PATIENCE_S 3

typedef struct Probe {
    VdSourceFeed *feed;
    char *host; /* with its port, for messages */
    char *name; /* without */
    VdLoss taken;
    char *taken_text;
} Probe;

static void probe_free(Probe *probe)
{
    vd_source_feed_unref(probe->feed);
    g_free(probe->host);
    g_free(probe->name);
    g_free(probe->taken_text);
    g_free(probe);
}

static void say_taken(const Probe *probe)
{
    g_auto(GStrv) parts = g_strsplit(probe->taken_text, "%s", 2);
    bool named = parts[1] != NULL;

    vd_source_feed_explain(probe->feed, probe->taken, "%s%s%s", parts[0], named ? probe->host : "",
                           named ? parts[1] : "");
}

static void say_error(const Probe *probe, const GError *error)
{
    if (g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE))
        vd_source_feed_explain(probe->feed, VD_LOSS_UNKNOWN_HOST,
                               "the host %s is not known: no name server answers", probe->name);
    else if (error->domain == G_RESOLVER_ERROR)
        vd_source_feed_explain(probe->feed, VD_LOSS_UNKNOWN_HOST, "the host %s is not known",
                               probe->name);
    else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        vd_source_feed_explain(probe->feed, VD_LOSS_TIMEOUT, "%s does not answer", probe->host);
    else
        vd_source_feed_explain(probe->feed, VD_LOSS_REFUSED, "nobody takes connections at %s",
                               probe->host);
}

/* [main] */
static void on_connected(GObject *client, GAsyncResult *result, gpointer data)
{
    Probe *probe = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_to_host_finish(G_SOCKET_CLIENT(client), result, &error);

    if (connection != NULL)
        say_taken(probe);
    else
        say_error(probe, error);
    probe_free(probe);
}

static guint16 usual_port(const char *scheme)
{
    static const struct {
        const char *scheme;
        guint16 port;
    } ports[] = {{"rtsp", 554}, {"rtsps", 322}, {"http", 80}, {"https", 443}};

    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
        if (g_str_equal(scheme, ports[i].scheme))
            return ports[i].port;
    g_return_val_if_reached(0);
}

/* "[::1]:554" is ::1, "camera:554" is camera. (transfer full) */
static char *name_of(const char *host)
{
    if (host[0] == '[')
        return g_strndup(host + 1, strcspn(host + 1, "]"));
    return g_strndup(host, strcspn(host, ":"));
}

void vd_source_probe(const VdSourceSettings *settings, VdSourceFeed *feed, VdLoss taken,
                     const char *taken_text)
{
    if (!vd_source_feed_over(feed))
        return;
    Probe *probe = g_new0(Probe, 1);
    g_autoptr(GSocketClient) client = g_socket_client_new();

    probe->feed = vd_source_feed_ref(feed);
    probe->host = vd_source_settings_host(settings);
    probe->name = name_of(probe->host);
    probe->taken = taken;
    probe->taken_text = g_strdup(taken_text);
    g_socket_client_set_timeout(client, PATIENCE_S);
    /* not to the uri: of https GSocketClient would make TLS */
    g_socket_client_connect_to_host_async(client, probe->host, usual_port(settings->scheme), NULL,
                                          on_connected, probe);
}
