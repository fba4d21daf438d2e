#include "api/local.h"

#include "api/configuration.h"
#include "api/explain.h"
#include "api/figures.h"
#include "api/history.h"
#include "api/incidents.h"
#include "api/list.h"
#include "api/orders.h"
#include "api/probes.h"
#include "api/process.h"
#include "api/roster.h"
#include "api/viewers.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "camera/cameras.h"
#include "config/json.h"
#include "config/schema.h"
#include "media/gpu-survey.h"

#include <gst/gst.h>
#include <string.h>

#define LINGER_US     (2 * G_USEC_PER_SEC) /* a rendition nobody watches is kept so long */
#define LINGER_MS     500                  /* how often those are looked at */
#define ALIVE_US      (5 * G_USEC_PER_SEC) /* the main loop comes round more often than this */
#define LEAST_WIDTH   16
#define MOST_FPS      60
#define LEAST_BITRATE 16 /* kbit/s */

/* Somebody who watches. */
struct VdViewer {
    VdLocal *local;
    VdRoom *room;
    VdSeat *seat;
};

struct VdLocal {
    VdApi api;
    VdCommands *commands;
    VdCameras *cameras; /* [main] */
    VdOrders *orders;
    VdProbes *probes;
    VdSettings *settings; /* [main] */
    guint linger_timer;   /* [main] */
    VdEvents *events;
    VdIncidents *incidents;
    VdRoster *roster;
    guint64 numbers; /* atomic: viewers there have been */
    gint64 alive_us; /* atomic: when the cameras were last looked after */
    GBytes *version, *schema;
    VdList *list;
    VdFigures *figures;
};

/* --- from the cameras, [main] ----------------------------------------------------------------- */

static void on_published(VdStatus *status, void *data)
{
    vd_roster_publish(((VdLocal *)data)->roster, status);
}

static void on_alive(void *data)
{
    VdLocal *local = data;

    __atomic_store_n(&local->alive_us, vd_clock_now_us(), __ATOMIC_RELAXED);
    vd_incidents_look_at_gpus(local->incidents);
    vd_gpu_survey();
}

/* [any] */
static void on_happened(VdEvent *event, void *data)
{
    vd_events_post(((VdLocal *)data)->events, event);
}

/* Who comes from now on does not find it; who watches is told by his mailbox's closing. */
static void on_removed(const char *id, void *data)
{
    g_autoptr(GPtrArray) audiences = vd_roster_remove(((VdLocal *)data)->roster, id);

    for (guint i = 0; i < audiences->len; i++)
        vd_mailbox_close(vd_audience_mailbox(audiences->pdata[i]));
}

/* --- orders to the main loop ------------------------------------------------------------------ */

typedef struct Order {
    VdLocal *local;
    char *id;
    VdAudience *audience;
} Order;

static void order_free(void *data)
{
    Order *order = data;

    vd_audience_unref(order->audience);
    g_free(order->id);
    g_free(order);
}

static void open_audience(void *data)
{
    Order *order = data;

    vd_cameras_open(order->local->cameras, order->id, order->audience);
}

static void close_audience(void *data)
{
    Order *order = data;

    vd_cameras_close(order->local->cameras, order->id, order->audience);
}

static void post(VdLocal *local, void (*what)(void *order), const VdRoom *room)
{
    Order *order = g_new0(Order, 1);

    order->local = local;
    order->id = g_strdup(vd_room_camera(room));
    order->audience = vd_audience_ref(vd_room_audience(room));
    vd_commands_post(local->commands, what, order, order_free);
}

/* Closes what nobody has watched for a while. */
static gboolean on_linger(gpointer data)
{
    VdLocal *local = data;
    bool more;
    g_autoptr(GPtrArray) rooms = vd_roster_sweep(local->roster, LINGER_US, &more);

    for (guint i = 0; i < rooms->len; i++)
        vd_cameras_close(local->cameras, vd_room_camera(rooms->pdata[i]),
                         vd_room_audience(rooms->pdata[i]));
    if (more)
        return G_SOURCE_CONTINUE;
    local->linger_timer = 0;
    return G_SOURCE_REMOVE;
}

