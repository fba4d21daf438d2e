#include "kernels/motion-state.h"

#include <string.h>

/*
 * Components of the cleaned mask, 8-connected, by joining runs of rows. Nothing that leaves here
 * depends on the order of joining: sums, extremes and a sorted list do not.
 */

/* The first byte from x on that is value (0 or 255), or n. */
static int find(const uint8_t *row, int x, int n, uint8_t value)
{
    const uint8_t *at = x < n ? memchr(row + x, value, (size_t)(n - x)) : NULL;

    return at ? (int)(at - row) : n;
}

/* Paths are halved on the way. A parent is never later than its run. */
static uint32_t root_of(VdkRun *runs, uint32_t run)
{
    while (runs[run].parent != run) {
        runs[run].parent = runs[runs[run].parent].parent;
        run = runs[run].parent;
    }
    return run;
}

static void join(VdkRun *runs, uint32_t a, uint32_t b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

static uint32_t runs_of_row(const VdkMotionPlanes *planes, int y, uint32_t n)
{
    const uint8_t *row = planes->clean + (size_t)y * (size_t)planes->width;
    int x = find(row, 0, planes->width, 255);

    while (x < planes->width) {
        int end = find(row, x, planes->width, 0);

        planes->runs[n] = (VdkRun){(uint16_t)x, (uint16_t)end, (uint16_t)y, 0, n};
        n++;
        x = find(row, end, planes->width, 255);
    }
    return n;
}

/* Joins runs above..middle-1 with those of the next row, middle..end-1; corners touch. */
static void join_rows(VdkRun *runs, uint32_t above, uint32_t middle, uint32_t end)
{
    uint32_t below = middle;

    while (above < middle && below < end) {
        if (runs[above].x0 <= runs[below].x1 && runs[below].x0 <= runs[above].x1)
            join(runs, above, below);
        if (runs[above].x1 < runs[below].x1)
            above++;
        else
            below++;
    }
}

static uint32_t find_runs(const VdkMotionPlanes *planes)
{
    uint32_t above = 0, middle = 0;

    for (int y = 0; y < planes->height; y++) {
        uint32_t end = runs_of_row(planes, y, middle);

        join_rows(planes->runs, above, middle, end);
        above = middle;
        middle = end;
    }
    return middle;
}

static void add_run(VdkComponent *component, const VdkRun *run)
{
    uint32_t n = (uint32_t)(run->x1 - run->x0);

    component->area += n;
    component->sum_x += (uint64_t)(run->x0 + run->x1 - 1) * n / 2;
    component->sum_y += (uint64_t)run->y * n;
    if (run->x0 < component->x0)
        component->x0 = run->x0;
    if (run->x1 > component->x1)
        component->x1 = run->x1;
    component->y1 = (uint32_t)run->y + 1;
}

/* Runs come by rows and a root before its runs, so a component's number is given at its root. */
static uint32_t gather(VdkRun *runs, uint32_t n_runs, VdkComponent *components)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_runs; i++) {
        if (runs[i].parent == i) {
            components[n] = (VdkComponent){.x0 = runs[i].x0, .y0 = runs[i].y};
            runs[i].parent = n++;
        } else {
            /* An earlier run: its parent is a component's number by now. */
            runs[i].parent = runs[runs[i].parent].parent;
        }
        add_run(&components[runs[i].parent], &runs[i]);
    }
    return n;
}

static void insert_box(VdkMotionReport *report, VdkBox box)
{
    uint32_t at = report->n_boxes;

    while (at > 0 && vdk_box_comes_before(&box, &report->boxes[at - 1]))
        at--;
    if (at == VDK_MAX_BOXES)
        return;
    if (report->n_boxes < VDK_MAX_BOXES)
        report->n_boxes++;
    memmove(&report->boxes[at + 1], &report->boxes[at],
            (report->n_boxes - 1 - at) * sizeof(report->boxes[0]));
    report->boxes[at] = box;
}

static void take_largest(VdkMotionReport *report, const VdkComponent *component)
{
    if (component->area < report->largest.area)
        return;
    VdkBox box = vdk_box_of(component);
    if (vdk_box_comes_before(&box, &report->largest))
        report->largest = box;
}

static void paint_runs(const VdkMotionPlanes *planes, uint32_t n_runs, uint32_t least,
                       VdkPlane *mask)
{
    for (uint32_t i = 0; i < n_runs; i++) {
        const VdkRun *run = &planes->runs[i];

        if (planes->components[run->parent].area >= least)
            memset(mask->data + (ptrdiff_t)run->y * mask->pitch + run->x0, 255,
                   (size_t)(run->x1 - run->x0));
    }
}

void vdk_cpu_components(const VdkMotionPlanes *planes, int min_area, VdkPlane *mask,
                        VdkMotionReport *report)
{
    uint32_t least = vdk_least_area(planes->pixels, min_area);
    uint32_t n_runs = find_runs(planes);

    report->components = gather(planes->runs, n_runs, planes->components);
    for (uint32_t i = 0; i < report->components; i++) {
        const VdkComponent *component = &planes->components[i];

        report->clean += component->area;
        take_largest(report, component);
        if (component->area < least)
            continue;
        report->moving += component->area;
        insert_box(report, vdk_box_of(component));
    }
    if (mask)
        paint_runs(planes, n_runs, least, mask);
}
