#include "kernels/device.h"

#include "kernels/motion-labels.h"

/* --- learn ------------------------------------------------------------------------------------*/

/* A cell of two by two pixels, of which there are fewer at the picture's edge. */
typedef struct Cell {
    int x, y;   /* of cells */
    int x1, y1; /* behind its last pixel */
} Cell;

__device__ bool moves_at(const VdkMotionJob *job, int x, int y)
{
    return (job->moves[(int64_t)y * job->width + x] & VDK_MOVES) != 0;
}

/* Whether a pixel is not learnt: it moves, or differs and has something that moves in its window.
 */
__device__ bool is_held(const VdkMotionJob *job, int x, int y)
{
    if (moves_at(job, x, y))
        return true;
    if (!job->raw[(int64_t)y * job->width + x])
        return false;
    for (int j = max(y - VDK_MARGIN, 0); j <= min(y + VDK_MARGIN, job->height - 1); j++)
        for (int i = max(x - VDK_MARGIN, 0); i <= min(x + VDK_MARGIN, job->width - 1); i++)
            if (moves_at(job, i, j))
                return true;
    return false;
}

/* Whether it stands still at the rim of what is held, and the background has the stronger edges. */
__device__ bool is_ghost(const VdkMotionJob *job, int x, int y)
{
    const int64_t at = (int64_t)y * job->width + x;

    if (!(job->moves[at] & VDK_EDGED) || !is_held(job, x, y))
        return false;
    return !(is_held(job, max(x - 1, 0), y) && is_held(job, min(x + 1, job->width - 1), y) &&
             is_held(job, x, max(y - 1, 0)) && is_held(job, x, min(y + 1, job->height - 1)));
}

/* The sample becomes the picture at pixel `from`. */
__device__ void put(const VdkMotionJob *job, uint32_t sample, uint32_t at, uint32_t from)
{
    const uint64_t to = sample * job->back.room + at;

    job->back.luma[to] = job->now[from];
    job->back.census[to] = job->census[from];
}

__device__ void put_cell(const VdkMotionJob *job, uint32_t sample, uint32_t at, uint32_t from)
{
    const uint64_t to = sample * job->back.cell_room + at;

    job->back.cb[to] = job->cb[from];
    job->back.cr[to] = job->cr[from];
}

/* What is kept of a pixel beside its samples. Answers whether it moves and stands still. */
__device__ uint32_t keep(const VdkMotionJob *job, uint32_t at, bool held, uint16_t drawn,
                         uint32_t own)
{
    const VdkBackground *back = &job->back;
    const VdkLearning *by = &job->control->by;
    const uint8_t now = job->now[at], grey = held ? back->luma[own * back->room + at] : now;

    back->wider[at] = vdk_pixel_wider(back->wider[at], job->raw[at] != 0, held, drawn, by);
    back->mean[at] = vdk_pixel_towards(back->mean[at], grey, by->steps);
    return (job->moves[at] & VDK_MOVES) != 0 && back->still[at] > VDK_STILL_GHOST;
}

__device__ uint32_t learn_pixel(const VdkMotionJob *job, int x, int y, bool held,
                                const VdkLesson *lesson, bool first)
{
    const VdkLearning *by = &job->control->by;
    const uint32_t at = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;
    const uint32_t drawn = vdk_draw_pixel(at, lesson->key);
    const uint16_t own = (uint16_t)drawn, near = (uint16_t)(drawn >> 16);
    const uint32_t still = first ? keep(job, at, held, own, lesson->own) : 0;

    if (lesson->writes_own && !held && own < by->learn)
        put(job, lesson->own, at, at);
    if (first && held && job->back.still[at] > VDK_STILL_ABSORB && near < by->absorb)
        put(job, lesson->fast, at, at);
    if (held && own < by->haunt && is_ghost(job, x, y)) {
        put(job, lesson->fast, at, at);
        put(job, (lesson->fast + 1) % VDK_SAMPLES_FAST, at, at);
    }
    const int nx = x + lesson->dx, ny = y + lesson->dy;
    if (lesson->writes_near && near < by->learn && nx >= 0 && ny >= 0 && nx < job->width &&
        ny < job->height && !is_held(job, nx, ny))
        put(job, lesson->near, at, (uint32_t)ny * (uint32_t)job->width + (uint32_t)nx);
    return still;
}