static void start_linger(void *data)
{
    VdLocal *local = data;

    if (local->linger_timer == 0)
        local->linger_timer = g_timeout_add(LINGER_MS, on_linger, local);
}

/* --- answers, [any] --------------------------------------------------------------------------- */

static GBytes *api_cameras(void *self, const VdSight *sight, const VdPage *page)
{
    return vd_list_cameras(((VdLocal *)self)->list, sight, page);
}

static GBytes *api_camera(void *self, const char *id)
{
    g_autoptr(VdStatus) status = vd_roster_find(((VdLocal *)self)->roster, id);

    return status != NULL ? vd_status_whole_json(status) : NULL;
}

static GBytes *api_stats(void *self)
{
    return vd_figures_stats(((VdLocal *)self)->figures);
}

static GBytes *api_metrics(void *self)
{
    return vd_figures_metrics(((VdLocal *)self)->figures);
}

static void api_system(void *self, VdTicket *ticket)
{
    vd_figures_system(((VdLocal *)self)->figures, ticket);
}

static GBytes *api_version(void *self)
{
    return g_bytes_ref(((VdLocal *)self)->version);
}

static bool api_ready(void *self, char **why)
{
    VdLocal *local = self;
    gint64 age = vd_clock_now_us() - vd_local_last_progress_us(local);

    if (age < ALIVE_US)
        return true;
    *why = g_strdup_printf("the main loop has not come round for %.1f s", (double)age / 1e6);
    return false;
}

static char **api_ids(void *self)
{
    g_autoptr(GPtrArray) statuses = vd_roster_all(((VdLocal *)self)->roster, NULL);
    GPtrArray *ids = g_ptr_array_new();

    for (guint i = 0; i < statuses->len; i++) {
        const VdCameraConfig *config = vd_status_parts(statuses->pdata[i])->config;

        if (config->enabled)
            g_ptr_array_add(ids, g_strdup(config->id));
    }
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}

/* --- watching, [any] -------------------------------------------------------------------------- */

static bool in_range(const char *what, int value, int least, int most, GError **error)
{
    if (value >= least && value <= most)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s %d is not between %d and %d", what, value,
                least, most);
    return false;
}

static bool check_request(const VdViewRequest *want, GError **error)
{
    return (want->width <= 0 ? in_range("width", want->width, -1, 0, error)
                             : in_range("width", want->width, LEAST_WIDTH, VD_MAX_WIDTH, error)) &&
           in_range("fps", want->fps, -1, MOST_FPS, error) &&
           (want->quality == -1 || in_range("quality", want->quality, 1, 100, error)) &&
           in_range("annotate", want->annotate, -1, 1, error) &&
           (want->bitrate == 0 ||
            in_range("bitrate", want->bitrate, LEAST_BITRATE, VD_MAX_BITRATE, error)) &&
           vd_view_can(want->codec, error);
}

/* What is the camera's own setting anyway shares the rendition of those who did not say. */
static int unless_own(int want, int own)
{
    return want == own ? -1 : want;
}

static VdWish wish_of(const VdViewRequest *want, const VdCameraConfig *own)
{
    int width = want->width > 0 ? (want->width + 1) & ~1 : want->width;
    VdWish wish = {
        .width = unless_own(width, own->stream_width),
        .fps = unless_own(want->fps, own->stream_fps),
        .quality = -1,
        .annotate = unless_own(want->annotate, own->annotate ? 1 : 0),
        .codec = want->codec,
    };

    if (want->codec == VD_CODEC_JPEG)
        wish.quality = unless_own(want->quality, own->jpeg_quality);
    else if (want->bitrate != VD_BITRATE)
        wish.bitrate = want->bitrate;
    return wish;
}

/* (nullable) (transfer full) */
static VdStatus *find(VdLocal *local, const char *camera, GError **error)
{
    VdStatus *status = vd_roster_find(local->roster, camera);

    if (status == NULL)
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", camera);
    return status;
}

