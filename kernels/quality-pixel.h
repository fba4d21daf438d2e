#pragma once

#include "kernels/fft-pixel.h"
#include "kernels/vdk.h"

/*
 * How good a picture is, and where its camera looks. The picture is cut into 64 x 64 cells; of each
 * a few rows are summed, so that a look costs about the same whatever the picture's size. All that
 * follows is arithmetic on 4096 cells in steps that each take one row or column of them: a back end
 * may do those of a step side by side, and must have done all before the next.
 *
 * The shift comes from phase correlation (Kuglin and Hines 1975) of the cells' means with those of
 * a reference that is learned by time: the product of both spectra, each number made as long as the
 * others, has its peak where one lies upon the other. Brightness and contrast do not matter to
 * that. Only low frequencies are used: above them there is noise. Both spectra come from one
 * transform, the picture as the real and the reference as the imaginary part.
 */
#define VDK_QUALITY_SIDE     VDK_FFT_SIDE
#define VDK_QUALITY_CELLS    (VDK_QUALITY_SIDE * VDK_QUALITY_SIDE)
#define VDK_QUALITY_ROWS     4   /* of a cell, at most, are looked at */
#define VDK_QUALITY_STEPS    480 /* of the picture's width: what sharpness is measured in */
#define VDK_QUALITY_GROUP    4   /* cells in which noise is looked for */
#define VDK_QUALITY_FAR      4
#define VDK_QUALITY_BAND     16       /* frequencies beyond this one are not used */
#define VDK_QUALITY_FLOOR    384      /* a number of a spectrum that is shorter is noise */
#define VDK_QUALITY_LEARN_US 60000000 /* the reference is the mean over so long */

typedef struct VdkQualityCell {
    uint32_t pixels, luma;
    uint32_t fine, coarse;    /* squares of differences */
    uint32_t black, white;    /* pixels */
    uint32_t samples, colour; /* of chroma; their distances from grey */
} VdkQualityCell;

typedef struct VdkQualityState {
    int64_t learned_us;
    uint32_t seen;                         /* 0: nothing is known yet */
    uint32_t reference[VDK_QUALITY_CELLS]; /* means, 1/65536 grey levels */
    uint32_t marks[VDK_QUALITY_CELLS];     /* of the picture before */
} VdkQualityState;

/* The sums over a row of cells, and what its steps leave for the last one. */
typedef struct VdkQualityPart {
    uint64_t pixels, luma, fine, coarse, black, white, samples, colour, reference;
    uint32_t same;
    uint32_t quietest; /* 1/16 of a square; UINT32_MAX: of no cells */
    uint32_t bins;     /* of a column of the spectra: those that are used */
    int32_t peak;
    int32_t peak_at; /* its column */
} VdkQualityPart;

typedef struct VdkQualityScratch {
    VdkQualityCell cells[VDK_QUALITY_CELLS];
    VdkQualityPart parts[VDK_QUALITY_SIDE];
    VdkComplex spectra[VDK_QUALITY_CELLS];
    VdkComplex match[VDK_QUALITY_CELLS];
    VdkQualityReport report;
    int32_t mean, reference; /* of all cells, 1/16 grey levels */
} VdkQualityScratch;

typedef struct VdkQualityJob {
    VdkImage image;
    int step;             /* pixels */
    uint8_t black, white; /* grey levels that are it: up to, from */
    int64_t elapsed_us;
    VdkQualityState *state;
    VdkQualityScratch *scratch;
} VdkQualityJob;

/* Where cell i of a direction begins and ends; one pixel at least, also where there are fewer. */
VDK_BOTH int vdk_quality_begin(int size, int i)
{
    return i * size / VDK_QUALITY_SIDE;
}

VDK_BOTH int vdk_quality_end(int size, int i)
{
    const int end = (i + 1) * size / VDK_QUALITY_SIDE, begin = vdk_quality_begin(size, i);

    return end > begin ? end : begin + 1;
}

/* From one row that is looked at to the next. */
VDK_BOTH int vdk_quality_stride(int rows)
{
    return (rows + VDK_QUALITY_ROWS - 1) / VDK_QUALITY_ROWS;
}

VDK_BOTH uint32_t vdk_quality_square(int a, int b)
{
    return (uint32_t)((a - b) * (a - b));
}

VDK_BOTH uint32_t vdk_quality_from_grey(int u, int v)
{
    return (uint32_t)((u > 128 ? u - 128 : 128 - u) + (v > 128 ? v - 128 : 128 - v));
}

/* --- a row of cells --- */

