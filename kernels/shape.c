#include "kernels/vdk.h"

#include <errno.h>

/*
 * Geometry in 1/256 pixel. Points may lie up to 16 pictures away, so that coordinates fit 27 bits
 * with their differences, products 55, and only the distance to a slanted line needs 128.
 */
#define SUBPIXELS    256
#define FARTHEST     (16 * 65536)
#define MAX_THICK    VDK_MAX_SIZE
#define NOTHING_LEFT INT64_MAX

typedef struct Point {
    int64_t x, y;
} Point;

typedef struct Outline {
    const int32_t *points;
    size_t n_points;
    int width, height;
    int64_t reach; /* half of the thickness of the line */
} Outline;

/* Pixels from..to-1 of a row; empty when from >= to. */
typedef struct Range {
    int64_t from, to;
} Range;

/* Spans are counted even without room; the caller has made sure of it before any is stored. */
typedef struct Writer {
    VdkSpan *spans;
    int n;
} Writer;

static void write_span(Writer *writer, int y, int64_t x0, int64_t x1)
{
    if (writer->spans)
        writer->spans[writer->n] = (VdkSpan){y, (int)x0, (int)x1};
    writer->n++;
}

static int64_t scaled(int32_t coordinate, int size)
{
    return ((int64_t)coordinate * size + 128) >> 8;
}

