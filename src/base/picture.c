#include "base/picture.h"

VdPicture *vd_picture_new(const char *camera, GBytes *jpeg)
{
    VdPicture *picture = g_new0(VdPicture, 1);

    g_atomic_ref_count_init(&picture->refs);
    picture->camera = g_strdup(camera);
    picture->jpeg = jpeg;
    return picture;
}

VdPicture *vd_picture_ref(VdPicture *picture)
{
    g_atomic_ref_count_inc(&picture->refs);
    return picture;
}

void vd_picture_unref(VdPicture *picture)
{
    if (picture == NULL || !g_atomic_ref_count_dec(&picture->refs))
        return;
    g_bytes_unref(picture->jpeg);
    g_free(picture->camera);
    g_free(picture);
}
