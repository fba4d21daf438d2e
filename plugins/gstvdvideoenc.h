#pragma once

#include <gst/video/gstvideoencoder.h>

#include "plugins/vd-avcodec.h"
#include "plugins/vd-sessions.h"

/* What vdh264enc and vdh265enc are: all but the codec's name. */
#define GST_TYPE_VD_VIDEOENC (gst_vd_videoenc_get_type())
G_DECLARE_DERIVABLE_TYPE(GstVdVideoenc, gst_vd_videoenc, GST, VD_VIDEOENC, GstVideoEncoder)

struct _GstVdVideoencClass {
    GstVideoEncoderClass parent_class;

    VdSessions *sessions; /* of the process: both codecs take from the same */
    VdAvcodecKind kind;
    const char *output; /* caps */
};

/* In class_init of each codec. */
void gst_vd_videoenc_class_set_codec(GstVdVideoencClass *klass, VdAvcodecKind kind,
                                     const char *name, const char *output);
