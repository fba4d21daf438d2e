#pragma once

#include "kernels/vdk.h"

/*
 * The operators on a CUDA device, bit for bit those of vdk_cpu(). The driver's library is opened
 * when the first of these is made; nothing is linked with it, and without one this says so.
 *
 * Planes, state, scratch and mask are in device memory and their addresses the device's; settings
 * and reports are the host's. A call only queues its work: outputs may be looked at when the
 * stream was synchronised, inputs are needed until then. One VdkCuda belongs to one context, which
 * must be current in the calling thread; calls for different states may come from any threads.
 *
 * Answers: 0, -EINVAL for arguments that cannot be, -ENOSYS without a driver, or a CUresult
 * (> 0) of the driver's. After one of those the state and the
 * outputs are not to be believed: begin anew with zeroed memory.
 */
typedef struct VdkCuda VdkCuda;
typedef void *VdkCudaStream; /* CUstream */

int vdk_cuda_new(VdkCuda **cuda); /* for the current context */
void vdk_cuda_free(VdkCuda *cuda);

/* Of the driver's answers for people: "CUDA_ERROR_OUT_OF_MEMORY". (transfer none) */
const char *vdk_cuda_error_name(const VdkCuda *cuda, int error);

/* Sets device memory to 0. */
int vdk_cuda_clear(VdkCuda *cuda, VdkCudaStream stream, void *memory, size_t bytes);

/* Device memory, zeroed when it is made, for one call at a time. */
size_t vdk_cuda_motion_scratch_size(int aw, int ah);
/*
 * As VdkOps.motion: five kernels, six with a mask, and one copy of sizeof *report bytes. report:
 * in page-locked host memory, or the call waits for the device. state as the CPU has it: what one
 * back end has begun the other goes on with.
 */
int vdk_cuda_motion(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image, int factor,
                    int64_t elapsed_us, const VdkMotionSettings *settings, void *state,
                    void *scratch, VdkPlane *mask, VdkMotionReport *report);

/*
 * As VdkOps.quality, with state and scratch of the same sizes in device memory: two kernels, and
 * one copy of sizeof *report bytes. report as that of vdk_cuda_motion().
 */
int vdk_cuda_quality(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image, int64_t elapsed_us,
                     int black, void *state, void *scratch, VdkQualityReport *report);

/* As VdkOps.scale, in one kernel and without scratch. */
int vdk_cuda_scale(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *from,
                   const VdkConversion *conversion, VdkImage *to);

/* A list of spans on the device, and the rectangle that all of them lie in. */
typedef struct VdkCudaSpans {
    const VdkSpan *spans;
    uint32_t n;
    VdkRectangle bounds;
} VdkCudaSpans;

/* The bounds of a list on the host. */
VdkRectangle vdk_cuda_bounds(const VdkSpan *spans, size_t n);

/* As VdkOps.fill and .pixelate. scratch: device memory of the size told. */
int vdk_cuda_fill(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image, const VdkCudaSpans *spans,
                  VdkColour colour);
size_t vdk_cuda_pixelate_scratch_size(const VdkImage *image, const VdkCudaSpans *spans, int block);
int vdk_cuda_pixelate(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image,
                      const VdkCudaSpans *spans, int block, void *scratch);

/*
 * What changes every frame stands in host memory and goes along with one launch: up to
 * VDK_MAX_BLITS bitmaps that are on the device, as VdkOps.blend lays one after the other over the
 * picture, and up to VDK_MAX_BOXES rectangles, each as vdk_shape_frame() and VdkOps.fill draw it.
 */
int vdk_cuda_blend(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image, const VdkBlit *blits,
                   size_t n);
int vdk_cuda_frames(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image,
                    const VdkRectangle *frames, size_t n, int thick, VdkColour colour);

/* What leaves the device first. */
typedef struct VdkJpegReport {
    uint32_t length; /* bytes of the JPEG, or that it would have had */
    uint32_t fits;   /* 0: there was no room, and nothing of it was written */
} VdkJpegReport;

/* Device memory, zeroed when it is made, for one call at a time and pictures of this size. */
size_t vdk_cuda_jpeg_scratch_size(const VdkImage *image, const VdkJpegSettings *settings,
                                  size_t room);
/*
 * A baseline JPEG of the values as they are (full range, BT.601), of any size, pitch and quality:
 * byte for byte what libjpeg-turbo makes of these planes with its slow integer transform, standard
 * Huffman tables and vdk_jpeg_interval(). Edges are repeated. Two kernels, and one copy of sizeof
 * *report bytes; report as that of vdk_cuda_motion(). jpeg: device memory of room bytes, the room
 * that scratch was made for. vdk_jpeg_room() is enough for any picture, and a tenth of it for a
 * camera's: begin with little, and make more when a report says what it would have taken.
 */
int vdk_cuda_jpeg(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *image,
                  const VdkJpegSettings *settings, void *scratch, void *jpeg, size_t room,
                  VdkJpegReport *report);
/*
 * When the stream was synchronised and the report is here, queues the one copy of just its bytes to
 * host memory. The second wait is that for the bus alone, as the device is done: a copy of a length
 * known to be enough would save it, and would move what nobody reads. -ENOSPC when it did not fit.
 */
int vdk_cuda_jpeg_fetch(VdkCuda *cuda, VdkCudaStream stream, const void *jpeg,
                        const VdkJpegReport *report, void *to);
