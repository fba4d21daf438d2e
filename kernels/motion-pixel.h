#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernels/both.h"

/*
 * Sample consensus: a pixel is background when it looks as it did in enough of its samples (O.
 * Barnich, M. Van Droogenbroeck, "ViBe", IEEE Transactions on Image Processing 20(6), 2011), with a
 * census of what is around it beside its colour (G.-A. Bilodeau et al., "LBSP", CRV 2013), a radius
 * of its own, and shadows told by ratio, colour and texture (A. Sanin et al., Pattern Recognition
 * 45(4), 2012). Luma and census have a sample for each pixel of the analysis picture; Cb and Cr one
 * for each cell of two by two. Which samples change is drawn from a hash of picture and place.
 */
#define VDK_SAMPLES      16
#define VDK_SAMPLES_FAST 12 /* the others live eight times longer */
#define VDK_AGREE        2  /* so many must agree */
#define VDK_BIT_WEIGHT   5  /* grey levels that one bit of the census counts */
#define VDK_CHROMA_MOST  204
#define VDK_WINDOW       9 /* a pixel moves when most of this window around it differ */
#define VDK_MAJORITY     41
#define VDK_STILL_GREY   8 /* grey levels that a pixel may change and stand still */
#define VDK_STILL_ABSORB                                                                         \
    5                     /* steps of standing still after which something may become background \
                           */
#define VDK_GHOST_REACH 3 /* pixels around one in which edges are compared */
#define VDK_STILL_GHOST 3 /* the same for what is none and has only been uncovered */

/* With which chances and by how much one picture changes the background. Chances: of 65536. */
typedef struct VdkLearning {
    uint32_t number;  /* of the picture: the hash's seed */
    uint32_t lessons; /* how often a sample is drawn */
    uint16_t learn;   /* a lesson's, for one sample */
    uint16_t haunt;   /* a lesson's, for the rim of an uncovered background */
    uint16_t absorb;  /* the picture's, for what stands still */
    uint16_t narrow;  /* the picture's, that the radius becomes smaller by one */
    uint8_t steps;    /* 1/15 s that have passed, rounded down, the rest carried on */
    uint8_t widest;   /* what a radius may be beyond the threshold */
    bool young;       /* slow samples are written as often as fast ones */
} VdkLearning;

/* A lesson: which sample it writes, and which neighbour's pixel another one. */
typedef struct VdkLesson {
    uint32_t key;
    uint32_t own, near, fast; /* sample numbers; fast: one of the fast ones */
    int dx, dy;
    bool writes_own, writes_near;
} VdkLesson;

/* One box average: the rounded mean of n pixels. */
VDK_BOTH uint8_t vdk_pixel_mean(uint32_t sum, uint32_t n)
{
    return (uint8_t)((sum + n / 2) / n);
}

/* "lowbias32", Chris Wellons, public domain. */
VDK_BOTH uint32_t vdk_mix(uint32_t hash)
{
    hash ^= hash >> 16;
    hash *= 0x7feb352du;
    hash ^= hash >> 15;
    hash *= 0x846ca68bu;
    hash ^= hash >> 16;
    return hash;
}

VDK_BOTH VdkLesson vdk_lesson(const VdkLearning *by, uint32_t lesson)
{
    const uint32_t key = vdk_mix((by->number * VDK_SAMPLES + lesson) * 0x9e3779b9u + 12345);
    const uint32_t more = vdk_mix(key ^ 0xabcdefu);
    const uint32_t way = (key >> 16 & 7) < 4 ? key >> 16 & 7 : (key >> 16 & 7) + 1; /* of 3 x 3 */
    VdkLesson drawn = {
        .key = key,
        .own = key % VDK_SAMPLES,
        .near = (key >> 8) % VDK_SAMPLES,
        .fast = (key >> 19) % VDK_SAMPLES_FAST,
        .dx = (int)(way % 3) - 1,
        .dy = (int)(way / 3) - 1,
        .writes_own = by->young || key % VDK_SAMPLES < VDK_SAMPLES_FAST || (more & 7) == 0,
        .writes_near =
            by->young || (key >> 8) % VDK_SAMPLES < VDK_SAMPLES_FAST || (more >> 16 & 7) == 0,
    };

    return drawn;
}

/* What is drawn for a pixel, or for a cell: two numbers of 16 bits. */
VDK_BOTH uint32_t vdk_draw_pixel(uint32_t index, uint32_t key)
{
    return vdk_mix(index * 0x85ebca6bu ^ key);
}

VDK_BOTH uint32_t vdk_draw_cell(uint32_t index, uint32_t key)
{
    return vdk_mix(index * 0x85ebca6bu ^ key ^ 0x63u);
}

/*
 * Where the first sample `number` of a pixel or a cell is from: a place in the square of side x
 * side around it, as its index from the top left. Some are its own, or a still picture without two
 * alike neighbours would move.
 */
VDK_BOTH uint32_t vdk_draw_first(uint32_t index, uint32_t number, uint32_t side)
{
    const uint32_t drawn = vdk_mix(index * 2654435761u ^ number * 0x9e3779b9u);

    return number % 4 == 0 ? side * side / 2 : drawn % (side * side);
}

/* --- a pixel and its samples --- */

VDK_BOTH uint8_t vdk_apart(uint8_t a, uint8_t b)
{
    const uint8_t most = a > b ? a : b, least = a > b ? b : a;

    return (uint8_t)(most - least);
}

