#include "media/gpu.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "media/gpu-balance.h"
#include "media/gpu-device.h"
#include "media/gpu-memory.h"
#include "media/gpu-stream.h"

#include <string.h>

#define HOLD_OFF_US      (10 * G_USEC_PER_SEC) /* after the first fault, then twice as long ... */
#define MOST_HOLD_OFF_US (300 * G_USEC_PER_SEC)
#define FORGIVEN_US      (600 * G_USEC_PER_SEC) /* without a fault */
#define MOST_IN_A_ROW    10

/*
 * Between the end of a move and the next, and between two looks: a stream that moves is decoded
 * twice and catches up with a group of pictures, which is not to become the load itself.
 */
#define PAUSE_US (2 * G_USEC_PER_SEC)

/* What failed is left alone for a while. */
typedef struct Hold {
    gint64 fault_us; /* the newest one; 0: none */
    guint in_a_row;
    gint64 until_us; /* [lock] to write, and to read for who is not the main loop */
} Hold;

typedef struct Gpu {
    /* [lock] to write, and to read for who is not the main loop */
    VdGpuDevice device; /* its context is NULL while it could not be opened */
    guint64 faults;
    bool lost;
    Hold hold;
    guint seats;
    double load; /* megapixels/s */
} Gpu;

struct VdGpuSeat {
    guint number;
    double load; /* [lock] to write */
    guint may;   /* bit n: it may be on GPU n */
    GstCaps *caps;
    char decoder[32];
    void (*lost)(void *data); /* (nullable) not called yet */
    void *data;
};

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static struct {
    guint count; /* [lock] as the fields of each; 0: none was found so far */
    Gpu gpus[VD_MAX_GPUS];
    char *why;      /* (nullable) there is none */
    bool hopeless;  /* and there will be none */
    Hold hold;      /* of the question whether there is one */
    guint64 faults; /* [lock] of the driver before it said which there are */

    GPtrArray *seats; /* VdGpuSeat */
    GSource *loss;    /* (nullable) tells them that their GPU is lost */
    VdGpuSeat *mover; /* (nullable) the one that is to move, or moves */
    guint target;     /* the GPU that it goes to */
    bool moving;
    gint64 decided_us; /* when it was found last, or the last one had moved */
} all;

/* --- faults ----------------------------------------------------------------------------------- */

/* Cards of one name are told apart by their number. */
static guint number_of(const Gpu *gpu)
{
    return (guint)(gpu - all.gpus);
}

/* For how long from now on; 0: it is left alone already. */
static gint64 extend(Hold *hold)
{
    gint64 now_us = vd_clock_now_us(), wait_us = 0;

    if (now_us >= hold->until_us) {
        hold->in_a_row =
            now_us - hold->fault_us > FORGIVEN_US ? 0 : MIN(hold->in_a_row + 1, MOST_IN_A_ROW);
        wait_us = MIN((gint64)HOLD_OFF_US << hold->in_a_row, MOST_HOLD_OFF_US);
        vd_lock(&lock);
        hold->until_us = now_us + wait_us;
        vd_unlock(&lock);
    }
    hold->fault_us = now_us;
    return wait_us;
}

/* Each call may take seats away, and others with them. */
static VdGpuSeat *next_lost(void)
{
    for (guint i = 0; i < all.seats->len; i++) {
        VdGpuSeat *seat = all.seats->pdata[i];
        if (seat->lost != NULL && all.gpus[seat->number].lost)
            return seat;
    }
    return NULL;
}

static gboolean tell_loss(void *data)
{
    VdGpuSeat *seat;

    g_clear_pointer(&all.loss, g_source_unref);
    while (all.seats != NULL && (seat = next_lost()) != NULL) {
        void (*lost)(void *data) = seat->lost;
        seat->lost = NULL;
        lost(seat->data);
    }
    return G_SOURCE_REMOVE;
}

