#pragma once

#include <ffnvcodec/dynlink_loader.h>

#include "kernels/cuda.h"

/* What the operators' launchers share. */
typedef enum VdkCudaKernel {
    VDK_KERNEL_MOTION_SHRINK,
    VDK_KERNEL_MOTION_RENEW,
    VDK_KERNEL_MOTION_MATCH,
    VDK_KERNEL_MOTION_COMPARE,
    VDK_KERNEL_MOTION_FINISH,
    VDK_KERNEL_MOTION_MASK,
    VDK_KERNEL_FILL,
    VDK_KERNEL_FRAMES,
    VDK_KERNEL_CELL_MEANS,
    VDK_KERNEL_PIXELATE,
    VDK_KERNEL_BLEND,
    VDK_KERNEL_QUALITY_MEASURE,
    VDK_KERNEL_QUALITY_FINISH,
    VDK_KERNEL_SCALE,
    VDK_KERNEL_JPEG_ENCODE,
    VDK_KERNEL_JPEG_GATHER,
    VDK_N_KERNELS
} VdkCudaKernel;

/* One a .cu file. */
typedef enum VdkCudaModule {
    VDK_MODULE_MOTION_SHRINK,
    VDK_MODULE_MOTION_MATCH,
    VDK_MODULE_MOTION_COMPARE,
    VDK_MODULE_MOTION_FINISH,
    VDK_MODULE_FILL,
    VDK_MODULE_PIXELATE,
    VDK_MODULE_BLEND,
    VDK_MODULE_QUALITY,
    VDK_MODULE_SCALE,
    VDK_MODULE_JPEG,
    VDK_N_MODULES
} VdkCudaModule;

struct VdkCuda {
    CudaFunctions *driver;
    CUmodule modules[VDK_N_MODULES];
    CUfunction kernels[VDK_N_KERNELS];
};

typedef struct VdkGrid {
    unsigned blocks_x, blocks_y, blocks_z;
    unsigned threads_x, threads_y; /* of a block */
} VdkGrid;

/* Blocks of so many threads that have at least so many together, and one at least. */
unsigned vdk_blocks_for(size_t threads, unsigned block);
/* Blocks of 32 x 8 threads over so many columns and rows. */
VdkGrid vdk_tiles_for(int width, int height);

/* argument: the kernel's only one, by value. */
int vdk_cuda_launch(VdkCuda *cuda, VdkCudaStream stream, VdkCudaKernel kernel, VdkGrid grid,
                    void *argument);
