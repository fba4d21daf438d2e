#include "plugins/vd-engine-cuda.h"

#include <errno.h>
#include <gst/cuda/gstcudabufferpool.h>
#include <gst/cuda/gstcudamemory.h>

/*
 * GStreamer 1.22 hands no stream on with a buffer: what comes in is complete, and what goes out has
 * to be.
 */

/* --- a context ------------------------------------------------------------------------------- */

/* In the context, unless the device is lost. */
static void close_context(VdCudaEngine *self)
{
    if (self->stream != NULL)
        gst_cuda_result(CuStreamSynchronize(self->stream));
    vd_cuda_forget(&self->engine);
    vd_cuda_release(self, &self->state);
    vd_cuda_release(self, &self->scratch);
    vd_cuda_release(self, &self->mask);
    vd_cuda_release(self, &self->jpeg);
    self->jpeg_shape = (VdCudaJpegShape){0};
    if (self->report != NULL)
        gst_cuda_result(CuMemFreeHost(self->report));
    self->engine.report = self->report = NULL;
    if (self->jpeg_report != NULL)
        gst_cuda_result(CuMemFreeHost(self->jpeg_report));
    self->jpeg_report = NULL;
    if (self->cuda != NULL)
        vd_cuda_kernels_give_back(self->context);
    self->cuda = NULL;
    if (self->stream != NULL)
        gst_cuda_result(CuStreamDestroy(self->stream));
    self->stream = NULL;
}

static void leave_context(VdCudaEngine *self)
{
    if (self->context == NULL)
        return;
    vd_engine_drop_pool(&self->engine);
    bool pushed = gst_cuda_context_push(self->context);
    close_context(self);
    if (pushed)
        gst_cuda_context_pop(NULL);
    gst_clear_object(&self->context);
}

static int enter_context(VdCudaEngine *self, GstCudaContext *context)
{
    int error = (int)CuCtxPushCurrent(gst_cuda_context_get_handle(context));

    if (error != 0)
        return error;
    self->context = gst_object_ref(context);
    error = (int)CuStreamCreate(&self->stream, CU_STREAM_NON_BLOCKING);
    if (error == 0)
        error = vd_cuda_kernels_take(context, &self->cuda);
    gst_cuda_context_pop(NULL);
    if (error != 0)
        leave_context(self);
    else
        self->engine.made++;
    return error;
}

/* NULL: it is no picture in CUDA memory, whatever its caps say. */
static GstCudaMemory *memory_of(GstBuffer *buffer)
{
    GstMemory *memory = gst_buffer_n_memory(buffer) == 1 ? gst_buffer_peek_memory(buffer, 0) : NULL;

    return memory != NULL && gst_is_cuda_memory(memory) ? GST_CUDA_MEMORY_CAST(memory) : NULL;
}

static int choose(VdEngine *engine, GstBuffer *buffer)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    const GstCudaMemory *memory = memory_of(buffer);

    if (memory == NULL)
        return -EMEDIUMTYPE;
    if (memory->context == self->context)
        return 0;
    leave_context(self);
    return enter_context(self, memory->context);
}

static void free_engine(VdEngine *engine)
{
    VdCudaEngine *self = vd_cuda_engine(engine);

    leave_context(self);
    g_hash_table_unref(self->kept);
    g_array_unref(self->sheets);
    g_clear_pointer(&self->tally, vd_tally_unref);
    g_free(self);
}

/* --- a buffer -------------------------------------------------------------------------------- */

static int begin(VdEngine *engine, GstBuffer *buffer)
{
    int error = choose(engine, buffer);

    if (error != 0)
        return error;
    return (int)CuCtxPushCurrent(gst_cuda_context_get_handle(vd_cuda_engine(engine)->context));
}

/* After an error too: what is queued looks at memory that its owner is about to free. */
static int end(VdEngine *engine, int error)
{
    CUresult waited = CuStreamSynchronize(vd_cuda_engine(engine)->stream);
    if (waited != CUDA_SUCCESS) /* a copy may be under way to what is freed next */
        CuStreamSynchronize(vd_cuda_engine(engine)->stream);
    CUresult left = CuCtxPopCurrent(NULL);

    if (error != 0)
        return error;
    return (int)(waited != CUDA_SUCCESS ? waited : left);
}

static GstBufferPool *new_pool(VdEngine *engine, GstCaps *caps)
{
    gst_caps_set_features_simple(caps,
                                 gst_caps_features_new_single(GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY));
    return gst_cuda_buffer_pool_new(vd_cuda_engine(engine)->context);
}

static bool has_room(const GstVideoInfo *memory, const GstVideoInfo *picture)
{
    return GST_VIDEO_INFO_FORMAT(memory) == GST_VIDEO_INFO_FORMAT(picture) &&
           memory->width >= picture->width && memory->height >= picture->height;
}

/* Where planes lie is the memory's to say: it has a pitch and more rows than the caps speak of. */
static int map(VdEngine *engine, const GstVideoInfo *info, GstBuffer *buffer, GstMapFlags flags,
               VdPicture *picture)
{
    GstCudaMemory *memory = memory_of(buffer);
    GstVideoFrame *frame = &picture->frame;

    if (memory == NULL || memory->context != vd_cuda_engine(engine)->context ||
        !has_room(&memory->info, info))
        return -EINVAL;
    if (!gst_memory_map(&memory->mem, &picture->map, flags | (GstMapFlags)GST_MAP_CUDA))
        return -EIO;
    picture->memory = &memory->mem;
    if (vd_cuda_engine(engine)->tally != NULL)
        vd_tally_add_picture(vd_cuda_engine(engine)->tally, buffer);
    *frame = (GstVideoFrame){.info = *info};
    for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(info); i++) {
        frame->data[i] = picture->map.data + memory->info.offset[i];
        frame->info.stride[i] = memory->info.stride[i];
    }
    picture->image = vd_image_from_frame(frame);
    return 0;
}

static void unmap(VdEngine *engine, VdPicture *picture)
{
    gst_memory_unmap(picture->memory, &picture->map);
}

/* --- the engine ------------------------------------------------------------------------------ */

VdEngine *vd_engine_cuda_new(VdTally *tally)
{
    static const VdEngineOps ops = {
        .free = free_engine,
        .choose = choose,
        .pool = new_pool,
        .begin = begin,
        .end = end,
        .map = map,
        .unmap = unmap,
        .keep = vd_cuda_keep,
        .forget = vd_cuda_forget,
        .copy = vd_cuda_copy,
        .scale = vd_cuda_scale,
        .fill = vd_cuda_fill,
        .pixelate = vd_cuda_pixelate,
        .blend = vd_cuda_blend,
        .frames = vd_cuda_frames,
        .motion = vd_cuda_motion,
        .quality = vd_cuda_quality,
        .save = vd_cuda_save,
        .restore = vd_cuda_restore,
        .save_quality = vd_cuda_save_quality,
        .restore_quality = vd_cuda_restore_quality,
        .jpeg = vd_cuda_jpeg,
        .fetch = vd_cuda_fetch,
    };
    VdCudaEngine *self = g_new0(VdCudaEngine, 1);

    self->engine.ops = &ops;
    self->tally = tally != NULL ? vd_tally_ref(tally) : NULL;
    self->kept = g_hash_table_new(NULL, NULL);
    self->sheets = g_array_new(FALSE, FALSE, sizeof(VdCudaBlock));
    return &self->engine;
}
