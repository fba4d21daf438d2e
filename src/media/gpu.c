#include "media/gpu.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "media/gpu-balance.h"
#include "media/gpu-device.h"

#include <string.h>

#define HOLD_OFF_US      (10 * G_USEC_PER_SEC) /* after the first fault, then twice as long ... */
#define MOST_HOLD_OFF_US (300 * G_USEC_PER_SEC)
#define FORGIVEN_US      (600 * G_USEC_PER_SEC) /* without a fault */
#define FPS_GUESS        30                     /* of a stream that does not say */

/*
 * Between the end of a move and the next, and between two looks: a stream that moves is decoded
 * twice and catches up with a group of pictures, which is not to become the load itself.
 */
#define PAUSE_US (2 * G_USEC_PER_SEC)

typedef struct Gpu {
    VdGpuDevice device;
    gint64 fault_us; /* the newest one; 0: none */
    guint in_a_row;

    /* [lock] to write, and to read for who is not the main loop */
    guint64 faults;
    bool lost;
    gint64 held_us; /* until when it is left alone */
    guint seats;
    double load; /* megapixels/s */
} Gpu;

struct VdGpuSeat {
    guint number;
    double load; /* [lock] to write */
    guint may;   /* bit n: it may be on GPU n */
    GstCaps *caps;
    char decoder[32];
};

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static struct {
    bool open;
    guint count; /* [lock] as the fields of each */
    Gpu gpus[VD_MAX_GPUS];
    char *why; /* (nullable) there is none */

    GPtrArray *seats; /* VdGpuSeat */
    VdGpuSeat *mover; /* (nullable) the one that is to move, or moves */
    guint target;     /* the GPU that it goes to */
    bool moving;
    gint64 decided_us; /* when it was found last, or the last one had moved */
} all;

/* --- what a stream is ------------------------------------------------------------------------- */

static const struct {
    const char *media, *codec;
} codecs[] = {{"video/x-h264", "h264"}, {"video/x-h265", "h265"}, {"image/jpeg", "jpeg"}};

/* False: nothing that a GPU decodes. */
static bool read_caps(const GstCaps *caps, VdGpuStream *stream)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    guint depth = 8;

    *stream = (VdGpuStream){.chroma = gst_structure_get_string(structure, "chroma-format")};
    gst_structure_get_int(structure, "width", &stream->width);
    gst_structure_get_int(structure, "height", &stream->height);
    gst_structure_get_uint(structure, "bit-depth-luma", &depth);
    stream->depth = (int)depth;
    if (stream->chroma == NULL)
        stream->chroma = "4:2:0";
    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (gst_structure_has_name(structure, codecs[i].media))
            stream->codec = codecs[i].codec;
    return stream->codec != NULL;
}

/* Megapixels/s. */
static double load_of(const GstCaps *caps, const VdGpuStream *stream)
{
    int numerator = FPS_GUESS, denominator = 1;

    gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &numerator,
                               &denominator);
    double fps = numerator > 0 && denominator > 0 ? (double)numerator / denominator : FPS_GUESS;
    return fps * stream->width * stream->height / 1e6;
}

/* --- faults ----------------------------------------------------------------------------------- */

/* Cards of one name are told apart by their number. */
static guint number_of(const Gpu *gpu)
{
    return (guint)(gpu - all.gpus);
}

/* Many streams fail of one fault: those that come while it is left alone already are the same. */
static void hold(Gpu *gpu, gint64 now_us, const char *text)
{
    if (now_us < gpu->held_us)
        return;
    gpu->in_a_row = now_us - gpu->fault_us > FORGIVEN_US ? 0 : MIN(gpu->in_a_row + 1, 10);
    gint64 wait_us = MIN((gint64)HOLD_OFF_US << gpu->in_a_row, MOST_HOLD_OFF_US);
    vd_lock(&lock);
    gpu->held_us = now_us + wait_us;
    vd_unlock(&lock);
    vd_log_warning(NULL, "GPU %u failed (%s): it is left alone for %d s", number_of(gpu), text,
                   (int)(wait_us / G_USEC_PER_SEC));
}