/* Saturating, as vector units have it. */
VDK_BOTH uint8_t vdk_sum(uint8_t a, uint8_t b)
{
    const uint8_t sum = (uint8_t)(a + b);

    return sum < a ? 255 : sum;
}

/* A neighbour's bit of the census is set when it is brighter than this. */
VDK_BOTH uint8_t vdk_census_limit(uint8_t grey)
{
    return vdk_sum(grey, (uint8_t)(2 + ((uint16_t)(grey * 24) >> 8)));
}

VDK_BOTH uint8_t vdk_bits(uint8_t x)
{
    x = (uint8_t)(x - (x >> 1 & 0x55));
    x = (uint8_t)((x & 0x33) + (x >> 2 & 0x33));
    return (uint8_t)((x + (x >> 4)) & 0x0f);
}

/* Of two censuses: whether there is texture, and whether it is the same: 1, else 0. */
VDK_BOTH uint8_t vdk_has_texture(uint8_t census, uint8_t back)
{
    return vdk_bits(census) >= 2 || vdk_bits(back) >= 2 ? 1 : 0;
}

VDK_BOTH uint8_t vdk_keeps_census(uint8_t census, uint8_t back)
{
    return vdk_bits(census ^ back) <= 2 ? 1 : 0;
}

/* How far two colours are apart, 0..255. */
VDK_BOTH uint8_t vdk_chroma_apart(uint8_t cb, uint8_t cr, uint8_t cb2, uint8_t cr2)
{
    const uint8_t both = vdk_sum(vdk_apart(cb, cb2), vdk_apart(cr, cr2));
    const uint8_t least = both < VDK_CHROMA_MOST ? both : VDK_CHROMA_MOST;

    return (uint8_t)(least + (least >> 2));
}

/*
 * Whether a sample agrees with the pixel: 1, else 0. bits: of the census that differ, weighed.
 * radius: the threshold and what is wider.
 */
VDK_BOTH uint8_t vdk_agrees(uint8_t luma, uint8_t bits, uint8_t chroma, uint8_t radius)
{
    const uint8_t colour = luma > chroma ? luma : chroma;
    const uint8_t left = (uint8_t)(radius > colour ? radius - colour : 0);

    return colour <= radius && bits <= left ? 1 : 0;
}

/* --- shadow --- */

#define VDK_SHADOW_CHROMA  10 /* |Cb| + |Cr| that a shadow may change */
#define VDK_SHADOW_TEXTURE 4  /* grey levels that a neighbour may miss the same ratio by */
#define VDK_COLOUR_LEAST   3  /* mean |Cb - 128| + |Cr - 128| of a picture that has any */
#define VDK_COLOUR_CELL    4  /* the same of a cell that has */

/*
 * How many of a pixel's eight neighbours may have another ratio to the background for it to be in
 * a shadow; -1: it is none. luma and back without the black level. A hard shadow takes the sun away
 * and leaves the sky, 10 to 31 % of the light, which is 0.35 to 0.59 of the grey levels.
 */
VDK_BOTH int8_t vdk_shadow_misses(uint8_t luma, uint8_t back)
{
    const uint16_t grey = (uint16_t)(256 * luma);
    const bool hard = grey >= 90 * back && grey <= 150 * back;
    const bool soft = grey >= 125 * back && grey <= 250 * back;

    return (int8_t)(hard ? 4 : soft ? 2 : -1);
}

/* Whether a neighbour has another ratio: 1, else 0. */
VDK_BOTH uint8_t vdk_shadow_misses_at(uint8_t luma, uint8_t back, uint8_t luma_there,
                                      uint8_t back_there)
{
    const uint16_t a = (uint16_t)(luma_there * back), b = (uint16_t)(back_there * luma);
    const uint16_t way = (uint16_t)(a > b ? a - b : b - a);
    const uint16_t least = (uint16_t)(VDK_SHADOW_TEXTURE * (back > 1 ? back : 1));

    return way > least ? 1 : 0;
}

VDK_BOTH uint8_t vdk_above(uint8_t grey, uint8_t black)
{
    return (uint8_t)(grey > black ? grey - black : 0);
}

/* --- learning --- */

/* What blinks alone is noise or leaves: its radius grows; else it narrows by one now and then. */
VDK_BOTH uint8_t vdk_pixel_wider(uint8_t wider, bool differs, bool crowded, uint16_t drawn,
                                 const VdkLearning *by)
{
    const uint8_t more = vdk_sum(wider, by->steps);
    const uint8_t grown = more < by->widest ? more : by->widest > wider ? by->widest : wider;
    const uint8_t shrunk = (uint8_t)(wider - (wider > 0 && drawn < by->narrow ? 1 : 0));

    return !differs ? shrunk : crowded ? wider : grown;
}

VDK_BOTH uint8_t vdk_pixel_still(uint8_t still, uint8_t last, uint8_t now, uint8_t steps)
{
    return vdk_apart(last, now) > VDK_STILL_GREY ? 0 : vdk_sum(still, steps);
}

/*
 * The background's mean goes towards a grey by as many levels as there are steps, but by no more
 * than a quarter of the way, rounded up, so that it does not follow noise where pictures are rare.
 */
VDK_BOTH uint8_t vdk_pixel_towards(uint8_t back, uint8_t grey, uint8_t steps)
{
    const uint8_t way = vdk_apart(back, grey), quarter = (uint8_t)((way >> 2) + ((way & 3) > 0));
    const uint8_t by = quarter < steps ? quarter : steps;

    return (uint8_t)(grey > back ? back + by : back - by);
}
