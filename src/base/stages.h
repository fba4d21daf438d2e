#pragma once

#include "base/histogram.h"

/*
 * How long a camera's pictures take on each part of their way. Counted, since threads that work for
 * the camera may outlive it; whoever does a part counts its time here. [any]
 */
typedef enum VdStage {
    VD_STAGE_RECEIVE, /* the last bytes of an access unit were read, until it is in the ring */
    VD_STAGE_DECODE,  /* given to the decoder, until its picture comes out */
    VD_STAGE_ANALYSE, /* motion is looked for */
    VD_STAGE_DRAW,    /* given to a view, until it is scaled and drawn into */
    VD_STAGE_ENCODE,  /* until it is encoded */
    VD_STAGE_QUEUE,   /* until its first byte is sent to a viewer */
    VD_STAGE_SEND,    /* until its last byte is taken by the viewer's socket */
    VD_STAGE_TOTAL,   /* the access unit was whole, until that last byte */
    VD_N_STAGES,
} VdStage;

typedef struct VdStages VdStages;

VdStages *vd_stages_new(void);
VdStages *vd_stages_ref(VdStages *stages); /* (nullable) */
void vd_stages_unref(VdStages *stages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdStages, vd_stages_unref)

const char *vd_stage_name(VdStage stage);
/* stages: (nullable) nobody wants to know. */
void vd_stages_observe(VdStages *stages, VdStage stage, gint64 us);
void vd_stages_read(const VdStages *stages, VdStage stage, VdHistogramReading *reading);