__device__ Cell cell_of(const VdkMotionJob *job, int x, int y)
{
    return {x, y, min(2 * x + 2, job->width), min(2 * y + 2, job->height)};
}

__device__ bool cell_is_held(const VdkMotionJob *job, const Cell *cell)
{
    for (int y = 2 * cell->y; y < cell->y1; y++)
        for (int x = 2 * cell->x; x < cell->x1; x++)
            if (is_held(job, x, y))
                return true;
    return false;
}

__device__ bool cell_is_still(const VdkMotionJob *job, const Cell *cell)
{
    for (int y = 2 * cell->y; y < cell->y1; y++)
        for (int x = 2 * cell->x; x < cell->x1; x++)
            if (job->back.still[(int64_t)y * job->width + x] > VDK_STILL_ABSORB &&
                is_held(job, x, y))
                return true;
    return false;
}

__device__ bool cell_is_ghost(const VdkMotionJob *job, const Cell *cell)
{
    for (int y = 2 * cell->y; y < cell->y1; y++)
        for (int x = 2 * cell->x; x < cell->x1; x++)
            if (is_ghost(job, x, y))
                return true;
    return false;
}

__device__ void learn_chroma(const VdkMotionJob *job, const Cell *cell, const VdkLesson *lesson,
                             bool first, bool held)
{
    const VdkBackground *back = &job->back;
    const VdkLearning *by = &job->control->by;
    const uint32_t at = (uint32_t)cell->y * (uint32_t)job->across + (uint32_t)cell->x;
    const uint32_t drawn = vdk_draw_cell(at, lesson->key);
    const uint16_t own = (uint16_t)drawn, near = (uint16_t)(drawn >> 16);

    if (first) {
        const uint64_t its = lesson->own * back->cell_room + at;

        back->mean_cb[at] =
            vdk_pixel_towards(back->mean_cb[at], held ? back->cb[its] : job->cb[at], by->steps);
        back->mean_cr[at] =
            vdk_pixel_towards(back->mean_cr[at], held ? back->cr[its] : job->cr[at], by->steps);
    }
    if (lesson->writes_own && !held && own < by->learn)
        put_cell(job, lesson->own, at, at);
    if (first && held && near < by->absorb && cell_is_still(job, cell))
        put_cell(job, lesson->fast, at, at);
    if (held && own < by->haunt && cell_is_ghost(job, cell)) {
        put_cell(job, lesson->fast, at, at);
        put_cell(job, (lesson->fast + 1) % VDK_SAMPLES_FAST, at, at);
    }
    const int nx = cell->x + lesson->dx, ny = cell->y + lesson->dy;
    if (!lesson->writes_near || near >= by->learn || nx < 0 || ny < 0 || nx >= job->across ||
        ny >= job->down)
        return;
    const Cell there = cell_of(job, nx, ny);
    if (!cell_is_held(job, &there))
        put_cell(job, lesson->near, at, (uint32_t)ny * (uint32_t)job->across + (uint32_t)nx);
}

/* One thread: a cell and its pixels. Answers how many of them move and stand still. */
__device__ uint32_t learn(const VdkMotionJob *job, int x, int y)
{
    const VdkLearning *by = &job->control->by;
    const Cell cell = cell_of(job, x, y);
    uint32_t held = 0, still = 0; /* held: a bit a pixel */

    for (int py = 2 * y; py < cell.y1; py++)
        for (int px = 2 * x; px < cell.x1; px++)
            held |= is_held(job, px, py) ? 1u << (2 * (py & 1) + (px & 1)) : 0;
    for (uint32_t i = 0; i < by->lessons; i++) {
        const VdkLesson lesson = vdk_lesson(by, i);

        for (int py = 2 * y; py < cell.y1; py++)
            for (int px = 2 * x; px < cell.x1; px++)
                still += learn_pixel(job, px, py, held >> (2 * (py & 1) + (px & 1)) & 1, &lesson,
                                     i == 0);
        learn_chroma(job, &cell, &lesson, i == 0, held != 0);
    }
    return still;
}

