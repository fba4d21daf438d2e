#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Reads masks that somebody has made for a recording, a picture for each of its pictures: any video
 * with 8-bit luma that GStreamer decodes. One thread; it waits for the disk.
 */
typedef struct VdMaskClip VdMaskClip;

typedef struct VdMaskPicture {
    const guint8 *pixels; /* until the next one is asked for */
    int width, height, stride;
} VdMaskPicture;

VdMaskClip *vd_mask_clip_new(const char *path, GError **error);
/* That of a picture of the recording; numbers grow from 0. False: there is none, or it is broken.
 */
bool vd_mask_clip_read(VdMaskClip *clip, guint64 frame, VdMaskPicture *picture, GError **error);
void vd_mask_clip_free(VdMaskClip *clip); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdMaskClip, vd_mask_clip_free)
