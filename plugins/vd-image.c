#include "plugins/vd-image.h"

bool vd_image_size_ok(const GstVideoInfo *info)
{
    return info->width >= 1 && info->height >= 1 && info->width <= VDK_MAX_SIZE &&
           info->height <= VDK_MAX_SIZE;
}

static VdkPlane component_of(GstVideoFrame *frame, guint component)
{
    return (VdkPlane){
        .data = GST_VIDEO_FRAME_COMP_DATA(frame, component),
        .width = GST_VIDEO_FRAME_COMP_WIDTH(frame, component),
        .height = GST_VIDEO_FRAME_COMP_HEIGHT(frame, component),
        .pitch = GST_VIDEO_FRAME_COMP_STRIDE(frame, component),
    };
}

VdkImage vd_image_from_frame(GstVideoFrame *frame)
{
    VdkImage image = {.luma = component_of(frame, 0)};

    if (GST_VIDEO_FRAME_N_COMPONENTS(frame) < 3)
        return image;
    image.step = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, 1);
    image.chroma[0] = component_of(frame, 1);
    image.chroma[1] = component_of(frame, 2);
    return image;
}

int vd_image_chroma_planes(const VdkImage *image)
{
    static const int planes[] = {0, 2, 1}; /* by step */

    return planes[image->step];
}
