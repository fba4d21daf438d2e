#pragma once

#include <gst/gst.h>
#include <stdbool.h>
#include <stdio.h>

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

/* How a file is read. */
typedef struct VdFileKind {
    VdFileType type;
    const char *demuxer; /* NULL: it is a bare stream */
    const char *media;   /* of a bare stream: what it is, by the name of its caps */
} VdFileKind;

/* A plain file, to be read; else VD_ERROR_NOT_FOUND, _UNSUPPORTED or _FAILED. May wait. [any] */
FILE *vd_file_open(const char *path, GError **error);
/* Looks at how it begins, and rewinds it. VD_ERROR_UNSUPPORTED: none that can be played. [any] */
const VdFileKind *vd_file_kind(FILE *file, const char *path, GError **error);
/*
 * The parser of a video by the name of its caps, part of a pipeline as gst-launch-1.0 takes it;
 * NULL: it is not supported.
 */
const char *vd_file_parser(const char *media);

/*
 * Bare streams know no time: each unit gets its own by counting. Plain data, of one thread;
 * zero-initialise, and begin anew with the file.
 */
typedef struct VdFileClock {
    int wanted_fps;   /* 0: the stream's own, or 25 where it has none */
    int fps_n, fps_d; /* 0: not known yet */
    guint64 units;
} VdFileClock;

/* pad: the parser's, whose caps may say a rate. */
void vd_file_clock_stamp(VdFileClock *clock, GstPad *pad, GstBuffer *unit);
