#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "plugins/vd-engine.h"

/*
 * What elements that draw into pictures have in common. Each buffer is first asked about: one that
 * needs no drawing passes untouched, one that is ours is drawn into, and one that others hold too
 * (a decoder its reference frame) is copied into a buffer of a pool. All of that where the picture
 * is, in system or in CUDA memory.
 */
#define GST_TYPE_VD_DRAWING (gst_vd_drawing_get_type())
G_DECLARE_DERIVABLE_TYPE(GstVdDrawing, gst_vd_drawing, GST, VD_DRAWING, GstBaseTransform)

struct _GstVdDrawingClass {
    GstBaseTransformClass parent_class;

    /* All three: [streaming thread]. The picture has these properties from now on. */
    void (*resize)(GstVdDrawing *drawing, const GstVideoInfo *info);
    /* Takes over changed settings; answers whether there is anything to draw into this buffer. */
    gboolean (*prepare)(GstVdDrawing *drawing, GstBuffer *buffer);
    /* Answers what the engine answers. */
    int (*draw)(GstVdDrawing *drawing, VdEngine *engine, GstBuffer *buffer, VdkImage *image);
};

/* [streaming thread] */
const GstVideoInfo *gst_vd_drawing_info(GstVdDrawing *drawing);