/* Who has found it is on its way out, and may be asking for another place. */
static void tell_loss_soon(void)
{
    if (all.loss != NULL)
        return;
    all.loss = g_idle_source_new();
    g_source_set_priority(all.loss, G_PRIORITY_DEFAULT);
    g_source_set_callback(all.loss, tell_loss, NULL, NULL);
    g_source_attach(all.loss, NULL);
}

/*
 * What was done there failed. Many streams fail of one fault: those that come while it is left
 * alone already are the same, and of a loss there is one.
 */
static void judge(Gpu *gpu, const char *text)
{
    if (gpu->lost)
        return;
    bool lost = gpu->device.context != NULL && !vd_gpu_device_answers(&gpu->device);
    vd_lock(&lock);
    gpu->faults++;
    gpu->lost = lost;
    vd_unlock(&lock);
    gint64 wait_us = lost ? 0 : extend(&gpu->hold);
    if (lost)
        tell_loss_soon();
    if (lost)
        vd_log_error(NULL,
                     "GPU %u no longer answers (%s): it is left alone until vedetted is restarted",
                     number_of(gpu), text);
    else if (wait_us > 0)
        vd_log_warning(NULL, "GPU %u failed (%s): it is left alone for %d s", number_of(gpu), text,
                       (int)(wait_us / G_USEC_PER_SEC));
}

/* --- looking for them ------------------------------------------------------------------------- */

static bool open_gpu(Gpu *gpu)
{
    g_autofree char *why = NULL;
    VdGpuDevice device = gpu->device;
    bool opened = vd_gpu_device_open(&device, number_of(gpu), &why);

    vd_lock(&lock);
    gpu->device = device;
    vd_unlock(&lock);
    if (opened)
        vd_log_info(NULL, "GPU %u is %s", number_of(gpu), gpu->device.name);
    else
        judge(gpu, why);
    return opened;
}

static void take_found(guint count)
{
    all.seats = g_ptr_array_new();
    for (guint i = 0; i < count; i++)
        open_gpu(&all.gpus[i]);
    vd_lock(&lock);
    all.count = count;
    vd_unlock(&lock);
}

static void take_none(VdGpuSearch search)
{
    all.hopeless = search == VD_GPU_NO_DRIVER;
    if (!all.hopeless)
        extend(&all.hold);
    if (search != VD_GPU_DRIVER_FAILED)
        return;
    vd_lock(&lock);
    all.faults++;
    vd_unlock(&lock);
    vd_log_change(VD_LOG_WARNING, NULL, "gpu", "no GPU: %s; it is asked again now and then",
                  all.why);
}

/* Whether there is any; looks for them when it is time to. */
static bool find_gpus(gint64 *again_us)
{
    guint count = 0;

    if (all.count == 0 && !all.hopeless && vd_clock_now_us() >= all.hold.until_us) {
        g_clear_pointer(&all.why, g_free);
        VdGpuSearch search = vd_gpu_device_search(&count, &all.why);
        if (search == VD_GPU_FOUND)
            take_found(MIN(count, VD_MAX_GPUS));
        else
            take_none(search);
    }
    if (all.count == 0 && !all.hopeless)
        *again_us = all.hold.until_us;
    return all.count > 0;
}

/* --- seats ------------------------------------------------------------------------------------ */

static void name_decoder(VdGpuSeat *seat, const char *codec)
{
    if (seat->number == 0)
        g_snprintf(seat->decoder, sizeof seat->decoder, "nv%sdec", codec);
    else
        g_snprintf(seat->decoder, sizeof seat->decoder, "nv%sdevice%udec", codec, seat->number);
}

static bool is_registered(const char *factory)
{
    g_autoptr(GstElementFactory) found = gst_element_factory_find(factory);

    return found != NULL;
}

/*
 * GStreamer's registry may be from a time without this GPU: the plug-in has no such element there
 * until it is loaded.
 */
