#include "kernels/device.h"

#include "kernels/light-pixel.h"
#include "kernels/motion-labels.h"

/* --- labels -----------------------------------------------------------------------------------*/

__device__ void join(uint32_t *labels, uint32_t a, uint32_t b)
{
    bool joined = false;

    while (!joined) {
        a = vdk_root_of(labels, a);
        b = vdk_root_of(labels, b);
        if (a == b)
            return;
        uint32_t low = min(a, b), high = max(a, b);
        uint32_t was = atomicMin(&labels[high], low);
        joined = was == high; /* else somebody else hung it lower: go on from there */
        a = low;
        b = was;
    }
}

/* --- compare ----------------------------------------------------------------------------------*/

#define RAW_X (VDK_TILE_X + VDK_WINDOW - 1)
#define RAW_Y (VDK_TILE_Y + VDK_WINDOW - 1)
#define REACH (VDK_WINDOW / 2)

/* One component of a tile. */
typedef struct Part {
    uint32_t area, sum_x, sum_y, x0, y0, x1, y1;
} Part;

__device__ uint8_t raw_at(const VdkMotionJob *job, int x, int y)
{
    if (x < 0 || y < 0 || x >= job->width || y >= job->height)
        return 0;
    int64_t at = (int64_t)y * job->width + x;
    int16_t mean = vdk_pixel_relit(job->mean[at], job->control->slope, job->control->offset);

    return vdk_pixel_differs(mean, job->noise[at], job->now[at],
                             (uint16_t)(job->threshold * VDK_GREY));
}

__device__ bool is_clean(const uint8_t raw[RAW_Y][RAW_X])
{
    unsigned sum = 0;

    for (unsigned y = 0; y < VDK_WINDOW; y++)
        for (unsigned x = 0; x < VDK_WINDOW; x++)
            sum += raw[threadIdx.y + y][threadIdx.x + x];
    return sum >= VDK_MAJORITY;
}

/* Neighbours that come before this pixel in its tile; the others join from their side. */
__device__ void join_in_tile(uint32_t *labels, const bool moves[VDK_TILE_Y][VDK_TILE_X])
{
    unsigned x = threadIdx.x, y = threadIdx.y, at = vdk_thread();

    if (x > 0 && moves[y][x - 1])
        join(labels, at, at - 1);
    if (y > 0 && x > 0 && moves[y - 1][x - 1])
        join(labels, at, at - VDK_TILE_X - 1);
    if (y > 0 && moves[y - 1][x])
        join(labels, at, at - VDK_TILE_X);
    if (y > 0 && x + 1 < VDK_TILE_X && moves[y - 1][x + 1])
        join(labels, at, at - VDK_TILE_X + 1);
}

__device__ void add_pixel(Part *part, uint32_t x, uint32_t y)
{
    atomicAdd(&part->area, 1u);
    atomicAdd(&part->sum_x, x);
    atomicAdd(&part->sum_y, y);
    atomicMin(&part->x0, x);
    atomicMin(&part->y0, y);
    atomicMax(&part->x1, x + 1);
    atomicMax(&part->y1, y + 1);
}

__device__ void keep_part(const VdkMotionJob *job, const Part *part, uint32_t pixel)
{
    VdkComponent *component = vdk_component_of(job, pixel);

    component->sum_x = part->sum_x;
    component->sum_y = part->sum_y;
    component->area = part->area;
    component->x0 = part->x0;
    component->y0 = part->y0;
    component->x1 = part->x1;
    component->y1 = part->y1;
    job->roots[atomicAdd(&job->control->n_roots, 1u)] = pixel;
}

