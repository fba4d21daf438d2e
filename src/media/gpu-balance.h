#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Whether a stream had better be on another GPU than the one it is on: arithmetic, which knows no
 * clock and no GPU. [any]
 *
 * A load is megapixels/s to decode, as measured. All GPUs count as equally strong: what one could
 * do is in NVML alone, which says how busy a decoder is and not how much more it could take.
 */

/*
 * The greater of two GPUs' loads must become smaller by this part of it. A fifth is more than
 * pictures a second waver by; so each move makes the loads more even, and moves come to an end.
 */
#define VD_GPU_LEAST_GAIN 0.2

typedef struct VdGpuBurden {
    bool usable;
    double load;
} VdGpuBurden;

typedef struct VdGpuStay {
    guint gpu; /* that it is on */
    double load;
    guint may; /* bit n: it may be on GPU n */
} VdGpuStay;

typedef struct VdGpuMove {
    guint stay, to; /* which of the stays, and the GPU that it goes to */
} VdGpuMove;

/* The best move off the GPU with the greatest load that has one. False: all stay. */
bool vd_gpu_balance(const VdGpuBurden *gpus, guint n_gpus, const VdGpuStay *stays, guint n_stays,
                    VdGpuMove *move);
