#include <errno.h>
#include <gst/video/gstvideopool.h>
#include <string.h>

#include "plugins/vd-engine.h"
#include "plugins/vd-libjpeg.h"

#define ALIGNMENT 64

typedef struct CpuEngine {
    VdEngine engine;
    void *state; /* NULL until motion is looked for */
    size_t state_size;
    void *scratch; /* for one call at a time */
    size_t scratch_size;
    VdkMotionReport report;
    VdLibjpeg *libjpeg; /* NULL until a JPEG is made */
} CpuEngine;

/* --- buffers --------------------------------------------------------------------------------- */

static void free_engine(VdEngine *engine)
{
    CpuEngine *self = (CpuEngine *)engine;

    g_aligned_free(self->state);
    g_aligned_free(self->scratch);
    vd_libjpeg_free(self->libjpeg);
    g_free(self);
}

static int choose(VdEngine *engine, GstBuffer *buffer)
{
    engine->made = 1;
    return 0;
}

static GstBufferPool *new_pool(VdEngine *engine, GstCaps *caps)
{
    return gst_video_buffer_pool_new();
}

static int end(VdEngine *engine, int error)
{
    return error;
}

static int map(VdEngine *engine, const GstVideoInfo *info, GstBuffer *buffer, GstMapFlags flags,
               VdPicture *picture)
{
    if (!gst_video_frame_map(&picture->frame, info, buffer, flags))
        return -EIO;
    picture->image = vd_image_from_frame(&picture->frame);
    return 0;
}

static void unmap(VdEngine *engine, VdPicture *picture)
{
    gst_video_frame_unmap(&picture->frame);
}

/* The CPU draws from where things are. */
static int keep(VdEngine *engine, const void *data, size_t bytes)
{
    return 0;
}

static void forget(VdEngine *engine)
{
}

/* --- operators ------------------------------------------------------------------------------- */

static void reserve(void **memory, size_t *size, size_t wanted)
{
    if (*size >= wanted)
        return;
    g_aligned_free(*memory);
    *memory = g_aligned_alloc(1, wanted, ALIGNMENT);
    *size = wanted;
}

static void copy_plane(const VdkPlane *from, VdkPlane *to, int step)
{
    for (int y = 0; y < from->height; y++)
        memcpy(to->data + (gsize)y * (gsize)to->pitch, from->data + (gsize)y * (gsize)from->pitch,
               (gsize)from->width * (gsize)step);
}

static int copy(VdEngine *engine, const VdkImage *from, VdkImage *to)
{
    copy_plane(&from->luma, &to->luma, 1);
    for (int i = 0; i < vd_image_chroma_planes(from); i++)
        copy_plane(&from->chroma[i], &to->chroma[i], from->step);
    return 0;
}

static int scale(VdEngine *engine, const VdkImage *from, const VdkConversion *conversion,
                 VdkImage *to)
{
    CpuEngine *self = (CpuEngine *)engine;

    reserve(&self->scratch, &self->scratch_size, vdk_scale_scratch_size(from, to));
    return vdk_cpu()->scale(from, conversion, self->scratch, to);
}

static int fill(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, VdkColour colour)
{
    return vdk_cpu()->fill(image, spans, n, colour);
}

static int pixelate(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, int block)
{
    return vdk_cpu()->pixelate(image, spans, n, block);
}

static int blend(VdEngine *engine, VdkImage *image, const VdkBlit *blits, size_t n)
{
    int error = 0;

    for (size_t i = 0; i < n && error == 0; i++)
        error = vdk_cpu()->blend(image, &blits[i].alpha, blits[i].x, blits[i].y, blits[i].colour);
    return error;
}

static int draw_frames(VdEngine *engine, VdkImage *image, const VdkRectangle *frames, size_t n,
                       int thick, VdkColour colour)
{
    CpuEngine *self = (CpuEngine *)engine;
    int width = image->luma.width, height = image->luma.height;
    size_t room = 2 * (size_t)height;
    int error = 0;

    reserve(&self->scratch, &self->scratch_size, room * sizeof(VdkSpan));
    for (size_t i = 0; i < n && error == 0; i++) {
        const VdkRectangle *frame = &frames[i];
        int spans = vdk_shape_frame(frame->x, frame->y, frame->width, frame->height, thick, width,
                                    height, self->scratch, room);

        error = spans < 0 ? spans : vdk_cpu()->fill(image, self->scratch, (size_t)spans, colour);
    }
    return error;
}

