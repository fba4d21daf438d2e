#include <errno.h>
#include <gst/cuda/gstcudabufferpool.h>
#include <gst/cuda/gstcudamemory.h>
#include <gst/cuda/gstcudautils.h>

#include "kernels/cuda.h"
#include "plugins/vd-engine.h"

/*
 * Streams and memory are taken through GStreamer's CUDA library, kernels are launched by kernels/;
 * both opened the same driver, so that contexts and streams are the same to either. GStreamer 1.22
 * hands no stream on with a buffer: what comes in is complete, and what goes out has to be.
 */
#define SMALLEST_SHEET (64 * 1024)
#define ALIGNMENT      256
#define SMALLEST_JPEG  4096

typedef struct Block {
    CUdeviceptr address;
    size_t size;
} Block;

/* What scratch is made ready for. */
typedef struct JpegShape {
    int width, height;
    size_t room;
} JpegShape;

typedef struct CudaEngine {
    VdEngine engine;
    GstCudaContext *context; /* NULL: nothing of what follows is there */
    VdkCuda *cuda;           /* shared */
    CUstream stream;
    Block state, scratch;    /* as large as was needed so far */
    VdkMotionReport *report; /* page-locked; NULL until motion is looked for */
    Block jpeg;
    JpegShape jpeg_shape;       /* 0: not ready */
    VdkJpegReport *jpeg_report; /* page-locked; NULL until a JPEG is made */
    GHashTable *kept;           /* host's address -> the device's */
    GArray *sheets;             /* of Block: where kept things are */
    size_t used;                /* of the last sheet */
} CudaEngine;

static CudaEngine *cast(VdEngine *engine)
{
    return (CudaEngine *)engine;
}

static void *pointer(CUdeviceptr address)
{
    return (void *)(guintptr)address;
}

/* --- kernels -------------------------------------------------------------------------------- */

/* Loading them takes milliseconds and device memory: the elements of one context share them. */
typedef struct Kernels {
    VdkCuda *cuda;
    guint users;
} Kernels;

G_LOCK_DEFINE_STATIC(kernels);
static GHashTable *kernels; /* [kernels] (nullable) GstCudaContext -> Kernels, those in use */

/* [kernels] */
static int load_kernels(GstCudaContext *context, Kernels **loaded)
{
    VdkCuda *cuda = NULL;
    int error = vdk_cuda_new(&cuda);

    if (error != 0)
        return error;
    *loaded = g_new0(Kernels, 1);
    (*loaded)->cuda = cuda;
    if (kernels == NULL)
        kernels = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(kernels, context, *loaded);
    return 0;
}

/* Both: in the context, which the caller keeps alive in between. */
static int take_kernels(GstCudaContext *context, VdkCuda **cuda)
{
    int error = 0;

    G_LOCK(kernels);
    Kernels *found = kernels != NULL ? g_hash_table_lookup(kernels, context) : NULL;
    if (found == NULL)
        error = load_kernels(context, &found);
    if (error == 0) {
        found->users++;
        *cuda = found->cuda;
    }
    G_UNLOCK(kernels);
    return error;
}

