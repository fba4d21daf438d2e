#include "api/local.h"

#include "api/process.h"
#include "api/roster.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "camera/cameras.h"

#include <gst/gst.h>
#include <string.h>

#define LINGER_US     (2 * G_USEC_PER_SEC) /* a rendition nobody watches is kept so long */
#define LINGER_MS     500                  /* how often those are looked at */
#define ALIVE_US      (5 * G_USEC_PER_SEC) /* the main loop comes round more often than this */
#define LEAST_WIDTH   16
#define MOST_FPS      60
#define LEAST_BITRATE 16 /* kbit/s */
#define STATS_LAST_US (G_USEC_PER_SEC / 2)

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
    guint linger_timer; /* [main] */
    VdRoster *roster;
    gint64 alive_us; /* atomic: when the cameras were last looked after */
    gint64 started_us;
    GBytes *version;
    VdLock lock;
    GBytes *list;         /* [lock] (nullable) the JSON of all cameras, of the edition below */
    guint64 list_edition; /* [lock] */
    GBytes *stats;        /* [lock] (nullable) */
    gint64 stats_made_us; /* [lock] */
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

static GBytes *join(GPtrArray *statuses)
{
    GString *text = g_string_new("{\"cameras\":[");

    for (guint i = 0; i < statuses->len; i++) {
        g_autoptr(GBytes) json = vd_status_json(statuses->pdata[i]);
        gsize size;
        const char *bytes = g_bytes_get_data(json, &size);

        if (i > 0)
            g_string_append_c(text, ',');
        g_string_append_len(text, bytes, (gssize)size);
    }
    g_string_append(text, "]}");
    return g_string_free_to_bytes(text);
}

static GBytes *api_cameras(void *self)
{
    VdLocal *local = self;
    guint64 edition = vd_roster_edition(local->roster);

    vd_lock(&local->lock);
    bool fresh = local->list != NULL && local->list_edition == edition;
    GBytes *list = fresh ? g_bytes_ref(local->list) : NULL;
    vd_unlock(&local->lock);
    if (list != NULL)
        return list;

    g_autoptr(GPtrArray) statuses = vd_roster_all(local->roster, &edition);
    list = join(statuses);
    vd_lock(&local->lock);
    GBytes *before = local->list;
    local->list = g_bytes_ref(list);
    local->list_edition = edition;
    vd_unlock(&local->lock);
    g_bytes_unref(before);
    return list;
}

static GBytes *api_camera(void *self, const char *id)
{
    g_autoptr(VdStatus) status = vd_roster_find(((VdLocal *)self)->roster, id);

    return status != NULL ? vd_status_json(status) : NULL;
}

static GBytes *make_stats(VdLocal *local)
{
    g_autoptr(GPtrArray) statuses = vd_roster_all(local->roster, NULL);
    VdTotals totals = {.uptime_us = vd_clock_now_us() - local->started_us};

    for (guint i = 0; i < statuses->len; i++)
        vd_totals_add(&totals, vd_status_parts(statuses->pdata[i]));
    vd_roster_viewers(local->roster, &totals.viewers, &totals.max_viewers);
    return vd_totals_json(&totals);
}

static GBytes *api_stats(void *self)
{
    VdLocal *local = self;
    gint64 now = vd_clock_now_us();

    vd_lock(&local->lock);
    bool fresh = local->stats != NULL && now - local->stats_made_us < STATS_LAST_US;
    GBytes *stats = fresh ? g_bytes_ref(local->stats) : NULL;
    vd_unlock(&local->lock);
    if (stats != NULL)
        return stats;

    stats = make_stats(local);
    vd_lock(&local->lock);
    GBytes *before = local->stats;
    local->stats = g_bytes_ref(stats);
    local->stats_made_us = now;
    vd_unlock(&local->lock);
    g_bytes_unref(before);
    return stats;
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
static VdRoom *enter(VdLocal *local, const char *camera, const VdViewRequest *want, GError **error)
{
    g_autoptr(VdStatus) status = find(local, camera, error);
    VdRoom *evicted;
    bool fresh;

    if (status == NULL)
        return NULL;
    VdWish wish = wish_of(want, vd_status_parts(status)->config);
    VdRoom *room = vd_roster_enter(local->roster, camera, &wish, &fresh, &evicted, error);
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
    VdRoom *room = check_request(want, error) ? enter(local, camera, want, error) : NULL;

    if (room == NULL)
        return NULL;
    VdViewer *viewer = g_new0(VdViewer, 1);
    viewer->local = local;
    viewer->room = room;
    viewer->seat = vd_audience_join(vd_room_audience(room), client);
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

static VdMailbox *api_mailbox(VdViewer *viewer)
{
    return vd_audience_mailbox(vd_room_audience(viewer->room));
}

static void api_sent(VdViewer *viewer, guint64 bytes, guint64 skipped)
{
    vd_seat_sent(viewer->seat, bytes, skipped);
}

static void api_unwatch(VdViewer *viewer)
{
    VdLocal *local = viewer->local;

    vd_seat_leave(viewer->seat);
    if (vd_roster_leave(local->roster, viewer->room))
        vd_commands_post(local->commands, start_linger, local, NULL);
    g_free(viewer);
}

/* --- for the daemon --------------------------------------------------------------------------- */

static GBytes *version_json(void)
{
    g_autofree char *gstreamer = gst_version_string();
    char *text = g_strdup_printf("{\"name\":\"vedette\",\"version\":\"%s\",\"gstreamer\":\"%s\"}",
                                 PACKAGE_VERSION, gstreamer);

    return g_bytes_new_take(text, strlen(text));
}

VdLocal *vd_local_new(VdCommands *commands)
{
    static const VdApi table = {
        .cameras = api_cameras,
        .camera = api_camera,
        .stats = api_stats,
        .version = api_version,
        .ready = api_ready,
        .watch = api_watch,
        .may_watch = api_may_watch,
        .mailbox = api_mailbox,
        .sent = api_sent,
        .unwatch = api_unwatch,
        .ids = api_ids,
    };
    static const VdCamerasEvents events = {on_published, on_removed, on_alive};
    VdLocal *local = g_new0(VdLocal, 1);

    local->api = table;
    local->api.self = local;
    local->commands = commands;
    local->started_us = local->alive_us = vd_clock_now_us();
    local->version = version_json();
    vd_lock_init(&local->lock);
    local->roster = vd_roster_new();
    local->cameras = vd_cameras_new(&events, local);
    return local;
}

void vd_local_free(VdLocal *local)
{
    if (local == NULL)
        return;
    g_clear_handle_id(&local->linger_timer, g_source_remove);
    vd_cameras_free(local->cameras);
    vd_roster_free(local->roster);
    g_bytes_unref(local->version);
    g_bytes_unref(local->list);
    g_bytes_unref(local->stats);
    vd_lock_clear(&local->lock);
    g_free(local);
}

void vd_local_configure(VdLocal *local, VdConfig *config)
{
    vd_roster_set_max_viewers(local->roster, (guint)config->max_viewers);
    vd_cameras_configure(local->cameras, config);
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