/* Zeroed when it is new or to be fresh. */
static void prepare_state(CpuEngine *self, size_t size, bool fresh)
{
    if (self->state_size != size) {
        g_aligned_free(self->state);
        self->state = g_aligned_alloc0(1, size, ALIGNMENT);
        self->state_size = size;
    } else if (fresh) {
        memset(self->state, 0, size);
    }
}

static void prepare_motion(CpuEngine *self, int width, int height, bool fresh)
{
    prepare_state(self, vdk_motion_state_size(width, height), fresh);
    reserve(&self->scratch, &self->scratch_size, vdk_motion_scratch_size(width, height));
}

static int motion(VdEngine *engine, const VdkImage *image, int factor, int64_t elapsed_us,
                  const VdkMotionSettings *settings, bool fresh, uint8_t *mask)
{
    CpuEngine *self = (CpuEngine *)engine;
    int width = image->luma.width / factor, height = image->luma.height / factor;
    VdkPlane plane = {mask, width, height, width};

    prepare_motion(self, width, height, fresh);
    return vdk_cpu()->motion(image, factor, elapsed_us, settings, self->state, self->scratch,
                             mask != NULL ? &plane : NULL, &self->report);
}

static int quality(VdEngine *engine, const VdkImage *image, int64_t elapsed_us, int black,
                   bool fresh, VdkQualityReport *report)
{
    CpuEngine *self = (CpuEngine *)engine;

    prepare_state(self, vdk_quality_state_size(), fresh);
    reserve(&self->scratch, &self->scratch_size, vdk_quality_scratch_size());
    return vdk_cpu()->quality(image, elapsed_us, black, self->state, self->scratch, report);
}

static int save(VdEngine *engine, int width, int height, void *to)
{
    CpuEngine *self = (CpuEngine *)engine;

    if (self->state_size != vdk_motion_state_size(width, height))
        return -EINVAL;
    memcpy(to, self->state, self->state_size);
    return 0;
}

static int restore(VdEngine *engine, int width, int height, const void *from)
{
    CpuEngine *self = (CpuEngine *)engine;

    prepare_motion(self, width, height, false);
    memcpy(self->state, from, self->state_size);
    return 0;
}

static int save_quality(VdEngine *engine, void *to)
{
    CpuEngine *self = (CpuEngine *)engine;

    if (self->state_size != vdk_quality_state_size())
        return -EINVAL;
    memcpy(to, self->state, self->state_size);
    return 0;
}

static int restore_quality(VdEngine *engine, const void *from)
{
    CpuEngine *self = (CpuEngine *)engine;

    prepare_state(self, vdk_quality_state_size(), false);
    memcpy(self->state, from, self->state_size);
    return 0;
}

static int jpeg(VdEngine *engine, const VdkImage *image, const VdkJpegSettings *settings,
                size_t *length)
{
    CpuEngine *self = (CpuEngine *)engine;

    if (self->libjpeg == NULL)
        self->libjpeg = vd_libjpeg_new();
    int error = vd_libjpeg_encode(self->libjpeg, image, settings);
    if (error == 0)
        vd_libjpeg_data(self->libjpeg, length);
    return error;
}

static int fetch(VdEngine *engine, void *to)
{
    size_t length;
    const guint8 *data = vd_libjpeg_data(((CpuEngine *)engine)->libjpeg, &length);

    memcpy(to, data, length);
    return 0;
}

VdEngine *vd_engine_cpu_new(void)
{
    static const VdEngineOps ops = {
        .free = free_engine,
        .choose = choose,
        .pool = new_pool,
        .begin = choose,
        .end = end,
        .map = map,
        .unmap = unmap,
        .keep = keep,
        .forget = forget,
        .copy = copy,
        .scale = scale,
        .fill = fill,
        .pixelate = pixelate,
        .blend = blend,
        .frames = draw_frames,
        .motion = motion,
        .quality = quality,
        .save = save,
        .restore = restore,
        .save_quality = save_quality,
        .restore_quality = restore_quality,
        .jpeg = jpeg,
        .fetch = fetch,
    };
    CpuEngine *self = g_new0(CpuEngine, 1);

    self->engine.ops = &ops;
    self->engine.report = &self->report;
    return &self->engine;
}
