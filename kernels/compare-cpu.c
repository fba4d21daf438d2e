#include "kernels/motion-state.h"

#include <string.h>

/*
 * Which pixels differ from the background, and which of them are not alone. Pixels are looked at in
 * chunks as wide as a vector: samples are asked until all of a chunk have agreed, which takes eight
 * of them on the average.
 */
#define CHUNK   32
#define ALL     0xff /* of a byte that selects */

#define AT_ONCE 4 /* samples, a divisor of VDK_SAMPLES: to ask whether all agree costs, too */

/*
 * Samples lie too far apart for a processor to see what comes, and other cameras' pictures have
 * driven them out of its caches: what is not fetched ahead takes three times as long.
 */
#define AHEAD         512 /* pixels */
#define AHEAD_SAMPLES 8
#define LINE          64 /* bytes that a processor fetches */

/* A chunk of a row, its first pixel the first of a cell, and where its samples lie. */
typedef struct Chunk {
    const uint8_t *now, *census, *cb, *cr, *wider;
    const VdkBackground *back;
    size_t at, cell; /* of its first pixel, in planes */
    uint8_t threshold;
} Chunk;

/* Sets a bit where a neighbour is brighter than the limit. */
VDK_BOTH void add_bit(const uint8_t *there, const uint8_t *restrict limit, uint8_t bit, int n,
                      uint8_t *restrict bits)
{
    for (int x = 0; x < n; x++)
        bits[x] = (uint8_t)(bits[x] | ((there[x] > limit[x] ? ALL : 0) & bit));
}

VDK_BOTH void census_of(const uint8_t *now, ptrdiff_t pitch, int n, uint8_t *restrict census)
{
    uint8_t limit[CHUNK], bits[CHUNK] = {0};

    for (int x = 0; x < n; x++)
        limit[x] = vdk_census_limit(now[x]);
    add_bit(now - 2 * pitch - 2, limit, 1, n, bits);
    add_bit(now - 2 * pitch, limit, 2, n, bits);
    add_bit(now - 2 * pitch + 2, limit, 4, n, bits);
    add_bit(now - 2, limit, 8, n, bits);
    add_bit(now + 2, limit, 16, n, bits);
    add_bit(now + 2 * pitch - 2, limit, 32, n, bits);
    add_bit(now + 2 * pitch, limit, 64, n, bits);
    add_bit(now + 2 * pitch + 2, limit, 128, n, bits);
    memcpy(census, bits, (size_t)n);
}

VDK_VECTOR void vdk_cpu_census(const uint8_t *now, ptrdiff_t pitch, int n, uint8_t *census)
{
    int x = 0;

    for (; x + CHUNK <= n; x += CHUNK)
        census_of(now + x, pitch, CHUNK, census + x);
    census_of(now + x, pitch, n - x, census + x);
}

typedef uint8_t Half __attribute__((vector_size(CHUNK / 2)));
typedef uint8_t Whole __attribute__((vector_size(CHUNK)));
typedef uint64_t Words __attribute__((vector_size(CHUNK)));

/* A cell for each of two pixels. By hand, as compilers go through memory to do it. */
VDK_BOTH void spread(const uint8_t cells[CHUNK / 2], uint8_t pixels[CHUNK])
{
    Half half;

    memcpy(&half, cells, sizeof half);
    const Whole whole =
        __builtin_shufflevector(half, half, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9,
                                9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15);
    memcpy(pixels, &whole, sizeof whole);
}

_Static_assert(VDK_BIT_WEIGHT == 5, "as weigh_bits() has it");

