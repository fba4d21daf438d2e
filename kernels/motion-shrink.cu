#include "kernels/device.h"

#include "kernels/motion-cuda.h"

/* --- shrink -----------------------------------------------------------------------------------*/

#define PIECE    16                 /* bytes */
#define PER_WARP (VDK_WARP * PIECE) /* bytes of a row */

/* Of one warp: what the rows of boxes add up to, a column a byte. 255 * VDK_SHRINK_MOST fits. */
typedef union Columns {
    uint4 pieces[PER_WARP * sizeof(uint16_t) / sizeof(uint4)];
    uint16_t sums[PER_WARP];
} Columns;

/* Puts the sums of four columns in their order; those of even ones and of odd ones are apart. */
__device__ uint2 in_order(uint32_t evens, uint32_t odds)
{
    return {(evens & 0xffff) | odds << 16, evens >> 16 | (odds & 0xffff0000)};
}

__device__ uint4 both(uint2 a, uint2 b)
{
    return {a.x, a.y, b.x, b.y};
}

/* A lane's piece of each row of the boxes, in one load. */
__device__ void add_pieces(const uint8_t *from, int pitch, int factor, uint4 to[2])
{
    uint32_t evens[4] = {0}, odds[4] = {0};

#pragma unroll 4
    for (int y = 0; y < factor; y++) {
        const uint4 piece = *(const uint4 *)(from + (int64_t)y * pitch);
        const uint32_t words[4] = {piece.x, piece.y, piece.z, piece.w};

        for (int i = 0; i < 4; i++) {
            evens[i] += words[i] & 0x00ff00ff;
            odds[i] += words[i] >> 8 & 0x00ff00ff;
        }
    }
    to[0] = both(in_order(evens[0], odds[0]), in_order(evens[1], odds[1]));
    to[1] = both(in_order(evens[2], odds[2]), in_order(evens[3], odds[3]));
}

/* The same where a piece is not aligned, or ends with the row. */
__device__ void add_bytes(const uint8_t *from, int pitch, int factor, int n, uint16_t *to)
{
    for (int x = 0; x < n; x++) {
        uint32_t sum = 0;

        for (int y = 0; y < factor; y++)
            sum += from[(int64_t)y * pitch + x];
        to[x] = (uint16_t)sum;
    }
}

/* Keeps the mean of a box, and counts it for the light when it is one of the sample. */
__device__ void put_pixel(const VdkMotionJob *job, int x, int y, uint32_t sum, bool counts,
                          VdkLightSums *light)
{
    const uint32_t n = (uint32_t)job->factor * (uint32_t)job->factor;
    const int64_t at = (int64_t)y * job->width + x;
    const uint8_t grey = vdk_pixel_mean(sum, n);

    job->now[at] = grey;
    if (!counts || x % VDK_LIGHT_STEP != 0 || y % VDK_LIGHT_STEP != 0)
        return;
    atomicAdd(&job->counts[vdk_light_bin(job->back.mean[at], grey)], 1u);
    vdk_light_add(light, job->back.mean[at], job->back.last[at], grey);
}

/* One warp: pixels of row y from x0 on. First down, a lane a piece, and then across. */
__device__ void shrink_row(const VdkMotionJob *job, int x0, int y, Columns *columns, bool counts,
                           VdkLightSums *light)
{
    const int lane = (int)threadIdx.x, factor = job->factor;
    const int first = x0 * factor + lane * PIECE;
    const int n = min(job->width * factor - first, PIECE);
    const uint8_t *from = job->luma + (int64_t)y * factor * job->pitch + first;
    const int x1 = min(x0 + vdk_shrink_across(factor), job->width);

    if (n == PIECE && ((uint64_t)from | (uint64_t)job->pitch) % PIECE == 0)
        add_pieces(from, job->pitch, factor, columns->pieces + 2 * lane);
    else
        add_bytes(from, job->pitch, factor, n, columns->sums + lane * PIECE);
    __syncwarp();
    for (int x = x0 + lane; x < x1; x += (int)VDK_WARP) {
        const uint16_t *box = columns->sums + (x - x0) * factor;
        uint32_t sum = 0;

        for (int i = 0; i < factor; i++)
            sum += box[i];
        put_pixel(job, x, y, sum, counts, light);
    }
}

