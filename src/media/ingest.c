#include "media/ingest.h"

#include "media/source-errand.h"
#include "media/source-kind.h"
#include "media/source-trust.h"

#include <string.h>

/* Authorities on their way from their file; it belongs to its errand. */
typedef struct Fetch {
    VdIngest *ingest; /* [main] NULL: it is gone */
    VdSourceSettings *settings;
    VdSourceTrust *trust;
    GError *error;
} Fetch;

struct VdIngest {
    VdSourceSettings *settings; /* (nullable) the uri could not be read */
    VdSourceFeed *feed;
    const VdSourceKind *kind;
    Fetch *fetch; /* (nullable) what the source waits for */
    void *source; /* (nullable) */
    VdIngestEvents events;
    void *data;
    guint timer; /* until the first unit; 0: none */
};

static const char *const loss_names[VD_N_LOSSES] = {
    [VD_LOSS_REFUSED] = "refused",         [VD_LOSS_UNKNOWN_HOST] = "unknown-host",
    [VD_LOSS_TIMEOUT] = "timeout",         [VD_LOSS_UNAUTHORIZED] = "unauthorized",
    [VD_LOSS_UNTRUSTED] = "untrusted",     [VD_LOSS_NOT_FOUND] = "not-found",
    [VD_LOSS_UNSUPPORTED] = "unsupported", [VD_LOSS_GARBAGE] = "garbage",
    [VD_LOSS_CLOSED] = "closed",           [VD_LOSS_STALLED] = "stalled",
    [VD_LOSS_FAILED] = "failed",
};

static const struct {
    const char *scheme;
    const VdSourceKind *kind;
} kinds[] = {
    {"rtsp", &vd_source_rtsp},  {"rtsps", &vd_source_rtsp}, {"http", &vd_source_http},
    {"https", &vd_source_http}, {"file", &vd_source_file},  {"v4l2", &vd_source_v4l2},
    {"test", &vd_source_test},
};

const char *vd_loss_name(VdLoss loss)
{
    return loss_names[loss];
}

static void stop_timer(VdIngest *ingest)
{
    if (ingest->timer != 0)
        g_source_remove(ingest->timer);
    ingest->timer = 0;
}

static void on_opened(GstCaps *caps, void *data)
{
    VdIngest *ingest = data;

    stop_timer(ingest);
    ingest->events.opened(ingest, caps, ingest->data);
}

static void on_changed(GstCaps *caps, void *data)
{
    VdIngest *ingest = data;

    ingest->events.changed(ingest, caps, ingest->data);
}

static void on_lost(VdLoss loss, const char *text, void *data)
{
    VdIngest *ingest = data;

    stop_timer(ingest);
    ingest->events.lost(ingest, loss, text, ingest->data);
}

static bool is_remote(const VdIngest *ingest)
{
    return ingest->kind == &vd_source_rtsp || ingest->kind == &vd_source_http;
}

static gboolean on_timeout(gpointer data)
{
    VdIngest *ingest = data;
    double seconds = ingest->settings->connect_timeout_ms / 1000.0;
    VdHeard heard = vd_source_feed_heard(ingest->feed);
    g_autofree char *host = vd_source_settings_host(ingest->settings);

    ingest->timer = 0;
    if (heard == VD_HEARD_TRAFFIC)
        vd_source_feed_lost(ingest->feed, VD_LOSS_GARBAGE,
                            "data comes, but no key frame of the announced codec within %g s",
                            seconds);
    else if (ingest->fetch != NULL)
        vd_source_feed_lost(ingest->feed, VD_LOSS_TIMEOUT,
                            "tls-ca-file: it has not opened within %g s", seconds);
    else if (!is_remote(ingest) && heard == VD_HEARD_NOTHING)
        vd_source_feed_lost(ingest->feed, VD_LOSS_TIMEOUT,
                            "its file or device has not opened within %g s", seconds);
    else if (!is_remote(ingest))
        vd_source_feed_lost(ingest->feed, VD_LOSS_TIMEOUT, "no picture within %g s", seconds);
    else if (heard == VD_HEARD_ANSWER)
        vd_source_feed_lost(ingest->feed, VD_LOSS_TIMEOUT,
                            "%s answers, but gives no picture within %g s", host, seconds);
    else
        vd_source_feed_lost(ingest->feed, VD_LOSS_TIMEOUT, "%s does not answer", host);
    return G_SOURCE_REMOVE;
}

