#include "kernels/device.h"

#include "kernels/light-pixel.h"
#include "kernels/motion-cuda.h"

/* --- shrink -----------------------------------------------------------------------------------*/

__device__ uint32_t sum_of_any(const uint8_t *box, int pitch, int factor)
{
    uint32_t sum = 0;

    for (int y = 0; y < factor; y++)
        for (int x = 0; x < factor; x++)
            sum += box[(int64_t)y * pitch + x];
    return sum;
}

/* Rows of four as one word: what a warp reads of a row is then 128 bytes in one piece. */
__device__ uint32_t sum_of_four(const uint8_t *box, int pitch)
{
    uint32_t pairs = 0;

    for (int y = 0; y < 4; y++) {
        uint32_t row = *(const uint32_t *)(box + (int64_t)y * pitch);

        pairs += (row & 0x00ff00ff) + ((row >> 8) & 0x00ff00ff);
    }
    return (pairs & 0xffff) + (pairs >> 16);
}

__device__ uint32_t sum_of_two(const uint8_t *box, int pitch)
{
    uint32_t a = *(const uint16_t *)box, b = *(const uint16_t *)(box + pitch);

    return (a & 255) + (a >> 8) + (b & 255) + (b >> 8);
}

__device__ uint8_t shrunk_at(const VdkMotionJob *job, int x, int y)
{
    const uint8_t *box = job->luma + (int64_t)y * job->factor * job->pitch + x * job->factor;
    uint64_t alignment = (uint64_t)job->luma | (uint64_t)job->pitch;
    uint32_t n = (uint32_t)job->factor * (uint32_t)job->factor;

    if (job->factor == 1)
        return *box;
    if (job->factor == 2 && alignment % 2 == 0)
        return vdk_pixel_mean(sum_of_two(box, job->pitch), n);
    if (job->factor == 4 && alignment % 4 == 0)
        return vdk_pixel_mean(sum_of_four(box, job->pitch), n);
    return vdk_pixel_mean(sum_of_any(box, job->pitch, job->factor), n);
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

/* One warp: eight bins a lane. The median is where the running sum first exceeds half of all. */
__device__ void look_at_band(const uint32_t *counts, VdkLightBand *band)
{
    const unsigned all = 0xffffffffu, lane = vdk_thread() % VDK_WARP;
    const unsigned bins = VDK_LIGHT_BINS / VDK_WARP;
    uint32_t own = 0;

    for (unsigned i = 0; i < bins; i++)
        own += counts[lane * bins + i];
    uint32_t up_to = own;
    for (unsigned step = 1; step < VDK_WARP; step *= 2) {
        uint32_t below = __shfl_up_sync(all, up_to, step);

        up_to += lane >= step ? below : 0;
    }
    uint32_t n = __shfl_sync(all, up_to, VDK_WARP - 1);
    uint32_t running = up_to - own;
    int at = VDK_LIGHT_BINS - 1;
    for (unsigned i = 0; i < bins; i++) {
        running += counts[lane * bins + i];
        if (running > n / 2 && (int)(lane * bins + i) < at)
            at = (int)(lane * bins + i);
    }
    for (unsigned step = VDK_WARP / 2; step > 0; step /= 2)
        at = min(at, __shfl_down_sync(all, at, step));
    if (lane == 0) {
        band->n = n;
        band->median = at - 128;
    }
}

/* How many of the sample the background describes as it is, and in the new light. */
__device__ void count_agreeing(const VdkMotionJob *job, const VdkLight *light, uint32_t *before,
                               uint32_t *after)
{
    uint32_t n = n_sampled(job), as_it_is = 0, relit = 0;

    for (uint32_t i = vdk_thread(); i < n; i += vdk_threads()) {
        int64_t at = sampled(job, i);
        int16_t mean = job->mean[at];
        int16_t lit = vdk_pixel_relit(mean, (int32_t)light->slope, (int32_t)light->offset);

        as_it_is += vdk_pixel_agrees(mean, job->now[at]);
        relit += vdk_pixel_agrees(lit, job->now[at]);
    }
    vdk_add_to(before, as_it_is);
    vdk_add_to(after, relit);
}

__device__ void find_light(const VdkMotionJob *job)
{
    __shared__ uint32_t counts[VDK_LIGHT_COUNTS];
    __shared__ VdkLightBand bands[VDK_LIGHT_BANDS];
    __shared__ VdkLight light;
    __shared__ uint32_t before, after, other;
    const unsigned thread = vdk_thread();
    const uint32_t n = n_sampled(job);

    for (unsigned i = thread; i < VDK_LIGHT_COUNTS; i += vdk_threads())
        counts[i] = 0;
    __syncthreads();
    for (uint32_t i = thread; i < n; i += vdk_threads()) {
        int64_t at = sampled(job, i);

        atomicAdd(&counts[vdk_light_bin(job->mean[at], job->now[at])], 1u);
    }
    __syncthreads();
    for (unsigned band = thread / VDK_WARP; band < VDK_LIGHT_BANDS;
         band += vdk_threads() / VDK_WARP)
        look_at_band(counts + band * VDK_LIGHT_BINS, &bands[band]);
    __syncthreads();
    if (thread == 0) {
        before = after = 0;
        other = vdk_light_fit(bands, n, &light) && vdk_light_is_other(&light);
    }
    __syncthreads();
    if (other) /* the same for the whole block */
        count_agreeing(job, &light, &before, &after);
    __syncthreads();
    if (thread == 0 && other && vdk_light_helps(before, after, n)) {
        job->control->slope = (int32_t)light.slope;
        job->control->offset = (int32_t)light.offset;
    }
}

/* The last block: what the other kernels of this frame have to know. */
__device__ void prepare(const VdkMotionJob *job)
{
    VdkMotionControl *control = job->control;
    __shared__ uint32_t seeded;

    if (vdk_thread() == 0) {
        VdkMotionState *state = job->state;

        seeded = state->seeded;
        if (seeded) {
            state->age_us += job->elapsed_us;
            state->owed_us += job->elapsed_us;
        }
        control->seeding = !seeded;
        control->primed = seeded && vdk_primed(state);
        control->learning = control->raw = control->clean = control->n_roots = 0;
        control->slope = control->offset = 0;
        control->noise = 0;
    }
    __syncthreads();
    if (seeded)
        find_light(job);
}

/* A warp makes 32 pixels of one row, so that it reads whole pieces of as few rows as there are. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK) vdk_motion_shrink(VdkMotionJob job)
{
    int x = (int)(blockIdx.x * VDK_TILE_X + threadIdx.x);
    int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);

    if (x < job.width && y < job.height)
        job.now[(int64_t)y * job.width + x] = shrunk_at(&job, x, y);
    if (vdk_is_last_block(&job.control->shrink_ticket))
        prepare(&job);
}
VDK_KERNEL(vdk_motion_shrink)