VDK_BOTH uint32_t vdk_quality_mean(const VdkQualityCell *cell)
{
    return (uint32_t)(((uint64_t)cell->luma << 16) / cell->pixels);
}

/* What tells the cell from another one, or from itself with as much as one grey level of noise. */
VDK_BOTH uint32_t vdk_quality_mark(const VdkQualityCell *cell)
{
    return cell->luma * 2654435761u ^ cell->fine * 2246822519u ^ cell->coarse;
}

/* Of cells side by side, as one has few pixels. Black and white hide the noise. */
VDK_BOTH uint32_t vdk_quality_noise(const VdkQualityCell *cells)
{
    uint64_t fine = 0;
    uint32_t pixels = 0, hidden = 0;

    for (int i = 0; i < VDK_QUALITY_GROUP; i++) {
        fine += cells[i].fine;
        pixels += cells[i].pixels;
        hidden += cells[i].black + cells[i].white;
    }
    return hidden > 0 ? UINT32_MAX : (uint32_t)((fine << 4) / pixels);
}

VDK_BOTH void vdk_quality_add(VdkQualityPart *part, const VdkQualityCell *cell)
{
    part->pixels += cell->pixels;
    part->luma += cell->luma;
    part->fine += cell->fine;
    part->coarse += cell->coarse;
    part->black += cell->black;
    part->white += cell->white;
    part->samples += cell->samples;
    part->colour += cell->colour;
}

/* Step 1: sums, what is as it was before, and a reference to begin with. */
VDK_BOTH void vdk_quality_sum_row(const VdkQualityJob *job, int y)
{
    VdkQualityState *state = job->state;
    VdkQualityPart part = {0};

    part.quietest = UINT32_MAX;
    VDK_ROLLED
    for (int i = y * VDK_QUALITY_SIDE; i < (y + 1) * VDK_QUALITY_SIDE; i++) {
        const VdkQualityCell *cell = &job->scratch->cells[i];
        const uint32_t mark = vdk_quality_mark(cell);

        vdk_quality_add(&part, cell);
        if (state->seen == 0)
            state->reference[i] = vdk_quality_mean(cell);
        else
            part.same += state->marks[i] == mark;
        state->marks[i] = mark;
        part.reference += state->reference[i];
        if (i % VDK_QUALITY_GROUP == 0) {
            const uint32_t noise = vdk_quality_noise(cell);

            part.quietest = noise < part.quietest ? noise : part.quietest;
        }
    }
    job->scratch->parts[y] = part;
}

/* --- all of them --- */

VDK_BOTH uint32_t vdk_quality_of(uint64_t sum, uint64_t unit, uint64_t n)
{
    return n > 0 ? (uint32_t)((sum * unit + n / 2) / n) : 0;
}

VDK_BOTH void vdk_quality_join(VdkQualityPart *all, const VdkQualityPart *part)
{
    all->pixels += part->pixels;
    all->luma += part->luma;
    all->fine += part->fine;
    all->coarse += part->coarse;
    all->black += part->black;
    all->white += part->white;
    all->samples += part->samples;
    all->colour += part->colour;
    all->reference += part->reference;
    all->same += part->same;
}

/* Step 2, once: what is known without the spectra. Cells weigh alike in both means. */
VDK_BOTH void vdk_quality_sum_up(const VdkQualityJob *job)
{
    VdkQualityScratch *scratch = job->scratch;
    VdkQualityReport *report = &scratch->report;
    VdkQualityPart all = {0};
    uint64_t quiet = 0;
    uint32_t rows = 0;

    VDK_ROLLED
    for (int y = 0; y < VDK_QUALITY_SIDE; y++) {
        const VdkQualityPart *part = &scratch->parts[y];

        vdk_quality_join(&all, part);
        if (part->quietest != UINT32_MAX) {
            quiet += part->quietest;
            rows++;
        }
    }
    report->mean = vdk_quality_of(all.luma, 16, all.pixels);
    report->fine = vdk_quality_of(all.fine, 16, all.pixels);
    report->coarse = vdk_quality_of(all.coarse, 16, all.pixels);
    report->black = vdk_quality_of(all.black, 65536, all.pixels);
    report->white = vdk_quality_of(all.white, 65536, all.pixels);
    report->colour = vdk_quality_of(all.colour, 16, all.samples);
    report->noise = vdk_quality_of(quiet, 1, rows);
    report->same = all.same;
    report->learned_ms = (uint32_t)(job->state->learned_us / 1000);
    scratch->mean = (int32_t)report->mean;
    scratch->reference = (int32_t)((all.reference / VDK_QUALITY_CELLS) >> 12);
}

/* --- spectra --- */

