#pragma once

#include <glib.h>
#include <stdbool.h>

/* What a file is, by its first bytes and, where bare streams look alike, by its name. Pure. */
typedef enum VdFileType {
    VD_FILE_UNKNOWN,
    VD_FILE_MP4,
    VD_FILE_MKV,
    VD_FILE_AVI,
    VD_FILE_H264,
    VD_FILE_H265,
    VD_FILE_MJPEG,
} VdFileType;

#define VD_FILE_HEAD 4096 /* bytes that are enough to tell */

VdFileType vd_file_type(const guint8 *head, gsize length, const char *name);
