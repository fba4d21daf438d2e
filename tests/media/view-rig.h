#pragma once

#include "made.h"
#include "media/view.h"

/* One view, the hub before it and the mailbox behind it. */
typedef struct Rig {
    VdFrameHub *hub;
    VdMailbox *mailbox;
    VdStages *stages;
    VdCameraConfig *camera;
    VdView *view;
    guint64 seen;
} Rig;

void rig_init(Rig *rig);
void rig_view(Rig *rig, const VdRendition *rendition);
void rig_clear(Rig *rig);

/* Frames as of `like`, or of 320x240; i: which of a series. */
void rig_post_like(Rig *rig, const MadeSpec *like, guint i);
void rig_post(Rig *rig, guint i);

/* (transfer full) The next picture of the mailbox; the test fails after 30 s. */
VdPicture *rig_next(Rig *rig);

/* A picture that no element takes ends the encoding; frames come until the view's next one works.
 */
void rig_break(Rig *rig);
