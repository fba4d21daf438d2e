#include "kernels/motion-cuda.h"

#include <errno.h>
#include <stdint.h>

#include "kernels/cuda-driver.h"
#include "kernels/motion-state.h"

/* Launches of the motion operator: what each kernel does stands in motion-cuda.h. */

static size_t aligned(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

static uint8_t *cut(uint8_t *base, size_t *used, size_t bytes)
{
    uint8_t *part = base ? base + *used : NULL;

    *used += aligned(bytes);
    return part;
}

/* base NULL only adds up. */
static size_t cut_scratch(VdkMotionJob *job, uint8_t *base)
{
    size_t width = (size_t)job->width, height = (size_t)job->height, pixels = width * height;
    size_t cells = (width + 1) / 2 * ((height + 1) / 2), used = 0;

    job->control = (VdkMotionControl *)cut(base, &used, sizeof *job->control);
    job->report = (VdkMotionReport *)cut(base, &used, sizeof *job->report);
    job->components = (VdkComponent *)cut(base, &used, cells * sizeof *job->components);
    job->roots = (uint32_t *)cut(base, &used, cells * sizeof *job->roots);
    job->labels = (uint32_t *)cut(base, &used, pixels * sizeof *job->labels);
    job->now = cut(base, &used, pixels);
    return used;
}

size_t vdk_cuda_motion_scratch_size(int aw, int ah)
{
    VdkMotionJob job = {.width = aw, .height = ah};

    return vdk_motion_state_size(aw, ah) > 0 ? cut_scratch(&job, NULL) : 0;
}

static VdkMotionJob job_of(const VdkPlane *luma, int factor, int64_t elapsed_us,
                           const VdkMotionSettings *settings, void *state, void *scratch,
                           const VdkPlane *mask)
{
    VdkMotionJob job = {
        .luma = luma->data,
        .pitch = luma->pitch,
        .factor = factor,
        .width = luma->width / factor,
        .height = luma->height / factor,
        .elapsed_us = vdk_elapsed(elapsed_us),
        .threshold = settings->threshold,
        .mask = mask ? mask->data : NULL,
        .mask_pitch = mask ? mask->pitch : 0,
    };
    VdkMotionPlanes planes;

    vdk_motion_planes(job.width, job.height, state, NULL, &planes);
    job.state = planes.state;
    job.mean = planes.mean;
    job.noise = planes.noise;
    job.moving = planes.moving;
    job.least_area = vdk_least_area(planes.pixels, settings->min_area);
    cut_scratch(&job, scratch);
    return job;
}

static VdkGrid row_of(size_t threads)
{
    return (VdkGrid){vdk_blocks_for(threads, VDK_BLOCK), 1, 1, VDK_BLOCK, 1};
}

/* Pixels behind the borders of tiles. */
static size_t behind_borders(const VdkMotionJob *job)
{
    size_t width = (size_t)job->width, height = (size_t)job->height;

    return (width - 1) / VDK_TILE_X * height + (height - 1) / VDK_TILE_Y * width;
}

static int launch_all(VdkCuda *cuda, VdkCudaStream stream, VdkMotionJob *job)
{
    const VdkGrid tiles = vdk_tiles_for(job->width, job->height);
    const struct {
        VdkCudaKernel kernel;
        VdkGrid grid;
    } launches[] = {
        {VDK_KERNEL_MOTION_SHRINK, tiles},
        {VDK_KERNEL_MOTION_COMPARE, tiles},
        {VDK_KERNEL_MOTION_MERGE, row_of(behind_borders(job))},
        {VDK_KERNEL_MOTION_FINISH, row_of((size_t)job->width * (size_t)job->height)},
        {VDK_KERNEL_MOTION_MASK, tiles},
    };
    size_t n = sizeof launches / sizeof launches[0] - (job->mask ? 0 : 1);
    int error = 0;

    for (size_t i = 0; i < n && error == 0; i++)
        error = vdk_cuda_launch(cuda, stream, launches[i].kernel, launches[i].grid, job);
    return error;
}

int vdk_cuda_motion(VdkCuda *cuda, VdkCudaStream stream, const VdkPlane *luma, int factor,
                    int64_t elapsed_us, const VdkMotionSettings *settings, void *state,
                    void *scratch, VdkPlane *mask, VdkMotionReport *report)
{
    if (!cuda || !vdk_motion_arguments_ok(luma, factor, settings, mask) || !state || !scratch ||
        !report)
        return -EINVAL;
    VdkMotionJob job = job_of(luma, factor, elapsed_us, settings, state, scratch, mask);
    int error = launch_all(cuda, stream, &job);
    if (error != 0)
        return error;
    return (int)cuda->driver->cuMemcpyDtoHAsync(report, (CUdeviceptr)(uintptr_t)job.report,
                                                sizeof *report, stream);
}
