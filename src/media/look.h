#pragma once

#include "config/config.h"
#include "media/frame.h"

/*
 * vdmask and vdmotion, which look at all pictures behind their decoder: what a camera's settings
 * make of them and what they say. Live cameras and replayed recordings have this in common.
 */

/* Thresholds, rates, masks, at any time. motion: (nullable) [main] */
void vd_look_set_up(GstElement *mask, GstElement *motion, const VdCameraConfig *camera);

/* What the message VD_MOTION_MESSAGE says, not numbered yet (transfer full). [any] */
VdReport *vd_look_report(const GstStructure *found);