/* [path's thread] */
static void fetch_trust(void *data)
{
    Fetch *fetch = data;

    fetch->trust = vd_source_trust_new(fetch->settings, &fetch->error);
}

/* [main] */
static void fetched(void *data)
{
    Fetch *fetch = data;
    VdIngest *ingest = fetch->ingest;

    if (ingest == NULL)
        return;
    ingest->fetch = NULL;
    ingest->settings->trust = g_steal_pointer(&fetch->trust);
    if (fetch->error != NULL)
        vd_source_feed_lost(ingest->feed, VD_LOSS_FAILED, "tls-ca-file: %s", fetch->error->message);
    else
        ingest->source = ingest->kind->start(ingest->settings, ingest->feed);
}

static void fetch_free(gpointer data)
{
    Fetch *fetch = data;

    vd_source_settings_free(fetch->settings);
    g_clear_object(&fetch->trust);
    g_clear_error(&fetch->error);
    g_free(fetch);
}

/* "": the system's authorities */
static const char *ca_file(const VdIngest *ingest)
{
    return ingest->settings->tls_ca_file != NULL ? ingest->settings->tls_ca_file : "";
}

static void start_fetch(VdIngest *ingest)
{
    ingest->fetch = g_new0(Fetch, 1);
    ingest->fetch->ingest = ingest;
    ingest->fetch->settings = vd_source_settings_copy(ingest->settings);
    vd_errand(ca_file(ingest), fetch_trust, fetched, ingest->fetch, fetch_free);
}

static void forget_fetch(VdIngest *ingest)
{
    if (ingest->fetch == NULL)
        return;
    ingest->fetch->ingest = NULL;
    vd_errand_forget(ca_file(ingest), ingest->fetch);
}

static const VdSourceKind *find_kind(const char *scheme)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(scheme, kinds[i].scheme))
            return kinds[i].kind;
    return NULL;
}

static void start(VdIngest *ingest)
{
    ingest->kind = find_kind(ingest->settings->scheme);
    if (ingest->kind == NULL) {
        g_autofree char *known = g_strjoinv(", ", (char **)vd_config_schemes());
        vd_source_feed_lost(ingest->feed, VD_LOSS_UNSUPPORTED, "no source \"%s:\"; there are %s",
                            ingest->settings->scheme, known);
        return;
    }
    ingest->timer = g_timeout_add((guint)ingest->settings->connect_timeout_ms, on_timeout, ingest);
    if (vd_source_trust_needed(ingest->settings))
        start_fetch(ingest);
    else
        ingest->source = ingest->kind->start(ingest->settings, ingest->feed);
}

VdIngest *vd_ingest_new(const VdCameraConfig *camera, const char *uri, VdRing *ring,
                        const VdIngestEvents *events, void *data)
{
    static const VdSourceEvents heard = {on_opened, on_changed, on_lost};
    VdIngest *ingest = g_new0(VdIngest, 1);
    g_autoptr(GError) error = NULL;

    ingest->events = *events;
    ingest->data = data;
    ingest->feed = vd_source_feed_new(ring, &heard, ingest);
    ingest->settings = vd_source_settings_new(camera, uri, &error);
    if (ingest->settings != NULL)
        start(ingest);
    else
        vd_source_feed_lost(ingest->feed, VD_LOSS_UNSUPPORTED, "%s", error->message);
    return ingest;
}

void vd_ingest_free(VdIngest *ingest)
{
    if (ingest == NULL)
        return;
    stop_timer(ingest);
    vd_source_feed_close(ingest->feed);
    forget_fetch(ingest);
    if (ingest->source != NULL)
        ingest->kind->stop(ingest->source);
    vd_source_settings_free(ingest->settings);
    vd_source_feed_unref(ingest->feed);
    g_free(ingest);
}

const char *vd_ingest_transport(const VdIngest *ingest)
{
    return ingest->source != NULL ? ingest->kind->transport(ingest->source) : "";
}
