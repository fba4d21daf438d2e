#include "kernels/motion-state.h"

#include <string.h>

/*
 * What one picture does to the background. Every pass reads only what none writes at another pixel,
 * so their order does not show. Chances are drawn a row at a time.
 */
#define ALL 0xff /* of a byte that selects */

/* Of one row of the picture: what each pass of it wants. */
typedef struct Row {
    const VdkMotionPlanes *planes;
    const VdkLearning *by;
    size_t at; /* of its first pixel */
    int y;
    const uint8_t *now; /* may be read VDK_EDGE beside it */
    const uint8_t *raw, *held;
    const uint8_t *above, *below; /* held, of the rows beside it; its own where there is none */
    bool any;                     /* any of it is held */
    uint16_t *own, *near;         /* what is drawn for each pixel */
    uint8_t *picked;              /* room for a row */
} Row;

/* --- drawing --- */

VDK_VECTOR static void draw_pixels(uint32_t first, uint32_t key, int n, uint16_t *restrict own,
                                   uint16_t *restrict near)
{
    for (int x = 0; x < n; x++) {
        const uint32_t drawn = vdk_draw_pixel(first + (uint32_t)x, key);

        own[x] = (uint16_t)drawn;
        near[x] = (uint16_t)(drawn >> 16);
    }
}

VDK_VECTOR static void draw_cells(uint32_t first, uint32_t key, int n, uint16_t *restrict own,
                                  uint16_t *restrict near)
{
    for (int x = 0; x < n; x++) {
        const uint32_t drawn = vdk_draw_cell(first + (uint32_t)x, key);

        own[x] = (uint16_t)drawn;
        near[x] = (uint16_t)(drawn >> 16);
    }
}

/* to becomes from where the chance is drawn and nothing moves. */
VDK_VECTOR static void write_resting(const uint8_t *restrict from, const uint8_t *restrict moves,
                                     const uint16_t *restrict drawn, uint16_t chance, int n,
                                     uint8_t *restrict to)
{
    for (int x = 0; x < n; x++) {
        const uint8_t take = (uint8_t)((drawn[x] < chance ? ALL : 0) & ~moves[x]);

        to[x] = (uint8_t)((from[x] & take) | (to[x] & ~take));
    }
}

/* --- what is kept of each pixel --- */

VDK_VECTOR static void or_rows(const uint8_t *restrict a, int n, uint8_t *restrict to)
{
    for (int x = 0; x < n; x++)
        to[x] |= a[x];
}

VDK_VECTOR static void hold_row(const uint8_t *restrict clean, const uint8_t *restrict raw,
                                const uint8_t *restrict crowd, int n, uint8_t *restrict held)
{
    for (int x = 0; x < n; x++)
        held[x] = (uint8_t)(clean[x] | ((raw[x] ? ALL : 0) & crowd[x]));
}

/*
 * What moves is not learnt, nor what differs and has something that moves in its window: what stays
 * would be eaten away from its corners.
 */
static void hold(const VdkMotionPlanes *planes)
{
    const size_t n = (size_t)planes->width, padded = n + 2 * VDK_MARGIN;
    uint8_t *rows = planes->rows, *crowd = rows + padded;

    for (int y = 0; y < planes->height; y++) {
        memset(rows, 0, padded);
        memset(crowd, 0, n);
        for (int j = y - VDK_MARGIN; j <= y + VDK_MARGIN; j++)
            if (j >= 0 && j < planes->height)
                or_rows(planes->clean + (size_t)j * n, (int)n, rows + VDK_MARGIN);
        for (int k = 0; k <= 2 * VDK_MARGIN; k++)
            or_rows(rows + k, (int)n, crowd);
        hold_row(planes->clean + (size_t)y * n,
                 planes->raw + ((size_t)y + VDK_MARGIN) * padded + VDK_MARGIN, crowd, (int)n,
                 planes->held + (size_t)y * n);
    }
}

VDK_VECTOR static void keep_radius(const Row *row, uint8_t *restrict wider)
{
    const uint8_t *restrict raw = row->raw, *restrict held = row->held;
    const uint16_t *restrict drawn = row->own;
    const VdkLearning by = *row->by;
    const int n = row->planes->width;

    for (int x = 0; x < n; x++)
        wider[x] = vdk_pixel_wider(wider[x], raw[x], held[x], drawn[x], &by);
}

