#include "kernels/cpu.h"

#include <errno.h>
#include <string.h>

#include "kernels/image.h"
#include "kernels/span.h"

static void fill_row(uint8_t *row, int x0, int x1, int step, uint8_t value)
{
    if (step == 1) {
        memset(row + x0, value, (size_t)(x1 - x0));
        return;
    }
    for (int x = x0; x < x1; x++)
        row[x * step] = value;
}

static void fill_layer(const VdkLayer *luma, const VdkLayer *layer, const VdkSpan *spans, size_t n,
                       uint8_t value)
{
    for (size_t i = 0; i < n; i++) {
        VdkSpan part;

        if (vdk_span_on_layer(&spans[i], luma, layer, &part))
            fill_row(layer->data + (ptrdiff_t)part.y * layer->pitch, part.x0, part.x1, layer->step,
                     value);
    }
}

int vdk_cpu_fill(VdkImage *image, const VdkSpan *spans, size_t n, VdkColour colour)
{
    const uint8_t values[3] = {colour.y, colour.u, colour.v};
    VdkLayer layers[3];
    int n_layers = vdk_image_layers(image, layers);

    if (n_layers < 0 || (n > 0 && !spans))
        return -EINVAL;
    for (int i = 0; i < n_layers && i < 3; i++)
        fill_layer(&layers[0], &layers[i], spans, n, values[i]);
    return 0;
}
