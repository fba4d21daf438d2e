#pragma once

#include "events/light.h"
#include "events/rules.h"
#include "made-scene.h"

/* A made scene as vedette sees it: the motion operator, and what rules and light make of it, with
 * the settings as they are. */
typedef struct MadeWatch {
    MadeScene scene;
    void *state, *scratch;
    VdRules rules;
    VdLight light;
    gint64 us; /* the next picture's */
    VdkMotionReport report;
    guint motions, lights; /* events that were told: of motion that began, and of light */
} MadeWatch;

void made_watch_init(MadeWatch *watch, int width, int height);
void made_watch_clear(MadeWatch *watch);
/* Looks at a picture of the scene's size, elapsed_us after the one before. */
void made_watch_look(MadeWatch *watch, const VdkImage *image, gint64 elapsed_us);
/* Draws one and looks at it. */
void made_watch_show(MadeWatch *watch, const MadeView *view, gint64 elapsed_us);