/* The mean follows the picture, and where it moves the sample that is written next. */
VDK_VECTOR static void keep_mean(const uint8_t *restrict now, const uint8_t *restrict sample,
                                 const uint8_t *restrict moves, uint32_t steps, int n,
                                 uint8_t *restrict mean)
{
    for (int x = 0; x < n; x++) {
        const uint8_t grey = (uint8_t)((sample[x] & moves[x]) | (now[x] & ~moves[x]));

        mean[x] = vdk_pixel_towards(mean[x], grey, steps);
    }
}

/* --- samples of luma and census --- */

static uint8_t *sample_of(uint8_t *plane, size_t room, uint32_t sample, size_t at)
{
    return plane + sample * room + at;
}

/* Row y's sample becomes the picture at pixel i. */
static void put(const Row *row, uint32_t sample, int x)
{
    const VdkBackground *back = &row->planes->back;
    const size_t at = row->at + (size_t)x;

    *sample_of(back->luma, back->room, sample, at) = row->now[x];
    *sample_of(back->census, back->room, sample, at) = row->planes->census[at];
}

static void learn_own(const Row *row, const VdkLesson *lesson)
{
    const VdkBackground *back = &row->planes->back;
    const int n = row->planes->width;

    write_resting(row->now, row->held, row->own, row->by->learn, n,
                  sample_of(back->luma, back->room, lesson->own, row->at));
    write_resting(row->planes->census + row->at, row->held, row->own, row->by->learn, n,
                  sample_of(back->census, back->room, lesson->own, row->at));
}

static void learn_near(const Row *row, const VdkLesson *lesson)
{
    const VdkMotionPlanes *planes = row->planes;
    const VdkBackground *back = &planes->back;
    const int y = row->y + lesson->dy, left = lesson->dx < 0 ? 1 : 0;
    const int n = planes->width - (lesson->dx != 0 ? 1 : 0);

    if (y < 0 || y >= planes->height || n < 1)
        return;
    const size_t to = row->at + (size_t)left;
    const size_t from = (size_t)y * (size_t)planes->width + (size_t)(left + lesson->dx);
    const uint8_t *now = vdk_padded_row(planes, planes->now, y) + left + lesson->dx;
    write_resting(now, planes->held + from, row->near + left, row->by->learn, n,
                  sample_of(back->luma, back->room, lesson->near, to));
    write_resting(planes->census + from, planes->held + from, row->near + left, row->by->learn, n,
                  sample_of(back->census, back->room, lesson->near, to));
}

/* How strong the edges are around a pixel. */
static uint32_t edges_around(const VdkMotionPlanes *planes, uint8_t *plane, int x, int y)
{
    const ptrdiff_t pitch = (ptrdiff_t)vdk_padded(planes);
    uint32_t sum = 0;

    for (int j = y - VDK_GHOST_REACH < 0 ? 0 : y - VDK_GHOST_REACH;
         j <= y + VDK_GHOST_REACH && j < planes->height; j++) {
        const uint8_t *row = vdk_padded_row(planes, plane, j);

        for (int i = x - VDK_GHOST_REACH < 0 ? 0 : x - VDK_GHOST_REACH;
             i <= x + VDK_GHOST_REACH && i < planes->width; i++)
            sum += (uint32_t)vdk_apart(row[i + 1], row[i - 1]) +
                   vdk_apart(row[i + pitch], row[i - pitch]);
    }
    return sum;
}

/* Whether it stands still at the rim of what is held, and the background has the stronger edges. */
static bool is_ghost(const Row *row, int x)
{
    const VdkMotionPlanes *planes = row->planes;
    const int left = x > 0 ? x - 1 : x, right = x < planes->width - 1 ? x + 1 : x;

    if (!row->held[x] || planes->back.still[row->at + (size_t)x] <= VDK_STILL_GHOST)
        return false;
    if (row->held[left] && row->held[right] && row->above[x] && row->below[x])
        return false;
    return edges_around(planes, planes->mean, x, row->y) >
           edges_around(planes, planes->now, x, row->y);
}

