#pragma once

#include <gst/gst.h>

#include "plugins/vd-messages.h"

/*
 * Ways from a decoder's pictures to JPEGs, beside each other in one pipeline: in the GPU's memory,
 * and on the CPU. They must say and make the same.
 */
#define HOST      "video/x-raw"
#define CUDA      "video/x-raw(" VD_CUDA_MEMORY ")"
#define QUEUE     "queue max-size-buffers=4 max-size-bytes=0 max-size-time=0"
#define OUT(name) "appsink name=" name " sync=false async=false "

#define MASK      VD_MASK_FACTORY " polygons=\"0.1,0.1 0.4,0.1 0.3,0.5\" style=pixelate"
#define MOTION    VD_MOTION_FACTORY " analysis-fps=60 min-area=1"
#define COMPOSE   VD_COMPOSE_FACTORY " polygons=\"0.5,0.5 0.9,0.6 0.7,0.9\" title=vedette"
#define JPEGS     VD_JPEGENC_FACTORY " quality=80"

/*
 * What analysis does, and two views of it: a small one into the appsink NAME-small, and one of the
 * whole picture, whose end is open and wants an appsink NAME. memory: HOST or CUDA.
 */
#define WAY(name, memory)                                                                  \
    memory " ! " MASK " ! " MOTION " name=" name "-motion ! tee name=" name "-views " name \
           "-views. ! " VD_SCALE_FACTORY " ! " memory ",width=78 ! " COMPOSE " ! " JPEGS   \
           " ! " OUT(name "-small") name "-views. ! " COMPOSE " ! " JPEGS

/* What one of them gave. */
typedef struct Way {
    const char *name;
    GPtrArray *reports;       /* of GstStructure */
    GPtrArray *whole, *small; /* of GstSample, JPEGs */
} Way;

Way way_new(const char *name);
void way_clear(Way *way);

/* (transfer full). path (nullable): the location of the element "in". */
GstElement *ways_open(const char *line, const char *path);
/* Plays to the end; a test fails that has an error, or is not there within ten minutes. */
void ways_play(GstElement *pipeline, Way *ways, gsize n);

/* Reports and JPEGs of so many pictures, byte for byte; JPEGs that libjpeg reads. */
void assert_same_ways(const Way *a, const Way *b, guint pictures);
/* Reports that never had anything to say would be the same whatever is wrong. */
void assert_something_moved(const Way *way);