/* What the bits of each byte count. In words: vector units do not shift bytes. */
VDK_BOTH void weigh_bits(uint8_t bits[CHUNK])
{
    Words words;

    memcpy(&words, bits, sizeof words);
    words = words - (words >> 1 & 0x5555555555555555u);
    words = (words & 0x3333333333333333u) + (words >> 2 & 0x3333333333333333u);
    words = (words + (words >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    words += words << 2;
    memcpy(bits, &words, sizeof words);
}

VDK_BOTH void add_agreeing(const Chunk *chunk, const uint8_t *radius, size_t sample, int n,
                           uint8_t *restrict agree)
{
    const VdkBackground *back = chunk->back;
    const uint8_t *luma = back->luma + sample * back->room + chunk->at;
    const uint8_t *census = back->census + sample * back->room + chunk->at;
    const uint8_t *cb = back->cb + sample * back->cell_room + chunk->cell;
    const uint8_t *cr = back->cr + sample * back->cell_room + chunk->cell;
    uint8_t cells[CHUNK / 2] = {0}, chroma[CHUNK], bits[CHUNK] = {0};

    for (int x = 0; x < (n + 1) / 2; x++)
        cells[x] = vdk_chroma_apart(chunk->cb[x], chunk->cr[x], cb[x], cr[x]);
    spread(cells, chroma);
    for (int x = 0; x < n; x++)
        bits[x] = chunk->census[x] ^ census[x];
    weigh_bits(bits);
    for (int x = 0; x < n; x++)
        agree[x] = (uint8_t)(agree[x] + vdk_agrees(vdk_apart(chunk->now[x], luma[x]), bits[x],
                                                   chroma[x], radius[x]));
}

/* What the next rows will ask for, of as many samples as most are content with: each line once. */
static void fetch_ahead(const Chunk *chunk, bool cells)
{
    const VdkBackground *back = chunk->back;

    for (size_t sample = 0; sample < AHEAD_SAMPLES; sample++) {
        __builtin_prefetch(back->luma + sample * back->room + chunk->at + AHEAD);
        __builtin_prefetch(back->census + sample * back->room + chunk->at + AHEAD);
    }
    for (size_t sample = 0; cells && sample < AHEAD_SAMPLES; sample++) {
        __builtin_prefetch(back->cb + sample * back->cell_room + chunk->cell + AHEAD / 2);
        __builtin_prefetch(back->cr + sample * back->cell_room + chunk->cell + AHEAD / 2);
    }
}

VDK_BOTH uint32_t differ_in(const Chunk *chunk, int n, uint8_t *restrict raw)
{
    uint8_t agree[CHUNK] = {0}, radius[CHUNK];
    uint8_t fewest = 0;

    for (int x = 0; x < n; x++)
        radius[x] = vdk_sum(chunk->threshold, chunk->wider[x]);
    for (size_t sample = 0; sample < VDK_SAMPLES && fewest < VDK_AGREE; sample += AT_ONCE) {
        for (size_t i = 0; i < AT_ONCE; i++)
            add_agreeing(chunk, radius, sample + i, n, agree);
        fewest = VDK_AGREE;
        for (int x = 0; x < n; x++)
            fewest = agree[x] < fewest ? agree[x] : fewest;
    }
    for (int x = 0; x < n; x++)
        raw[x] = agree[x] < VDK_AGREE ? 1 : 0;
    return fewest < VDK_AGREE;
}

/* Answers whether any does. */
VDK_VECTOR static uint32_t differ_32(const Chunk *chunk, uint8_t *raw)
{
    return differ_in(chunk, CHUNK, raw);
}

static uint32_t differ_few(const Chunk *chunk, int n, uint8_t *raw)
{
    return differ_in(chunk, n, raw);
}

/* --- shadow --- */

/* Three rows of the picture and of its background around a chunk, without the black level. */
typedef struct Lit {
    uint8_t now[3][CHUNK + 2], mean[3][CHUNK + 2];
} Lit;

VDK_BOTH void above_black(const uint8_t *from, uint8_t black, int n, uint8_t *restrict to)
{
    for (int x = 0; x < n; x++)
        to[x] = vdk_above(from[x], black);
}

VDK_BOTH void shadows_of(const Lit *lit, const uint8_t *chroma, int n, uint8_t *restrict raw)
{
    uint8_t misses[CHUNK] = {0};

    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            if (i == 1 && j == 1)
                continue;
            for (int x = 0; x < n; x++)
                misses[x] = (uint8_t)(misses[x] + vdk_shadow_misses_at(
                                                      lit->now[1][x + 1], lit->mean[1][x + 1],
                                                      lit->now[j][x + i], lit->mean[j][x + i]));
        }
    for (int x = 0; x < n; x++) {
        const int8_t may = vdk_shadow_misses(lit->now[1][x + 1], lit->mean[1][x + 1]);
        const bool shadow = (int8_t)misses[x] <= may && chroma[x] <= VDK_SHADOW_CHROMA;

        raw[x] = (uint8_t)(raw[x] & !shadow);
    }
}

/* Takes the shadows out of raw. now and mean: the chunk's first pixel in padded planes. */
VDK_VECTOR static void leave_shadows_out(const Chunk *chunk, const uint8_t *now,
                                         const uint8_t *mean, ptrdiff_t pitch, uint8_t black, int n,
                                         uint8_t *raw)
{
    const VdkBackground *back = chunk->back;
    uint8_t chroma[CHUNK];
    Lit lit = {0};

    for (int j = 0; j < 3; j++) {
        above_black(now + (j - 1) * pitch - 1, black, n + 2, lit.now[j]);
        above_black(mean + (j - 1) * pitch - 1, black, n + 2, lit.mean[j]);
    }
    for (int x = 0; x < n; x++) {
        const size_t cell = chunk->cell + (size_t)x / 2;
        const int way = vdk_apart(chunk->cb[x / 2], back->mean_cb[cell]) +
                        vdk_apart(chunk->cr[x / 2], back->mean_cr[cell]);

        chroma[x] = (uint8_t)(way < 255 ? way : 255);
    }
    if (n == CHUNK)
        shadows_of(&lit, chroma, CHUNK, raw);
    else
        shadows_of(&lit, chroma, n, raw);
}

/* --- rows --- */

static void differ_row(const VdkMotionPlanes *planes, int y, const VdkMotionSettings *settings,
                       uint8_t *raw)
{
    const size_t row = (size_t)y * (size_t)planes->width;
    const size_t cells = (size_t)(y / 2) * (size_t)planes->across;
    const uint8_t *now = vdk_padded_row(planes, planes->now, y);
    const uint8_t *mean = vdk_padded_row(planes, planes->mean, y);
    const ptrdiff_t pitch = (ptrdiff_t)vdk_padded(planes);

    for (int x = 0; x < planes->width; x += CHUNK) {
        const int n = planes->width - x < CHUNK ? planes->width - x : CHUNK;
        const Chunk chunk = {
            .now = now + x,
            .census = planes->census + row + x,
            .cb = planes->cb + cells + x / 2,
            .cr = planes->cr + cells + x / 2,
            .wider = planes->back.wider + row + x,
            .back = &planes->back,
            .at = row + (size_t)x,
            .cell = cells + (size_t)(x / 2),
            .threshold = (uint8_t)settings->threshold,
        };
        if (x % LINE == 0)
            fetch_ahead(&chunk, y % 2 == 0 && x % (2 * LINE) == 0);
        const uint32_t any =
            n == CHUNK ? differ_32(&chunk, raw + x) : differ_few(&chunk, n, raw + x);

        if (any && planes->shadows)
            leave_shadows_out(&chunk, now + x, mean + x, pitch, (uint8_t)settings->black, n,
                              raw + x);
    }
}

VDK_VECTOR static void keep_still(const uint8_t *restrict now, uint8_t steps, int n,
                                  uint8_t *restrict still, uint8_t *restrict last)
{
    for (int x = 0; x < n; x++) {
        still[x] = vdk_pixel_still(still[x], last[x], now[x], steps);
        last[x] = now[x];
    }
}

VDK_VECTOR static uint32_t count_still(const uint8_t *restrict still, const uint8_t *restrict clean,
                                       int n)
{
    uint32_t sum = 0;

    for (int x = 0; x < n; x++)
        sum += (still[x] > VDK_STILL_GHOST) & clean[x];
    return sum;
}

/* The sum along x of the window around every pixel; row begins a margin to the left. */
VDK_VECTOR static uint32_t sum_row(const uint8_t *restrict row, int n, uint8_t *restrict sums)
{
    uint32_t set = 0;

    for (int x = 0; x < n; x++) {
        uint8_t sum = 0;

        for (int k = 0; k < VDK_WINDOW; k++)
            sum = (uint8_t)(sum + row[x + k]);
        sums[x] = sum;
    }
    for (int x = 0; x < n; x++)
        set += row[x + VDK_MARGIN];
    return set;
}

VDK_VECTOR static uint32_t majority_row(const uint8_t *restrict sums, int n,
                                        uint8_t *restrict clean)
{
    for (int x = 0; x < n; x++) {
        uint8_t sum = 0;

        for (int k = 0; k < VDK_WINDOW; k++)
            sum = (uint8_t)(sum + sums[k * n + x]);
        clean[x] = sum >= VDK_MAJORITY ? 255 : 0;
    }
    uint32_t set = 0;
    for (int x = 0; x < n; x++)
        set += clean[x] & 1;
    return set;
}

uint32_t vdk_cpu_compare(const VdkMotionPlanes *planes, const VdkMotionSettings *settings,
                         uint8_t steps)
{
    VdkMotionState *state = planes->back.state;
    uint32_t raw = 0;

    const int width = planes->width, height = planes->height;
    const size_t stride = (size_t)width, padded = stride + 2 * VDK_MARGIN;
    uint8_t *first = planes->sums + VDK_MARGIN * stride;
    uint8_t *last = first + ((size_t)height - 1) * stride;

    for (int y = 0; y < height; y++)
        memcpy(vdk_padded_row(planes, planes->mean, y), planes->back.mean + (size_t)y * stride,
               stride);
    vdk_cpu_pad(planes, planes->mean);
    state->clean = state->still = 0;
    for (int y = 0; y < height; y++) {
        uint8_t *row = planes->raw + ((size_t)y + VDK_MARGIN) * padded;

        vdk_cpu_census(vdk_padded_row(planes, planes->now, y), (ptrdiff_t)vdk_padded(planes), width,
                       planes->census + (size_t)y * stride);
        differ_row(planes, y, settings, row + VDK_MARGIN);
        memset(row, row[VDK_MARGIN], VDK_MARGIN);
        memset(row + VDK_MARGIN + width, row[VDK_MARGIN + width - 1], VDK_MARGIN);
        keep_still(vdk_padded_row(planes, planes->now, y), steps, width,
                   planes->back.still + (size_t)y * stride, planes->back.last + (size_t)y * stride);
        raw += sum_row(row, width, first + (size_t)y * stride);
    }
    for (size_t y = 0; y < VDK_MARGIN; y++) {
        memcpy(planes->sums + y * stride, first, stride);
        memcpy(last + (y + 1) * stride, last, stride);
    }
    for (size_t y = 0; y < (size_t)height; y++) {
        uint8_t *row = planes->clean + y * stride;

        state->clean += majority_row(planes->sums + y * stride, width, row);
        state->still += count_still(planes->back.still + y * stride, row, width);
    }
    return raw;
}