/* Those that are held and drawn. */
VDK_VECTOR static void pick(const uint8_t *restrict held, const uint16_t *restrict drawn,
                            uint16_t chance, int n, uint8_t *restrict picked)
{
    for (int x = 0; x < n; x++)
        picked[x] = (uint8_t)(held[x] & (drawn[x] < chance ? ALL : 0));
}

/* The first that is picked from x on, or n. */
static int next_of(const uint8_t *picked, int x, int n)
{
    const uint8_t *at = x < n ? memchr(picked + x, ALL, (size_t)(n - x)) : NULL;

    return at != NULL ? (int)(at - picked) : n;
}

static void absorb(const Row *row, const VdkLesson *lesson)
{
    const uint8_t *still = row->planes->back.still + row->at;
    const int n = row->planes->width;

    pick(row->held, row->near, row->by->absorb, n, row->picked);
    for (int x = next_of(row->picked, 0, n); x < n; x = next_of(row->picked, x + 1, n))
        if (still[x] > VDK_STILL_ABSORB)
            put(row, lesson->fast, x);
}

static void lay_ghosts(const Row *row, const VdkLesson *lesson)
{
    const int n = row->planes->width;

    pick(row->held, row->own, row->by->haunt, n, row->picked);
    for (int x = next_of(row->picked, 0, n); x < n; x = next_of(row->picked, x + 1, n))
        if (is_ghost(row, x)) {
            put(row, lesson->fast, x);
            put(row, (lesson->fast + 1) % VDK_SAMPLES_FAST, x);
        }
}

static void learn_row(Row *row)
{
    const VdkMotionPlanes *planes = row->planes;
    const VdkBackground *back = &planes->back;

    for (uint32_t i = 0; i < row->by->lessons; i++) {
        const VdkLesson lesson = vdk_lesson(row->by, i);

        draw_pixels((uint32_t)row->at, lesson.key, planes->width, row->own, row->near);
        if (i == 0) {
            keep_radius(row, back->wider + row->at);
            keep_mean(row->now, sample_of(back->luma, back->room, lesson.own, row->at), row->held,
                      row->by->steps, planes->width, back->mean + row->at);
        }
        if (lesson.writes_own)
            learn_own(row, &lesson);
        if (row->any && i == 0)
            absorb(row, &lesson);
        if (row->any)
            lay_ghosts(row, &lesson);
        if (lesson.writes_near)
            learn_near(row, &lesson);
    }
}

/* --- samples of chroma --- */

typedef uint16_t __attribute__((aligned(1), may_alias)) Pair;

VDK_VECTOR static void hold_whole_cells(const uint8_t *upper, const uint8_t *lower, int n,
                                        uint8_t *restrict held)
{
    const Pair *above = (const Pair *)upper, *below = (const Pair *)lower;

    for (int x = 0; x < n; x++) {
        const uint16_t any = above[x] | below[x];

        held[x] = (uint8_t)(any | any >> 8);
    }
}

/* Which cells are held: any pixel of them is. */
static void hold_cells(const VdkMotionPlanes *planes)
{
    const size_t width = (size_t)planes->width, across = (size_t)planes->across;

    for (size_t y = 0; y < (size_t)planes->down; y++) {
        const uint8_t *upper = planes->held + 2 * y * width;
        const uint8_t *lower = 2 * y + 1 < (size_t)planes->height ? upper + width : upper;
        uint8_t *held = planes->held_cells + y * across;

        hold_whole_cells(upper, lower, planes->width / 2, held);
        if (width % 2 == 1)
            held[across - 1] = upper[width - 1] | lower[width - 1];
    }
}

static void put_cell(const VdkMotionPlanes *planes, uint32_t sample, size_t at)
{
    const VdkBackground *back = &planes->back;

    *sample_of(back->cb, back->cell_room, sample, at) = planes->cb[at];
    *sample_of(back->cr, back->cell_room, sample, at) = planes->cr[at];
}

