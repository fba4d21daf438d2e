#include "kernels/device.h"

#include "kernels/motion-labels.h"

/* --- compare ----------------------------------------------------------------------------------*/

#define ALL   0xffffffffu
#define REACH (VDK_WINDOW / 2)
#define RAW_Y (VDK_TILE_Y + 2 * REACH)

/* One component of a tile. */
typedef struct Part {
    uint32_t area, sum_x, sum_y, x0, y0, x1, y1;
} Part;

/* Beyond the picture's edge its outermost pixels go on. */
__device__ bool is_raw(const VdkMotionJob *job, int x, int y)
{
    const int inside_x = min(max(x, 0), job->width - 1), inside_y = min(max(y, 0), job->height - 1);

    return job->raw[(int64_t)inside_y * job->width + inside_x] != 0;
}

/* One warp: what differs in a row of the tile and REACH pixels beside it, the first lowest. */
__device__ uint64_t raw_row(const VdkMotionJob *job, int left, int y)
{
    const int lane = (int)threadIdx.x;
    const int beside = lane < REACH ? left - REACH + lane : left + VDK_TILE_X - REACH + lane;
    const uint64_t own = __ballot_sync(ALL, is_raw(job, left + lane, y));
    const uint64_t ends = __ballot_sync(ALL, lane < 2 * REACH && is_raw(job, beside, y));

    return (ends & ((1u << REACH) - 1)) | own << REACH | ends >> REACH << (REACH + VDK_TILE_X);
}

__device__ bool is_clean(const uint64_t raw[RAW_Y])
{
    int sum = 0;

    for (unsigned y = 0; y < VDK_WINDOW; y++)
        sum += __popc((uint32_t)(raw[threadIdx.y + y] >> threadIdx.x) & ((1u << VDK_WINDOW) - 1));
    return sum >= VDK_MAJORITY;
}

/* Of each row of a tile, a bit a pixel: what moves, and of that what has texture and has kept it.
 */
typedef struct Rows {
    uint32_t moves[VDK_TILE_Y], textured[VDK_TILE_Y], kept[VDK_TILE_Y];
} Rows;

/* One warp a row. */
__device__ void look_at_row(const VdkMotionJob *job, int64_t at, bool move, Rows *rows)
{
    const uint8_t census = move ? job->census[at] : 0, back = move ? job->back.census[at] : 0;
    const bool has = move && vdk_has_texture(census, back);
    const uint32_t moves = __ballot_sync(ALL, move), textured = __ballot_sync(ALL, has);
    const uint32_t kept = __ballot_sync(ALL, has && vdk_keeps_census(census, back));

    if (threadIdx.x > 0)
        return;
    rows->moves[threadIdx.y] = moves;
    rows->textured[threadIdx.y] = textured;
    rows->kept[threadIdx.y] = kept;
}

__device__ uint32_t bits_of(const uint32_t rows[VDK_TILE_Y], int down)
{
    uint32_t n = 0;

    for (int y = 0; y < down; y++)
        n += (uint32_t)__popc(rows[y]);
    return n;
}

/* One thread. Answers whether anything moves. */
__device__ bool count_tile(const VdkMotionJob *job, const uint64_t raw[RAW_Y], const Rows *rows)
{
    const int across = job->width - (int)blockIdx.x * VDK_TILE_X;
    const int down = min(job->height - (int)blockIdx.y * VDK_TILE_Y, VDK_TILE_Y);
    const uint32_t inside = across < VDK_TILE_X ? (1u << across) - 1 : ALL;
    const uint32_t n_moves = bits_of(rows->moves, down);
    uint32_t n_raw = 0;

    for (int y = 0; y < down; y++)
        n_raw += (uint32_t)__popc((uint32_t)(raw[y + REACH] >> REACH) & inside);
    if (n_raw > 0)
        atomicAdd(&job->control->raw, n_raw);
    if (n_moves == 0)
        return false;
    atomicAdd(&job->control->clean, n_moves);
    atomicAdd(&job->control->textured, bits_of(rows->textured, down));
    atomicAdd(&job->control->kept, bits_of(rows->kept, down));
    return true;
}

__device__ uint32_t edge_at(const VdkMotionJob *job, const uint8_t *plane, int x, int y)
{
    const int64_t row = (int64_t)y * job->width;
    const int64_t up = (int64_t)max(y - 1, 0) * job->width;
    const int64_t down = (int64_t)min(y + 1, job->height - 1) * job->width;

    return (uint32_t)vdk_apart(plane[row + min(x + 1, job->width - 1)],
                               plane[row + max(x - 1, 0)]) +
           vdk_apart(plane[down + x], plane[up + x]);
}