static Point point_at(const Outline *outline, size_t i)
{
    const int32_t *point = outline->points + 2 * (i % outline->n_points);

    return (Point){scaled(point[0], outline->width), scaled(point[1], outline->height)};
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t quotient = a / b;

    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* The first pixel whose centre is not left of the edge at height y; false when it passes by. */
static bool crossing(Point a, Point b, int64_t y, int64_t *pixel)
{
    if ((a.y <= y) == (b.y <= y))
        return false;
    int64_t dy = b.y - a.y;
    int64_t x = (a.x - SUBPIXELS / 2) * dy + (y - a.y) * (b.x - a.x);

    *pixel = -floor_div(-x, SUBPIXELS * dy);
    return true;
}

/* The crossing next after `after`, and how many edges cross there. No list, so no limit on points.
 */
static int64_t next_crossing(const Outline *outline, int64_t y, int64_t after, int *edges)
{
    int64_t next = NOTHING_LEFT;

    *edges = 0;
    for (size_t i = 0; i < outline->n_points; i++) {
        int64_t pixel;

        if (!crossing(point_at(outline, i), point_at(outline, i + 1), y, &pixel) || pixel <= after)
            continue;
        if (pixel < next) {
            next = pixel;
            *edges = 0;
        }
        if (pixel == next)
            ++*edges;
    }
    return next;
}

static void polygon_row(const Outline *outline, int y, Writer *writer)
{
    int64_t centre = (int64_t)y * SUBPIXELS + SUBPIXELS / 2;
    int64_t start = 0;
    bool inside = false;
    int edges;

    for (int64_t x = next_crossing(outline, centre, INT64_MIN, &edges); x < outline->width;
         x = next_crossing(outline, centre, x, &edges)) {
        if (edges % 2 == 0)
            continue;
        if (inside && x > start)
            write_span(writer, y, start, x);
        inside = !inside;
        start = x > 0 ? x : 0;
    }
    if (inside)
        write_span(writer, y, start, outline->width);
}

static int64_t clamped(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static bool within(Point a, Point b, int64_t reach, Point p)
{
    int64_t dx = b.x - a.x, dy = b.y - a.y;
    int64_t length = dx * dx + dy * dy;
    int64_t along = (p.x - a.x) * dx + (p.y - a.y) * dy;

    if (along > 0 && along < length) {
        int64_t across = (p.x - a.x) * dy - (p.y - a.y) * dx;

        return (__int128)across * across <= (__int128)(reach * reach) * length;
    }
    Point end = along <= 0 ? a : b;
    return (p.x - end.x) * (p.x - end.x) + (p.y - end.y) * (p.y - end.y) <= reach * reach;
}

static bool pixel_within(Point a, Point b, int64_t reach, int64_t pixel, int64_t y)
{
    return within(a, b, reach, (Point){pixel * SUBPIXELS + SUBPIXELS / 2, y});
}

/* Where the segment comes nearest to the row. */
static int64_t nearest_x(Point a, Point b, int64_t y)
{
    if (a.y == b.y)
        return a.x;
    int64_t low = a.y < b.y ? a.y : b.y, high = a.y < b.y ? b.y : a.y;

    return a.x + (clamped(y, low, high) - a.y) * (b.x - a.x) / (b.y - a.y);
}

/* The farthest pixel from `inside` towards `outside` that is within. A thick line is convex. */
static int64_t last_within(Point a, Point b, int64_t reach, int64_t y, int64_t inside,
                           int64_t outside)
{
    while (inside - outside > 1 || outside - inside > 1) {
        int64_t middle = inside + (outside - inside) / 2;

        if (pixel_within(a, b, reach, middle, y))
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

/* The pixels of row y whose centres are within reach of one edge. */
static Range edge_range(const Outline *outline, size_t edge, int64_t y)
{
    Point a = point_at(outline, edge), b = point_at(outline, edge + 1);
    int64_t reach = outline->reach;
    int64_t low = a.x < b.x ? a.x : b.x, high = a.x < b.x ? b.x : a.x;

    if ((a.y < y - reach && b.y < y - reach) || (a.y > y + reach && b.y > y + reach))
        return (Range){0, 0};
    int64_t start = floor_div(nearest_x(a, b, y) - SUBPIXELS / 2, SUBPIXELS) - 1;
    for (int64_t pixel = start; pixel < start + 4; pixel++) {
        if (!pixel_within(a, b, reach, pixel, y))
            continue;
        int64_t first = floor_div(low - reach, SUBPIXELS) - 2;
        int64_t past = floor_div(high + reach, SUBPIXELS) + 2;

        return (Range){last_within(a, b, reach, y, pixel, first),
                       last_within(a, b, reach, y, pixel, past) + 1};
    }
    return (Range){0, 0};
}

/* The first run of line pixels at or right of x; ranges that touch are one run. */
static Range next_run(const Outline *outline, int64_t y, int64_t x)
{
    Range run = {NOTHING_LEFT, NOTHING_LEFT};
    bool grown = true;

    for (size_t i = 0; i < outline->n_points; i++) {
        Range range = edge_range(outline, i, y);
        int64_t from = range.from > x ? range.from : x;

        if (range.to > x && range.from < range.to && from < run.from)
            run = (Range){from, range.to};
    }
    while (grown) {
        grown = false;
        for (size_t i = 0; i < outline->n_points; i++) {
            Range range = edge_range(outline, i, y);

            if (range.from <= run.to && range.to > run.to && range.from < range.to) {
                run.to = range.to;
                grown = true;
            }
        }
    }
    return run;
}

static void outline_row(const Outline *outline, int y, Writer *writer)
{
    int64_t centre = (int64_t)y * SUBPIXELS + SUBPIXELS / 2;
    int64_t x = 0;

    while (x < outline->width) {
        Range run = next_run(outline, centre, x);

        if (run.from >= outline->width)
            return;
        x = run.to < outline->width ? run.to : outline->width;
        write_span(writer, y, run.from, x);
    }
}

typedef void (*RowFunction)(const Outline *outline, int y, Writer *writer);

/* Counts first, so that nothing is written when there is not room for everything. */
static int every_row(const Outline *outline, RowFunction row, VdkSpan *spans, size_t room)
{
    Writer counter = {NULL, 0}, writer = {spans, 0};

    for (int y = 0; y < outline->height; y++)
        row(outline, y, &counter);
    if (!spans)
        return counter.n;
    if ((size_t)counter.n > room)
        return -ENOSPC;
    for (int y = 0; y < outline->height; y++)
        row(outline, y, &writer);
    return writer.n;
}

static bool size_ok(int width, int height)
{
    return width >= 1 && height >= 1 && width <= VDK_MAX_SIZE && height <= VDK_MAX_SIZE;
}

static bool points_ok(const int32_t *points, size_t n_points, size_t fewest)
{
    if (!points || n_points < fewest || n_points > SIZE_MAX / 2)
        return false;
    for (size_t i = 0; i < 2 * n_points; i++) {
        if (points[i] < -FARTHEST || points[i] > FARTHEST)
            return false;
    }
    return true;
}

int vdk_shape_polygon(const int32_t *points, size_t n_points, int width, int height, VdkSpan *spans,
                      size_t room)
{
    Outline outline = {points, n_points, width, height, 0};

    if (!size_ok(width, height) || !points_ok(points, n_points, 3) || (!spans && room > 0))
        return -EINVAL;
    return every_row(&outline, polygon_row, spans, room);
}

int vdk_shape_outline(const int32_t *points, size_t n_points, int thick, int width, int height,
                      VdkSpan *spans, size_t room)
{
    Outline outline = {points, n_points, width, height, (int64_t)thick * SUBPIXELS / 2};

    if (!size_ok(width, height) || !points_ok(points, n_points, 2) || (!spans && room > 0))
        return -EINVAL;
    if (thick < 1 || thick > MAX_THICK)
        return -EINVAL;
    return every_row(&outline, outline_row, spans, room);
}

static Range clipped(int64_t from, int64_t to, int size)
{
    return (Range){from > 0 ? from : 0, to < size ? to : size};
}

/* One row of a frame: all of it in the upper and lower bar, else its left and right bar. */
static void frame_row(Range whole, Range left, Range right, bool bar, int y, Writer *writer)
{
    if (bar || left.to >= right.from) {
        if (whole.from < whole.to)
            write_span(writer, y, whole.from, whole.to);
        return;
    }
    if (left.from < left.to)
        write_span(writer, y, left.from, left.to);
    if (right.from < right.to)
        write_span(writer, y, right.from, right.to);
}

int vdk_shape_frame(int x, int y, int w, int h, int thick, int width, int height, VdkSpan *spans,
                    size_t room)
{
    if (!size_ok(width, height) || w < 1 || h < 1 || thick < 1 || (!spans && room > 0))
        return -EINVAL;
    int64_t right = (int64_t)x + w, bottom = (int64_t)y + h;
    Range rows = clipped(y, bottom, height), whole = clipped(x, right, width);
    Range left = clipped(x, (int64_t)x + thick, width), end = clipped(right - thick, right, width);
    VdkSpan *targets[2] = {NULL, spans};
    int n = 0;

    for (int pass = 0; pass < (spans ? 2 : 1); pass++) {
        Writer writer = {targets[pass], 0};

        for (int64_t row = rows.from; row < rows.to; row++) {
            bool bar = row < (int64_t)y + thick || row >= bottom - thick;

            frame_row(whole, left, end, bar, (int)row, &writer);
        }
        n = writer.n;
        if (pass == 0 && spans && (size_t)n > room)
            return -ENOSPC;
    }
    return n;
}
