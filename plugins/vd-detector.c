#include "plugins/vd-detector.h"

#include "plugins/vd-class-names.h"

#include <string.h>

#define HANGS 10 /* times the longest run: one that takes so long is ended */

/* What everybody shares who wants the same. */
typedef struct Detector {
    char *key;
    char *library, *model, *names_file;
    int threads, longest_ms;
    guint users; /* [table's lock] */
    GThread *thread;

    GMutex lock;
    GCond changed;  /* there is something to do, or it is done */
    GQueue seats;   /* [lock] the next one's turn first */
    bool ending;    /* [lock] */
    gint64 rest_us; /* [lock] until then it rests, unless somebody waits */

    /* [detection thread] */
    VdOnnx *onnx; /* [lock] as well, to change it and for others */
    char **names;
    char *why_not;
} Detector;

struct VdDetectorSeat {
    Detector *detector;
    const VdDetectorEvents *events;
    gpointer data;
    VdSight sight;   /* [detection thread] */
    VdLook *waiting; /* [lock] (nullable) */
    int budget;      /* [lock] */
    bool told;       /* [lock] whether the model could be opened */
    bool busy;       /* [lock] its events are being called */
};

static GMutex table_lock;
static GHashTable *table; /* [table's lock] (nullable) key -> Detector */

/* --- the model -------------------------------------------------------------------------------- */

static bool open_names(Detector *detector, GError **error)
{
    int classes = vd_onnx_model(detector->onnx)->classes;

    detector->names = vd_class_names_new(detector->names_file, classes, error);
    return detector->names != NULL;
}

/* The first run prepares much, and is no measure. */
static bool is_fast_enough(const Detector *detector, GError **error)
{
    if (vd_onnx_run(detector->onnx, error) == NULL)
        return false;
    gint64 begin_us = g_get_monotonic_time();
    if (vd_onnx_run(detector->onnx, error) == NULL)
        return false;
    gint64 took_ms = (g_get_monotonic_time() - begin_us) / 1000;
    if (took_ms <= detector->longest_ms)
        return true;
    g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY,
                "The model %s takes %" G_GINT64_FORMAT " ms for a picture here, more than %d",
                detector->model, took_ms, detector->longest_ms);
    return false;
}

/* From here on who waits for it can end its runs. */
static bool take_onnx(Detector *detector, VdOnnx *onnx)
{
    g_mutex_lock(&detector->lock);
    detector->onnx = onnx;
    if (onnx != NULL && detector->ending)
        vd_onnx_stop(onnx);
    g_mutex_unlock(&detector->lock);
    return onnx != NULL;
}

static void open_model(Detector *detector)
{
    g_autoptr(GError) error = NULL;
    VdOnnx *onnx = vd_onnx_open(detector->library, detector->model, detector->threads, &error);

    if (!take_onnx(detector, onnx) || !open_names(detector, &error) ||
        !is_fast_enough(detector, &error))
        detector->why_not = g_strdup(error->message);
}

/* Nothing that the model does may hold up everybody who shares it. [lock] */
static void end_what_hangs(Detector *detector)
{
    gint64 most_us = detector->longest_ms * (HANGS * G_TIME_SPAN_MILLISECOND);

    if (detector->onnx != NULL && vd_onnx_running_us(detector->onnx) > most_us)
        vd_onnx_stop(detector->onnx);
}

/* --- its thread ------------------------------------------------------------------------------- */

/* The next with something to do; the others' turn comes before it is this one's again. [lock] */
static VdDetectorSeat *next_seat(Detector *detector)
{
    bool rests = g_get_monotonic_time() < detector->rest_us;

    for (GList *item = detector->seats.head; item != NULL; item = item->next) {
        VdDetectorSeat *seat = item->data;

        if (seat->told && (seat->waiting == NULL || (rests && !seat->waiting->awaited)))
            continue;
        g_queue_unlink(&detector->seats, item);
        g_queue_push_tail_link(&detector->seats, item);
        return seat;
    }
    return NULL;
}

static void look(Detector *detector, VdDetectorSeat *seat, const VdLook *look)
{
    gint64 begin_us = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    guint runs = 0;
    bool done = vd_look(look, detector->onnx, &seat->sight, &runs, &error);

    seat->events->looked(seat->data, look, done ? &seat->sight.seen : NULL,
                         (const char *const *)detector->names, runs,
                         (guint64)(g_get_monotonic_time() - begin_us), error);
}

static void tell(const Detector *detector, VdDetectorSeat *seat)
{
    const char *version = detector->onnx != NULL ? vd_onnx_version(detector->onnx) : NULL;

    seat->events->opened(seat->data, version, (const char *const *)detector->names,
                         detector->why_not);
}

/* [lock], which it gives up meanwhile */
static void serve(Detector *detector, VdDetectorSeat *seat)
{
    g_autoptr(VdLook) wanted = NULL;
    bool told = seat->told;
    int budget = seat->budget;

    if (told)
        wanted = g_steal_pointer(&seat->waiting);
    seat->told = seat->busy = true;
    if (detector->onnx != NULL)
        vd_onnx_go_on(detector->onnx);
    g_mutex_unlock(&detector->lock);
    gint64 begin_us = g_get_monotonic_time();
    if (!told)
        tell(detector, seat);
    else if (detector->why_not == NULL)
        look(detector, seat, wanted);
    gint64 end_us = g_get_monotonic_time();
    g_mutex_lock(&detector->lock);
    seat->busy = false;
    if (told)
        detector->rest_us = end_us + (end_us - begin_us) * (100 - budget) / budget;
    g_cond_broadcast(&detector->changed);
}

