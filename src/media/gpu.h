#pragma once

#include "config/gpu-wish.h"

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Which GPU a stream is decoded and analysed on, and which are not to be used for the moment. What
 * is not said to be [any] is [main].
 *
 * After a fault a GPU is left alone for HOLD_OFF, longer each time; one that no longer answers is
 * left alone until the process ends. What was on it goes on with the CPU.
 */
typedef struct VdGpuSeat VdGpuSeat;

/* Looks for GPUs; answers how many. Later calls answer the same. */
guint vd_gpu_open(void);
void vd_gpu_close(void);

/*
 * A place for a stream of these caps, on the GPU that has least to do. NULL: it is for the CPU, and
 * *why says why (transfer full); *again_us: when to ask again, 0: that will not help.
 */
VdGpuSeat *vd_gpu_sit(const VdGpuWish *wish, const GstCaps *caps, char **why, gint64 *again_us);
void vd_gpu_leave(VdGpuSeat *seat); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdGpuSeat, vd_gpu_leave)

const char *vd_gpu_seat_decoder(const VdGpuSeat *seat); /* GStreamer's factory */
GstContext *vd_gpu_seat_context(const VdGpuSeat *seat); /* (transfer none) */
int vd_gpu_seat_number(const VdGpuSeat *seat);
/* What was done there failed: judges the GPU, and says so once. */
void vd_gpu_seat_failed(VdGpuSeat *seat, const char *text);

typedef struct VdGpuFacts {
    const char *name;  /* valid until vd_gpu_close() */
    bool usable, lost; /* lost: until the process ends */
    guint64 faults;
    guint seats;
    double load; /* megapixels/s that are decoded there */
} VdGpuFacts;
guint vd_gpu_count(void); /* [any] of those that are open */
/* [any] number: below the count. */
void vd_gpu_tell(guint number, VdGpuFacts *facts);
