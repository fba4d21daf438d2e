#include "kernels/cpu.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernels/image.h"
#include "kernels/span.h"

/* Samples x0..x1-1, y0..y1-1 of a layer: those whose first luma pixel lies in one block. */
typedef struct Cell {
    int x0, y0, x1, y1;
} Cell;

static int first_sample(int64_t luma, int covers, int limit)
{
    int64_t sample = (luma + covers - 1) / covers;

    return sample < limit ? (int)sample : limit;
}

static Cell cell_at(const VdkLayer *layer, int block, int column, int row)
{
    return (Cell){
        .x0 = first_sample((int64_t)column * block, layer->sx, layer->width),
        .y0 = first_sample((int64_t)row * block, layer->sy, layer->height),
        .x1 = first_sample(((int64_t)column + 1) * block, layer->sx, layer->width),
        .y1 = first_sample(((int64_t)row + 1) * block, layer->sy, layer->height),
    };
}

VDK_BOTH uint64_t sum_cell(const VdkLayer *layer, const Cell *cell, int step)
{
    uint64_t sum = 0;

    for (int y = cell->y0; y < cell->y1; y++) {
        const uint8_t *row = layer->data + (ptrdiff_t)y * layer->pitch;
        uint32_t row_sum = 0;

        for (int x = cell->x0; x < cell->x1; x++)
            row_sum += row[x * step];
        sum += row_sum;
    }
    return sum;
}

VDK_VECTOR static uint64_t sum_planar(const VdkLayer *layer, const Cell *cell)
{
    return sum_cell(layer, cell, 1);
}

static uint8_t mean_of(const VdkLayer *layer, const Cell *cell)
{
    uint64_t count = (uint64_t)(cell->x1 - cell->x0) * (uint64_t)(cell->y1 - cell->y0);
    assert(count > 0);
    uint64_t sum = layer->step == 1 ? sum_planar(layer, cell) : sum_cell(layer, cell, layer->step);

    return (uint8_t)((sum + count / 2) / count);
}

static void set_samples(const VdkLayer *layer, int y, int x0, int x1, uint8_t value)
{
    uint8_t *row = layer->data + (ptrdiff_t)y * layer->pitch;

    if (layer->step == 1) {
        memset(row + x0, value, (size_t)(x1 - x0));
        return;
    }
    for (int x = x0; x < x1; x++)
        row[x * layer->step] = value;
}

/* Writes where a span crosses the cell. The mean is taken before the first sample is lost. */
static void pixelate_cell(const VdkLayer *luma, const VdkLayer *layer, const Cell *cell,
                          const VdkSpan *spans, size_t n)
{
    bool known = false;
    uint8_t mean = 0;

    for (size_t i = 0; i < n; i++) {
        VdkSpan part;

        if (!vdk_span_on_layer(&spans[i], luma, layer, &part))
            continue;
        int x0 = part.x0 > cell->x0 ? part.x0 : cell->x0;
        int x1 = part.x1 < cell->x1 ? part.x1 : cell->x1;
        if (x0 >= x1)
            continue;
        if (!known)
            mean = mean_of(layer, cell);
        known = true;
        set_samples(layer, part.y, x0, x1, mean);
    }
}

/* The row of cells that a span's samples lie in: it grows with the span's y. */
static int cell_row(const VdkSpan *span, const VdkLayer *layer, int block)
{
    return span->y / layer->sy * layer->sy / block;
}

/* The cells that spans of one row of cells touch, from the leftmost to the rightmost. */
static void pixelate_cells(const VdkLayer *luma, const VdkLayer *layer, const VdkSpan *spans,
                           size_t n, int block, int row)
{
    int left = luma->width, right = 0;

    for (size_t i = 0; i < n; i++) {
        left = spans[i].x0 < left ? spans[i].x0 : left;
        right = spans[i].x1 > right ? spans[i].x1 : right;
    }
    left = left > 0 ? left / layer->sx * layer->sx : 0;
    right = right < luma->width ? right : luma->width;
    for (int column = left / block; (int64_t)column * block < right; column++) {
        Cell cell = cell_at(layer, block, column, row);

        pixelate_cell(luma, layer, &cell, spans, n);
    }
}

static void pixelate_layer(const VdkLayer *luma, const VdkLayer *layer, const VdkSpan *spans,
                           size_t n, int block)
{
    size_t first = 0;

    while (first < n && spans[first].y < 0)
        first++;
    while (first < n && spans[first].y < luma->height) {
        int row = cell_row(&spans[first], layer, block);
        size_t end = first + 1;

        while (end < n && spans[end].y < luma->height && cell_row(&spans[end], layer, block) == row)
            end++;
        pixelate_cells(luma, layer, spans + first, end - first, block, row);
        first = end;
    }
}

int vdk_cpu_pixelate(VdkImage *image, const VdkSpan *spans, size_t n, int block)
{
    VdkLayer layers[3];
    int n_layers = vdk_image_layers(image, layers);

    if (n_layers < 0 || (n > 0 && !spans) || block < 1 || block > VDK_MAX_SIZE)
        return -EINVAL;
    for (int i = 0; i < n_layers; i++)
        pixelate_layer(&layers[0], &layers[i], spans, n, block);
    return 0;
}
