#pragma once

#include <gst/cuda/gstcudautils.h>

#include "kernels/cuda.h"
#include "plugins/vd-engine.h"

/*
 * The engine for pictures in CUDA memory, seen from its parts; elements see vd-engine.h alone.
 * Streams and memory are taken through GStreamer's CUDA library, kernels are launched by kernels/;
 * both opened the same driver, so that contexts and streams are the same to either. What is said
 * there of threads and answers is true here; all that asks the driver is called in the context.
 */
typedef struct VdCudaBlock {
    CUdeviceptr address; /* 0: none */
    size_t size;
} VdCudaBlock;

/* What scratch is made ready for. */
typedef struct VdCudaJpegShape {
    int width, height;
    size_t room;
} VdCudaJpegShape;

typedef struct VdCudaEngine {
    VdEngine engine;
    VdTally *tally;          /* (nullable) */
    GstCudaContext *context; /* NULL: nothing of what follows is there */
    VdkCuda *cuda;           /* shared */
    CUstream stream;
    VdCudaBlock state, scratch; /* as large as was needed so far */
    VdkMotionReport *report;    /* page-locked; NULL until motion is looked for */
    VdCudaBlock mask;           /* none until one is asked for */
    VdCudaBlock jpeg;
    VdCudaJpegShape jpeg_shape; /* 0: not ready */
    VdkJpegReport *jpeg_report; /* page-locked; NULL until a JPEG is made */
    GHashTable *kept;           /* host's address -> the device's */
    GArray *sheets;             /* of VdCudaBlock: where kept things are */
    size_t used;                /* of the last sheet */
} VdCudaEngine;

static inline VdCudaEngine *vd_cuda_engine(VdEngine *engine)
{
    return (VdCudaEngine *)engine;
}

static inline void *vd_cuda_pointer(CUdeviceptr address)
{
    return (void *)(guintptr)address;
}

/* The kernels of a context, counted: in the context, which the caller keeps alive. [any] */
int vd_cuda_kernels_take(GstCudaContext *context, VdkCuda **cuda);
void vd_cuda_kernels_give_back(GstCudaContext *context);

/*
 * Makes a block at least that large; what it held is lost when it has to grow. All device memory
 * but pictures comes from here and is tallied here.
 */
int vd_cuda_reserve(VdCudaEngine *self, VdCudaBlock *block, size_t size);
void vd_cuda_release(VdCudaEngine *self, VdCudaBlock *block);
int vd_cuda_clear(VdCudaEngine *self, const VdCudaBlock *block);

/* Queued on the engine's stream: the host's memory stays as it is until end. */
int vd_cuda_upload(VdCudaEngine *self, CUdeviceptr to, const void *from, size_t bytes);
int vd_cuda_download(VdCudaEngine *self, void *to, CUdeviceptr from, size_t bytes);

/* VdEngineOps by their names. */
int vd_cuda_keep(VdEngine *engine, const void *data, size_t bytes);
void vd_cuda_forget(VdEngine *engine);
/* Where what was kept is on the device. */
void *vd_cuda_kept(VdCudaEngine *self, const void *data);

int vd_cuda_copy(VdEngine *engine, const VdkImage *from, VdkImage *to);
int vd_cuda_scale(VdEngine *engine, const VdkImage *from, const VdkConversion *conversion,
                  VdkImage *to);
int vd_cuda_fill(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n,
                 VdkColour colour);
int vd_cuda_pixelate(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, int block);
int vd_cuda_blend(VdEngine *engine, VdkImage *image, const VdkBlit *blits, size_t n);
int vd_cuda_frames(VdEngine *engine, VdkImage *image, const VdkRectangle *frames, size_t n,
                   int thick, VdkColour colour);

int vd_cuda_motion(VdEngine *engine, const VdkImage *image, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, bool fresh, uint8_t *mask);
int vd_cuda_quality(VdEngine *engine, const VdkImage *image, int64_t elapsed_us, int black,
                    bool fresh, VdkQualityReport *report);
int vd_cuda_save(VdEngine *engine, int width, int height, void *to);
int vd_cuda_restore(VdEngine *engine, int width, int height, const void *from);
int vd_cuda_save_quality(VdEngine *engine, void *to);
int vd_cuda_restore_quality(VdEngine *engine, const void *from);

int vd_cuda_jpeg(VdEngine *engine, const VdkImage *image, const VdkJpegSettings *settings,
                 size_t *length);
int vd_cuda_fetch(VdEngine *engine, void *to);