/* Row of pixels y of the picture, as lay_ghosts() wants it. */
static Row row_at(const VdkMotionPlanes *planes, const VdkLearning *by, int y)
{
    const size_t width = (size_t)planes->width, padded = width + 2 * VDK_MARGIN;
    uint8_t *rows = planes->rows;
    Row row = {
        .planes = planes,
        .by = by,
        .at = (size_t)y * width,
        .y = y,
        .now = vdk_padded_row(planes, planes->now, y),
        .raw = planes->raw + ((size_t)y + VDK_MARGIN) * padded + VDK_MARGIN,
        .own = (uint16_t *)rows,
        .near = (uint16_t *)rows + width,
        .picked = rows + 4 * width,
    };

    row.held = planes->held + row.at;
    row.above = y > 0 ? row.held - width : row.held;
    row.below = y < planes->height - 1 ? row.held + width : row.held;
    row.any = memchr(row.held, 255, width) != NULL;
    return row;
}

static bool cell_is_ghost(const Row rows[2], int n, int x)
{
    const int end = 2 * x + 2 < rows[0].planes->width ? 2 * x + 2 : rows[0].planes->width;

    for (int j = 0; j < n; j++)
        for (int i = 2 * x; i < end; i++)
            if (is_ghost(&rows[j], i))
                return true;
    return false;
}

static bool cell_is_still(const Row rows[2], int n, int x)
{
    const VdkMotionPlanes *planes = rows[0].planes;
    const int end = 2 * x + 2 < planes->width ? 2 * x + 2 : planes->width;

    for (int j = 0; j < n; j++)
        for (int i = 2 * x; i < end; i++)
            if (rows[j].held[i] && planes->back.still[rows[j].at + (size_t)i] > VDK_STILL_ABSORB)
                return true;
    return false;
}

/* A row of cells, and its rows of pixels: two, or the last one twice. */
typedef struct CellRow {
    const VdkMotionPlanes *planes;
    const VdkLearning *by;
    Row rows[2];
    int y;
    size_t at; /* of its first cell */
    const uint8_t *held;
} CellRow;

static void write_cells(const CellRow *row, size_t from, const uint8_t *held, const uint16_t *drawn,
                        uint32_t sample, size_t to, int n)
{
    const VdkMotionPlanes *planes = row->planes;
    const VdkBackground *back = &planes->back;

    write_resting(planes->cb + from, held, drawn, row->by->learn, n,
                  sample_of(back->cb, back->cell_room, sample, to));
    write_resting(planes->cr + from, held, drawn, row->by->learn, n,
                  sample_of(back->cr, back->cell_room, sample, to));
}

static void learn_cell_near(const CellRow *row, const VdkLesson *lesson)
{
    const VdkMotionPlanes *planes = row->planes;
    const int y = row->y + lesson->dy, left = lesson->dx < 0 ? 1 : 0;
    const int n = planes->across - (lesson->dx != 0 ? 1 : 0);

    if (y < 0 || y >= planes->down || n < 1)
        return;
    const size_t from = (size_t)y * (size_t)planes->across + (size_t)(left + lesson->dx);
    write_cells(row, from, planes->held_cells + from, row->rows[0].near + left, lesson->near,
                row->at + (size_t)left, n);
}

/* What stands still, and what has only been uncovered. */
static void learn_held_cells(const CellRow *row, const VdkLesson *lesson, bool first)
{
    const VdkMotionPlanes *planes = row->planes;
    const Row *drawn = &row->rows[0];
    const int n = planes->across;

    if (first) {
        pick(row->held, drawn->near, row->by->absorb, n, drawn->picked);
        for (int x = next_of(drawn->picked, 0, n); x < n; x = next_of(drawn->picked, x + 1, n))
            if (cell_is_still(row->rows, 2, x))
                put_cell(planes, lesson->fast, row->at + (size_t)x);
    }
    pick(row->held, drawn->own, row->by->haunt, n, drawn->picked);
    for (int x = next_of(drawn->picked, 0, n); x < n; x = next_of(drawn->picked, x + 1, n))
        if (cell_is_ghost(row->rows, 2, x)) {
            put_cell(planes, lesson->fast, row->at + (size_t)x);
            put_cell(planes, (lesson->fast + 1) % VDK_SAMPLES_FAST, row->at + (size_t)x);
        }
}