/* (nullable) (transfer full) */
static VdRoom *enter(VdLocal *local, const VdStatus *status, const VdViewRequest *want,
                     GError **error)
{
    const VdCameraConfig *camera = vd_status_parts(status)->config;
    g_autoptr(GError) why = NULL;
    VdRoom *evicted;
    bool fresh;
    VdWish wish = wish_of(want, camera);
    VdRoom *room = vd_roster_enter(local->roster, camera->id, &wish, &fresh, &evicted, &why);
    if (g_error_matches(why, VD_ERROR, VD_ERROR_LIMIT))
        vd_incidents_viewer_refused(local->incidents, camera->id, why->message);
    if (why != NULL)
        g_propagate_error(error, g_steal_pointer(&why));
    if (room != NULL && evicted != NULL)
        post(local, close_audience, evicted);
    if (room != NULL && fresh)
        post(local, open_audience, room);
    vd_room_unref(room != NULL ? evicted : NULL);
    return room;
}

static VdViewer *api_watch(void *self, const char *camera, const VdViewRequest *want,
                           const char *client, GError **error)
{
    VdLocal *local = self;
    g_autoptr(VdStatus) status = check_request(want, error) ? find(local, camera, error) : NULL;
    VdRoom *room = status != NULL ? enter(local, status, want, error) : NULL;

    if (room == NULL)
        return NULL;
    VdViewer *viewer = g_new0(VdViewer, 1);
    viewer->local = local;
    viewer->room = room;
    guint64 number = __atomic_add_fetch(&local->numbers, 1, __ATOMIC_RELAXED);
    viewer->seat =
        vd_audience_join(vd_room_audience(room), client, number, vd_status_parts(status)->stages);
    return viewer;
}

static bool api_may_watch(void *self, const char *camera, const VdViewRequest *want, bool *live,
                          GError **error)
{
    VdLocal *local = self;
    g_autoptr(VdStatus) status = check_request(want, error) ? find(local, camera, error) : NULL;

    if (status == NULL)
        return false;
    VdWish wish = wish_of(want, vd_status_parts(status)->config);
    *live = vd_status_parts(status)->shown.state == VD_STATE_LIVE;
    return vd_roster_may_enter(local->roster, camera, &wish, error);
}

static GBytes *api_schema(void *self)
{
    return g_bytes_ref(((VdLocal *)self)->schema);
}

static GBytes *api_configuration(void *self, const char *id, char **etag)
{
    return vd_configuration_json(((VdLocal *)self)->roster, id, etag);
}

static GBytes *api_origins(void *self, const char *id)
{
    return vd_origins_json(((VdLocal *)self)->roster, id);
}

static GBytes *api_viewers(void *self, const VdSight *sight, const VdPage *page)
{
    return vd_viewers_json(((VdLocal *)self)->roster, sight, page);
}

static bool api_dismiss(void *self, const char *number, const VdSight *sight, GError **error)
{
    guint64 value;

    if (g_ascii_string_to_unsigned(number, 10, 1, G_MAXUINT64, &value, NULL) &&
        vd_viewers_dismiss(((VdLocal *)self)->roster, value, sight))
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no viewer %s", number);
    return false;
}

static bool api_dismissed(VdViewer *viewer)
{
    return vd_seat_dismissed(viewer->seat);
}

static VdMailbox *api_mailbox(VdViewer *viewer)
{
    return vd_audience_mailbox(vd_room_audience(viewer->room));
}

static void api_sent(VdViewer *viewer, const VdSent *sent)
{
    vd_seat_sent(viewer->seat, sent->bytes, sent->skipped);
    if (!sent->again)
        vd_seat_timed(viewer->seat, sent->picture, sent->begun_us, sent->done_us);
}

static void api_unwatch(VdViewer *viewer)
{
    VdLocal *local = viewer->local;

    vd_seat_leave(viewer->seat);
    if (vd_roster_leave(local->roster, viewer->room))
        vd_commands_post(local->commands, start_linger, local, NULL);
    g_free(viewer);
}

static void api_changes(void *self, const VdSight *sight, VdTicket *ticket)
{
    VdLocal *local = self;

    vd_changes_ask(local->commands, local->settings, sight, ticket);
}

