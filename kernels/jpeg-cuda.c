#include "kernels/jpeg-cuda.h"

#include <errno.h>

#include "kernels/cuda-driver.h"

/* Launches of the JPEG encoder: what each kernel does stands in jpeg-cuda.h. */

static size_t aligned(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

size_t vdk_cuda_jpeg_scratch_size(const VdkImage *image, const VdkJpegSettings *settings,
                                  size_t room)
{
    VdkJpegLayout layout;

    if (vdk_jpeg_layout(image, settings, &layout) != 0)
        return 0;
    return aligned(sizeof(VdkJpegControl)) + aligned(layout.n_intervals * sizeof(VdkJpegPiece)) +
           room;
}

/* A block an interval. */
static int launch(VdkCuda *cuda, VdkCudaStream stream, VdkCudaKernel kernel, uint32_t n_intervals,
                  void *job)
{
    const VdkGrid grid = {n_intervals, 1, 1, VDK_JPEG_THREADS, 1};

    return vdk_cuda_launch(cuda, stream, kernel, grid, job);
}

int vdk_cuda_jpeg(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image,
                  const VdkJpegSettings *settings, void *scratch, void *jpeg, size_t room,
                  VdkJpegReport *report)
{
    VdkJpegJob job = {.control = scratch, .room = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX};
    VdkJpegGatherJob gather = {.control = scratch, .jpeg = jpeg};

    if (!cuda || vdk_jpeg_layout(image, settings, &job.layout) != 0 || !scratch || !jpeg || !report)
        return -EINVAL;
    uint8_t *base = scratch;
    const uint32_t n = job.layout.n_intervals;
    job.pieces = (VdkJpegPiece *)(base + aligned(sizeof *job.control));
    job.spill = (uint8_t *)job.pieces + aligned(n * sizeof *job.pieces);
    gather.pieces = job.pieces;
    gather.spill = job.spill;
    job.image = *image;
    vdk_jpeg_tables(settings->quality, &job.tables);
    gather.header_length =
        (uint32_t)vdk_jpeg_header(image, settings->quality, &job.layout, gather.header);
    job.header = gather.header_length;
    int error = launch(cuda, stream, VDK_KERNEL_JPEG_ENCODE, n, &job);
    if (error == 0)
        error = launch(cuda, stream, VDK_KERNEL_JPEG_GATHER, n, &gather);
    if (error != 0)
        return error;
    return (int)cuda->driver->cuMemcpyDtoHAsync(
        report, (CUdeviceptr)(uintptr_t)&job.control->report, sizeof *report, stream);
}

int vdk_cuda_jpeg_fetch(VdkCuda *cuda, VdkCudaStream stream, const void *jpeg,
                        const VdkJpegReport *report, void *to)
{
    if (!cuda || !jpeg || !report || !to)
        return -EINVAL;
    if (!report->fits)
        return -ENOSPC;
    return (int)cuda->driver->cuMemcpyDtoHAsync(to, (CUdeviceptr)(uintptr_t)jpeg, report->length,
                                                stream);
}