static gpointer run(gpointer data)
{
    Detector *detector = data;

    open_model(detector);
    g_mutex_lock(&detector->lock);
    while (!detector->ending) {
        VdDetectorSeat *seat = next_seat(detector);

        if (seat != NULL)
            serve(detector, seat);
        else if (g_get_monotonic_time() < detector->rest_us)
            g_cond_wait_until(&detector->changed, &detector->lock, detector->rest_us);
        else
            g_cond_wait(&detector->changed, &detector->lock);
    }
    g_mutex_unlock(&detector->lock);
    return NULL;
}

/* --- who shares it ---------------------------------------------------------------------------- */

static Detector *detector_new(const VdDetectorWish *wish, const char *key)
{
    Detector *detector = g_new0(Detector, 1);

    detector->key = g_strdup(key);
    detector->library = g_strdup(wish->library);
    detector->model = g_strdup(wish->model);
    detector->names_file = g_strdup(wish->names);
    detector->threads = wish->threads;
    detector->longest_ms = wish->longest_ms;
    g_mutex_init(&detector->lock);
    g_cond_init(&detector->changed);
    detector->thread = g_thread_new("detect", run, detector);
    return detector;
}

static void detector_free(Detector *detector)
{
    g_mutex_lock(&detector->lock);
    detector->ending = true;
    if (detector->onnx != NULL)
        vd_onnx_stop(detector->onnx);
    g_cond_broadcast(&detector->changed);
    g_mutex_unlock(&detector->lock);
    g_thread_join(detector->thread);
    vd_onnx_free(detector->onnx);
    g_strfreev(detector->names);
    g_free(detector->why_not);
    g_mutex_clear(&detector->lock);
    g_cond_clear(&detector->changed);
    g_free(detector->library);
    g_free(detector->model);
    g_free(detector->names_file);
    g_free(detector->key);
    g_free(detector);
}

static Detector *take(const VdDetectorWish *wish)
{
    g_autofree char *key = g_strdup_printf("%d %d %s\n%s\n%s", wish->threads, wish->longest_ms,
                                           wish->model, wish->library != NULL ? wish->library : "",
                                           wish->names != NULL ? wish->names : "");

    g_mutex_lock(&table_lock);
    if (table == NULL)
        table = g_hash_table_new(g_str_hash, g_str_equal);
    Detector *detector = g_hash_table_lookup(table, key);
    if (detector == NULL) {
        detector = detector_new(wish, key);
        g_hash_table_insert(table, detector->key, detector);
    }
    detector->users++;
    g_mutex_unlock(&table_lock);
    return detector;
}

static void give_back(Detector *detector)
{
    g_mutex_lock(&table_lock);
    bool last = --detector->users == 0;
    if (last)
        g_hash_table_remove(table, detector->key);
    if (g_hash_table_size(table) == 0)
        g_clear_pointer(&table, g_hash_table_unref);
    g_mutex_unlock(&table_lock);
    if (last)
        detector_free(detector);
}

/* --- seats ------------------------------------------------------------------------------------ */

VdDetectorSeat *vd_detector_sit(const VdDetectorWish *wish, VdTally *tally,
                                const VdDetectorEvents *events, gpointer data)
{
    VdDetectorSeat *seat = g_new0(VdDetectorSeat, 1);

    seat->events = events;
    seat->data = data;
    seat->sight.tally = tally;
    seat->budget = 100;
    seat->detector = take(wish);
    g_mutex_lock(&seat->detector->lock);
    g_queue_push_tail(&seat->detector->seats, seat);
    g_cond_broadcast(&seat->detector->changed);
    g_mutex_unlock(&seat->detector->lock);
    return seat;
}

void vd_detector_leave(VdDetectorSeat *seat)
{
    if (seat == NULL)
        return;
    Detector *detector = seat->detector;
    g_mutex_lock(&detector->lock);
    g_queue_remove(&detector->seats, seat);
    if (seat->busy && detector->onnx != NULL)
        vd_onnx_stop(detector->onnx);
    while (seat->busy)
        g_cond_wait(&detector->changed, &detector->lock);
    g_mutex_unlock(&detector->lock);
    give_back(detector);
    vd_sight_clear(&seat->sight);
    vd_look_free(seat->waiting);
    g_free(seat);
}

/* What moved in a picture that was not looked at is worth a look still. */
static void inherit(VdLook *look, const VdLook *before)
{
    int n = MIN(before->n_boxes, VDK_MAX_BOXES - look->n_boxes);

    look->whole |= before->whole;
    memcpy(look->boxes + look->n_boxes, before->boxes, (gsize)n * sizeof(VdBox));
    look->n_boxes += n;
}

void vd_detector_ask(VdDetectorSeat *seat, VdLook *look, int budget)
{
    g_mutex_lock(&seat->detector->lock);
    VdLook *before = seat->waiting;
    if (before != NULL)
        inherit(look, before);
    seat->waiting = look;
    seat->budget = budget;
    end_what_hangs(seat->detector);
    g_cond_broadcast(&seat->detector->changed);
    g_mutex_unlock(&seat->detector->lock);
    vd_look_free(before);
}

void vd_detector_await(VdDetectorSeat *seat)
{
    g_mutex_lock(&seat->detector->lock);
    while (!seat->told || seat->busy || seat->waiting != NULL) {
        gint64 until_us = g_get_monotonic_time() + G_TIME_SPAN_SECOND;

        if (!g_cond_wait_until(&seat->detector->changed, &seat->detector->lock, until_us))
            end_what_hangs(seat->detector);
    }
    g_mutex_unlock(&seat->detector->lock);
}
