#include "kernels/device.h"

#include "kernels/light-pixel.h"
#include "kernels/motion-labels.h"

/* --- finish -----------------------------------------------------------------------------------*/

/* Answers the pixel's noise where it is to be known anew. */
__device__ uint32_t learn(const VdkMotionJob *job, uint32_t at)
{
    const VdkMotionControl *control = job->control;
    const VdkLearning *by = &control->lesson;
    uint8_t now = job->now[at];
    int16_t mean = vdk_pixel_relit(job->mean[at], control->slope, control->offset);

    job->mean[at] = mean;
    if (!control->learning)
        return 0;
    int16_t noise = job->noise[at];
    bool moves = control->primed && job->labels[at] != VDK_NO_ROOT;
    uint16_t moving = vdk_pixel_moving_time(job->moving[at], moves ? 0xffff : 0, by->time);
    bool settled = moving >= by->patience;
    if (!moves) {
        job->noise[at] =
            vdk_pixel_learn_noise(noise, vdk_pixel_distance(mean, now), by->noise_rate);
        job->mean[at] = vdk_pixel_learn_mean(mean, now, by->mean_rate);
    }
    if (settled)
        job->mean[at] = (int16_t)(now * VDK_GREY);
    job->moving[at] = settled ? 0 : moving;
    return (uint32_t)job->noise[at];
}

__device__ void seed(const VdkMotionJob *job, uint32_t at)
{
    job->mean[at] = (int16_t)(job->now[at] * VDK_GREY);
    job->noise[at] = VDK_NOISE_FIRST;
    job->moving[at] = 0;
}

/* A part whose tile's root hangs on another one is added to the component of that. */
__device__ void add_part(const VdkMotionJob *job, uint32_t pixel)
{
    uint32_t root = vdk_root_of(job->labels, pixel);

    if (root == pixel)
        return;
    const VdkComponent *part = vdk_component_of(job, pixel);
    VdkComponent *whole = vdk_component_of(job, root);

    atomicAdd((unsigned long long *)&whole->sum_x, (unsigned long long)part->sum_x);
    atomicAdd((unsigned long long *)&whole->sum_y, (unsigned long long)part->sum_y);
    atomicAdd(&whole->area, part->area);
    atomicMin(&whole->x0, part->x0);
    atomicMin(&whole->y0, part->y0);
    atomicMax(&whole->x1, part->x1);
    atomicMax(&whole->y1, part->y1);
}

/* A candidate for the next place in the report. Equal boxes of two components take both places. */
typedef struct Candidate {
    VdkBox box;
    uint32_t root; /* VDK_NO_ROOT: none */
} Candidate;

__device__ bool comes_before(const Candidate *a, const Candidate *b)
{
    if (a->root == VDK_NO_ROOT || b->root == VDK_NO_ROOT)
        return a->root != VDK_NO_ROOT;
    if (vdk_box_comes_before(&a->box, &b->box))
        return true;
    return !vdk_box_comes_before(&b->box, &a->box) && a->root < b->root;
}

/* The thread's best root of those that come after the one which was placed last. */
__device__ Candidate best_after(const VdkMotionJob *job, const Candidate *placed)
{
    Candidate best = {.root = VDK_NO_ROOT};

    for (uint32_t i = vdk_thread(); i < job->control->n_roots; i += vdk_threads()) {
        Candidate one = {.root = job->roots[i]};
        const VdkComponent *component = vdk_component_of(job, one.root);

        if (job->labels[one.root] != one.root || component->area < job->least_area)
            continue;
        one.box = vdk_box_of(component);
        if (placed->root != VDK_NO_ROOT && !comes_before(placed, &one))
            continue;
        if (comes_before(&one, &best))
            best = one;
    }
    return best;
}

/* One block: the largest boxes, each the best of what is left. */
__device__ void place_boxes(const VdkMotionJob *job, uint32_t n)
{
    __shared__ Candidate best[VDK_BLOCK];
    __shared__ Candidate placed;
    const unsigned thread = vdk_thread();

    if (thread == 0)
        placed.root = VDK_NO_ROOT;
    __syncthreads();
    for (uint32_t place = 0; place < n; place++) {
        best[thread] = best_after(job, &placed);
        __syncthreads();
        for (unsigned half = VDK_BLOCK / 2; half > 0; half /= 2) {
            if (thread < half && comes_before(&best[thread + half], &best[thread]))
                best[thread] = best[thread + half];
            __syncthreads();
        }
        if (thread == 0) {
            placed = best[0];
            job->report->boxes[place] = placed.box;
        }
        __syncthreads();
    }
}

