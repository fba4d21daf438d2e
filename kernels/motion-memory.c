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

static size_t cut_state(VdkMotionPlanes *planes, char *memory)
{
    size_t used = 0;

    planes->state = cut(memory, &used, 1, sizeof(VdkMotionState));
    planes->mean = cut(memory, &used, planes->pixels, sizeof(int16_t));
    planes->noise = cut(memory, &used, planes->pixels, sizeof(int16_t));
    planes->moving = cut(memory, &used, planes->pixels, sizeof(uint16_t));
    return used;
}

static size_t cut_scratch(VdkMotionPlanes *planes, char *memory)
{
    size_t width = (size_t)planes->width, height = (size_t)planes->height, used = 0;
    size_t runs = (width + 1) / 2, rows = (height + 1) / 2;
    size_t padded_rows = height + 2 * VDK_MARGIN;
    size_t counts = width > VDK_LIGHT_COUNTS ? width : VDK_LIGHT_COUNTS;

    planes->now = cut(memory, &used, planes->pixels, 1);
    planes->raw = cut(memory, &used, padded_rows * (width + 2 * VDK_MARGIN), 1);
    planes->sums = cut(memory, &used, padded_rows * width, 1);
    planes->clean = cut(memory, &used, planes->pixels, 1);
    planes->counts = cut(memory, &used, counts, sizeof(uint32_t));
    planes->runs = cut(memory, &used, runs * height, sizeof(VdkRun));
    planes->components = cut(memory, &used, runs * rows, sizeof(VdkComponent));
    return used;
}

static VdkMotionPlanes planes_of(int aw, int ah)
{
    return (VdkMotionPlanes){.width = aw, .height = ah, .pixels = (size_t)aw * (size_t)ah};
}

static bool size_ok(int aw, int ah)
{
    return aw >= 1 && ah >= 1 && aw <= VDK_MAX_SIZE && ah <= VDK_MAX_SIZE;
}

size_t vdk_motion_state_size(int aw, int ah)
{
    VdkMotionPlanes planes = planes_of(aw, ah);

    return size_ok(aw, ah) ? cut_state(&planes, NULL) : 0;
}

size_t vdk_motion_scratch_size(int aw, int ah)
{
    VdkMotionPlanes planes = planes_of(aw, ah);

    return size_ok(aw, ah) ? cut_scratch(&planes, NULL) : 0;
}

void vdk_motion_planes(int aw, int ah, void *state, void *scratch, VdkMotionPlanes *planes)
{
    *planes = planes_of(aw, ah);
    cut_state(planes, state);
    cut_scratch(planes, scratch);
}

bool vdk_motion_arguments_ok(const VdkPlane *luma, int factor, const VdkMotionSettings *settings,
                             const VdkPlane *mask)
{
    if (!vdk_plane_ok(luma, 1) || factor < 1 || factor > VDK_MAX_FACTOR)
        return false;
    if (luma->width < factor || luma->height < factor || !settings)
        return false;
    if (settings->threshold < 1 || settings->threshold > 255)
        return false;
    if (settings->min_area < 1 || settings->min_area > 10000)
        return false;
    return !mask || (vdk_plane_ok(mask, 1) && mask->width == luma->width / factor &&
                     mask->height == luma->height / factor);
}