static bool is_installed(const char *factory, char **why)
{
    if (is_registered(factory))
        return true;
    g_autoptr(GstPlugin) plugin = gst_plugin_load_by_name("nvcodec");
    if (plugin != NULL && is_registered(factory))
        return true;
    *why = g_strdup_printf("GStreamer has no %s here", factory);
    return false;
}

/* Whether it may be used now. */
static bool is_usable(const Gpu *gpu, gint64 now_us, char **why, gint64 *again_us)
{
    if (gpu->lost) {
        *why =
            g_strdup_printf("GPU %u has failed and needs vedetted to be restarted", number_of(gpu));
        return false;
    }
    gint64 until_us = gpu->hold.until_us;
    if (now_us >= until_us)
        return true;
    *why = g_strdup_printf("GPU %u has failed and is left alone for a while", number_of(gpu));
    *again_us = *again_us == 0 ? until_us : MIN(*again_us, until_us);
    return false;
}

/* One that could not be opened is tried again when it may be used. */
static bool is_open(Gpu *gpu, char **why, gint64 *again_us)
{
    if (gpu->device.context != NULL || open_gpu(gpu))
        return true;
    is_usable(gpu, vd_clock_now_us(), why, again_us);
    return false;
}

/* One that fails over the question whether it decodes this has failed, and is as if it had before.
 */
static bool decodes(Gpu *gpu, const VdGpuStream *stream, char **why, gint64 *again_us)
{
    VdGpuAnswer answer = vd_gpu_device_decodes(&gpu->device, stream, why);

    if (answer == VD_GPU_SAYS_NOTHING) {
        judge(gpu, *why);
        g_clear_pointer(why, g_free);
        is_usable(gpu, vd_clock_now_us(), why, again_us);
    }
    return answer == VD_GPU_DECODES;
}

static bool suits(guint number, const VdGpuStream *stream, VdGpuSeat *seat, char **why,
                  gint64 *again_us)
{
    Gpu *gpu = &all.gpus[number];

    seat->number = number;
    name_decoder(seat, stream->codec);
    return is_usable(gpu, vd_clock_now_us(), why, again_us) && is_open(gpu, why, again_us) &&
           decodes(gpu, stream, why, again_us) && is_installed(seat->decoder, why);
}

/* Of those that suit the one with the least load; false: *why is that of the last one. */
static bool choose(const VdGpuWish *wish, const VdGpuStream *stream, VdGpuSeat *best, char **why,
                   gint64 *again_us)
{
    bool found = false;

    for (guint i = 0; i < all.count; i++) {
        VdGpuSeat seat = {0};
        if (wish->mode == VD_GPU_NUMBER && (guint)wish->number != i)
            continue;
        g_clear_pointer(why, g_free);
        if (!suits(i, stream, &seat, why, again_us))
            continue;
        if (!found || all.gpus[i].load < all.gpus[best->number].load)
            *best = seat;
        found = true;
    }
    if (found)
        g_clear_pointer(why, g_free);
    else if (*why == NULL)
        *why = g_strdup_printf("there is no GPU %d", wish->number);
    return found;
}

static VdGpuSeat *take(const VdGpuSeat *chosen)
{
    Gpu *gpu = &all.gpus[chosen->number];
    VdGpuSeat *seat = g_memdup2(chosen, sizeof *chosen);

    gst_caps_ref(seat->caps);
    g_ptr_array_add(all.seats, seat);
    vd_lock(&lock);
    gpu->seats++;
    gpu->load += seat->load;
    vd_unlock(&lock);
    return seat;
}

VdGpuSeat *vd_gpu_sit(const VdGpuWish *wish, GstCaps *caps, double load, char **why,
                      gint64 *again_us)
{
    VdGpuSeat seat = {0};
    VdGpuStream stream;

    *why = NULL;
    *again_us = 0;
    if (wish->mode == VD_GPU_OFF)
        *why = g_strdup("gpu=off");
    else if (!find_gpus(again_us))
        *why = g_strdup(all.why);
    else if (!vd_gpu_stream_read(caps, &stream))
        *why = g_strdup("no GPU decodes this");
    else if (choose(wish, &stream, &seat, why, again_us)) {
        seat.load = load > 0 ? load : vd_gpu_stream_load(caps, &stream);
        seat.may = vd_gpu_wish_numbers(wish);
        seat.caps = caps;
        *again_us = 0;
        return take(&seat);
    }
    return NULL;
}