/* A tile is a block of 32 x 8: rows of a warp, and few borders for the merging. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK) vdk_motion_compare(VdkMotionJob job)
{
    __shared__ uint8_t raw[RAW_Y][RAW_X];
    __shared__ bool moves[VDK_TILE_Y][VDK_TILE_X];
    __shared__ uint32_t labels[VDK_BLOCK];
    __shared__ Part parts[VDK_BLOCK];
    const int left = (int)blockIdx.x * VDK_TILE_X, top = (int)blockIdx.y * VDK_TILE_Y;
    const int x = left + (int)threadIdx.x, y = top + (int)threadIdx.y;
    const unsigned thread = vdk_thread();
    const bool inside = x < job.width && y < job.height;

    if (!job.control->primed) /* the same for all */
        return;
    for (int i = (int)thread; i < RAW_X * RAW_Y; i += VDK_BLOCK)
        raw[i / RAW_X][i % RAW_X] = raw_at(&job, left + i % RAW_X - REACH, top + i / RAW_X - REACH);
    labels[thread] = thread;
    parts[thread].area = parts[thread].sum_x = parts[thread].sum_y = 0;
    parts[thread].x0 = parts[thread].y0 = UINT32_MAX;
    parts[thread].x1 = parts[thread].y1 = 0;
    __syncthreads();

    const bool move = inside && is_clean(raw);
    moves[threadIdx.y][threadIdx.x] = move;
    vdk_add_to(&job.control->raw, inside ? raw[threadIdx.y + REACH][threadIdx.x + REACH] : 0);
    vdk_add_to(&job.control->clean, move);
    __syncthreads();
    if (move)
        join_in_tile(labels, moves);
    __syncthreads();

    const uint32_t root = vdk_root_of(labels, thread);
    const uint32_t pixel = (uint32_t)(top + (int)(root / VDK_TILE_X)) * (uint32_t)job.width +
                           (uint32_t)(left + (int)(root % VDK_TILE_X));
    if (move)
        add_pixel(&parts[root], (uint32_t)x, (uint32_t)y);
    if (inside)
        job.labels[(int64_t)y * job.width + x] = move ? pixel : VDK_NO_ROOT;
    __syncthreads();
    if (move && root == thread)
        keep_part(&job, &parts[thread], pixel);
}
VDK_KERNEL(vdk_motion_compare)

/* --- merge ------------------------------------------------------------------------------------*/

__device__ void join_with(const VdkMotionJob *job, uint32_t at, int x, int y)
{
    if (x < 0 || y < 0 || x >= job->width || y >= job->height)
        return;
    uint32_t other = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;

    if (job->labels[other] != VDK_NO_ROOT)
        join(job->labels, at, other);
}

/* Pixel x, y is the first behind a border: left of it for a column, above it for a row. */
__device__ void join_across(const VdkMotionJob *job, int x, int y, bool column)
{
    uint32_t at = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;

    if (job->labels[at] == VDK_NO_ROOT)
        return;
    for (int along = -1; along <= 1; along++) {
        if (column)
            join_with(job, at, x - 1, y + along);
        else
            join_with(job, at, x + along, y - 1);
    }
}

/* What becomes of the background, now that it is known how much moves. */
__device__ void decide(const VdkMotionJob *job)
{
    VdkMotionControl *control = job->control;
    uint64_t pixels = (uint64_t)job->width * (uint64_t)job->height;

    if (control->seeding)
        return;
    control->seeding = vdk_overturned(job->state, control->clean, pixels, job->elapsed_us);
    control->learning = !control->seeding && job->state->owed_us >= VDK_LESSON_US;
    if (control->learning)
        control->lesson = vdk_next_lesson(job->state);
}

/* A thread a pixel behind a border: columns first. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK) vdk_motion_merge(VdkMotionJob job)
{
    uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    uint32_t width = (uint32_t)job.width, height = (uint32_t)job.height;
    uint32_t behind_columns = (width - 1) / VDK_TILE_X * height;
    uint32_t behind_rows = (height - 1) / VDK_TILE_Y * width;

    if (job.control->primed && i < behind_columns)
        join_across(&job, (int)((i / height + 1) * VDK_TILE_X), (int)(i % height), true);
    else if (job.control->primed && i < behind_columns + behind_rows)
        join_across(&job, (int)((i - behind_columns) % width),
                    (int)(((i - behind_columns) / width + 1) * VDK_TILE_Y), false);
    if (i == 0)
        decide(&job);
}
VDK_KERNEL(vdk_motion_merge)
