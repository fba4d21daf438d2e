#pragma once

#include "config/gpu-wish.h"

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Which GPU a stream is decoded and analysed on, and which are not to be used for the moment. What
 * is not said to be [any] is [main].
 *
 * A stream goes where there is least to do. What there is to do is measured, and when another GPU
 * would make it clearly more even a stream is advised to move there: one at a time.
 *
 * After a fault a GPU is left alone for HOLD_OFF, longer each time; one that no longer answers is
 * left alone until the process ends. The same goes for a driver that does not start or finds no
 * GPU, and for a GPU that cannot be opened; where there is no driver nobody looks for one again.
 */
typedef struct VdGpuSeat VdGpuSeat;

void vd_gpu_close(void); /* and what is asked next looks for them anew */

/*
 * A place for a stream of these caps, on the GPU that has least to do. load: megapixels/s; 0: not
 * measured yet, the caps say it. NULL: it is for the CPU, and *why says why (transfer full);
 * *again_us: when to ask again, 0: that will not help.
 */
VdGpuSeat *vd_gpu_sit(const VdGpuWish *wish, GstCaps *caps, double load, char **why,
                      gint64 *again_us);
void vd_gpu_leave(VdGpuSeat *seat); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdGpuSeat, vd_gpu_leave)

const char *vd_gpu_seat_decoder(const VdGpuSeat *seat); /* GStreamer's factory */
GstContext *vd_gpu_seat_context(const VdGpuSeat *seat); /* (transfer none) */
int vd_gpu_seat_number(const VdGpuSeat *seat);
/* Takes over a wish that its GPU fulfils: which others it may be advised to move to. */
void vd_gpu_seat_wish(VdGpuSeat *seat, const VdGpuWish *wish);

/* To be called now and then: what it costs, in megapixels/s, as measured. */
void vd_gpu_seat_measured(VdGpuSeat *seat, double load);
/*
 * To be called after that: another seat where this stream had better be; *why says why, both
 * (transfer full). NULL: it stays. Nobody else is advised until the old seat is left, or stays
 * after all.
 */
VdGpuSeat *vd_gpu_seat_advice(VdGpuSeat *seat, char **why);
void vd_gpu_seat_stays(VdGpuSeat *seat);

/* From now on: `lost` is called, from the main loop and once, when others have found it lost. */
void vd_gpu_seat_watch(VdGpuSeat *seat, void (*lost)(void *data), void *data);
/* Asks its GPU, for somebody who has no answer from it. */
bool vd_gpu_seat_answers(const VdGpuSeat *seat);
/* What was done there failed: judges the GPU, and says so once. */
void vd_gpu_seat_failed(VdGpuSeat *seat, const char *text);

/*
 * [any], but a thread that may be held up, since the driver is asked: how much of a GPU's memory is
 * in use. Once a second at most. number: of a seat, also of one that was left since.
 */
void vd_gpu_ask_memory(guint number);
/* The same of all GPUs and at once, since something was given back. */
void vd_gpu_ask_memory_of_all(void);

typedef struct VdGpuFacts {
    const char *name;  /* valid until vd_gpu_close() */
    bool usable, lost; /* lost: until the process ends */
    guint64 faults;
    guint seats;
    double load;                       /* megapixels/s to decode there, as measured */
    guint64 memory_used, memory_total; /* bytes, of all programs; 0: not known */
} VdGpuFacts;
guint vd_gpu_count(void); /* [any] of those that are open */
/* [any] number: below the count. */
void vd_gpu_tell(guint number, VdGpuFacts *facts);
/* [any] (nullable) (transfer full) NULL: it is not open, or lost. */
GstContext *vd_gpu_context(guint number);
guint64 vd_gpu_faults(void); /* [any] of all, and of the driver itself */
/* [any] Why vedetted had better be restarted: a GPU is lost (nullable) (transfer full). */
char *vd_gpu_restart_wanted(void);