void vd_gpu_leave(VdGpuSeat *seat)
{
    if (seat == NULL)
        return;
    vd_gpu_seat_stays(seat);
    g_ptr_array_remove(all.seats, seat);
    Gpu *gpu = &all.gpus[seat->number];
    vd_lock(&lock);
    gpu->seats--;
    gpu->load -= seat->load;
    if (gpu->seats == 0)
        gpu->load = 0;
    vd_unlock(&lock);
    gst_caps_unref(seat->caps);
    g_free(seat);
}

const char *vd_gpu_seat_decoder(const VdGpuSeat *seat)
{
    return seat->decoder;
}

GstContext *vd_gpu_seat_context(const VdGpuSeat *seat)
{
    return all.gpus[seat->number].device.context;
}

int vd_gpu_seat_number(const VdGpuSeat *seat)
{
    return (int)seat->number;
}

void vd_gpu_seat_wish(VdGpuSeat *seat, const VdGpuWish *wish)
{
    seat->may = vd_gpu_wish_numbers(wish);
}

/* --- moving ----------------------------------------------------------------------------------- */

void vd_gpu_seat_measured(VdGpuSeat *seat, double load)
{
    vd_lock(&lock);
    all.gpus[seat->number].load += load - seat->load;
    seat->load = load;
    vd_unlock(&lock);
}

/* Looks for the one that is to move. */
static void find_mover(void)
{
    VdGpuStay *stays = g_new0(VdGpuStay, all.seats->len);
    VdGpuBurden gpus[VD_MAX_GPUS];
    gint64 now_us = vd_clock_now_us();
    VdGpuMove move;

    all.decided_us = now_us;
    for (guint i = 0; i < all.count; i++)
        gpus[i] = (VdGpuBurden){!all.gpus[i].lost && now_us >= all.gpus[i].hold.until_us,
                                all.gpus[i].load};
    for (guint i = 0; i < all.seats->len; i++) {
        const VdGpuSeat *seat = all.seats->pdata[i];
        stays[i] = (VdGpuStay){seat->number, seat->load, seat->may};
    }
    all.mover = NULL;
    if (vd_gpu_balance(gpus, all.count, stays, all.seats->len, &move)) {
        all.mover = all.seats->pdata[move.stay];
        all.target = move.to;
    }
    g_free(stays);
}

/* False: not that one, this time or, when it does not decode the stream, ever. */
static bool can_go(VdGpuSeat *seat, guint number, VdGpuSeat *there)
{
    g_autofree char *why = NULL;
    gint64 again_us = 0;
    VdGpuStream stream;

    if (!vd_gpu_stream_read(seat->caps, &stream) ||
        !is_usable(&all.gpus[number], vd_clock_now_us(), &why, &again_us))
        return false;
    *there = (VdGpuSeat){.load = seat->load, .may = seat->may, .caps = seat->caps};
    if (suits(number, &stream, there, &why, &again_us))
        return true;
    g_clear_pointer(&why, g_free);
    if (is_usable(&all.gpus[number], vd_clock_now_us(), &why, &again_us)) /* it did not fail */
        seat->may &= ~(1u << number);
    return false;
}

VdGpuSeat *vd_gpu_seat_advice(VdGpuSeat *seat, char **why)
{
    VdGpuSeat there;

    if (!all.moving && vd_clock_now_us() >= all.decided_us + PAUSE_US)
        find_mover();
    if (seat != all.mover || all.moving)
        return NULL;
    if (!can_go(seat, all.target, &there)) {
        all.mover = NULL;
        return NULL;
    }
    all.moving = true;
    *why = g_strdup_printf("GPU %u has %.1f megapixels/s to decode and GPU %u %.1f", seat->number,
                           all.gpus[seat->number].load, all.target, all.gpus[all.target].load);
    return take(&there);
}

