#pragma once

#include <glib.h>
#include <stdbool.h>

#include "kernels/vdk.h"

/*
 * A street as a camera sees it, made by integer arithmetic: what it reflects, the light on it, what
 * the weather does in front of it, and the camera's exposure and noise. I420 of limited range.
 */
typedef enum MadeNoise { MADE_SENSOR, MADE_BLOCKS, MADE_N_NOISES } MadeNoise;

/* What a picture is made of; all zero is the street in its usual light. */
typedef struct MadeView {
    int day;       /* light that falls on all of it, of 256; 0: 256 */
    int lamp;      /* of a lamp in its middle, of 256; less away from it */
    int cloud;     /* how dark a cloud's shadow is, of 256 */
    int cloud_at;  /* where its edge is, pixels from the left */
    int exposure;  /* the camera's, of 256; 0: 256 */
    bool infrared; /* no colour, and leaves are bright */
    int leaves;    /* how far, in 1/16 pixels, they have been blown */
    int rain;      /* streaks */
    int figure_x;  /* who walks there, the middle of his feet; 0: nobody */
    int van_x;     /* the right end of something bright; 0: nothing */
    int sigma;     /* of the noise, 1/4 grey levels */
    MadeNoise noise;
} MadeView;

typedef struct MadeScene {
    VdkImage image;
    int width, height;
    gsize bytes;
    guint8 *memory, *reflects, *leaf, *cb, *cr;
    guint8 *clear; /* memory, before rain and noise */
    MadeView view; /* that clear is of */
    gint8 *noise;  /* of so much: sigma */
    gint8 *half;   /* of half as much: a sample of colour is the mean of four pixels */
    int sigma;
    guint32 seed;
} MadeScene;

void made_scene_init(MadeScene *scene, int width, int height);
void made_scene_clear(MadeScene *scene);
/* Draws the next picture. */
void made_scene_draw(MadeScene *scene, const MadeView *view);
