#pragma once

#include "plugins/vd-avcodec.h"

/*
 * libx264 or libx265. Pictures in CUDA memory are fetched, once each. [streaming thread] Errors are
 * libavcodec's (< 0), or a CUresult (> 0) where a picture cannot be fetched.
 */
typedef struct VdSoftware VdSoftware;

/* settings->info has to outlive it. */
int vd_software_open(VdAvcodecKind kind, const VdAvcodecSettings *settings, VdSoftware **opened);
void vd_software_close(VdSoftware *software); /* (nullable) */

bool vd_software_set_bitrate(VdSoftware *software, guint bitrate); /* as vd_avcodec_set_bitrate */
int vd_software_encode(VdSoftware *software, GstBuffer *buffer, gint64 number, bool key,
                       AVPacket **packet);