/* One warp: a box that is wider than it. */
__device__ void shrink_box(const VdkMotionJob *job, int x, int y, bool counts, VdkLightSums *light)
{
    const uint8_t *box = job->luma + (int64_t)y * job->factor * job->pitch + x * job->factor;
    uint32_t sum = 0;

    for (int j = 0; j < job->factor; j++)
        for (int i = (int)threadIdx.x; i < job->factor; i += (int)VDK_WARP)
            sum += box[(int64_t)j * job->pitch + i];
    sum = vdk_warp_sum(sum);
    if (threadIdx.x == 0)
        put_pixel(job, x, y, sum, counts, light);
}

/* --- chroma -----------------------------------------------------------------------------------*/

/* The mean of a cell; what the picture ends in stays out of it. */
__device__ uint8_t shrink_cell(const VdkMotionJob *job, const uint8_t *chroma, int x, int y)
{
    const int x0 = x * job->cell_across, y0 = y * job->cell_down;
    const int across = min(job->cell_across, job->chroma_width - x0);
    const int down = min(job->cell_down, job->chroma_height - y0);
    uint32_t sum = 0;

    for (int j = 0; j < down; j++) {
        const uint8_t *row = chroma + (int64_t)(y0 + j) * job->chroma_pitch;

        for (int i = 0; i < across; i++)
            sum += row[(int64_t)(x0 + i) * job->chroma_step];
    }
    return vdk_pixel_mean(sum, (uint32_t)(across * down));
}

/* What a thread adds to the frame's sums. */
typedef struct Sums {
    VdkLightSums light;
    uint32_t colour, coloured;
} Sums;

/* All threads of all blocks: a cell each, in turn. */
__device__ void shrink_chroma(const VdkMotionJob *job, Sums *sums)
{
    const uint32_t cells = (uint32_t)job->across * (uint32_t)job->down;
    const uint32_t block = blockIdx.y * gridDim.x + blockIdx.x;

    for (uint32_t i = block * vdk_threads() + vdk_thread(); i < cells;
         i += gridDim.x * gridDim.y * vdk_threads()) {
        const int x = (int)(i % (uint32_t)job->across), y = (int)(i / (uint32_t)job->across);

        job->cb[i] = job->cell_across > 0 ? shrink_cell(job, job->chroma[0], x, y) : 128;
        job->cr[i] = job->cell_across > 0 ? shrink_cell(job, job->chroma[1], x, y) : 128;
        const uint32_t colour = (uint32_t)vdk_apart(job->cb[i], 128) + vdk_apart(job->cr[i], 128);
        sums->colour += colour;
        sums->coloured += colour >= VDK_COLOUR_CELL ? 1 : 0;
    }
}

__device__ void add_to_frame(uint64_t *sum, uint32_t own)
{
    if (own > 0)
        atomicAdd((unsigned long long *)sum, (unsigned long long)own);
}

__device__ void add_sums(VdkMotionControl *control, const Sums *own)
{
    __shared__ Sums all;

    if (vdk_thread() == 0)
        all = {{0, 0, 0}, 0, 0};
    __syncthreads();
    vdk_add_to(&all.light.back, own->light.back);
    vdk_add_to(&all.light.steady, own->light.steady);
    vdk_add_to(&all.light.flicker, own->light.flicker);
    vdk_add_to(&all.colour, own->colour);
    vdk_add_to(&all.coloured, own->coloured);
    __syncthreads();
    if (vdk_thread() > 0)
        return;
    add_to_frame(&control->back, all.light.back);
    add_to_frame(&control->steady, all.light.steady);
    add_to_frame(&control->flicker, all.light.flicker);
    add_to_frame(&control->colour, all.colour);
    add_to_frame(&control->coloured, all.coloured);
}

