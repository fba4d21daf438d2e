#include "kernels/cuda-driver.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define TILE_X 32
#define TILE_Y 8

extern const char vdk_fatbin_motion_shrink[], vdk_fatbin_motion_match[],
    vdk_fatbin_motion_compare[], vdk_fatbin_motion_finish[], vdk_fatbin_fill[],
    vdk_fatbin_pixelate[], vdk_fatbin_blend[], vdk_fatbin_quality[], vdk_fatbin_scale[],
    vdk_fatbin_jpeg[];

/* clang-format off */
static const char *const images[VDK_N_MODULES] = {
    [VDK_MODULE_MOTION_SHRINK]  = vdk_fatbin_motion_shrink,
    [VDK_MODULE_MOTION_MATCH]   = vdk_fatbin_motion_match,
    [VDK_MODULE_MOTION_COMPARE] = vdk_fatbin_motion_compare,
    [VDK_MODULE_MOTION_FINISH]  = vdk_fatbin_motion_finish,
    [VDK_MODULE_FILL]           = vdk_fatbin_fill,
    [VDK_MODULE_PIXELATE]       = vdk_fatbin_pixelate,
    [VDK_MODULE_BLEND]          = vdk_fatbin_blend,
    [VDK_MODULE_QUALITY]        = vdk_fatbin_quality,
    [VDK_MODULE_SCALE]          = vdk_fatbin_scale,
    [VDK_MODULE_JPEG]           = vdk_fatbin_jpeg,
};

static const struct {
    VdkCudaModule module;
    const char *name;
} kernels[VDK_N_KERNELS] = {
    [VDK_KERNEL_MOTION_SHRINK]  = {VDK_MODULE_MOTION_SHRINK,  "vdk_motion_shrink"},
    [VDK_KERNEL_MOTION_RENEW]   = {VDK_MODULE_MOTION_MATCH,   "vdk_motion_renew"},
    [VDK_KERNEL_MOTION_MATCH]   = {VDK_MODULE_MOTION_MATCH,   "vdk_motion_match"},
    [VDK_KERNEL_MOTION_COMPARE] = {VDK_MODULE_MOTION_COMPARE, "vdk_motion_compare"},
    [VDK_KERNEL_MOTION_FINISH]  = {VDK_MODULE_MOTION_FINISH,  "vdk_motion_finish"},
    [VDK_KERNEL_MOTION_MASK]    = {VDK_MODULE_MOTION_FINISH,  "vdk_motion_mask"},
    [VDK_KERNEL_FILL]           = {VDK_MODULE_FILL,           "vdk_fill"},
    [VDK_KERNEL_FRAMES]         = {VDK_MODULE_FILL,           "vdk_frames"},
    [VDK_KERNEL_CELL_MEANS]     = {VDK_MODULE_PIXELATE,       "vdk_cell_means"},
    [VDK_KERNEL_PIXELATE]       = {VDK_MODULE_PIXELATE,       "vdk_pixelate"},
    [VDK_KERNEL_BLEND]          = {VDK_MODULE_BLEND,          "vdk_blend"},
    [VDK_KERNEL_QUALITY_MEASURE] = {VDK_MODULE_QUALITY,       "vdk_quality_measure"},
    [VDK_KERNEL_QUALITY_FINISH] = {VDK_MODULE_QUALITY,        "vdk_quality_finish"},
    [VDK_KERNEL_SCALE]          = {VDK_MODULE_SCALE,          "vdk_scale"},
    [VDK_KERNEL_JPEG_ENCODE]    = {VDK_MODULE_JPEG,           "vdk_jpeg_encode"},
    [VDK_KERNEL_JPEG_GATHER]    = {VDK_MODULE_JPEG,           "vdk_jpeg_gather"},
};
/* clang-format on */

static int load_kernels(VdkCuda *cuda)
{
    CudaFunctions *driver = cuda->driver;
    CUresult result = CUDA_SUCCESS;

    for (int i = 0; i < VDK_N_MODULES && result == CUDA_SUCCESS; i++)
        result = driver->cuModuleLoadData(&cuda->modules[i], images[i]);
    for (int i = 0; i < VDK_N_KERNELS && result == CUDA_SUCCESS; i++)
        result = driver->cuModuleGetFunction(&cuda->kernels[i], cuda->modules[kernels[i].module],
                                             kernels[i].name);
    return (int)result;
}

int vdk_cuda_new(VdkCuda **cuda)
{
    VdkCuda *made = calloc(1, sizeof *made);

    if (!made)
        return -ENOMEM;
    int error = cuda_load_functions(&made->driver, NULL) == 0 ? 0 : -ENOSYS;
    if (error == 0)
        error = load_kernels(made);
    if (error == 0)
        *cuda = made;
    else
        vdk_cuda_free(made);
    return error;
}

void vdk_cuda_free(VdkCuda *cuda)
{
    if (!cuda)
        return;
    for (int i = 0; i < VDK_N_MODULES; i++)
        if (cuda->modules[i])
            cuda->driver->cuModuleUnload(cuda->modules[i]);
    cuda_free_functions(&cuda->driver);
    free(cuda);
}

const char *vdk_cuda_error_name(const VdkCuda *cuda, int error)
{
    const char *name = NULL;

    if (error <= 0 || cuda->driver->cuGetErrorName((CUresult)error, &name) != CUDA_SUCCESS || !name)
        return "an unknown CUDA error";
    return name;
}

int vdk_cuda_clear(VdkCuda *cuda, VdkCudaStream stream, void *memory, size_t bytes)
{
    if (!cuda || !memory)
        return -EINVAL;
    return (int)cuda->driver->cuMemsetD8Async((CUdeviceptr)(uintptr_t)memory, 0, bytes, stream);
}

unsigned vdk_blocks_for(size_t threads, unsigned block)
{
    return threads > 0 ? (unsigned)((threads + block - 1) / block) : 1;
}

VdkGrid vdk_tiles_for(int width, int height)
{
    return (VdkGrid){
        .blocks_x = vdk_blocks_for((size_t)width, TILE_X),
        .blocks_y = vdk_blocks_for((size_t)height, TILE_Y),
        .blocks_z = 1,
        .threads_x = TILE_X,
        .threads_y = TILE_Y,
    };
}

int vdk_cuda_launch(VdkCuda *cuda, VdkCudaStream stream, VdkCudaKernel kernel, VdkGrid grid,
                    void *argument)
{
    void *arguments[] = {argument};

    return (int)cuda->driver->cuLaunchKernel(cuda->kernels[kernel], grid.blocks_x, grid.blocks_y,
                                             grid.blocks_z, grid.threads_x, grid.threads_y, 1, 0,
                                             stream, arguments, NULL);
}