/* One block: how many components there are, and how many of them are boxes. */
__device__ void count_components(const VdkMotionJob *job, uint32_t *found, uint32_t *boxes,
                                 uint32_t *moving)
{
    uint32_t own_found = 0, own_boxes = 0, own_moving = 0;

    for (uint32_t i = vdk_thread(); i < job->control->n_roots; i += vdk_threads()) {
        uint32_t root = job->roots[i], area = vdk_component_of(job, root)->area;

        if (job->labels[root] != root)
            continue;
        own_found++;
        if (area >= job->least_area) {
            own_boxes++;
            own_moving += area;
        }
    }
    vdk_add_to(found, own_found);
    vdk_add_to(boxes, own_boxes);
    vdk_add_to(moving, own_moving);
}

__device__ void write_heads(const VdkMotionJob *job)
{
    VdkMotionReport *report = job->report;
    const VdkMotionControl *control = job->control;
    uint64_t pixels = (uint64_t)job->width * (uint64_t)job->height;

    if (control->seeding)
        *job->state = vdk_motion_state_seeded();
    else if (control->learning)
        job->state->noise = (uint32_t)(control->noise * (256 / VDK_GREY) / pixels);
    report->width = (uint32_t)job->width;
    report->height = (uint32_t)job->height;
    report->raw = control->raw;
    report->noise = job->state->noise;
    report->primed = control->primed;
}

/* The last block. */
__device__ void write_report(const VdkMotionJob *job)
{
    __shared__ uint32_t found, boxes, moving;
    uint32_t *words = (uint32_t *)job->report;

    for (unsigned i = vdk_thread(); i < sizeof *job->report / sizeof *words; i += vdk_threads())
        words[i] = 0;
    if (vdk_thread() == 0)
        found = boxes = moving = 0;
    __syncthreads();
    if (vdk_thread() == 0)
        write_heads(job);
    count_components(job, &found, &boxes, &moving); /* no roots: none */
    __syncthreads();
    uint32_t n = min(boxes, (uint32_t)VDK_MAX_BOXES);
    if (vdk_thread() == 0) {
        job->report->components = found;
        job->report->moving = moving;
        job->report->n_boxes = n;
    }
    place_boxes(job, n);
}

/* A thread a pixel, and for the first of them a root as well: there are fewer of those. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK) vdk_motion_finish(VdkMotionJob job)
{
    __shared__ uint32_t noise;
    const uint32_t pixels = (uint32_t)job.width * (uint32_t)job.height;
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    uint32_t own = 0;

    if (threadIdx.x == 0)
        noise = 0;
    __syncthreads();
    if (i < pixels && job.control->seeding)
        seed(&job, i);
    else if (i < pixels)
        own = learn(&job, i);
    if (i < job.control->n_roots)
        add_part(&job, job.roots[i]);
    vdk_add_to(&noise, own);
    __syncthreads();
    if (threadIdx.x == 0 && noise > 0)
        atomicAdd((unsigned long long *)&job.control->noise, (unsigned long long)noise);
    if (vdk_is_last_block(&job.control->finish_ticket))
        write_report(&job);
}
VDK_KERNEL(vdk_motion_finish)

/* --- mask -------------------------------------------------------------------------------------*/

extern "C" __global__ void __launch_bounds__(VDK_BLOCK) vdk_motion_mask(VdkMotionJob job)
{
    int x = (int)(blockIdx.x * VDK_TILE_X + threadIdx.x);
    int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);

    if (x >= job.width || y >= job.height)
        return;
    uint32_t at = (uint32_t)y * (uint32_t)job.width + (uint32_t)x;
    bool moves = job.control->primed && job.labels[at] != VDK_NO_ROOT &&
                 vdk_component_of(&job, vdk_root_of(job.labels, at))->area >= job.least_area;

    job.mask[(int64_t)y * job.mask_pitch + x] = moves ? 255 : 0;
}
VDK_KERNEL(vdk_motion_mask)