/* --- light, by one block -----------------------------------------------------------------------*/

/* Where sampled pixel i of n lies. */
__device__ int64_t sampled(const VdkMotionJob *job, uint32_t i)
{
    uint32_t across = ((uint32_t)job->width + VDK_LIGHT_STEP - 1) / VDK_LIGHT_STEP;

    return (int64_t)(i / across) * VDK_LIGHT_STEP * job->width +
           (int64_t)(i % across) * VDK_LIGHT_STEP;
}

__device__ uint32_t n_sampled(const VdkMotionJob *job)
{
    return ((uint32_t)job->width + VDK_LIGHT_STEP - 1) / VDK_LIGHT_STEP *
           (((uint32_t)job->height + VDK_LIGHT_STEP - 1) / VDK_LIGHT_STEP);
}

#define BINS (VDK_LIGHT_BINS / (int)VDK_WARP) /* of a lane */

/* Takes a lane's counts, and leaves 0 for the next frame. */
__device__ void take_counts(uint32_t *counts, uint32_t own[BINS])
{
    uint4 *pieces = (uint4 *)counts;

    for (int i = 0; i < BINS / 4; i++) {
        const uint4 piece = pieces[i];

        own[4 * i] = piece.x;
        own[4 * i + 1] = piece.y;
        own[4 * i + 2] = piece.z;
        own[4 * i + 3] = piece.w;
        pieces[i] = {0, 0, 0, 0};
    }
}

__device__ uint32_t lane_sum(uint32_t value)
{
    return __shfl_sync(0xffffffffu, vdk_warp_sum(value), 0);
}

/* One warp. The median is where the running sum first exceeds half of all. */
__device__ void look_at_band(uint32_t *counts, VdkLightBand *band)
{
    const unsigned all = 0xffffffffu, lane = vdk_thread() % VDK_WARP;
    uint32_t own[BINS], sum = 0, quiet = 0, noise = 0;

    take_counts(counts + lane * BINS, own);
    for (int i = 0; i < BINS; i++) {
        const int way = vdk_light_noise((int)lane * BINS + i);

        sum += own[i];
        quiet += way >= 0 ? own[i] : 0;
        noise += way >= 0 ? (uint32_t)way * own[i] : 0;
    }
    quiet = lane_sum(quiet);
    noise = lane_sum(noise);
    uint32_t up_to = sum;
    for (unsigned step = 1; step < VDK_WARP; step *= 2) {
        uint32_t below = __shfl_up_sync(all, up_to, step);

        up_to += lane >= step ? below : 0;
    }
    uint32_t n = __shfl_sync(all, up_to, VDK_WARP - 1);
    uint32_t running = up_to - sum;
    int at = VDK_LIGHT_BINS - 1;
    for (int i = 0; i < BINS; i++) {
        running += own[i];
        if (running > n / 2)
            at = min(at, (int)lane * BINS + i);
    }
    for (unsigned step = VDK_WARP / 2; step > 0; step /= 2)
        at = min(at, __shfl_down_sync(all, at, step));
    if (lane == 0) {
        band->n = n;
        band->median = at - 128;
        band->quiet = quiet;
        band->noise = noise;
    }
}

/* How many of the sample the background describes as it is, and in the new light. */
__device__ void count_agreeing(const VdkMotionJob *job, const VdkLight *light, uint32_t *before,
                               uint32_t *after)
{
    uint32_t n = n_sampled(job), as_it_is = 0, relit = 0;

    for (uint32_t i = vdk_thread(); i < n; i += vdk_threads()) {
        int64_t at = sampled(job, i);
        const uint8_t mean = job->back.mean[at];
        const uint8_t lit = vdk_pixel_relit(mean, (int32_t)light->slope, (int32_t)light->offset);

        as_it_is += vdk_pixel_alike(mean, job->now[at]);
        relit += vdk_pixel_alike(lit, job->now[at]);
    }
    vdk_add_to(before, as_it_is);
    vdk_add_to(after, relit);
}

