#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/* A clip's compressed pictures, in memory: what the cameras of the benchmark send round and round.
 */
typedef struct VdBenchClip {
    GPtrArray *units; /* of GstBuffer, the first a key frame */
    GstCaps *caps;
    const char *decoder; /* NVDEC's element: "nvh264dec" */
    char *what;          /* "h264, 1920x1080" */
    gsize bytes;         /* all together */
} VdBenchClip;

/*
 * Reads .h264, .h265, .mjpeg, .mp4 or .mkv; file NULL: encodes two seconds of the scene of
 * vdtestsrc at 1080p30 with the encoder that GStreamer has here. False: clear nevertheless.
 */
bool vd_bench_clip_init(VdBenchClip *clip, const char *file, GError **error);
void vd_bench_clip_clear(VdBenchClip *clip);
