#pragma once

#include "made.h"
#include "media/analysis.h"

/* A camera without a connection: ring, hub, analysis, and what was said of them. */
typedef struct AnalysisRig {
    MadeSource source;
    VdFrameHub *hub;
    MadeSeen seen;
    VdCameraConfig *camera;
    VdAnalysis *analysis;
    guint running, failed;
    bool unsupported;
    char *decoder, *text;
    GstCaps *caps;
} AnalysisRig;

void analysis_rig_init(AnalysisRig *rig);
void analysis_rig_start(AnalysisRig *rig, GPtrArray *units); /* for streams like these */
void analysis_rig_stop(AnalysisRig *rig);
void analysis_rig_clear(AnalysisRig *rig);

/* For made_await(). */
bool analysis_rig_is_running(void *rig);
bool analysis_rig_has_failed(void *rig);

/* What stands in the place of made_paint_number()'s block. */
double analysis_rig_block(VdFrame *frame);
