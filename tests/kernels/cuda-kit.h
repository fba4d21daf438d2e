#pragma once

#include "kernels/cuda-driver.h"
#include "pictures.h"
#include "tests/emu/emu.h"

/*
 * A device to test on: the emulated driver's, or with VEDETTE_TEST_DEVICE=real what the machine
 * has. Whatever fails here fails the test.
 */
typedef struct Gpu {
    CudaFunctions *driver;
    CUcontext context;
    CUstream stream;
    VdkCuda *cuda;
    bool again; /* an order after the first: what is slow was seen already */
    /* Of the emulated driver, or NULL on a real one. */
    int (*order)(const char *order);
    void (*read)(struct VedetteEmuCounters *counters);
} Gpu;

/* False where there is no device: the test is skipped. */
bool gpu_init(Gpu *gpu);
void gpu_clear(Gpu *gpu);

void *gpu_memory(Gpu *gpu, gsize bytes); /* zeroed */
void gpu_free(Gpu *gpu, void *memory);
void *gpu_copy(Gpu *gpu, const void *host, gsize bytes);
void gpu_fetch(Gpu *gpu, void *host, const void *device,
               gsize bytes); /* after all that is queued */
void gpu_put(Gpu *gpu, void *device, const void *host, gsize bytes);

/* A picture's copy on the device: image's addresses are the device's, memory is not to be read. */
typedef struct GpuPicture {
    VdkImage image;
    void *memory;
} GpuPicture;
void gpu_picture_init(Gpu *gpu, GpuPicture *picture, const TestPicture *from);
void gpu_picture_clear(Gpu *gpu, GpuPicture *picture);
/* What is on the device must be what is here, padding and all. */
void gpu_assert_same(Gpu *gpu, const GpuPicture *picture, const TestPicture *expected);

/* Runs a test once for each order in which an emulated device may run its threads. */
void gpu_in_every_order(void (*test)(Gpu *gpu));
