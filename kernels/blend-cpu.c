#include "kernels/cpu.h"

#include <errno.h>

#include "kernels/blend-pixel.h"
#include "kernels/image.h"

VDK_VECTOR static void blend_luma(uint8_t *restrict row, const uint8_t *restrict alpha, int n,
                                  uint8_t colour)
{
    for (int x = 0; x < n; x++)
        row[x] = vdk_pixel_blend(row[x], colour, alpha[x]);
}

/* Samples that stand for two by two pixels of alpha, or for one row of it given twice. */
VDK_VECTOR static void blend_halves(uint8_t *restrict row, const uint8_t *restrict above,
                                    const uint8_t *restrict below, int n, uint8_t colour)
{
    for (int i = 0; i < n; i++) {
        uint16_t upper = (uint16_t)(above[2 * i] + above[2 * i + 1]);
        uint16_t lower = (uint16_t)(below[2 * i] + below[2 * i + 1]);

        row[i] = vdk_pixel_blend(row[i], colour, vdk_pixel_alpha((uint16_t)(upper + lower), 4));
    }
}

/* Samples first .. end - 1 of row cy, all of whose pixels lie in alpha. */
static void blend_inside(const VdkLayer *layer, const VdkPlane *alpha, const VdkOverlap *at,
                         int first, int end, int cy, uint8_t colour)
{
    const uint8_t *above = alpha->data + (ptrdiff_t)(cy * layer->sy - at->y) * alpha->pitch +
                           (first * layer->sx - at->x);

    blend_halves(layer->data + (ptrdiff_t)cy * layer->pitch + first, above,
                 above + (ptrdiff_t)(layer->sy - 1) * alpha->pitch, end - first, colour);
}

/* The usual shapes go by whole rows but for the samples at alpha's edges. */
static void blend_chroma(const VdkLayer *luma, const VdkLayer *layer, const VdkPlane *alpha,
                         const VdkOverlap *at, uint8_t colour)
{
    bool usual = layer->step == 1 && layer->sx == 2 && (layer->sy == 1 || layer->sy == 2);
    int cx0 = at->x0 / layer->sx, cx1 = (at->x1 - 1) / layer->sx + 1;
    int first = (at->x0 + layer->sx - 1) / layer->sx, end = at->x1 / layer->sx;

    for (int cy = at->y0 / layer->sy; cy <= (at->y1 - 1) / layer->sy; cy++) {
        bool whole =
            usual && first < end && cy * layer->sy >= at->y0 && (cy + 1) * layer->sy <= at->y1;

        for (int cx = cx0; cx < (whole ? first : cx1); cx++)
            vdk_blend_sample(luma, layer, alpha, at, cx, cy, colour);
        if (whole)
            blend_inside(layer, alpha, at, first, end, cy, colour);
        for (int cx = end; whole && cx < cx1; cx++)
            vdk_blend_sample(luma, layer, alpha, at, cx, cy, colour);
    }
}

int vdk_cpu_blend(VdkImage *image, const VdkPlane *alpha, int x, int y, VdkColour colour)
{
    VdkLayer layers[3];
    int n_layers = vdk_image_layers(image, layers);

    if (n_layers < 0 || !vdk_plane_ok(alpha, 1))
        return -EINVAL;
    const VdkLayer *luma = &layers[0];
    VdkOverlap at = vdk_overlap(luma, alpha, x, y);

    if (at.x0 >= at.x1 || at.y0 >= at.y1)
        return 0;
    for (int row = at.y0; row < at.y1; row++)
        blend_luma(luma->data + (ptrdiff_t)row * luma->pitch + at.x0,
                   alpha->data + (ptrdiff_t)(row - y) * alpha->pitch + (at.x0 - x), at.x1 - at.x0,
                   colour.y);
    if (n_layers == 3) {
        blend_chroma(luma, &layers[1], alpha, &at, colour.u);
        blend_chroma(luma, &layers[2], alpha, &at, colour.v);
    }
    return 0;
}
