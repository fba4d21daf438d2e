#include "base/picture.h"

const char *vd_codec_name(VdCodec codec)
{
    static const char *const names[VD_N_CODECS] = {"jpeg", "h264", "h265"};

    return names[codec];
}

VdPicture *vd_picture_new(const char *camera, GBytes *bytes)
{
    VdPicture *picture = g_new0(VdPicture, 1);

    g_atomic_ref_count_init(&picture->refs);
    picture->camera = g_strdup(camera);
    picture->bytes = bytes;
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
    g_bytes_unref(picture->bytes);
    g_bytes_unref(picture->opening);
    g_free(picture->camera);
    g_free(picture);
}
