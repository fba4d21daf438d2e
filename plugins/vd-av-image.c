#include "plugins/vd-av-image.h"

#include <libavutil/pixfmt.h>

static VdkPlane even(VdkPlane plane, int width, int height)
{
    plane.width = width;
    plane.height = height;
    return plane;
}

VdkImage vd_av_image_even(const VdkImage *image)
{
    int width = image->luma.width / 2, height = image->luma.height / 2;

    return (VdkImage){
        .luma = even(image->luma, width * 2, height * 2),
        .chroma = {even(image->chroma[0], width, height), even(image->chroma[1], width, height)},
        .step = image->step,
    };
}

static VdkPlane plane_of(const AVFrame *frame, int plane, int offset, int shift)
{
    return (VdkPlane){
        .data = frame->data[plane] + offset,
        .width = frame->width >> shift,
        .height = frame->height >> shift,
        .pitch = frame->linesize[plane],
    };
}

VdkImage vd_av_image_of(const AVFrame *frame, enum AVPixelFormat format)
{
    bool nv12 = format == AV_PIX_FMT_NV12;

    return (VdkImage){
        .luma = plane_of(frame, 0, 0, 0),
        .chroma = {plane_of(frame, 1, 0, 1),
                   nv12 ? plane_of(frame, 1, 1, 1) : plane_of(frame, 2, 0, 1)},
        .step = nv12 ? 2 : 1,
    };
}

/* Who lends keeps them. */
static void give_back(void *unused, uint8_t *data)
{
}

void vd_av_image_lend(const VdkImage *image, AVFrame *frame)
{
    frame->buf[0] = av_buffer_create(image->luma.data, 1, give_back, NULL, AV_BUFFER_FLAG_READONLY);
    frame->data[0] = image->luma.data;
    frame->linesize[0] = image->luma.pitch;
    for (int i = 0; i < vd_image_chroma_planes(image); i++) {
        frame->data[i + 1] = image->chroma[i].data;
        frame->linesize[i + 1] = image->chroma[i].pitch;
    }
}