/* The counts are taken whether they are of use or not, and are 0 for the next frame. */
__device__ void find_light(const VdkMotionJob *job)
{
    __shared__ VdkLightBand bands[VDK_LIGHT_BANDS];
    __shared__ VdkLight light;
    __shared__ uint32_t before, after, other;
    const unsigned thread = vdk_thread();
    const uint32_t n = n_sampled(job);

    for (unsigned band = thread / VDK_WARP; band < VDK_LIGHT_BANDS;
         band += vdk_threads() / VDK_WARP)
        look_at_band(job->counts + band * VDK_LIGHT_BINS, &bands[band]);
    __syncthreads();
    if (job->control->seeding) /* the same for all */
        return;
    if (thread == 0) {
        before = after = 0;
        light.blinds = false;
        other = vdk_light_fit(bands, n, &light) && vdk_light_is_other(&light);
        job->back.state->noise = vdk_noise_of(bands);
        job->control->blinds = light.blinds;
    }
    __syncthreads();
    if (other) /* the same for the whole block */
        count_agreeing(job, &light, &before, &after);
    __syncthreads();
    if (thread == 0 && other && vdk_light_helps(before, after, n)) {
        job->control->slope = (int32_t)light.slope;
        job->control->offset = (int32_t)light.offset;
        job->control->dark = (int32_t)vdk_light_change_at(&light, VDK_LIGHT_DARK);
        job->control->bright = (int32_t)vdk_light_change_at(&light, VDK_LIGHT_BRIGHT);
    }
}

/* The last block: what the other kernels of this frame have to know. */
__device__ void prepare(const VdkMotionJob *job)
{
    VdkMotionControl *control = job->control;
    __shared__ uint32_t counted;

    if (vdk_thread() == 0) {
        VdkMotionState *state = job->back.state;
        const uint64_t cells = (uint64_t)job->across * (uint64_t)job->down;

        counted = state->seeded;
        control->seeding =
            vdk_motion_begin(state, job->elapsed_us, (uint64_t)job->width * (uint64_t)job->height,
                             control->coloured, cells);
        control->primed = !control->seeding && vdk_primed(state);
        control->shadows = control->colour >= VDK_COLOUR_LEAST * cells;
        control->brightness =
            control->seeding ? 0 : vdk_brightness_of(control->back, n_sampled(job));
        control->raw = control->clean = control->still = control->n_roots = 0;
        control->textured = control->kept = control->light = control->blinds = 0;
        control->slope = control->offset = control->dark = control->bright = 0;
        if (!control->seeding) {
            control->by = vdk_learning(state, job->elapsed_us, job->threshold);
            control->threshold =
                vdk_threshold(state, job->threshold,
                              vdk_flicker_of(control->flicker, control->steady), control->by.young);
        }
        control->back = control->steady = control->flicker = 0;
        control->colour = control->coloured = 0;
    }
    __syncthreads();
    if (counted)
        find_light(job);
}

/*
 * A warp makes pixels of one row. Sixteen of them are as many pieces of 16 bytes of a row of luma
 * as the factor says, whatever it is: so each byte is read once, a piece a lane, and all are
 * aligned where luma is.
 */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_shrink(const __grid_constant__ VdkMotionJob job)
{
    __shared__ Columns columns[VDK_TILE_Y];
    const int x = (int)blockIdx.x * vdk_shrink_across(job.factor);
    const int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);
    const bool counts = job.back.state->seeded != 0;
    Sums sums = {{0, 0, 0}, 0, 0};

    if (y < job.height && job.factor <= VDK_SHRINK_MOST)
        shrink_row(&job, x, y, &columns[threadIdx.y], counts, &sums.light);
    else if (y < job.height)
        shrink_box(&job, x, y, counts, &sums.light);
    shrink_chroma(&job, &sums);
    add_sums(job.control, &sums);
    if (vdk_is_last_block(&job.control->shrink_ticket))
        prepare(&job);
}
VDK_KERNEL(vdk_motion_shrink)
