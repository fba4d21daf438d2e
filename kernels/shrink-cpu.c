#include "kernels/motion-state.h"

#include <string.h>

/*
 * The factors that cameras and analysis sizes lead to have loops of their own: a constant factor
 * makes vector code of the sums and a multiplication of the division.
 */

/* Words of a row wherever it begins: the byte order does not matter to a sum. */
typedef uint16_t __attribute__((aligned(1), may_alias)) Pair;
typedef uint32_t __attribute__((aligned(1), may_alias)) Quad;

VDK_VECTOR static void shrink_2(const uint8_t *restrict row, ptrdiff_t pitch, int n,
                                uint8_t *restrict out)
{
    const Pair *upper = (const Pair *)row, *lower = (const Pair *)(row + pitch);

    for (int x = 0; x < n; x++) {
        uint16_t a = upper[x], b = lower[x];
        uint16_t sum = (uint16_t)((a & 255) + (a >> 8) + (b & 255) + (b >> 8));

        out[x] = (uint8_t)((uint16_t)(sum + 2) >> 2);
    }
}

/* Two 16-bit sums in every word. */
VDK_BOTH uint32_t halves(uint32_t quad)
{
    return (quad & 0x00ff00ff) + ((quad >> 8) & 0x00ff00ff);
}

VDK_VECTOR static void shrink_4(const uint8_t *restrict row, ptrdiff_t pitch, int n,
                                uint8_t *restrict out)
{
    const Quad *a = (const Quad *)row, *b = (const Quad *)(row + pitch);
    const Quad *c = (const Quad *)(row + 2 * pitch), *d = (const Quad *)(row + 3 * pitch);

    for (int x = 0; x < n; x++) {
        uint32_t sums = halves(a[x]) + halves(b[x]) + halves(c[x]) + halves(d[x]);

        out[x] = (uint8_t)(((sums & 0xffff) + (sums >> 16) + 8) >> 4);
    }
}

VDK_BOTH void add_row(const uint8_t *restrict row, int factor, int n, uint32_t *restrict sums)
{
    for (int x = 0; x < n; x++) {
        uint32_t sum = 0;

        for (int k = 0; k < factor; k++)
            sum += row[x * factor + k];
        sums[x] += sum;
    }
}

VDK_BOTH void shrink_by(const uint8_t *row, ptrdiff_t pitch, int factor, int n, uint32_t *sums,
                        uint8_t *out)
{
    memset(sums, 0, (size_t)n * sizeof(*sums));
    for (int k = 0; k < factor; k++)
        add_row(row + k * pitch, factor, n, sums);
    for (int x = 0; x < n; x++)
        out[x] = vdk_pixel_mean(sums[x], (uint32_t)factor * (uint32_t)factor);
}

VDK_VECTOR static void shrink_3(const uint8_t *row, ptrdiff_t pitch, int n, uint32_t *sums,
                                uint8_t *out)
{
    shrink_by(row, pitch, 3, n, sums, out);
}

VDK_VECTOR static void shrink_8(const uint8_t *row, ptrdiff_t pitch, int n, uint32_t *sums,
                                uint8_t *out)
{
    shrink_by(row, pitch, 8, n, sums, out);
}

static void shrink_row(const uint8_t *row, ptrdiff_t pitch, int factor, int n, uint32_t *sums,
                       uint8_t *out)
{
    switch (factor) {
    case 1:
        memcpy(out, row, (size_t)n);
        break;
    case 2:
        shrink_2(row, pitch, n, out);
        break;
    case 3:
        shrink_3(row, pitch, n, sums, out);
        break;
    case 4:
        shrink_4(row, pitch, n, out);
        break;
    case 8:
        shrink_8(row, pitch, n, sums, out);
        break;
    default:
        shrink_by(row, pitch, factor, n, sums, out);
        break;
    }
}

void vdk_cpu_shrink(const VdkPlane *luma, int factor, int aw, int ah, uint32_t *sums, uint8_t *out,
                    size_t pitch)
{
    for (int y = 0; y < ah; y++)
        shrink_row(luma->data + (ptrdiff_t)y * factor * luma->pitch, luma->pitch, factor, aw, sums,
                   out + (size_t)y * pitch);
}

