#include "plugins/vd-nvenc.h"

#include "plugins/vd-av-image.h"
#include "plugins/vd-cuda-picture.h"
#include "plugins/vd-engine.h"

#include <gst/cuda/cuda-gst.h>
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_cuda.h>

struct VdNvenc {
    GstCudaContext *context;
    AVCodecContext *encoder;
    const GstVideoInfo *info;
    AVBufferRef *device;
    AVBufferRef *surfaces; /* the encoder's own pictures, as many as it takes */
    AVBufferRef *lent;     /* (nullable) what is said of pictures that are encoded where they lie */
    int lent_rows;
    GHashTable *lenders; /* address -> the number of the memory that was there */
    VdEngine *engine;    /* (nullable) for I420 */
};

/* --- opening --------------------------------------------------------------------------------- */

static AVBufferRef *new_device(GstCudaContext *context)
{
    AVBufferRef *device = av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA);
    AVCUDADeviceContext *cuda;

    if (device == NULL)
        return NULL;
    cuda = ((AVHWDeviceContext *)device->data)->hwctx;
    cuda->cuda_ctx = gst_cuda_context_get_handle(context);
    if (av_hwdevice_ctx_init(device) < 0)
        av_buffer_unref(&device);
    return device;
}

/* The encoder looks for chroma behind that many rows. */
static AVBufferRef *new_frames(AVBufferRef *device, int width, int rows)
{
    AVBufferRef *ref = av_hwframe_ctx_alloc(device);

    if (ref == NULL)
        return NULL;
    AVHWFramesContext *frames = (AVHWFramesContext *)ref->data;
    frames->format = AV_PIX_FMT_CUDA;
    frames->sw_format = AV_PIX_FMT_NV12;
    frames->width = width;
    frames->height = rows;
    if (av_hwframe_ctx_init(ref) < 0)
        av_buffer_unref(&ref);
    return ref;
}

int vd_nvenc_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, GstCudaContext *context,
                  VdNvenc **opened)
{
    VdNvenc *self = g_new0(VdNvenc, 1);
    int error = AVERROR_EXTERNAL;

    self->context = gst_object_ref(context);
    self->info = settings->info;
    self->lenders = g_hash_table_new(NULL, NULL);
    self->device = new_device(context);
    if (self->device != NULL)
        self->surfaces = new_frames(self->device, settings->width, settings->height);
    if (self->surfaces != NULL)
        error = vd_avcodec_open(kind, settings, self->surfaces, AV_PIX_FMT_CUDA, &self->encoder);
    if (error < 0)
        g_clear_pointer(&self, vd_nvenc_close);
    *opened = self;
    return error;
}

void vd_nvenc_close(VdNvenc *nvenc)
{
    if (nvenc == NULL)
        return;
    avcodec_free_context(&nvenc->encoder);
    vd_engine_free(nvenc->engine);
    av_buffer_unref(&nvenc->lent);
    av_buffer_unref(&nvenc->surfaces);
    av_buffer_unref(&nvenc->device);
    g_hash_table_unref(nvenc->lenders);
    gst_object_unref(nvenc->context);
    g_free(nvenc);
}

GstCudaContext *vd_nvenc_context(const VdNvenc *nvenc)
{
    return nvenc->context;
}

void vd_nvenc_set_bitrate(VdNvenc *nvenc, guint bitrate)
{
    vd_avcodec_set_bitrate(nvenc->encoder, bitrate);
}

/* --- pictures where they lie ----------------------------------------------------------------- */

/*
 * The encoder remembers addresses for as long as it is open. At an address it knows there may be
 * other memory by now, of which it must not be told: memories are told apart by numbers.
 */
static gpointer number_of(GstMemory *memory)
{
    static gint last; /* atomic */
    GQuark quark = g_quark_from_static_string("vd-nvenc-number");
    gpointer number = gst_mini_object_get_qdata(GST_MINI_OBJECT_CAST(memory), quark);
    if (number == NULL) {
        number = GINT_TO_POINTER(g_atomic_int_add(&last, 1) + 1);
        gst_mini_object_set_qdata(GST_MINI_OBJECT_CAST(memory), quark, number, NULL);
    }
    return number;
}

