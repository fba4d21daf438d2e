#pragma once

#include "gpubench/scene.h"

/*
 * What one camera has on the GPU: a stream of work, the motion operator's memory, a JPEG's, a
 * smaller picture. One thread at a time.
 */
typedef struct VdBenchLane {
    const VdBenchScene *scene;
    CUstream stream;
    CUevent done;
    guint next; /* picture */
    int factor;
    size_t jpeg_room;
    void *state, *scratch;
    VdkMotionReport *report; /* page-locked */
    void *cells;             /* of the pixelated */
    void *picture;           /* as large as the scene's */
    void *jpeg_scratch, *jpeg;
    VdkJpegReport *jpeg_report; /* page-locked */
    guint8 *jpeg_here;          /* page-locked */
} VdBenchLane;

typedef enum VdBenchParts {
    VD_BENCH_MOTION = 1,
    VD_BENCH_DRAWING = 2,
    VD_BENCH_JPEG = 4,
} VdBenchParts;

/* parts: a set of VdBenchParts, what the lane is for. Zeroed before; false: clear nevertheless. */
bool vd_bench_lane_init(VdBenchLane *lane, const VdBenchScene *scene, guint first_picture,
                        guint parts, GError **error);
void vd_bench_lane_clear(VdBenchLane *lane);

/* (transfer full) n lanes, their pictures as far apart as can be; NULL with an error. */
VdBenchLane *vd_bench_lanes_new(const VdBenchScene *scene, guint n, guint parts, GError **error);
void vd_bench_lanes_free(VdBenchLane *lanes, guint n);

/* Operators on the lane's next picture, queued: 0, -errno or a CUresult. */
int vd_bench_lane_motion(VdBenchLane *lane);
int vd_bench_lane_scale(VdBenchLane *lane);
int vd_bench_lane_convert(VdBenchLane *lane);
int vd_bench_lane_fill(VdBenchLane *lane);
int vd_bench_lane_pixelate(VdBenchLane *lane);
int vd_bench_lane_frames(VdBenchLane *lane);
int vd_bench_lane_blend(VdBenchLane *lane);
int vd_bench_lane_jpeg(VdBenchLane *lane);

int vd_bench_lane_wait(VdBenchLane *lane);
/* A JPEG from its picture to host memory, as vdjpegenc makes it: waits. */
int vd_bench_lane_whole_jpeg(VdBenchLane *lane);