static void give_kernels_back(GstCudaContext *context)
{
    G_LOCK(kernels);
    Kernels *found = g_hash_table_lookup(kernels, context);
    if (--found->users == 0) {
        g_hash_table_remove(kernels, context);
        vdk_cuda_free(found->cuda);
        g_free(found);
    }
    G_UNLOCK(kernels);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void release_block(Block *block)
{
    if (block->address != 0)
        gst_cuda_result(CuMemFree(block->address));
    *block = (Block){0};
}

static int reserve(Block *block, size_t size)
{
    if (block->size >= size)
        return 0;
    release_block(block);
    if (size > G_MAXUINT)
        return -ENOMEM;
    CUresult result = CuMemAlloc(&block->address, (guint)size);
    if (result != CUDA_SUCCESS)
        *block = (Block){0};
    else
        block->size = size;
    return (int)result;
}

/* GStreamer's library has no linear copy: one row of a picture is one. */
static int upload(CudaEngine *self, CUdeviceptr to, const void *from, size_t bytes)
{
    CUDA_MEMCPY2D row = {
        .srcMemoryType = CU_MEMORYTYPE_HOST,
        .srcHost = from,
        .srcPitch = bytes,
        .dstMemoryType = CU_MEMORYTYPE_DEVICE,
        .dstDevice = to,
        .dstPitch = bytes,
        .WidthInBytes = bytes,
        .Height = 1,
    };

    return (int)CuMemcpy2DAsync(&row, self->stream);
}

/* --- a context ------------------------------------------------------------------------------- */

static void forget(VdEngine *engine)
{
    CudaEngine *self = cast(engine);

    g_hash_table_remove_all(self->kept);
    for (guint i = 0; i < self->sheets->len; i++)
        release_block(&g_array_index(self->sheets, Block, i));
    g_array_set_size(self->sheets, 0);
    self->used = 0;
}

/* In the context, unless the device is lost. */
static void close_context(CudaEngine *self)
{
    if (self->stream != NULL)
        gst_cuda_result(CuStreamSynchronize(self->stream));
    forget(&self->engine);
    release_block(&self->state);
    release_block(&self->scratch);
    release_block(&self->jpeg);
    self->jpeg_shape = (JpegShape){0};
    if (self->report != NULL)
        gst_cuda_result(CuMemFreeHost(self->report));
    self->engine.report = self->report = NULL;
    if (self->jpeg_report != NULL)
        gst_cuda_result(CuMemFreeHost(self->jpeg_report));
    self->jpeg_report = NULL;
    if (self->cuda != NULL)
        give_kernels_back(self->context);
    self->cuda = NULL;
    if (self->stream != NULL)
        gst_cuda_result(CuStreamDestroy(self->stream));
    self->stream = NULL;
}

static void leave_context(CudaEngine *self)
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

static int enter_context(CudaEngine *self, GstCudaContext *context)
{
    int error = (int)CuCtxPushCurrent(gst_cuda_context_get_handle(context));

    if (error != 0)
        return error;
    self->context = gst_object_ref(context);
    error = (int)CuStreamCreate(&self->stream, CU_STREAM_NON_BLOCKING);
    if (error == 0)
        error = take_kernels(context, &self->cuda);
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
    CudaEngine *self = cast(engine);
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
    CudaEngine *self = cast(engine);

    leave_context(self);
    g_hash_table_unref(self->kept);
    g_array_unref(self->sheets);
    g_free(self);
}

/* --- a buffer -------------------------------------------------------------------------------- */

static int begin(VdEngine *engine, GstBuffer *buffer)
{
    int error = choose(engine, buffer);

    if (error != 0)
        return error;
    return (int)CuCtxPushCurrent(gst_cuda_context_get_handle(cast(engine)->context));
}

/* After an error too: what is queued looks at memory that its owner is about to free. */
static int end(VdEngine *engine, int error)
{
    CUresult waited = CuStreamSynchronize(cast(engine)->stream);
    if (waited != CUDA_SUCCESS) /* a copy may be under way to what is freed next */
        CuStreamSynchronize(cast(engine)->stream);
    CUresult left = CuCtxPopCurrent(NULL);

    if (error != 0)
        return error;
    return (int)(waited != CUDA_SUCCESS ? waited : left);
}

static GstBufferPool *new_pool(VdEngine *engine, GstCaps *caps)
{
    gst_caps_set_features_simple(caps,
                                 gst_caps_features_new_single(GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY));
    return gst_cuda_buffer_pool_new(cast(engine)->context);
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

    if (memory == NULL || memory->context != cast(engine)->context ||
        !has_room(&memory->info, info))
        return -EINVAL;
    if (!gst_memory_map(&memory->mem, &picture->map, flags | (GstMapFlags)GST_MAP_CUDA))
        return -EIO;
    picture->memory = &memory->mem;
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

/* --- what is handed over once ---------------------------------------------------------------- */

static int place(CudaEngine *self, size_t bytes, CUdeviceptr *address)
{
    size_t wanted = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    GArray *sheets = self->sheets;
    Block *last = sheets->len > 0 ? &g_array_index(sheets, Block, sheets->len - 1) : NULL;

    if (last == NULL || last->size - self->used < wanted) {
        Block sheet = {0};
        int error = reserve(&sheet, MAX(wanted, SMALLEST_SHEET));

        if (error != 0)
            return error;
        g_array_append_val(sheets, sheet);
        last = &g_array_index(sheets, Block, sheets->len - 1);
        self->used = 0;
    }
    *address = last->address + self->used;
    self->used += wanted;
    return 0;
}

static int keep(VdEngine *engine, const void *data, size_t bytes)
{
    CudaEngine *self = cast(engine);
    CUdeviceptr address;

    if (bytes == 0 || g_hash_table_contains(self->kept, data))
        return 0;
    int error = place(self, bytes, &address);
    if (error == 0)
        error = upload(self, address, data, bytes);
    if (error == 0)
        g_hash_table_insert(self->kept, (gpointer)data, pointer(address));
    return error;
}

/* --- operators ------------------------------------------------------------------------------- */

static int copy_plane(CudaEngine *self, const VdkPlane *from, const VdkPlane *to, int step)
{
    CUDA_MEMCPY2D plane = {
        .srcMemoryType = CU_MEMORYTYPE_DEVICE,
        .srcDevice = (CUdeviceptr)(guintptr)from->data,
        .srcPitch = (size_t)from->pitch,
        .dstMemoryType = CU_MEMORYTYPE_DEVICE,
        .dstDevice = (CUdeviceptr)(guintptr)to->data,
        .dstPitch = (size_t)to->pitch,
        .WidthInBytes = (size_t)from->width * (size_t)step,
        .Height = (size_t)from->height,
    };

    return (int)CuMemcpy2DAsync(&plane, self->stream);
}

static int copy(VdEngine *engine, const VdkImage *from, VdkImage *to)
{
    int error = copy_plane(cast(engine), &from->luma, &to->luma, 1);

    for (int i = 0; i < vd_image_chroma_planes(from) && error == 0; i++)
        error = copy_plane(cast(engine), &from->chroma[i], &to->chroma[i], from->step);
    return error;
}

static int scale(VdEngine *engine, const VdkImage *from, const VdkConversion *conversion,
                 VdkImage *to)
{
    return vdk_cuda_scale(cast(engine)->cuda, cast(engine)->stream, from, conversion, to);
}

static int keep_spans(CudaEngine *self, const VdkSpan *spans, size_t n, VdkCudaSpans *kept)
{
    int error = keep(&self->engine, spans, n * sizeof *spans);

    *kept = (VdkCudaSpans){
        .spans = error == 0 ? g_hash_table_lookup(self->kept, spans) : NULL,
        .n = (uint32_t)n,
        .bounds = vdk_cuda_bounds(spans, n),
    };
    return error;
}

static int fill(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, VdkColour colour)
{
    CudaEngine *self = cast(engine);
    VdkCudaSpans kept;
    int error = keep_spans(self, spans, n, &kept);

    return error != 0 ? error : vdk_cuda_fill(self->cuda, self->stream, image, &kept, colour);
}

static int pixelate(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, int block)
{
    CudaEngine *self = cast(engine);
    VdkCudaSpans kept;
    int error = keep_spans(self, spans, n, &kept);

    if (error == 0)
        error = reserve(&self->scratch, vdk_cuda_pixelate_scratch_size(image, &kept, block));
    if (error != 0)
        return error;
    return vdk_cuda_pixelate(self->cuda, self->stream, image, &kept, block,
                             pointer(self->scratch.address));
}

static int blend(VdEngine *engine, VdkImage *image, const VdkPlane *alpha, int x, int y,
                 VdkColour colour)
{
    CudaEngine *self = cast(engine);
    VdkPlane kept = *alpha;
    int error = keep(engine, alpha->data, (size_t)alpha->pitch * (size_t)alpha->height);

    if (error != 0)
        return error;
    kept.data = g_hash_table_lookup(self->kept, alpha->data);
    return vdk_cuda_blend(self->cuda, self->stream, image, &kept, x, y, colour);
}

static int draw_frames(VdEngine *engine, VdkImage *image, const VdkRectangle *frames, size_t n,
                       int thick, VdkColour colour)
{
    return vdk_cuda_frames(cast(engine)->cuda, cast(engine)->stream, image, frames, n, thick,
                           colour);
}

/* --- motion ---------------------------------------------------------------------------------- */

static int reserve_motion(CudaEngine *self, size_t state, size_t scratch, bool *fresh)
{
    if (self->state.size != state || self->scratch.size < scratch) {
        release_block(&self->state);
        *fresh = true;
    }
    int error = reserve(&self->state, state);
    if (error == 0)
        error = reserve(&self->scratch, scratch);
    if (error == 0 && self->report == NULL)
        error = (int)CuMemAllocHost((void **)&self->report, sizeof *self->report);
    return error;
}

static int clear(CudaEngine *self, const Block *block)
{
    return vdk_cuda_clear(self->cuda, self->stream, pointer(block->address), block->size);
}

static int motion(VdEngine *engine, const VdkPlane *luma, int factor, int64_t elapsed_us,
                  const VdkMotionSettings *settings, bool fresh)
{
    CudaEngine *self = cast(engine);
    int width = luma->width / factor, height = luma->height / factor;
    size_t state = vdk_motion_state_size(width, height);
    int error = reserve_motion(self, state, vdk_cuda_motion_scratch_size(width, height), &fresh);

    engine->report = self->report;
    if (error == 0 && fresh)
        error = clear(self, &self->state);
    if (error == 0 && fresh)
        error = clear(self, &self->scratch);
    if (error != 0)
        return error;
    return vdk_cuda_motion(self->cuda, self->stream, luma, factor, elapsed_us, settings,
                           pointer(self->state.address), pointer(self->scratch.address), NULL,
                           self->report);
}

/* --- JPEG ------------------------------------------------------------------------------------ */

/* A camera's pictures take less in most cases; what one took that did not fit shows how much more.
 */
static size_t first_room(const VdkImage *image)
{
    return SMALLEST_JPEG + (size_t)image->luma.width * (size_t)image->luma.height / 4;
}

static int reserve_jpeg(CudaEngine *self, const VdkImage *image, const VdkJpegSettings *settings,
                        size_t room)
{
    int error = reserve(&self->jpeg, room);

    if (error == 0)
        error =
            reserve(&self->scratch, vdk_cuda_jpeg_scratch_size(image, settings, self->jpeg.size));
    if (error == 0 && self->jpeg_report == NULL)
        error = (int)CuMemAllocHost((void **)&self->jpeg_report, sizeof *self->jpeg_report);
    return error;
}

/* Scratch begins with zeros, for pictures of one shape. */
static int make_ready(CudaEngine *self, const VdkImage *image)
{
    const JpegShape shape = {image->luma.width, image->luma.height, self->jpeg.size};

    if (shape.width == self->jpeg_shape.width && shape.height == self->jpeg_shape.height &&
        shape.room == self->jpeg_shape.room)
        return 0;
    self->jpeg_shape = shape;
    return clear(self, &self->scratch);
}

static int try_jpeg(CudaEngine *self, const VdkImage *image, const VdkJpegSettings *settings,
                    size_t room)
{
    int error = reserve_jpeg(self, image, settings, room);

    if (error == 0)
        error = make_ready(self, image);
    if (error == 0)
        error =
            vdk_cuda_jpeg(self->cuda, self->stream, image, settings, pointer(self->scratch.address),
                          pointer(self->jpeg.address), self->jpeg.size, self->jpeg_report);
    if (error == 0)
        error = (int)CuStreamSynchronize(self->stream);
    if (error != 0)
        self->jpeg_shape = (JpegShape){0};
    return error;
}

static int jpeg(VdEngine *engine, const VdkImage *image, const VdkJpegSettings *settings,
                size_t *length)
{
    CudaEngine *self = cast(engine);
    int error = try_jpeg(self, image, settings, first_room(image));

    if (error == 0 && !self->jpeg_report->fits)
        error = try_jpeg(self, image, settings, (size_t)self->jpeg_report->length * 3 / 2);
    if (error == 0)
        *length = self->jpeg_report->length;
    return error;
}

static int fetch(VdEngine *engine, void *to)
{
    CudaEngine *self = cast(engine);

    return vdk_cuda_jpeg_fetch(self->cuda, self->stream, pointer(self->jpeg.address),
                               self->jpeg_report, to);
}

/* --- the engine ------------------------------------------------------------------------------ */

VdEngine *vd_engine_cuda_new(void)
{
    static const VdEngineOps ops = {
        .free = free_engine,
        .choose = choose,
        .pool = new_pool,
        .begin = begin,
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
        .jpeg = jpeg,
        .fetch = fetch,
    };
    CudaEngine *self = g_new0(CudaEngine, 1);

    self->engine.ops = &ops;
    self->kept = g_hash_table_new(NULL, NULL);
    self->sheets = g_array_new(FALSE, FALSE, sizeof(Block));
    return &self->engine;
}
