#pragma once

#include "gpubench/gpu.h"

/*
 * What the operators are measured on: many NV12 pictures in the GPU's memory, more than its caches
 * hold, of a still room with sensor noise and two things that move; and what is drawn into them.
 * Operators that draw leave their traces in them.
 */
#define VD_BENCH_WIDTH  1920
#define VD_BENCH_HEIGHT 1080
#define VD_BENCH_BLOCK  16 /* of the pixelated, luma pixels */
#define VD_BENCH_FRAMES 16 /* boxes in a picture */

typedef struct VdBenchScene {
    const VdBenchGpu *gpu;
    guint n_pictures;
    void *pictures;
    void *spans; /* a quarter of the picture */
    VdkCudaSpans quarter;
    void *letters;
    VdkPlane text; /* 400 x 32 */
    VdkRectangle boxes[VD_BENCH_FRAMES];
} VdBenchScene;

/* n_pictures: 2 or more. False: clear nevertheless. */
bool vd_bench_scene_init(VdBenchScene *scene, const VdBenchGpu *gpu, guint n_pictures,
                         GError **error);
void vd_bench_scene_clear(VdBenchScene *scene);

/* Picture number `number` modulo their number. */
VdkImage vd_bench_scene_picture(const VdBenchScene *scene, guint number);
/* An image of other size and layout in memory that is given: step 2 NV12, 1 I420, both 4:2:0. */
VdkImage vd_bench_image(void *memory, int width, int height, int step);
size_t vd_bench_image_bytes(int width, int height);