/* --- join -------------------------------------------------------------------------------------*/

__device__ void join_with(const VdkMotionJob *job, uint32_t at, int x, int y)
{
    if (x < 0 || y < 0 || x >= job->width || y >= job->height)
        return;
    const uint32_t other = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;

    if (job->moves[other] & VDK_MOVES)
        vdk_join(job->labels, at, other);
}

/* Pixel x, y is the first behind a border: left of it for a column, above it for a row. */
__device__ void join_across(const VdkMotionJob *job, int x, int y, bool column)
{
    const uint32_t at = (uint32_t)y * (uint32_t)job->width + (uint32_t)x;

    if (!(job->moves[at] & VDK_MOVES))
        return;
    for (int along = -1; along <= 1; along++) {
        if (column)
            join_with(job, at, x - 1, y + along);
        else
            join_with(job, at, x + along, y - 1);
    }
}

/* The i-th pixel behind a border: columns first. There are fewer than a quarter of all. */
__device__ void join_border(const VdkMotionJob *job, uint32_t i)
{
    const uint32_t width = (uint32_t)job->width, height = (uint32_t)job->height;
    const uint32_t behind_columns = (width - 1) / VDK_TILE_X * height;
    const uint32_t behind_rows = (height - 1) / VDK_TILE_Y * width;

    if (i < behind_columns) {
        join_across(job, (int)((i / height + 1) * VDK_TILE_X), (int)(i % height), true);
    } else if (i < behind_columns + behind_rows) {
        i -= behind_columns;
        join_across(job, (int)(i % width), (int)((i / width + 1) * VDK_TILE_Y), false);
    }
}

/* --- report -----------------------------------------------------------------------------------*/

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

/* The thread's best root, of so large components, of those after the one that was placed last. */
__device__ Candidate best_after(const VdkMotionJob *job, uint32_t least, const Candidate *placed)
{
    Candidate best = {.root = VDK_NO_ROOT};

    for (uint32_t i = vdk_thread(); i < job->control->n_roots; i += vdk_threads()) {
        Candidate one = {.root = job->roots[i]};
        const VdkComponent *component = vdk_component_of(job, one.root);

        if (job->labels[one.root] != one.root || component->area < least ||
            one.root == placed->root)
            continue;
        one.box = vdk_box_of(component);
        if (placed->root != VDK_NO_ROOT && !comes_before(placed, &one))
            continue;
        if (comes_before(&one, &best))
            best = one;
    }
    return best;
}

/* One block: the n largest, each the best of what is left. A thread looks for its next one when its
 * last one was placed. */
__device__ void place_boxes(const VdkMotionJob *job, uint32_t least, VdkBox *boxes, uint32_t n)
{
    __shared__ Candidate best[VDK_BLOCK];
    __shared__ Candidate placed;
    const unsigned thread = vdk_thread();

    if (thread == 0)
        placed.root = VDK_NO_ROOT;
    __syncthreads();
    Candidate own = n > 0 ? best_after(job, least, &placed) : placed;
    for (uint32_t place = 0; place < n; place++) {
        best[thread] = own;
        __syncthreads();
        for (unsigned half = VDK_BLOCK / 2; half > 0; half /= 2) {
            if (thread < half && comes_before(&best[thread + half], &best[thread]))
                best[thread] = best[thread + half];
            __syncthreads();
        }
        if (thread == 0) {
            placed = best[0];
            boxes[place] = placed.box;
        }
        __syncthreads();
        if (own.root == placed.root && own.root != VDK_NO_ROOT)
            own = best_after(job, least, &placed);
    }
}

