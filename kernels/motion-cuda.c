#include "kernels/motion-cuda.h"

#include <errno.h>
#include <stdint.h>

#include "kernels/cuda-driver.h"

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
    job->counts = (uint32_t *)cut(base, &used, VDK_LIGHT_COUNTS * sizeof *job->counts);
    job->now = cut(base, &used, pixels);
    job->cb = cut(base, &used, cells);
    job->cr = cut(base, &used, cells);
    job->census = cut(base, &used, pixels);
    job->raw = cut(base, &used, pixels);
    job->moves = cut(base, &used, pixels);
    return used;
}

size_t vdk_cuda_motion_scratch_size(int aw, int ah)
{
    VdkMotionJob job = {.width = aw, .height = ah};

    return vdk_motion_state_size(aw, ah) > 0 ? cut_scratch(&job, NULL) : 0;
}

static VdkMotionJob job_of(const VdkImage *image, int factor, int64_t elapsed_us,
                           const VdkMotionSettings *settings, void *state, void *scratch,
                           const VdkPlane *mask)
{
    VdkMotionJob job = {
        .luma = image->luma.data,
        .pitch = image->luma.pitch,
        .factor = factor,
        .width = image->luma.width / factor,
        .height = image->luma.height / factor,
        .elapsed_us = vdk_elapsed(elapsed_us),
        .threshold = (uint8_t)settings->threshold,
        .black = (uint8_t)settings->black,
        .mask = mask ? mask->data : NULL,
        .mask_pitch = mask ? mask->pitch : 0,
    };

    vdk_motion_cell(image, factor, &job.cell_across, &job.cell_down);
    for (int i = 0; i < 2 && job.cell_across > 0; i++)
        job.chroma[i] = image->chroma[i].data;
    if (job.cell_across > 0) {
        job.chroma_pitch = image->chroma[0].pitch;
        job.chroma_step = image->step;
        job.chroma_width = image->chroma[0].width;
        job.chroma_height = image->chroma[0].height;
    }
    job.across = vdk_cells(job.width);
    job.down = vdk_cells(job.height);
    job.back = vdk_background(job.width, job.height, state);
    job.least_area = vdk_least_area((size_t)job.width * (size_t)job.height, settings->min_area);
    cut_scratch(&job, scratch);
    return job;
}

static VdkGrid warps_of_shrink(const VdkMotionJob *job)
{
    VdkGrid grid = vdk_tiles_for(job->width, job->height);

    grid.blocks_x = vdk_blocks_for((size_t)job->width, (unsigned)vdk_shrink_across(job->factor));
    return grid;
}

/* A thread a cell. */
static VdkGrid cells_of(const VdkMotionJob *job)
{
    const size_t cells = (size_t)job->across * (size_t)job->down;

    return (VdkGrid){vdk_blocks_for(cells, VDK_BLOCK), 1, 1, VDK_BLOCK, 1};
}

static int launch_all(VdkCuda *cuda, VdkCudaStream stream, VdkMotionJob *job)
{
    const VdkGrid tiles = vdk_tiles_for(job->width, job->height);
    const struct {
        VdkCudaKernel kernel;
        VdkGrid grid;
    } launches[] = {
        {VDK_KERNEL_MOTION_SHRINK, warps_of_shrink(job)},
        {VDK_KERNEL_MOTION_RENEW, tiles},
        {VDK_KERNEL_MOTION_MATCH, tiles},
        {VDK_KERNEL_MOTION_COMPARE, tiles},
        {VDK_KERNEL_MOTION_FINISH, cells_of(job)},
        {VDK_KERNEL_MOTION_MASK, tiles},
    };
    size_t n = sizeof launches / sizeof launches[0] - (job->mask ? 0 : 1);
    int error = 0;

    for (size_t i = 0; i < n && error == 0; i++)
        error = vdk_cuda_launch(cuda, stream, launches[i].kernel, launches[i].grid, job);
    return error;
}

int vdk_cuda_motion(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image, int factor,
                    int64_t elapsed_us, const VdkMotionSettings *settings, void *state,
                    void *scratch, VdkPlane *mask, VdkMotionReport *report)
{
    if (!cuda || !vdk_motion_arguments_ok(image, factor, settings, mask) || !state || !scratch ||
        !report)
        return -EINVAL;
    VdkMotionJob job = job_of(image, factor, elapsed_us, settings, state, scratch, mask);
    int error = launch_all(cuda, stream, &job);
    if (error != 0)
        return error;
    return (int)cuda->driver->cuMemcpyDtoHAsync(report, (CUdeviceptr)(uintptr_t)job.report,
                                                sizeof *report, stream);
}
