#pragma once

#include "media/frame.h"

/*
 * A hub of one stream's pictures with what was found in another's: the camera's large stream shown
 * with the boxes of its small one. Their coordinates are shares of the picture, so they fit.
 */
typedef struct VdOverlay VdOverlay;

VdOverlay *vd_overlay_new(VdFrameHub *pictures, VdFrameHub *reports);
void vd_overlay_free(VdOverlay *overlay);
VdFrameHub *vd_overlay_hub(VdOverlay *overlay); /* (transfer none) */