/* Whether the background has the stronger edges around: something may have left. */
__device__ bool is_edged(const VdkMotionJob *job, int x, int y)
{
    uint32_t mean = 0, now = 0;

    for (int j = max(y - VDK_GHOST_REACH, 0); j <= min(y + VDK_GHOST_REACH, job->height - 1); j++)
        for (int i = max(x - VDK_GHOST_REACH, 0); i <= min(x + VDK_GHOST_REACH, job->width - 1);
             i++) {
            mean += edge_at(job, job->back.mean, i, j);
            now += edge_at(job, job->now, i, j);
        }
    return mean > now;
}

/* What stands still may be held: where it is not known yet, it is found out in vain. */
__device__ uint8_t moves_byte(const VdkMotionJob *job, int x, int y, bool move)
{
    const int64_t at = (int64_t)y * job->width + x;
    const bool may = (move || job->raw[at]) && job->back.still[at] > VDK_STILL_GHOST;

    return (move ? VDK_MOVES : 0) | (may && is_edged(job, x, y) ? VDK_EDGED : 0);
}

/* Neighbours that come before this pixel in its tile; the others join from their side. */
__device__ void join_in_tile(uint32_t *labels, const uint32_t moves[VDK_TILE_Y])
{
    const unsigned x = threadIdx.x, y = threadIdx.y, at = vdk_thread();
    const uint64_t own = (uint64_t)moves[y] << 1, above = y > 0 ? (uint64_t)moves[y - 1] << 1 : 0;

    if (own >> x & 1)
        vdk_join(labels, at, at - 1);
    if (above >> x & 1)
        vdk_join(labels, at, at - VDK_TILE_X - 1);
    if (above >> x & 2)
        vdk_join(labels, at, at - VDK_TILE_X);
    if (above >> x & 4)
        vdk_join(labels, at, at - VDK_TILE_X + 1);
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

/* The tile's components. All threads come here; those whose pixel moves have one. */
__device__ void label_tile(const VdkMotionJob *job, int x, int y, bool move,
                           const uint32_t moves[VDK_TILE_Y])
{
    __shared__ uint32_t labels[VDK_BLOCK];
    __shared__ Part parts[VDK_BLOCK];
    const unsigned thread = vdk_thread();

    labels[thread] = thread;
    parts[thread] = {0, 0, 0, UINT32_MAX, UINT32_MAX, 0, 0};
    __syncthreads();
    if (move)
        join_in_tile(labels, moves);
    __syncthreads();
    const uint32_t root = vdk_root_of(labels, thread);
    const uint32_t pixel = (blockIdx.y * VDK_TILE_Y + root / VDK_TILE_X) * (uint32_t)job->width +
                           blockIdx.x * VDK_TILE_X + root % VDK_TILE_X;
    if (move) {
        add_pixel(&parts[root], (uint32_t)x, (uint32_t)y);
        job->labels[(int64_t)y * job->width + x] = pixel;
    }
    __syncthreads();
    if (move && root == thread)
        keep_part(job, &parts[thread], pixel);
}

/* A tile is a block of 32 x 8: rows of a warp, and few borders between them. */
__device__ void compare_tile(const VdkMotionJob *job)
{
    __shared__ uint64_t raw[RAW_Y];
    __shared__ Rows rows;
    __shared__ bool any;
    const int left = (int)blockIdx.x * VDK_TILE_X, top = (int)blockIdx.y * VDK_TILE_Y;
    const int x = left + (int)threadIdx.x, y = top + (int)threadIdx.y;
    const bool inside = x < job->width && y < job->height;

    for (int row = (int)threadIdx.y; row < RAW_Y; row += VDK_TILE_Y) {
        const uint64_t bits = raw_row(job, left, top + row - REACH);

        if (threadIdx.x == 0)
            raw[row] = bits;
    }
    __syncthreads();
    const bool move = inside && is_clean(raw);
    look_at_row(job, (int64_t)y * job->width + x, move, &rows);
    if (inside)
        job->moves[(int64_t)y * job->width + x] = moves_byte(job, x, y, move);
    __syncthreads();
    if (vdk_thread() == 0)
        any = count_tile(job, raw, &rows);
    __syncthreads();
    if (any && job->control->primed) /* the same for the whole block */
        label_tile(job, x, y, move, rows.moves);
}

extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_compare(const __grid_constant__ VdkMotionJob job)
{
    if (!job.control->seeding) /* the same for all */
        compare_tile(&job);
}
VDK_KERNEL(vdk_motion_compare)
