#pragma once

#include "base/clock.h"
#include "events/event.h"
#include "plugins/vd-messages.h"

/*
 * Changes of light: a switch, a camera's exposure that follows, infrared, a cloud. One begins when
 * the background's light changes, goes on while it does, in however many steps, and is told when it
 * has been the same for a second, if it is another one than before. One that follows the last that
 * was told too soon is told with what follows it, so that there are never many. Arithmetic on what
 * is given: it knows no clock.
 */
typedef struct VdLight {
    char *camera;
    bool known;        /* how bright it is */
    double brightness; /* of the background, grey levels */
    double mark;       /* as bright as it was when it last changed */
    /* a change: all zero while there is none */
    VdMoment since, last; /* last: when it was seen to change last */
    double before;        /* how bright it was */
    gint64 told_us;       /* when one was told last; 0: never */
} VdLight;

void vd_light_init(VdLight *light, const char *camera);
void vd_light_clear(VdLight *light);
/* Other pictures follow: how bright they are is no change. */
void vd_light_forget(VdLight *light);
/* Of each picture in turn, primed or not. Answers what has happened, or NULL (transfer full). */
VdEvent *vd_light_see(VdLight *light, VdMoment now, const VdLighting *lighting);