/* A raised cosine: what leaves the picture on one side does not come in on the other. */
VDK_BOTH int32_t vdk_quality_window(int32_t value, int x, int y)
{
    static const uint16_t window[VDK_QUALITY_SIDE] = {
        0,   1,   4,   7,   12,  18,  25,  33,  42,  52,  62,  73,  85,  97,  109, 122,
        134, 147, 159, 171, 183, 194, 204, 214, 223, 231, 238, 244, 249, 252, 255, 256,
        256, 255, 252, 249, 244, 238, 231, 223, 214, 204, 194, 183, 171, 159, 147, 134,
        122, 109, 97,  85,  73,  62,  52,  42,  33,  25,  18,  12,  7,   4,   1,   0,
    };

    return value * (int32_t)window[x] * (int32_t)window[y] / 65536;
}

/* The picture becomes part of the reference. */
VDK_BOTH void vdk_quality_learn(const VdkQualityJob *job, uint32_t *reference, uint32_t mean)
{
    const int64_t learned = job->state->learned_us + job->elapsed_us;
    const int64_t over = learned < VDK_QUALITY_LEARN_US ? learned : VDK_QUALITY_LEARN_US;

    if (over > 0)
        *reference = (uint32_t)(*reference + ((int64_t)mean - *reference) * job->elapsed_us / over);
}

/* Step 3: rows to their frequencies. */
VDK_BOTH void vdk_quality_transform_row(const VdkQualityJob *job, int y)
{
    VdkQualityScratch *scratch = job->scratch;
    VdkComplex *row = &scratch->spectra[y * VDK_QUALITY_SIDE];

    VDK_ROLLED
    for (int x = 0; x < VDK_QUALITY_SIDE; x++) {
        uint32_t *reference = &job->state->reference[y * VDK_QUALITY_SIDE + x];
        const uint32_t mean = vdk_quality_mean(&scratch->cells[y * VDK_QUALITY_SIDE + x]);

        row[x].re = vdk_quality_window((int32_t)(mean >> 12) - scratch->mean, x, y);
        row[x].im = vdk_quality_window((int32_t)(*reference >> 12) - scratch->reference, x, y);
        vdk_quality_learn(job, reference, mean);
    }
    vdk_fft(row, 1);
}

VDK_BOTH bool vdk_quality_in_band(int k)
{
    return k <= VDK_QUALITY_BAND || k >= VDK_QUALITY_SIDE - VDK_QUALITY_BAND;
}

/* Step 4: columns to theirs. */
VDK_BOTH void vdk_quality_transform_column(const VdkQualityJob *job, int x)
{
    if (vdk_quality_in_band(x))
        vdk_fft(&job->scratch->spectra[x], VDK_QUALITY_SIDE);
}

VDK_BOTH uint32_t vdk_quality_root(uint32_t square)
{
    uint32_t root = 0;

    VDK_ROLLED
    for (uint32_t bit = 1u << 15; bit > 0; bit >>= 1)
        if ((root + bit) * (root + bit) <= square)
            root += bit;
    return root;
}

/* The number as long as 4096. */
VDK_BOTH VdkComplex vdk_quality_unit(int64_t re, int64_t im)
{
    int64_t a = re < 0 ? -re : re, b = im < 0 ? -im : im;

    VDK_ROLLED
    for (; a >= 1 << 15 || b >= 1 << 15; a >>= 1, b >>= 1)
        ;
    const uint32_t length = vdk_quality_root((uint32_t)(a * a + b * b));
    if (length == 0)
        return (VdkComplex){0, 0};
    const int32_t across = (int32_t)(a * 4096 / length), up = (int32_t)(b * 4096 / length);
    return (VdkComplex){re < 0 ? -across : across, im < 0 ? -up : up};
}

/* Spectra are there twice as long as they are. */
VDK_BOTH bool vdk_quality_is_signal(int64_t re, int64_t im)
{
    const int64_t least = 2 * VDK_QUALITY_FLOOR;

    return re * re + im * im > least * least;
}

/*
 * One number of both spectra: the picture's, a, and the reference's, b, come from the transform at
 * k and -k. bins counts where there is a reference, whether or not there is a picture.
 */
VDK_BOTH VdkComplex vdk_quality_cross(VdkComplex at, VdkComplex opposite, uint32_t *bins)
{
    const int64_t a_re = (int64_t)at.re + opposite.re, a_im = (int64_t)at.im - opposite.im;
    const int64_t b_re = (int64_t)at.im + opposite.im, b_im = (int64_t)opposite.re - at.re;

    if (!vdk_quality_is_signal(b_re, b_im))
        return (VdkComplex){0, 0};
    (*bins)++;
    if (!vdk_quality_is_signal(a_re, a_im))
        return (VdkComplex){0, 0};
    return vdk_quality_unit(a_re * b_re + a_im * b_im, a_re * b_im - a_im * b_re);
}

