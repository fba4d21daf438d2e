#pragma once

#include "kernels/both.h"
#include "kernels/vdk.h"

/* A connected component, as it is gathered pixel by pixel in any order. */
typedef struct VdkComponent {
    uint64_t sum_x, sum_y;
    uint32_t area;
    uint32_t x0, y0, x1, y1; /* pixels x0..x1-1, y0..y1-1 */
} VdkComponent;

/* The smallest area that is a box, of min_area in 10000 of the picture. */
VDK_BOTH uint32_t vdk_least_area(size_t pixels, int min_area)
{
    return (uint32_t)(((uint64_t)pixels * (uint64_t)min_area + 9999) / 10000);
}

VDK_BOTH VdkBox vdk_box_of(const VdkComponent *component)
{
    uint64_t half = component->area / 2;

    VdkBox box = {
        .x = (uint16_t)component->x0,
        .y = (uint16_t)component->y0,
        .width = (uint16_t)(component->x1 - component->x0),
        .height = (uint16_t)(component->y1 - component->y0),
        .cx = (uint16_t)((component->sum_x + half) / component->area),
        .cy = (uint16_t)((component->sum_y + half) / component->area),
        .area = component->area,
    };
    return box;
}

/* Compared up to the last field, so that boxes which tie are equal in all of them. */
VDK_BOTH bool vdk_box_comes_before(const VdkBox *a, const VdkBox *b)
{
    if (a->area != b->area)
        return a->area > b->area;
    if (a->y != b->y)
        return a->y < b->y;
    if (a->x != b->x)
        return a->x < b->x;
    if (a->height != b->height)
        return a->height < b->height;
    if (a->width != b->width)
        return a->width < b->width;
    return a->cy != b->cy ? a->cy < b->cy : a->cx < b->cx;
}
