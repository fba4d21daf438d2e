#pragma once

#include <stdint.h>

#include "kernels/both.h"
#include "kernels/image.h"

/* The exact rounded (colour * alpha + now * (255 - alpha)) / 255. */
VDK_BOTH uint8_t vdk_pixel_blend(uint8_t now, uint8_t colour, uint8_t alpha)
{
    uint16_t sum = (uint16_t)(colour * alpha + now * (255 - alpha) + 128);

    return (uint8_t)((sum + (sum >> 8)) >> 8);
}

/* Alpha of a chroma sample: the rounded mean of that of its n luma pixels. */
VDK_BOTH uint8_t vdk_pixel_alpha(unsigned sum, unsigned n)
{
    return (uint8_t)((sum + n / 2) / n);
}

/* --- alpha over a picture ---------------------------------------------------------------------*/

/* Where alpha and picture meet, in luma pixels of the picture. */
typedef struct VdkOverlap {
    int x0, y0, x1, y1;
    int x, y; /* alpha's corner; all fits an int once something overlaps */
} VdkOverlap;

VDK_BOTH int vdk_larger(int64_t a, int64_t b)
{
    return (int)(a > b ? a : b);
}

VDK_BOTH int vdk_smaller(int64_t a, int64_t b)
{
    return (int)(a < b ? a : b);
}

VDK_BOTH VdkOverlap vdk_overlap(const VdkLayer *luma, const VdkPlane *alpha, int x, int y)
{
    VdkOverlap at = {
        .x0 = vdk_larger(x, 0),
        .y0 = vdk_larger(y, 0),
        .x1 = vdk_smaller((int64_t)x + alpha->width, luma->width),
        .y1 = vdk_smaller((int64_t)y + alpha->height, luma->height),
        .x = x,
        .y = y,
    };
    return at;
}

/* The sum of alpha over the luma pixels of chroma sample cx, cy; outside of alpha it is 0. */
VDK_BOTH unsigned vdk_alpha_sum(const VdkPlane *alpha, const VdkLayer *layer, const VdkOverlap *at,
                                int cx, int cy)
{
    int x0 = vdk_larger(cx * layer->sx, at->x0), x1 = vdk_smaller((cx + 1) * layer->sx, at->x1);
    int y0 = vdk_larger(cy * layer->sy, at->y0), y1 = vdk_smaller((cy + 1) * layer->sy, at->y1);
    unsigned sum = 0;

    for (int y = y0; y < y1; y++) {
        const uint8_t *row = alpha->data + (ptrdiff_t)(y - at->y) * alpha->pitch;

        for (int x = x0; x < x1; x++)
            sum += row[x - at->x];
    }
    return sum;
}

/* Luma pixels of the picture that sample i of a row or column stands for: fewer at the edge. */
VDK_BOTH int vdk_covered(int i, int factor, int luma)
{
    return vdk_larger(vdk_smaller((i + 1) * factor, luma) - i * factor, 1);
}

/* What becomes of a sample; where alpha does not reach it, it stays as it is. */
VDK_BOTH uint8_t vdk_pixel_under(uint8_t now, const VdkLayer *luma, const VdkLayer *layer,
                                 const VdkPlane *alpha, const VdkOverlap *at, int cx, int cy,
                                 uint8_t colour)
{
    unsigned sum = vdk_alpha_sum(alpha, layer, at, cx, cy);

    if (sum == 0)
        return now;
    int n = vdk_covered(cx, layer->sx, luma->width) * vdk_covered(cy, layer->sy, luma->height);
    return vdk_pixel_blend(now, colour, vdk_pixel_alpha(sum, (unsigned)n));
}

VDK_BOTH void vdk_blend_sample(const VdkLayer *luma, const VdkLayer *layer, const VdkPlane *alpha,
                               const VdkOverlap *at, int cx, int cy, uint8_t colour)
{
    uint8_t *sample = layer->data + (ptrdiff_t)cy * layer->pitch + cx * layer->step;

    *sample = vdk_pixel_under(*sample, luma, layer, alpha, at, cx, cy, colour);
}
