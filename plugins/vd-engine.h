#pragma once

#include <gst/video/video.h>

#include "kernels/vdk.h"
#include "plugins/vd-image.h"
#include "plugins/vd-messages.h"
#include "plugins/vd-tally.h"

/*
 * What works on an element's pictures: the CPU on those in system memory, a GPU on those in CUDA
 * memory, with the same bytes as the result. Pictures stay where they are. Which of the two it is
 * follows from the caps; which GPU, and in which context, from each buffer, so that an element
 * makes no context of its own.
 *
 * An engine belongs to one element. [streaming thread], all of it. Answers are 0, -errno, or a
 * driver's CUresult (> 0); after one of those the outputs are not to be believed.
 */
#ifdef HAVE_CUDA
#define VD_ENGINE_CUDA(format) GST_VIDEO_CAPS_MAKE_WITH_FEATURES(VD_CUDA_MEMORY, format)
#define VD_ENGINE_CAPS \
    VD_ENGINE_CUDA("{ I420, NV12 }") "; " GST_VIDEO_CAPS_MAKE("{ " VD_IMAGE_FORMATS " }")
#else
#define VD_ENGINE_CAPS GST_VIDEO_CAPS_MAKE("{ " VD_IMAGE_FORMATS " }")
#endif

typedef struct VdEngine VdEngine;

/* A buffer's picture while it is mapped; a GPU's addresses are not for the CPU to look at. */
typedef struct VdPicture {
    VdkImage image;
    GstVideoFrame frame; /* the engine's */
    GstMemory *memory;
    GstMapInfo map;
} VdPicture;

/* All but free, choose, pool, unmap and save are called between begin and end. */
typedef struct VdEngineOps {
    void (*free)(VdEngine *engine);

    /*
     * Makes ready for this buffer's memory. Memory of another GPU or context than the one before
     * means to begin anew: engine->made is another number then, and what was learned is forgotten.
     */
    int (*choose)(VdEngine *engine, GstBuffer *buffer);
    /* A pool of such memory, not yet configured (transfer full); caps get the memory's feature. */
    GstBufferPool *(*pool)(VdEngine *engine, GstCaps *caps);

    /*
     * begin chooses; end waits for all that was asked for since. `error` is what went wrong in
     * between, and is the answer if it is not 0. Without a begin that answered 0 there is no end.
     */
    int (*begin)(VdEngine *engine, GstBuffer *buffer);
    int (*end)(VdEngine *engine, int error);

    /* unmap after end. */
    int (*map)(VdEngine *engine, const GstVideoInfo *info, GstBuffer *buffer, GstMapFlags flags,
               VdPicture *picture);
    void (*unmap)(VdEngine *engine, VdPicture *picture);

    /*
     * Spans and bitmaps are handed over once and stay as they are until forget; a GPU has them in
     * its own memory from then on. What was not handed over is when it is first drawn.
     */
    int (*keep)(VdEngine *engine, const void *data, size_t bytes);
    void (*forget)(VdEngine *engine);

    /* The operators of vdk.h; copy is for pictures of one size and format. */
    int (*copy)(VdEngine *engine, const VdkImage *from, VdkImage *to);
    int (*scale)(VdEngine *engine, const VdkImage *from, const VdkConversion *conversion,
                 VdkImage *to);
    int (*fill)(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n,
                VdkColour colour);
    int (*pixelate)(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, int block);
    /* Up to VDK_MAX_BLITS bitmaps, one after the other. */
    int (*blend)(VdEngine *engine, VdkImage *image, const VdkBlit *blits, size_t n);
    /* Up to VDK_MAX_BOXES frames that lie in the picture, drawn inwards. */
    int (*frames)(VdEngine *engine, VdkImage *image, const VdkRectangle *frames, size_t n,
                  int thick, VdkColour colour);
    /*
     * The background is the engine's; `fresh` empties it first. engine->report is valid from end to
     * the next motion. mask: (nullable) the host's memory, a byte a pixel of the analysis picture,
     * row by row; it has them from end on.
     */
    int (*motion)(VdEngine *engine, const VdkImage *image, int factor, int64_t elapsed_us,
                  const VdkMotionSettings *settings, bool fresh, uint8_t *mask);
    /*
     * What the reference is made of is the engine's; `fresh` empties it first. *report is there
     * from end on. An engine looks either for motion or at quality.
     */
    int (*quality)(VdEngine *engine, const VdkImage *image, int64_t elapsed_us, int black,
                   bool fresh, VdkQualityReport *report);
    /*
     * The background as bytes, vdk_motion_state_size() of them: out, when motion has been looked
     * for in pictures of this size, and complete when it returns; and in, in the place of what was
     * learned. Those of one engine are good for each other; `from` stays as it is until end.
     */
    int (*save)(VdEngine *engine, int width, int height, void *to);
    int (*restore)(VdEngine *engine, int width, int height, const void *from);
    /*
     * The reference, vdk_quality_state_size() bytes: out, behind quality, which are there from end
     * on; and in. Those of all engines are good for each other; `from` stays as it is until end.
     */
    int (*save_quality)(VdEngine *engine, void *to);
    int (*restore_quality)(VdEngine *engine, const void *from);
    /*
     * A JPEG, the same bytes from every engine. It is complete when jpeg comes back, and the
     * engine's until the next one; fetch copies all of it to the host's memory, which has it from
     * end on.
     */
    int (*jpeg)(VdEngine *engine, const VdkImage *image, const VdkJpegSettings *settings,
                size_t *length);
    int (*fetch)(VdEngine *engine, void *to);
} VdEngineOps;

struct VdEngine {
    const VdEngineOps *ops;
    guint made; /* how often it had to begin anew; 0: not used yet */
    const VdkMotionReport *report;
    GstBufferPool *pool; /* (nullable) of vd_engine_acquire(), active */
    GstVideoInfo pooled;
};

bool vd_engine_is_cuda(const GstCaps *caps);

VdEngine *vd_engine_cpu_new(void);
#ifdef HAVE_CUDA
/* tally: (nullable) of what it takes on the GPU. */
VdEngine *vd_engine_cuda_new(VdTally *tally);
#endif
/* Makes *engine (nullable) one for these caps; false: it is one already. */
bool vd_engine_set_caps(VdEngine **engine, VdTally *tally, const GstCaps *caps);
void vd_engine_free(VdEngine *engine); /* (nullable) */

/* A buffer with these properties in the same memory as `like`, from a pool of the engine's. */
int vd_engine_acquire(VdEngine *engine, GstBuffer *like, const GstVideoInfo *info,
                      GstBuffer **buffer);
/* Gives the pool up: other properties come next. */
void vd_engine_drop_pool(VdEngine *engine);

/* Posts the element's error: a plain sentence, and the answer by its name. */
void vd_engine_post_error(GstElement *element, const char *sentence, int error);