void vdk_cpu_pad(const VdkMotionPlanes *planes, uint8_t *plane)
{
    const int last = planes->height - 1;

    for (int y = 0; y <= last; y++) {
        uint8_t *row = vdk_padded_row(planes, plane, y);

        memset(row - VDK_EDGE, row[0], VDK_EDGE);
        memset(row + planes->width, row[planes->width - 1], VDK_EDGE);
    }
    for (int y = 1; y <= VDK_EDGE; y++) {
        memcpy(vdk_padded_row(planes, plane, -y) - VDK_EDGE,
               vdk_padded_row(planes, plane, 0) - VDK_EDGE, vdk_padded(planes));
        memcpy(vdk_padded_row(planes, plane, last + y) - VDK_EDGE,
               vdk_padded_row(planes, plane, last) - VDK_EDGE, vdk_padded(planes));
    }
}

/* --- chroma --- */

/* Adds n samples of a row to the cells they belong to. */
VDK_BOTH void add_cells(const uint8_t *restrict row, int step, int across, int n,
                        uint32_t *restrict sums)
{
    for (int x = 0; x < n; x++) {
        uint32_t sum = 0;

        for (int k = 0; k < across; k++)
            sum += row[(x * across + k) * step];
        sums[x] += sum;
    }
}

/* What most cameras lead to has a loop of its own, as above. */
VDK_VECTOR static void add_cell_row(const uint8_t *row, int step, int across, int n, uint32_t *sums)
{
    if (step == 1 && across == 1)
        add_cells(row, 1, 1, n, sums);
    else if (step == 1 && across == 2)
        add_cells(row, 1, 2, n, sums);
    else if (step == 1 && across == 4)
        add_cells(row, 1, 4, n, sums);
    else if (step == 2 && across == 2)
        add_cells(row, 2, 2, n, sums);
    else if (step == 2 && across == 4)
        add_cells(row, 2, 4, n, sums);
    else
        add_cells(row, step, across, n, sums);
}

/* One row of cells: rows of the picture that there are, and whole cells but for the last one. */
static void shrink_cells(const VdkPlane *plane, int step, int across, int rows, int n,
                         uint32_t *sums, uint8_t *out)
{
    const int rest = plane->width < n * across ? plane->width - (n - 1) * across : across;
    const int whole = rest < across ? n - 1 : n;
    const bool square = step == 1 && across == rows;

    if (square)
        shrink_row(plane->data, plane->pitch, across, whole, sums, out);
    memset(sums, 0, (size_t)n * sizeof *sums);
    for (int y = 0; y < rows; y++) {
        const uint8_t *row = plane->data + (ptrdiff_t)y * plane->pitch;

        if (!square)
            add_cell_row(row, step, across, whole, sums);
        if (whole < n)
            add_cells(row + (ptrdiff_t)whole * across * step, step, rest, 1, sums + whole);
    }
    for (int x = 0; x < whole && !square; x++)
        out[x] = vdk_pixel_mean(sums[x], (uint32_t)(across * rows));
    if (whole < n)
        out[whole] = vdk_pixel_mean(sums[whole], (uint32_t)(rest * rows));
}

void vdk_cpu_shrink_chroma(const VdkImage *image, int factor, const VdkMotionPlanes *planes)
{
    uint8_t *const out[] = {planes->cb, planes->cr};
    int across, down;

    vdk_motion_cell(image, factor, &across, &down);
    for (int i = 0; i < 2; i++) {
        if (across == 0) {
            memset(out[i], 128, planes->cells);
            continue;
        }
        VdkPlane plane = image->chroma[i];

        for (int y = 0; y < planes->down; y++) {
            int left = image->chroma[i].height - y * down;

            plane.data = image->chroma[i].data + (ptrdiff_t)y * down * plane.pitch;
            shrink_cells(&plane, image->step, across, left < down ? left : down, planes->across,
                         planes->counts, out[i] + (size_t)y * (size_t)planes->across);
        }
    }
}