/* Step 5: columns of the product and back; a second transform is the inverse, mirrored. */
VDK_BOTH void vdk_quality_match_column(const VdkQualityJob *job, int x)
{
    VdkQualityScratch *scratch = job->scratch;
    const int opposite_x = (VDK_QUALITY_SIDE - x) % VDK_QUALITY_SIDE;
    uint32_t bins = 0;

    VDK_ROLLED
    for (int y = 0; y < VDK_QUALITY_SIDE; y++) {
        const int opposite_y = (VDK_QUALITY_SIDE - y) % VDK_QUALITY_SIDE;
        VdkComplex *product = &scratch->match[y * VDK_QUALITY_SIDE + x];

        *product = (VdkComplex){0, 0};
        if (vdk_quality_in_band(x) && vdk_quality_in_band(y) && x + y > 0)
            *product = vdk_quality_cross(
                scratch->spectra[y * VDK_QUALITY_SIDE + x],
                scratch->spectra[opposite_y * VDK_QUALITY_SIDE + opposite_x], &bins);
    }
    if (vdk_quality_in_band(x))
        vdk_fft(&scratch->match[x], VDK_QUALITY_SIDE);
    scratch->parts[x].bins = bins;
}

/* Step 6: rows back, and where each is highest. */
VDK_BOTH void vdk_quality_match_row(const VdkQualityJob *job, int y)
{
    VdkComplex *row = &job->scratch->match[y * VDK_QUALITY_SIDE];
    VdkQualityPart *part = &job->scratch->parts[y];

    vdk_fft(row, 1);
    part->peak = row[0].re;
    part->peak_at = 0;
    VDK_ROLLED
    for (int x = 1; x < VDK_QUALITY_SIDE; x++)
        if (row[x].re > part->peak) {
            part->peak = row[x].re;
            part->peak_at = x;
        }
}

/* --- the peak --- */

VDK_BOTH int32_t vdk_quality_match_at(const VdkQualityJob *job, int x, int y)
{
    const int side = VDK_QUALITY_SIDE;

    return job->scratch->match[(y + side) % side * side + (x + side) % side].re;
}

/* The place of a parabola's top between three numbers, the one in the middle highest: 1/16. */
VDK_BOTH int32_t vdk_quality_between(int32_t before, int32_t peak, int32_t after)
{
    const int32_t bend = 2 * peak - before - after;

    return bend > 0 ? 8 * (after - before) / bend : 0;
}

/* A part of 65536 of what equal pictures give. */
VDK_BOTH uint32_t vdk_quality_share(int32_t match, uint32_t bins)
{
    if (match <= 0 || bins == 0)
        return 0;
    const uint64_t share = ((uint64_t)match << 16) / ((uint64_t)bins * 4096);
    return share < 65536 ? (uint32_t)share : 65536;
}

/* Step 7, once. */
VDK_BOTH void vdk_quality_find_shift(const VdkQualityJob *job)
{
    VdkQualityScratch *scratch = job->scratch;
    VdkQualityReport *report = &scratch->report;
    const int side = VDK_QUALITY_SIDE;
    uint32_t bins = 0;
    int at = 0;

    VDK_ROLLED
    for (int y = 0; y < side; y++) {
        bins += scratch->parts[y].bins;
        if (scratch->parts[y].peak > scratch->parts[at].peak)
            at = y;
    }
    const int x = scratch->parts[at].peak_at;
    const int32_t peak = scratch->parts[at].peak;
    report->bins = bins;
    report->match = vdk_quality_share(peak, bins);
    report->here = vdk_quality_share(vdk_quality_match_at(job, 0, 0), bins);
    report->shift_x = (x < side / 2 ? x : x - side) * 16 +
                      vdk_quality_between(vdk_quality_match_at(job, x - 1, at), peak,
                                          vdk_quality_match_at(job, x + 1, at));
    report->shift_y = (at < side / 2 ? at : at - side) * 16 +
                      vdk_quality_between(vdk_quality_match_at(job, x, at - 1), peak,
                                          vdk_quality_match_at(job, x, at + 1));
    const int64_t learned = job->state->learned_us + job->elapsed_us;
    job->state->learned_us = learned < VDK_QUALITY_LEARN_US ? learned : VDK_QUALITY_LEARN_US;
    job->state->seen = 1;
}