/* What was done there failed. */
static void judge(Gpu *gpu, const char *text)
{
    gint64 now_us = vd_clock_now_us();

    bool lost = gpu->lost || !vd_gpu_device_answers(&gpu->device);
    vd_lock(&lock);
    bool before = gpu->lost;
    gpu->faults++;
    gpu->lost = lost;
    vd_unlock(&lock);
    if (before)
        return;
    if (lost)
        vd_log_error(NULL,
                     "GPU %u no longer answers (%s): it is left alone until vedetted is restarted",
                     number_of(gpu), text);
    else
        hold(gpu, now_us, text);
    gpu->fault_us = now_us;
}

/* --- seats ------------------------------------------------------------------------------------ */

static void name_decoder(VdGpuSeat *seat, const char *codec)
{
    if (seat->number == 0)
        g_snprintf(seat->decoder, sizeof seat->decoder, "nv%sdec", codec);
    else
        g_snprintf(seat->decoder, sizeof seat->decoder, "nv%sdevice%udec", codec, seat->number);
}

static bool is_installed(const char *factory, char **why)
{
    g_autoptr(GstElementFactory) found = gst_element_factory_find(factory);

    if (found == NULL)
        *why = g_strdup_printf("GStreamer has no %s here", factory);
    return found != NULL;
}

/* Whether it may be used now. */
static bool is_usable(const Gpu *gpu, gint64 now_us, char **why, gint64 *again_us)
{
    if (gpu->lost) {
        *why =
            g_strdup_printf("GPU %u has failed and needs vedetted to be restarted", number_of(gpu));
        return false;
    }
    if (now_us >= gpu->held_us)
        return true;
    *why = g_strdup_printf("GPU %u has failed and is left alone for a while", number_of(gpu));
    *again_us = *again_us == 0 ? gpu->held_us : MIN(*again_us, gpu->held_us);
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
    seat->number = number;
    name_decoder(seat, stream->codec);
    return is_usable(&all.gpus[number], vd_clock_now_us(), why, again_us) &&
           decodes(&all.gpus[number], stream, why, again_us) && is_installed(seat->decoder, why);
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
    else if (vd_gpu_open() == 0)
        *why = g_strdup(all.why);
    else if (!read_caps(caps, &stream))
        *why = g_strdup("no GPU decodes this");
    else if (choose(wish, &stream, &seat, why, again_us)) {
        seat.load = load > 0 ? load : load_of(caps, &stream);
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
        gpus[i] =
            (VdGpuBurden){!all.gpus[i].lost && now_us >= all.gpus[i].held_us, all.gpus[i].load};
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

    if (!read_caps(seat->caps, &stream) ||
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

bool vd_gpu_seat_is_lost(const VdGpuSeat *seat)
{
    return all.gpus[seat->number].lost;
}

bool vd_gpu_seat_answers(const VdGpuSeat *seat)
{
    return vd_gpu_device_answers(&all.gpus[seat->number].device);
}

void vd_gpu_seat_failed(VdGpuSeat *seat, const char *text)
{
    judge(&all.gpus[seat->number], text);
}

/* --- all of them ------------------------------------------------------------------------------ */

guint vd_gpu_open(void)
{
    VdGpuDevice devices[VD_MAX_GPUS] = {0};

    if (all.open)
        return all.count;
    all.open = true;
    all.seats = g_ptr_array_new();
    guint count = vd_gpu_device_open(devices, VD_MAX_GPUS, &all.why);
    vd_lock(&lock);
    all.count = count;
    for (guint i = 0; i < count; i++)
        all.gpus[i] = (Gpu){.device = devices[i]};
    vd_unlock(&lock);
    for (guint i = 0; i < count; i++)
        vd_log_info(NULL, "GPU %u is %s", i, devices[i].name);
    return count;
}

void vd_gpu_close(void)
{
    for (guint i = 0; i < all.count; i++)
        vd_gpu_device_clear(&all.gpus[i].device);
    g_clear_pointer(&all.why, g_free);
    g_clear_pointer(&all.seats, g_ptr_array_unref);
    vd_lock(&lock);
    memset(&all, 0, sizeof all);
    vd_unlock(&lock);
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
        .usable = !gpu->lost && vd_clock_now_us() >= gpu->held_us,
        .lost = gpu->lost,
        .faults = gpu->faults,
        .seats = gpu->seats,
        .load = gpu->load,
    };
    vd_unlock(&lock);
}

guint64 vd_gpu_faults(void)
{
    guint64 faults = 0;

    vd_lock(&lock);
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
