#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernels/vdk.h"

/*
 * What there is to see in a test scene at a moment. Arithmetic on integers and nothing else, so
 * that whoever knows seed, size and time knows every figure's place: the source draws what these
 * functions say, tests compare with them. Time is the frame's since the source was started, that is
 * frame number / frame rate.
 */
#define VD_SCENE_MAX_FIGURES     16
#define VD_SCENE_LIGHT_PERIOD_US INT64_C(10000000) /* the light goes on or off */

typedef struct VdSceneFigure {
    int x, y, width, height; /* pixels; whole inside the picture */
    bool disc;               /* the ellipse in that rectangle, or all of it */
    VdkColour colour;
} VdSceneFigure;

/*
 * Figure number `index` goes from edge to edge in both directions with speeds of its own. It is
 * 1/16 to 1/8 of the picture's width, and crosses the picture in 4 to 12 s.
 */
VdSceneFigure vd_scene_figure(uint32_t seed, unsigned index, int64_t time_us, int width,
                              int height);

/* Whether the light is on. */
bool vd_scene_light(int64_t time_us);

/*
 * Luma of the still background, 80..127 in the light and 38..61 without it; chroma is 128. The
 * sensor's noise is added to it, between -noise and +noise grey levels; figures have none.
 */
uint8_t vd_scene_background(uint32_t seed, int x, int y, bool light);

/* A number for these, evenly spread. */
uint32_t vd_scene_hash(uint32_t seed, uint32_t a, uint32_t b);
