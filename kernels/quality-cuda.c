#include "kernels/quality-job.h"

#include <errno.h>
#include <stddef.h>

#include "kernels/cuda-driver.h"

/* A thread a cell, or a row or column of them. */
static int launch(VdkCuda *cuda, VdkCudaStream stream, VdkCudaKernel kernel, unsigned blocks,
                  VdkQualityJob *job)
{
    const VdkGrid grid = {
        .blocks_x = blocks,
        .blocks_y = 1,
        .blocks_z = 1,
        .threads_x = VDK_QUALITY_SIDE,
        .threads_y = 1,
    };

    return vdk_cuda_launch(cuda, stream, kernel, grid, job);
}

int vdk_cuda_quality(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image, int64_t elapsed_us,
                     int black, void *state, void *scratch, VdkQualityReport *report)
{
    VdkQualityJob job;

    if (!cuda || !report || vdk_quality_job(image, elapsed_us, black, state, scratch, &job) != 0)
        return -EINVAL;
    int error = launch(cuda, stream, VDK_KERNEL_QUALITY_MEASURE, VDK_QUALITY_SIDE, &job);
    if (error == 0)
        error = launch(cuda, stream, VDK_KERNEL_QUALITY_FINISH, 1, &job);
    if (error == 0)
        error = (int)cuda->driver->cuMemcpyDtoHAsync(
            report, (CUdeviceptr)(uintptr_t)&job.scratch->report, sizeof *report, stream);
    return error;
}