void vd_gpu_seat_stays(VdGpuSeat *seat)
{
    if (seat != all.mover)
        return;
    if (all.moving)
        all.decided_us = vd_clock_now_us();
    all.mover = NULL;
    all.moving = false;
}

void vd_gpu_seat_watch(VdGpuSeat *seat, void (*lost)(void *data), void *data)
{
    seat->lost = lost;
    seat->data = data;
}

bool vd_gpu_seat_answers(const VdGpuSeat *seat)
{
    return vd_gpu_device_answers(&all.gpus[seat->number].device);
}

void vd_gpu_seat_failed(VdGpuSeat *seat, const char *text)
{
    judge(&all.gpus[seat->number], text);
}

/* --- memory ----------------------------------------------------------------------------------- */

GstContext *vd_gpu_context(guint number)
{
    GstContext *context = NULL;

    vd_lock(&lock);
    const Gpu *gpu = &all.gpus[number];
    if (number < all.count && !gpu->lost && gpu->device.context != NULL)
        context = gst_context_ref(gpu->device.context);
    vd_unlock(&lock);
    return context;
}

static void ask_memory(guint number, bool at_once)
{
    g_autoptr(GstContext) context = vd_gpu_context(number);

    if (context != NULL)
        vd_gpu_memory_ask(number, context, at_once);
}

void vd_gpu_ask_memory(guint number)
{
    ask_memory(number, false);
}

void vd_gpu_ask_memory_of_all(void)
{
    for (guint i = 0; i < vd_gpu_count(); i++)
        ask_memory(i, true);
}

/* --- all of them ------------------------------------------------------------------------------ */

void vd_gpu_close(void)
{
    vd_lock(&lock);
    guint count = all.count;
    all.count = 0; /* nobody asks any more */
    vd_unlock(&lock);
    for (guint i = 0; i < count; i++)
        vd_gpu_device_clear(&all.gpus[i].device);
    g_clear_pointer(&all.why, g_free);
    g_clear_pointer(&all.seats, g_ptr_array_unref);
    if (all.loss != NULL)
        g_source_destroy(all.loss);
    g_clear_pointer(&all.loss, g_source_unref);
    vd_lock(&lock);
    memset(&all, 0, sizeof all);
    vd_unlock(&lock);
    vd_gpu_memory_forget();
}

guint vd_gpu_count(void)
{
    vd_lock(&lock);
    guint count = all.count;
    vd_unlock(&lock);
    return count;
}

void vd_gpu_tell(guint number, VdGpuFacts *facts)
{
    const Gpu *gpu = &all.gpus[number];

    vd_lock(&lock);
    *facts = (VdGpuFacts){
        .name = gpu->device.name,
        .usable = !gpu->lost && vd_clock_now_us() >= gpu->hold.until_us,
        .lost = gpu->lost,
        .faults = gpu->faults,
        .seats = gpu->seats,
        .load = gpu->load,
    };
    vd_unlock(&lock);
    if (!facts->lost)
        vd_gpu_memory_tell(number, &facts->memory_used, &facts->memory_total);
}

guint64 vd_gpu_faults(void)
{
    vd_lock(&lock);
    guint64 faults = all.faults;
    for (guint i = 0; i < all.count; i++)
        faults += all.gpus[i].faults;
    vd_unlock(&lock);
    return faults;
}

char *vd_gpu_restart_wanted(void)
{
    char *why = NULL;

    vd_lock(&lock);
    for (guint i = 0; i < all.count && why == NULL; i++)
        if (all.gpus[i].lost)
            why = g_strdup_printf("GPU %u no longer answers", i);
    vd_unlock(&lock);
    return why;
}
