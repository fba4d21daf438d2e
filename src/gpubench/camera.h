#pragma once

#include "gpubench/clip.h"
#include "gpubench/gpu.h"

/*
 * A camera of the benchmark: a pipeline that decodes a clip on the GPU, round and round, and masks
 * it and looks for motion there. Pictures that come out are counted.
 */
typedef struct VdBenchCamera VdBenchCamera;

typedef enum VdBenchWork {
    VD_BENCH_DECODE,  /* nothing else */
    VD_BENCH_ANALYSE, /* and mask and motion of every picture */
} VdBenchWork;

typedef enum VdBenchPace {
    VD_BENCH_FLAT_OUT, /* it takes units as fast as it can */
    VD_BENCH_FED,      /* by vd_bench_camera_feed() */
} VdBenchPace;

/* Playing. NULL with an error, also where there is no NVDEC. clip and gpu outlive it. */
VdBenchCamera *vd_bench_camera_new(const VdBenchGpu *gpu, const VdBenchClip *clip, VdBenchWork work,
                                   VdBenchPace pace, GError **error);
void vd_bench_camera_free(VdBenchCamera *camera);

/* Hands it the next unit; never waits. What a decoder leaves behind is dropped after a few. */
void vd_bench_camera_feed(VdBenchCamera *camera);
/* Until it has had a picture; false with an error when it fails or has none in time. */
bool vd_bench_camera_wait(VdBenchCamera *camera, gint64 deadline_us, GError **error);
/* Pictures that came out so far. False with an error when it has failed. */
bool vd_bench_camera_count(VdBenchCamera *camera, guint64 *pictures, GError **error);