static bool is_known(VdNvenc *self, const VdCudaPicture *picture)
{
    gpointer address = picture->image.luma.data, number = number_of(&picture->memory->mem);
    gpointer before = g_hash_table_lookup(self->lenders, address);

    if (before == NULL)
        g_hash_table_insert(self->lenders, address, number);
    return before == NULL || before == number;
}

/* Luma's rows up to chroma; 0: the encoder cannot find chroma. */
static int rows_of(const VdCudaPicture *picture)
{
    const VdkImage *image = &picture->image;
    gintptr between = image->chroma[0].data - image->luma.data;

    if (image->step != 2 || image->luma.pitch != image->chroma[0].pitch ||
        between % image->luma.pitch != 0)
        return 0;
    return (int)(between / image->luma.pitch);
}

static bool lend(VdNvenc *self, const VdCudaPicture *picture, AVFrame *frame)
{
    int rows = rows_of(picture);

    if (rows < frame->height || (self->lent != NULL && rows != self->lent_rows) ||
        !is_known(self, picture))
        return false;
    if (self->lent == NULL)
        self->lent = new_frames(self->device, frame->width, rows);
    if (self->lent == NULL)
        return false;
    self->lent_rows = rows;
    frame->hw_frames_ctx = av_buffer_ref(self->lent);
    vd_av_image_lend(&picture->image, frame);
    return true;
}

/* --- pictures that are brought to a surface -------------------------------------------------- */

static int convert(VdNvenc *self, GstBuffer *buffer, VdkImage *to)
{
    VdPicture picture;

    if (self->engine == NULL)
        self->engine = vd_engine_cuda_new(NULL);
    const VdEngineOps *ops = self->engine->ops;
    int error = ops->begin(self->engine, buffer);
    if (error != 0)
        return error;
    error = ops->map(self->engine, self->info, buffer, GST_MAP_READ, &picture);
    if (error != 0)
        return ops->end(self->engine, error);
    VdkImage from = vd_av_image_even(&picture.image);
    error = ops->end(self->engine, ops->scale(self->engine, &from, NULL, to));
    ops->unmap(self->engine, &picture);
    return error;
}

/* NV12 is copied with the encoder's own stream, which therefore comes after it. */
static int bring(VdNvenc *self, GstBuffer *buffer, const VdCudaPicture *picture, AVFrame *frame)
{
    int error = av_hwframe_get_buffer(self->surfaces, frame, 0);

    if (error < 0)
        return error;
    VdkImage to = vd_av_image_of(frame, AV_PIX_FMT_NV12);
    error = picture->image.step == 2 ? vd_cuda_picture_copy(picture, CU_MEMORYTYPE_DEVICE, &to)
                                     : convert(self, buffer, &to);
    return error < 0 ? AVERROR(-error) : error;
}

static int encode_mapped(VdNvenc *self, GstBuffer *buffer, const VdCudaPicture *picture,
                         gint64 number, bool key, AVPacket **packet)
{
    AVFrame *frame = vd_avcodec_new_frame(self->encoder);
    int error = lend(self, picture, frame) ? 0 : bring(self, buffer, picture, frame);

    if (error == 0)
        error = vd_avcodec_encode(self->encoder, frame, number, key, packet);
    av_frame_free(&frame);
    return error;
}

int vd_nvenc_encode(VdNvenc *nvenc, GstBuffer *buffer, gint64 number, bool key, AVPacket **packet)
{
    VdCudaPicture picture;
    int error = vd_cuda_picture_map(buffer, nvenc->info, &picture);

    if (error < 0)
        return AVERROR(-error);
    error = encode_mapped(nvenc, buffer, &picture, number, key, packet);
    vd_cuda_picture_unmap(&picture);
    return error;
}