static void api_explain(void *self, const char *camera, const char *at, guint seconds,
                        VdTicket *ticket)
{
    VdLocal *local = self;

    vd_explain_post(local->commands, local->cameras, local->settings, camera, at, seconds, ticket);
}

static void api_order(void *self, const VdOrder *order, VdTicket *ticket)
{
    vd_orders_post(((VdLocal *)self)->orders, order, ticket);
}

static void api_probe(void *self, GBytes *body, const char *who, VdTicket *ticket)
{
    vd_probes_post(((VdLocal *)self)->probes, body, who, ticket);
}

/* --- for the daemon --------------------------------------------------------------------------- */

VdLocal *vd_local_new(VdCommands *commands, VdSettings *settings, VdEvents *events)
{
    static const VdApi table = {
        .cameras = api_cameras,
        .camera = api_camera,
        .stats = api_stats,
        .metrics = api_metrics,
        .version = api_version,
        .system = api_system,
        .ready = api_ready,
        .watch = api_watch,
        .may_watch = api_may_watch,
        .viewers = api_viewers,
        .schema = api_schema,
        .configuration = api_configuration,
        .origins = api_origins,
        .dismiss = api_dismiss,
        .dismissed = api_dismissed,
        .mailbox = api_mailbox,
        .sent = api_sent,
        .unwatch = api_unwatch,
        .changes = api_changes,
        .explain = api_explain,
        .order = api_order,
        .probe = api_probe,
        .ids = api_ids,
    };
    static const VdCamerasEvents told = {on_published, on_removed, on_alive, on_happened};
    VdLocal *local = g_new0(VdLocal, 1);

    local->api = table;
    local->api.self = local;
    vd_history_fill(&local->api);
    local->commands = commands;
    local->events = events;
    local->incidents = vd_incidents_new(events);
    local->settings = settings;
    local->schema = vd_json_bytes(vd_options_schema());
    local->alive_us = vd_clock_now_us();
    local->version = vd_version_json();
    local->roster = vd_roster_new();
    local->list = vd_list_new(local->roster);
    local->figures = vd_figures_new(local->roster, events);
    local->cameras = vd_cameras_new(&told, local);
    local->orders = vd_orders_new(commands, settings, local->cameras, local->incidents);
    local->probes = vd_probes_new(commands, settings);
    return local;
}

void vd_local_free(VdLocal *local)
{
    if (local == NULL)
        return;
    g_clear_handle_id(&local->linger_timer, g_source_remove);
    vd_probes_free(local->probes);
    vd_orders_free(local->orders);
    vd_cameras_free(local->cameras);
    vd_figures_free(local->figures);
    vd_list_free(local->list);
    vd_roster_free(local->roster);
    vd_incidents_free(local->incidents);
    g_bytes_unref(local->version);
    g_bytes_unref(local->schema);
    g_free(local);
}

void vd_local_configure(VdLocal *local)
{
    const VdConfig *config = local->settings->config;

    vd_roster_set_max_viewers(local->roster, (guint)config->max_viewers);
    vd_figures_configure(local->figures, config);
    vd_cameras_configure(local->cameras, config);
    vd_incidents_configured(local->incidents, config, NULL);
}

VdEvents *vd_local_events(VdLocal *local)
{
    return local->events;
}

VdApi *vd_local_api(VdLocal *local)
{
    return &local->api;
}

void vd_local_count(VdLocal *local, VdLocalCounts *counts)
{
    g_autoptr(GPtrArray) statuses = vd_roster_all(local->roster, NULL);
    guint max_viewers;

    *counts = (VdLocalCounts){0};
    for (guint i = 0; i < statuses->len; i++) {
        const VdStatusParts *parts = vd_status_parts(statuses->pdata[i]);

        counts->cameras += parts->config->enabled;
        counts->live += parts->shown.state == VD_STATE_LIVE;
    }
    vd_roster_viewers(local->roster, &counts->viewers, &max_viewers);
}

gint64 vd_local_last_progress_us(VdLocal *local)
{
    return __atomic_load_n(&local->alive_us, __ATOMIC_RELAXED);
}
