#pragma once

#include "kernels/both.h"
#include "kernels/image.h"

/* Spans as one layer of a picture sees them: clipped, and in samples of that layer. */

/* The sample that luma pixel x >= 0 belongs to. Divisions are dear where spans are many. */
VDK_BOTH int vdk_sample_of(int x, int covers)
{
    return covers == 1 ? x : covers == 2 ? (int)((unsigned)x >> 1) : x / covers;
}

/* False when nothing of the span lies on the picture. */
VDK_BOTH bool vdk_span_on_layer(const VdkSpan *span, const VdkLayer *luma, const VdkLayer *layer,
                                VdkSpan *out)
{
    int x0 = span->x0 > 0 ? span->x0 : 0;
    int x1 = span->x1 < luma->width ? span->x1 : luma->width;

    if (span->y < 0 || span->y >= luma->height || x0 >= x1)
        return false;
    out->y = vdk_sample_of(span->y, layer->sy);
    out->x0 = vdk_sample_of(x0, layer->sx);
    out->x1 = vdk_sample_of(x1 - 1, layer->sx) + 1;
    return true;
}