/* One block: n boxes, whose first is the largest component; where there is none, that alone. */
__device__ void place_largest(const VdkMotionJob *job, uint32_t found, uint32_t n)
{
    VdkMotionReport *report = job->report;

    if (n == 0)
        place_boxes(job, 1, &report->largest, min(found, 1u));
    else
        place_boxes(job, job->least_area, report->boxes, n);
    if (n > 0 && vdk_thread() == 0)
        report->largest = report->boxes[0];
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

__device__ void keep_state(const VdkMotionJob *job)
{
    VdkMotionControl *control = job->control;
    VdkMotionState *state = job->back.state;
    const VdkMotionState before = *state;

    state->clean = control->clean;
    state->still = control->still;
    state->textured = control->textured;
    state->kept = control->kept;
    state->light = control->light =
        vdk_light_of(state, &before, (uint64_t)job->width * (uint64_t)job->height, control->blinds);
}

__device__ void write_heads(const VdkMotionJob *job)
{
    VdkMotionReport *report = job->report;
    const VdkMotionControl *control = job->control;

    if (!control->seeding)
        keep_state(job);
    report->width = (uint32_t)job->width;
    report->height = (uint32_t)job->height;
    report->raw = control->primed ? control->raw : 0;
    report->clean = control->primed ? control->clean : 0;
    report->noise = job->back.state->noise;
    report->primed = control->primed;
    report->light = control->light != VDK_LIGHT_SAME;
    report->anew = control->seeding;
    report->brightness = control->brightness;
    report->dark = control->dark;
    report->bright = control->bright;
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
    for (uint32_t i = vdk_thread(); i < job->control->n_roots; i += vdk_threads())
        add_part(job, job->roots[i]);
    __syncthreads();
    if (vdk_thread() == 0)
        write_heads(job);
    __syncthreads();
    if (job->control->light == VDK_LIGHT_SAME)          /* the same for the whole block */
        count_components(job, &found, &boxes, &moving); /* no roots: none */
    __syncthreads();
    uint32_t n = min(boxes, (uint32_t)VDK_MAX_BOXES);
    if (vdk_thread() == 0) {
        job->report->components = found;
        job->report->moving = moving;
        job->report->n_boxes = n;
    }
    place_largest(job, found, n);
}

/* A thread a cell, and a pixel behind a border as well. */
extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_finish(const __grid_constant__ VdkMotionJob job)
{
    __shared__ uint32_t still;
    const VdkMotionControl *control = job.control;
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    uint32_t own = 0;

    if (threadIdx.x == 0)
        still = 0;
    __syncthreads();
    if (i < (uint32_t)job.across * (uint32_t)job.down && !control->seeding)
        own = learn(&job, (int)(i % (uint32_t)job.across), (int)(i / (uint32_t)job.across));
    if (control->primed)
        join_border(&job, i);
    vdk_add_to(&still, own);
    __syncthreads();
    if (threadIdx.x == 0 && still > 0)
        atomicAdd(&job.control->still, still);
    if (vdk_is_last_block(&job.control->finish_ticket))
        write_report(&job);
}
VDK_KERNEL(vdk_motion_finish)

/* --- mask -------------------------------------------------------------------------------------*/

extern "C" __global__ void __launch_bounds__(VDK_BLOCK)
    vdk_motion_mask(const __grid_constant__ VdkMotionJob job)
{
    int x = (int)(blockIdx.x * VDK_TILE_X + threadIdx.x);
    int y = (int)(blockIdx.y * VDK_TILE_Y + threadIdx.y);

    if (x >= job.width || y >= job.height)
        return;
    uint32_t at = (uint32_t)y * (uint32_t)job.width + (uint32_t)x;
    bool moves = job.control->primed && job.control->light == VDK_LIGHT_SAME &&
                 (job.moves[at] & VDK_MOVES) &&
                 vdk_component_of(&job, vdk_root_of(job.labels, at))->area >= job.least_area;

    job.mask[(int64_t)y * job.mask_pitch + x] = moves ? 255 : 0;
}
VDK_KERNEL(vdk_motion_mask)
