#include "kernels/motion-state.h"

#include <errno.h>

#include "kernels/image.h"

/* Where everything lies in the caller's memory. Planes begin on 64 bytes. */

int vdk_motion_size(int width, int height, int analysis_width, int *aw, int *ah, int *factor)
{
    if (width < 1 || height < 1 || analysis_width < 1 || !aw || !ah || !factor)
        return -EINVAL;
    if (width > VDK_MAX_SIZE || height > VDK_MAX_SIZE)
        return -EINVAL;
    int times = (width + analysis_width - 1) / analysis_width;
    if (times > height)
        times = height;
    if (times > VDK_MAX_FACTOR)
        times = VDK_MAX_FACTOR;
    *factor = times;
    *aw = width / times;
    *ah = height / times;
    return 0;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

/* Cuts n elements off the memory that is left; base NULL only adds up. */
static void *cut(char *base, size_t *used, size_t n, size_t size)
{
    char *part = base ? base + *used : NULL;

    *used += aligned(n * size);
    return part;
}

static size_t cut_state(VdkBackground *back, size_t pixels, size_t cells, char *memory)
{
    size_t used = 0;

    back->room = aligned(pixels);
    back->cell_room = aligned(cells);
    back->state = cut(memory, &used, 1, sizeof(VdkMotionState));
    back->luma = cut(memory, &used, VDK_SAMPLES, back->room);
    back->census = cut(memory, &used, VDK_SAMPLES, back->room);
    back->cb = cut(memory, &used, VDK_SAMPLES, back->cell_room);
    back->cr = cut(memory, &used, VDK_SAMPLES, back->cell_room);
    back->wider = cut(memory, &used, pixels, 1);
    back->still = cut(memory, &used, pixels, 1);
    back->last = cut(memory, &used, pixels, 1);
    back->mean = cut(memory, &used, pixels, 1);
    back->mean_cb = cut(memory, &used, cells, 1);
    back->mean_cr = cut(memory, &used, cells, 1);
    return used;
}

static size_t cut_scratch(VdkMotionPlanes *planes, char *memory)
{
    size_t width = (size_t)planes->width, height = (size_t)planes->height, used = 0;
    size_t runs = (width + 1) / 2, rows = (height + 1) / 2;
    size_t padded = (width + 2 * VDK_EDGE) * (height + 2 * VDK_EDGE);
    size_t margin = 2 * VDK_MARGIN;
    size_t counts = width > VDK_LIGHT_COUNTS ? width : VDK_LIGHT_COUNTS;

    planes->now = cut(memory, &used, padded, 1);
    planes->mean = cut(memory, &used, padded, 1);
    planes->cb = cut(memory, &used, planes->cells, 1);
    planes->cr = cut(memory, &used, planes->cells, 1);
    planes->census = cut(memory, &used, planes->pixels, 1);
    planes->raw = cut(memory, &used, (height + margin) * (width + margin), 1);
    planes->sums = cut(memory, &used, (height + margin) * width, 1);
    planes->clean = cut(memory, &used, planes->pixels, 1);
    planes->held = cut(memory, &used, planes->pixels, 1);
    planes->held_cells = cut(memory, &used, planes->cells, 1);
    planes->rows = cut(memory, &used, width + margin, 8);
    planes->counts = cut(memory, &used, counts, sizeof(uint32_t));
    planes->runs = cut(memory, &used, runs * height, sizeof(VdkRun));
    planes->components = cut(memory, &used, runs * rows, sizeof(VdkComponent));
    return used;
}

static VdkMotionPlanes planes_of(int aw, int ah)
{
    VdkMotionPlanes planes = {
        .width = aw,
        .height = ah,
        .across = vdk_cells(aw),
        .down = vdk_cells(ah),
    };

    planes.pixels = (size_t)aw * (size_t)ah;
    planes.cells = (size_t)planes.across * (size_t)planes.down;
    return planes;
}

static bool size_ok(int aw, int ah)
{
    return aw >= 1 && ah >= 1 && aw <= VDK_MAX_SIZE && ah <= VDK_MAX_SIZE;
}

size_t vdk_motion_state_size(int aw, int ah)
{
    VdkMotionPlanes planes = planes_of(aw, ah);

    return size_ok(aw, ah) ? cut_state(&planes.back, planes.pixels, planes.cells, NULL) : 0;
}

size_t vdk_motion_scratch_size(int aw, int ah)
{
    VdkMotionPlanes planes = planes_of(aw, ah);

    return size_ok(aw, ah) ? cut_scratch(&planes, NULL) : 0;
}

VdkBackground vdk_background(int aw, int ah, void *state)
{
    VdkMotionPlanes planes = planes_of(aw, ah);

    cut_state(&planes.back, planes.pixels, planes.cells, state);
    return planes.back;
}

void vdk_motion_planes(int aw, int ah, void *state, void *scratch, VdkMotionPlanes *planes)
{
    *planes = planes_of(aw, ah);
    planes->back = vdk_background(aw, ah, state);
    cut_scratch(planes, scratch);
}

bool vdk_motion_arguments_ok(const VdkImage *image, int factor, const VdkMotionSettings *settings,
                             const VdkPlane *mask)
{
    VdkLayer layers[3];

    if (vdk_image_layers(image, layers) < 0 || factor < 1 || factor > VDK_MAX_FACTOR)
        return false;
    if (image->step > 0 && (layers[1].sx > 2 || layers[1].sy > 2))
        return false;
    if (image->luma.width < factor || image->luma.height < factor || !settings)
        return false;
    if (settings->threshold < 1 || settings->threshold > 255)
        return false;
    if (settings->min_area < 1 || settings->min_area > 10000)
        return false;
    if (settings->black < 0 || settings->black > 255)
        return false;
    return !mask || (vdk_plane_ok(mask, 1) && mask->width == image->luma.width / factor &&
                     mask->height == image->luma.height / factor);
}

void vdk_motion_cell(const VdkImage *image, int factor, int *across, int *down)
{
    VdkLayer layers[3];

    *across = *down = 0;
    if (vdk_image_layers(image, layers) == 3) {
        *across = 2 * factor / layers[1].sx;
        *down = 2 * factor / layers[1].sy;
    }
}
