#include "kernels/image.h"

#include <errno.h>

bool vdk_plane_ok(const VdkPlane *plane, int step)
{
    if (!plane || !plane->data)
        return false;
    if (plane->width < 1 || plane->height < 1)
        return false;
    if (plane->width > VDK_MAX_SIZE || plane->height > VDK_MAX_SIZE)
        return false;
    return plane->pitch >= plane->width * step;
}

bool vdk_image_ok(const VdkImage *image)
{
    if (!image || !vdk_plane_ok(&image->luma, 1))
        return false;
    if (image->step == 0)
        return true;
    if (image->step != 1 && image->step != 2)
        return false;
    for (int i = 0; i < 2; i++) {
        const VdkPlane *chroma = &image->chroma[i];

        if (!vdk_plane_ok(chroma, image->step))
            return false;
        if (chroma->width > image->luma.width || chroma->height > image->luma.height)
            return false;
        if (chroma->width != image->chroma[0].width || chroma->height != image->chroma[0].height)
            return false;
    }
    return image->step == 1 || (image->chroma[1].data == image->chroma[0].data + 1 &&
                                image->chroma[1].pitch == image->chroma[0].pitch);
}

/* How many luma pixels one chroma sample covers; 0 when they do not share their edges. */
static int subsampling(int luma, int chroma)
{
    int factor = (luma + chroma - 1) / chroma;

    return (luma + factor - 1) / factor == chroma ? factor : 0;
}

static VdkLayer layer_of(const VdkPlane *plane, int step, int sx, int sy)
{
    return (VdkLayer){plane->data, plane->width, plane->height, plane->pitch, step, sx, sy};
}

int vdk_image_layers(const VdkImage *image, VdkLayer layers[3])
{
    if (!vdk_image_ok(image))
        return -EINVAL;
    int sx = 1, sy = 1;
    if (image->step > 0) {
        sx = subsampling(image->luma.width, image->chroma[0].width);
        sy = subsampling(image->luma.height, image->chroma[0].height);
    }
    if (sx == 0 || sy == 0)
        return -EINVAL;
    layers[0] = layer_of(&image->luma, 1, 1, 1);
    if (image->step == 0)
        return 1;
    for (int i = 0; i < 2; i++)
        layers[i + 1] = layer_of(&image->chroma[i], image->step, sx, sy);
    return 3;
}
