#pragma once

#include <gst/cuda/gstcudacontext.h>

#include "plugins/vd-avcodec.h"

/*
 * NVENC on the pictures' own context. NV12 is encoded where it lies; I420, and NV12 that does not
 * lie as the encoder wants it, is brought to a surface of the encoder's first, on the GPU.
 * [streaming thread] Errors are libavcodec's (< 0), or a CUresult (> 0). After one that encode
 * answers there is only close.
 */
typedef struct VdNvenc VdNvenc;

/* settings->info has to outlive it. */
int vd_nvenc_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, GstCudaContext *context,
                  VdNvenc **opened);
void vd_nvenc_close(VdNvenc *nvenc); /* (nullable) */

GstCudaContext *vd_nvenc_context(const VdNvenc *nvenc); /* (transfer none) */
void vd_nvenc_set_bitrate(VdNvenc *nvenc, guint bitrate);
int vd_nvenc_encode(VdNvenc *nvenc, GstBuffer *buffer, gint64 number, bool key, AVPacket **packet);
