#pragma once

#include <gst/gst.h>

/*
 * Encoded pictures held in memory: a file's, or generated ones, so that no file from outside is
 * needed. Made once, shared by all mounts that send it, kept until exit. Any thread may read one.
 *
 * A spec is FILE[@FPS] (bare streams need @FPS), or gen:CODEC:WIDTHxHEIGHT@FPS[:COUNT] with CODEC
 * h264, h265 or mjpeg and COUNT pictures (two seconds when left out): a ball that flies.
 */
typedef enum CamCodec { CAM_H264, CAM_H265, CAM_JPEG } CamCodec;

typedef struct CamClip {
    char *spec;
    CamCodec codec;
    double fps;
    GPtrArray *units; /* GstBuffer, one picture each; those without DELTA_UNIT are key frames */
    GstCaps *caps;
} CamClip;

/* (transfer none) NULL when it cannot be read, with *error. */
CamClip *cam_clip_get(const char *spec, GError **error);
gboolean cam_clip_is_key(const CamClip *clip, guint picture);
