#include "plugins/vd-software.h"

#include "plugins/vd-av-image.h"
#ifdef HAVE_CUDA
#include "plugins/vd-cuda-picture.h"
#endif

struct VdSoftware {
    AVCodecContext *encoder;
    const GstVideoInfo *info;
    enum AVPixelFormat format; /* of what comes in */
};

static enum AVPixelFormat format_of(const GstVideoInfo *info)
{
    return GST_VIDEO_INFO_FORMAT(info) == GST_VIDEO_FORMAT_NV12 ? AV_PIX_FMT_NV12
                                                                : AV_PIX_FMT_YUV420P;
}

/* libx265 takes planes alone. */
static enum AVPixelFormat format_for(VdAvcodecKind kind, enum AVPixelFormat format)
{
    return kind == VD_AVCODEC_H265 ? AV_PIX_FMT_YUV420P : format;
}

int vd_software_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, VdSoftware **opened)
{
    enum AVPixelFormat format = format_of(settings->info), taken = format_for(kind, format);
    AVCodecContext *encoder = NULL;
    int error = vd_avcodec_open(kind, settings, NULL, taken, &encoder);

    if (error < 0)
        return error;
    *opened = g_new0(VdSoftware, 1);
    (*opened)->encoder = encoder;
    (*opened)->info = settings->info;
    (*opened)->format = format;
    return 0;
}

void vd_software_close(VdSoftware *software)
{
    if (software == NULL)
        return;
    avcodec_free_context(&software->encoder);
    g_free(software);
}

bool vd_software_set_bitrate(VdSoftware *software, guint bitrate)
{
    return vd_avcodec_set_bitrate(software->encoder, bitrate);
}

/* --- pictures -------------------------------------------------------------------------------- */

static int convert(const VdkImage *from, AVFrame *frame)
{
    int error = av_frame_get_buffer(frame, 0);

    if (error < 0)
        return error;
    VdkImage to = vd_av_image_of(frame, (enum AVPixelFormat)frame->format);
    g_autofree void *scratch = g_malloc(vdk_scale_scratch_size(from, &to));
    error = vdk_cpu()->scale(from, NULL, scratch, &to);
    return error != 0 ? AVERROR(-error) : 0;
}

static int encode_image(VdSoftware *self, const VdkImage *whole, gint64 number, bool key,
                        AVPacket **packet)
{
    VdkImage image = vd_av_image_even(whole);
    AVFrame *frame = vd_avcodec_new_frame(self->encoder);
    int error = 0;

    if (self->format == self->encoder->pix_fmt)
        vd_av_image_lend(&image, frame);
    else
        error = convert(&image, frame);
    if (error == 0)
        error = vd_avcodec_encode(self->encoder, frame, number, key, packet);
    av_frame_free(&frame);
    return error;
}

#ifdef HAVE_CUDA
static int fetch(VdSoftware *self, GstBuffer *buffer, AVFrame *frame)
{
    VdCudaPicture picture;
    int error = av_frame_get_buffer(frame, 0);

    if (error < 0)
        return error;
    error = vd_cuda_picture_map(buffer, self->info, &picture);
    if (error < 0)
        return AVERROR(-error);
    VdkImage to = vd_av_image_of(frame, self->format);
    error = vd_cuda_picture_copy(&picture, CU_MEMORYTYPE_HOST, &to);
    vd_cuda_picture_unmap(&picture);
    return error;
}

static int encode_fetched(VdSoftware *self, GstBuffer *buffer, gint64 number, bool key,
                          AVPacket **packet)
{
    AVFrame *frame = vd_avcodec_new_frame(self->encoder);

    frame->format = self->format;
    int error = fetch(self, buffer, frame);
    if (error == 0) {
        VdkImage image = vd_av_image_of(frame, self->format);

        error = encode_image(self, &image, number, key, packet);
    }
    av_frame_free(&frame);
    return error;
}
#endif

static int encode_mapped(VdSoftware *self, GstBuffer *buffer, gint64 number, bool key,
                         AVPacket **packet)
{
    GstVideoFrame frame;

    if (!gst_video_frame_map(&frame, self->info, buffer, GST_MAP_READ))
        return AVERROR(EIO);
    VdkImage image = vd_image_from_frame(&frame);
    int error = encode_image(self, &image, number, key, packet);
    gst_video_frame_unmap(&frame);
    return error;
}

int vd_software_encode(VdSoftware *software, GstBuffer *buffer, gint64 number, bool key,
                       AVPacket **packet)
{
#ifdef HAVE_CUDA
    if (vd_cuda_memory_of(buffer) != NULL)
        return encode_fetched(software, buffer, number, key, packet);
#endif
    return encode_mapped(software, buffer, number, key, packet);
}
