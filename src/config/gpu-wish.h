#pragma once

#include <glib.h>
#include <stdbool.h>

/* What gpu= says: "auto", "require", "off", or the number of a GPU as nvidia-smi counts them. */
typedef enum VdGpuMode { VD_GPU_AUTO, VD_GPU_REQUIRE, VD_GPU_OFF, VD_GPU_NUMBER } VdGpuMode;

typedef struct VdGpuWish {
    VdGpuMode mode;
    int number; /* VD_GPU_NUMBER */
} VdGpuWish;

/* False, and *wish untouched, for another text. */
bool vd_gpu_wish_parse(const char *text, VdGpuWish *wish);
/* The same for a text that was checked; another one is "off". */
VdGpuWish vd_gpu_wish_of(const char *text);
/* The GPUs that it is content with: bit n for number n. */
guint vd_gpu_wish_numbers(const VdGpuWish *wish);