static void learn_cells(const VdkMotionPlanes *planes, const VdkLearning *by, int y)
{
    const VdkBackground *back = &planes->back;
    const int n = planes->across, lower = 2 * y + 1 < planes->height ? 2 * y + 1 : 2 * y;
    const size_t at = (size_t)y * (size_t)n;
    const CellRow row = {
        .planes = planes,
        .by = by,
        .rows = {row_at(planes, by, 2 * y), row_at(planes, by, lower)},
        .y = y,
        .at = at,
        .held = planes->held_cells + at,
    };

    for (uint32_t i = 0; i < by->lessons; i++) {
        const VdkLesson lesson = vdk_lesson(by, i);

        draw_cells((uint32_t)at, lesson.key, n, row.rows[0].own, row.rows[0].near);
        if (i == 0) {
            keep_mean(planes->cb + at, sample_of(back->cb, back->cell_room, lesson.own, at),
                      row.held, by->steps, n, back->mean_cb + at);
            keep_mean(planes->cr + at, sample_of(back->cr, back->cell_room, lesson.own, at),
                      row.held, by->steps, n, back->mean_cr + at);
        }
        if (lesson.writes_own)
            write_cells(&row, at, row.held, row.rows[0].own, lesson.own, at, n);
        if (row.rows[0].any || row.rows[1].any)
            learn_held_cells(&row, &lesson, i == 0);
        if (lesson.writes_near)
            learn_cell_near(&row, &lesson);
    }
}

void vdk_cpu_learn(const VdkMotionPlanes *planes, const VdkLearning *by)
{
    hold(planes);
    hold_cells(planes);
    for (int y = 0; y < planes->height; y++) {
        Row row = row_at(planes, by, y);

        learn_row(&row);
    }
    for (int y = 0; y < planes->down; y++)
        learn_cells(planes, by, y);
}

/* --- the first picture --- */

static int inside(int at, int n)
{
    return at < 0 ? 0 : at < n ? at : n - 1;
}

static void seed_pixels(const VdkMotionPlanes *planes)
{
    const VdkBackground *back = &planes->back;

    for (int y = 0; y < planes->height; y++)
        for (int x = 0; x < planes->width; x++) {
            const size_t at = (size_t)y * (size_t)planes->width + (size_t)x;

            for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
                const uint32_t from = vdk_draw_first((uint32_t)at, k, 5);
                const int there_x = inside(x + (int)(from % 5) - 2, planes->width);
                const int there_y = inside(y + (int)(from / 5) - 2, planes->height);

                *sample_of(back->luma, back->room, k, at) =
                    vdk_padded_row(planes, planes->now, there_y)[there_x];
                *sample_of(back->census, back->room, k, at) =
                    planes->census[(size_t)there_y * (size_t)planes->width + (size_t)there_x];
            }
        }
}

static void seed_cells(const VdkMotionPlanes *planes)
{
    const VdkBackground *back = &planes->back;

    for (int y = 0; y < planes->down; y++)
        for (int x = 0; x < planes->across; x++) {
            const size_t at = (size_t)y * (size_t)planes->across + (size_t)x;

            for (uint32_t k = 0; k < VDK_SAMPLES; k++) {
                const uint32_t from = vdk_draw_first((uint32_t)at, k, 3);
                const int there_x = inside(x + (int)(from % 3) - 1, planes->across);
                const int there_y = inside(y + (int)(from / 3) - 1, planes->down);
                const size_t there = (size_t)there_y * (size_t)planes->across + (size_t)there_x;

                *sample_of(back->cb, back->cell_room, k, at) = planes->cb[there];
                *sample_of(back->cr, back->cell_room, k, at) = planes->cr[there];
            }
        }
}

void vdk_cpu_seed(const VdkMotionPlanes *planes, uint8_t wider)
{
    const VdkBackground *back = &planes->back;
    const size_t width = (size_t)planes->width;

    for (int y = 0; y < planes->height; y++) {
        const uint8_t *now = vdk_padded_row(planes, planes->now, y);

        vdk_cpu_census(now, (ptrdiff_t)vdk_padded(planes), planes->width,
                       planes->census + (size_t)y * width);
        memcpy(back->mean + (size_t)y * width, now, width);
        memcpy(back->last + (size_t)y * width, now, width);
    }
    memcpy(back->mean_cb, planes->cb, planes->cells);
    memcpy(back->mean_cr, planes->cr, planes->cells);
    memset(back->wider, wider, planes->pixels);
    memset(back->still, 0, planes->pixels);
    seed_pixels(planes);
    seed_cells(planes);
}
