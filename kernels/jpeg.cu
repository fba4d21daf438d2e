#include "kernels/device.h"

#include "kernels/jpeg-cuda.h"

/*
 * An interval is made in two parts, so that its coefficients and its bits at their longest have
 * room in 48 kB: more than that a kernel has to ask for. 256 threads are 32 blocks of samples with
 * a thread for each row, so that a part takes three rounds; where codes are made they are 8 warps,
 * one a block of coefficients.
 */
#define WARPS       (VDK_JPEG_THREADS / (int)VDK_WARP)
#define AT_ONCE     (VDK_JPEG_THREADS / VDK_JPEG_SIDE)
#define STRIDE      (VDK_JPEG_BLOCK + 8) /* columns of neighbouring blocks are in other banks */
#define ALL         0xffffffffu
#define PART        (VDK_JPEG_INTERVAL / 2)
#define STREAM_SIZE (VDK_JPEG_INTERVAL * VDK_JPEG_WORDS + 2)

/* Of a block of samples, at first row by row, then along the zigzag. */
typedef union Coefficients {
    uint4 rows[STRIDE * sizeof(int16_t) / sizeof(uint4)]; /* of 8: a store each */
    int16_t at[STRIDE];
} Coefficients;

/* What a block of threads makes of an interval. */
typedef struct Interval {
    VdkJpegTables tables;
    uint32_t stream[STREAM_SIZE]; /* its bits, the first one highest */
    uint32_t place;               /* in the spill */
    int16_t last[3];              /* of each plane, the part before's last first coefficient */
    /* Of one part: */
    uint32_t at[PART]; /* a block's number of bits, then where they begin */
    Coefficients blocks[PART];
    uint8_t like[PART]; /* the block whose first coefficient it has: mostly its own */
} Interval;

/* The sum of what the threads before this one have. All threads of the block must come here. */
__device__ uint32_t sum_before(uint32_t value, uint32_t *total)
{
    __shared__ uint32_t sums[WARPS];
    const unsigned lane = vdk_thread() % VDK_WARP, warp = vdk_thread() / VDK_WARP;
    uint32_t up_to = value, before = 0, sum = 0;

    for (unsigned step = 1; step < VDK_WARP; step *= 2) {
        uint32_t below = __shfl_up_sync(ALL, up_to, step);

        up_to += lane >= step ? below : 0;
    }
    __syncthreads(); /* the last call's sums were read */
    if (lane == VDK_WARP - 1)
        sums[warp] = up_to;
    __syncthreads();
    for (unsigned i = 0; i < WARPS; i++) {
        before += i < warp ? sums[i] : 0;
        sum += sums[i];
    }
    *total = sum;
    return before + up_to - value;
}

/* --- transform --------------------------------------------------------------------------------*/

/* A block of samples. Beyond the picture's edge an MCU has blocks that nobody sees: !real. */
typedef struct Place {
    int plane; /* 0 luma, 1 Cb, 2 Cr */
    int x, y;  /* of its first sample */
    bool real;
} Place;

__device__ const VdkPlane *plane_of(const VdkImage *image, int plane)
{
    return plane == 0 ? &image->luma : &image->chroma[plane - 1];
}

__device__ Place place_of(const VdkJpegJob *job, uint32_t mcu, int block)
{
    const VdkJpegLayout *layout = &job->layout;
    int column = (int)(mcu % layout->mcus_across), row = (int)(mcu / layout->mcus_across);
    Place place = {.plane = block < layout->luma ? 0 : block - layout->luma + 1};

    if (place.plane == 0) {
        column = column * layout->sx + block % layout->sx;
        row = row * layout->sy + block / layout->sx;
    }
    place.x = column * VDK_JPEG_SIDE;
    place.y = row * VDK_JPEG_SIDE;
    const VdkPlane *plane = plane_of(&job->image, place.plane);
    place.real = place.x < plane->width && place.y < plane->height;
    return place;
}

/*
 * Eight samples of row y. Planes are mostly read as one word: neighbours in an MCU's row complete a
 * sector of 32 bytes, and the rest of it is in the cache for the MCU behind. Interleaved chroma is
 * read bytewise, each line twice, once from memory. The edge repeats the last sample.
 */
__device__ void load_row(const VdkPlane *plane, int step, int x, int y, int32_t d[VDK_JPEG_SIDE])
{
    const uint8_t *row = plane->data + (int64_t)min(y, plane->height - 1) * plane->pitch;
    const bool whole = x + VDK_JPEG_SIDE <= plane->width;

    if (whole && step == 1 && (uint64_t)(row + x) % sizeof(uint64_t) == 0) {
        uint64_t word = *(const uint64_t *)(row + x);

        for (int i = 0; i < VDK_JPEG_SIDE; i++)
            d[i] = (int32_t)(word >> 8 * i & 255) - 128;
    } else {
        for (int i = 0; i < VDK_JPEG_SIDE; i++)
            d[i] = (int32_t)row[(int64_t)min(x + i, plane->width - 1) * step] - 128;
    }
}

/* Two coefficients as they lie in memory. */
__device__ uint32_t pair(int32_t first, int32_t second)
{
    return (uint16_t)first | (uint32_t)second << 16;
}

/* Eight threads a block; all of a warp must come here, whether they have one (taking) or not. */
__device__ void transform_block(const VdkJpegJob *job, Interval *interval, const Place *place,
                                int slot, bool taking)
{
    const int line = (int)vdk_thread() % VDK_JPEG_SIDE;
    const VdkJpegDivisor *divisors = interval->tables.divisors[place->plane > 0];
    Coefficients *block = &interval->blocks[slot];
    int32_t d[VDK_JPEG_SIDE] = {0};

    if (taking && place->real) {
        load_row(plane_of(&job->image, place->plane), place->plane == 0 ? 1 : job->image.step,
                 place->x, place->y + line, d);
        vdk_jpeg_transform(d, VDK_JPEG_ROWS);
        block->rows[line] = {pair(d[0], d[1]), pair(d[2], d[3]), pair(d[4], d[5]),
                             pair(d[6], d[7])};
    }
    __syncwarp();
    if (taking && place->real) {
        for (int i = 0; i < VDK_JPEG_SIDE; i++)
            d[i] = block->at[i * VDK_JPEG_SIDE + line];
        vdk_jpeg_transform(d, VDK_JPEG_COLUMNS);
    }
    __syncwarp();
    for (int i = 0; taking && i < VDK_JPEG_SIDE; i++) {
        const VdkJpegDivisor *by = &divisors[i * VDK_JPEG_SIDE + line];

        block->at[by->place] = vdk_jpeg_quantised(d[i], by);
    }
}

/* first: MCU. n: blocks. */
__device__ void transform(const VdkJpegJob *job, Interval *interval, uint32_t first, int n)
{
    const int blocks = job->layout.blocks;

    for (int at = 0; at < n; at += AT_ONCE) {
        const int own = at + (int)vdk_thread() / VDK_JPEG_SIDE, slot = min(own, n - 1);
        const int block = slot % blocks;
        const uint32_t mcu = first + (uint32_t)(slot / blocks);
        const Place place = place_of(job, mcu, block);
        int like = block;

        while (!place_of(job, mcu, like).real) /* an MCU's first one is */
            like--;
        interval->like[slot] = (uint8_t)(slot - block + like);
        transform_block(job, interval, &place, slot, own < n);
    }
}

/* --- codes ------------------------------------------------------------------------------------*/

/* Up to 59 bits. */
typedef struct Code {
    uint64_t bits;
    uint32_t n;
} Code;

__device__ void append(Code *code, uint64_t bits, uint32_t n)
{
    code->bits = code->bits << n | bits;
    code->n += n;
}

__device__ void append_huffman(Code *code, VdkJpegCode huffman)
{
    append(code, huffman >> 8, huffman & 255);
}

__device__ int size_of(int value)
{
    return 32 - __clz(value < 0 ? -value : value);
}

/* So many bits of a number, of one less when it is negative. */
__device__ void append_value(Code *code, int value, int size)
{
    uint32_t bits = (uint32_t)(value < 0 ? value - 1 : value);

    append(code, bits & ((1u << size) - 1), (uint32_t)size);
}

__device__ Code dc_code(const VdkJpegCode *codes, int difference)
{
    const int size = size_of(difference);
    Code code = {0, 0};

    append_huffman(&code, codes[size]);
    append_value(&code, difference, size);
    return code;
}

/* A coefficient behind a run of zeros. */
__device__ Code ac_code(const VdkJpegCode *codes, int run, int value)
{
    const int size = size_of(value);
    Code code = {0, 0};

    for (; run >= 16; run -= 16)
        append_huffman(&code, codes[15 * VDK_JPEG_AC_SIZES]);
    append_huffman(&code, codes[run * VDK_JPEG_AC_SIZES + size]);
    append_value(&code, value, size);
    return code;
}

__device__ int first_of(const Interval *interval, int slot)
{
    return interval->blocks[interval->like[slot]].at[0];
}

/* What the first coefficient adds to that of the last block of its plane. */
__device__ int difference_of(const VdkJpegLayout *layout, const Interval *interval, int slot)
{
    const int block = slot % layout->blocks;
    const int plane = block < layout->luma ? 0 : block - layout->luma + 1;
    int before = slot - layout->blocks;

    if (block > 0 && plane == 0)
        before = slot - 1;
    else if (plane == 0)
        before += layout->luma - 1;
    return first_of(interval, slot) -
           (before < 0 ? interval->last[plane] : first_of(interval, before));
}

/* The number of the last coefficient, of those that are marked, with an even and an odd number. */
__device__ int last_of(unsigned evens, unsigned odds)
{
    return max(2 * (31 - __clz((int)evens)), 2 * (31 - __clz((int)odds)) + 1);
}

/* One warp: the codes of each lane's two coefficients, the end's in the last lane. */
__device__ void make_codes(const VdkJpegLayout *layout, const Interval *interval, int slot,
                           Code codes[2])
{
    const int table = slot % layout->blocks >= layout->luma;
    const VdkJpegCode *ac = interval->tables.ac[table];
    const int lane = (int)(vdk_thread() % VDK_WARP);
    const unsigned own = 1u << lane, below = own - 1;
    const int even = interval->blocks[slot].at[2 * lane];
    const int odd = interval->blocks[slot].at[2 * lane + 1];
    const unsigned evens = __ballot_sync(ALL, lane == 0 || even != 0);
    const unsigned odds = __ballot_sync(ALL, odd != 0);

    codes[0] = codes[1] = (Code){0, 0};
    if (lane == 0)
        codes[0] = dc_code(interval->tables.dc[table], difference_of(layout, interval, slot));
    else if (even != 0)
        codes[0] = ac_code(ac, 2 * lane - last_of(evens & below, odds & below) - 1, even);
    if (odd != 0)
        codes[1] = ac_code(ac, 2 * lane - last_of(evens & (below | own), odds & below), odd);
    else if (lane == (int)VDK_WARP - 1)
        append_huffman(&codes[1], ac[0]);
}

__device__ void measure(const VdkJpegLayout *layout, Interval *interval, int n)
{
    for (int slot = (int)(vdk_thread() / VDK_WARP); slot < n; slot += WARPS) {
        Code codes[2];

        make_codes(layout, interval, slot, codes);
        uint32_t bits = vdk_warp_sum(codes[0].n + codes[1].n);
        if (vdk_thread() % VDK_WARP == 0)
            interval->at[slot] = bits;
    }
}

/* Its neighbours' bits stand in the same words. */
__device__ void put(uint32_t *stream, uint32_t at, const Code *code)
{
    for (uint32_t left = code->n; left > 0;) {
        const uint32_t room = 32 - at % 32, n = min(left, room);
        const uint32_t part = (uint32_t)(code->bits >> (left - n)) & (ALL >> (32 - n));

        atomicOr(&stream[at / 32], part << (room - n));
        at += n;
        left -= n;
    }
}

__device__ void write_codes(const VdkJpegLayout *layout, Interval *interval, int n)
{
    const unsigned lane = vdk_thread() % VDK_WARP;

    for (int slot = (int)(vdk_thread() / VDK_WARP); slot < n; slot += WARPS) {
        Code codes[2];

        make_codes(layout, interval, slot, codes);
        uint32_t up_to = codes[0].n + codes[1].n;
        for (unsigned step = 1; step < VDK_WARP; step *= 2) {
            uint32_t before = __shfl_up_sync(ALL, up_to, step);

            up_to += lane >= step ? before : 0;
        }
        uint32_t at = interval->at[slot] + up_to - codes[0].n - codes[1].n;
        put(interval->stream, at, &codes[0]);
        put(interval->stream, at + codes[0].n, &codes[1]);
    }
}

/*
 * Adds n blocks to the bits that there are, and answers how many there are now. Codes are made
 * twice, for their lengths and for their bits: they would take more room than the coefficients.
 */
__device__ uint32_t encode(const VdkJpegLayout *layout, Interval *interval, int n, uint32_t bits)
{
    const int thread = (int)vdk_thread();
    uint32_t own;

    measure(layout, interval, n);
    __syncthreads();
    const uint32_t at = bits + sum_before(thread < n ? interval->at[thread] : 0, &own);
    if (thread < n)
        interval->at[thread] = at;
    const uint32_t cleared = bits > 0 ? bits / 32 + 2 : 0;
    for (uint32_t i = cleared + vdk_thread(); i < (bits + own) / 32 + 2; i += VDK_JPEG_THREADS)
        interval->stream[i] = 0;
    __syncthreads();
    write_codes(layout, interval, n);
    __syncthreads();
    if (thread < layout->blocks - layout->luma + 1)
        interval->last[thread] =
            (int16_t)first_of(interval, n - layout->blocks + layout->luma - 1 + thread);
    __syncthreads();
    return bits + own;
}

/* first: MCU. n: blocks. Answers the number of bits. */
__device__ uint32_t make_stream(const VdkJpegJob *job, Interval *interval, uint32_t first, int n)
{
    const VdkJpegLayout *layout = &job->layout;
    uint32_t bits = 0;

    for (int at = 0; at < n; at += PART) {
        const int part = min(n - at, PART);

        transform(job, interval, first + (uint32_t)(at / layout->blocks), part);
        __syncthreads();
        bits = encode(layout, interval, part, bits);
    }
    if (vdk_thread() == 0) { /* the last byte is filled with ones */
        const Code ones = {127, 7};

        put(interval->stream, bits, &ones);
    }
    __syncthreads();
    return bits;
}

/* --- bytes ------------------------------------------------------------------------------------*/

__device__ uint8_t byte_at(const uint32_t *stream, uint32_t i)
{
    return (uint8_t)(stream[i / 4] >> (24 - i % 4 * 8));
}

/* A zero follows each byte of 255, and a marker the last one. Threads have some bytes each, in
 * their order. */
__device__ void spill(const VdkJpegJob *job, Interval *interval, uint32_t bits)
{
    const uint32_t *stream = interval->stream;
    const uint32_t thread = vdk_thread(), n = (bits + 7) / 8, which = blockIdx.x;
    const uint32_t share = (n + VDK_JPEG_THREADS - 1) / VDK_JPEG_THREADS;
    const uint32_t begin = min(thread * share, n), end = min(begin + share, n);
    uint32_t own = 0, stuffed;

    for (uint32_t i = begin; i < end; i++)
        own += byte_at(stream, i) == 255;
    const uint32_t before = sum_before(own, &stuffed);
    const uint32_t length = n + stuffed + 2;
    if (thread == 0) {
        interval->place = atomicAdd(&job->control->used, length);
        job->pieces[which].length = length;
        job->pieces[which].spilled = interval->place;
    }
    __syncthreads();
    if ((uint64_t)interval->place + length > job->room)
        return;
    uint8_t *to = job->spill + interval->place, *at = to + begin + before;
    for (uint32_t i = begin; i < end; i++) {
        *at++ = byte_at(stream, i);
        if (at[-1] == 255)
            *at++ = 0;
    }
    if (thread == 0) {
        to[length - 2] = 0xff;
        to[length - 1] = which + 1 == job->layout.n_intervals ? 0xd9 : (uint8_t)(0xd0 + which % 8);
    }
}

/* The last block: the intervals in their order. Threads have some each. */
__device__ void line_up(const VdkJpegJob *job)
{
    const uint32_t n = job->layout.n_intervals;
    const uint32_t share = (n + VDK_JPEG_THREADS - 1) / VDK_JPEG_THREADS;
    const uint32_t begin = min(vdk_thread() * share, n), end = min(begin + share, n);
    uint32_t own = 0, total;

    for (uint32_t i = begin; i < end; i++)
        own += job->pieces[i].length;
    uint32_t at = job->header + sum_before(own, &total);
    for (uint32_t i = begin; i < end; i++) {
        job->pieces[i].final = at;
        at += job->pieces[i].length;
    }
    if (vdk_thread() == 0) {
        job->control->report.length = job->header + total;
        job->control->report.fits = job->header + total <= job->room;
        job->control->used = 0;
    }
}

/* A block an interval. */
extern "C" __global__ void __launch_bounds__(VDK_JPEG_THREADS)
    vdk_jpeg_encode(const __grid_constant__ VdkJpegJob job)
{
    __shared__ Interval interval;
    const VdkJpegLayout *layout = &job.layout;
    const uint32_t first = blockIdx.x * layout->interval;
    const int n = (int)min(layout->interval, layout->n_mcus - first) * layout->blocks;
    const uint32_t *from = (const uint32_t *)&job.tables;
    uint32_t *to = (uint32_t *)&interval.tables;

    for (unsigned i = vdk_thread(); i < sizeof job.tables / sizeof *from; i += VDK_JPEG_THREADS)
        to[i] = from[i];
    if (vdk_thread() < 3)
        interval.last[vdk_thread()] = 0;
    __syncthreads();
    spill(&job, &interval, make_stream(&job, &interval, first, n));
    if (vdk_is_last_block(&job.control->ticket))
        line_up(&job);
}
VDK_KERNEL(vdk_jpeg_encode)

/* A block an interval, a byte a thread at a time: whole pieces of memory, if not aligned ones. */
extern "C" __global__ void __launch_bounds__(VDK_JPEG_THREADS)
    vdk_jpeg_gather(const __grid_constant__ VdkJpegGatherJob job)
{
    if (!job.control->report.fits)
        return;
    if (blockIdx.x == 0)
        for (uint32_t i = threadIdx.x; i < job.header_length; i += VDK_JPEG_THREADS)
            job.jpeg[i] = job.header[i];
    const VdkJpegPiece piece = job.pieces[blockIdx.x];
    const uint8_t *__restrict__ from = job.spill + piece.spilled;
    uint8_t *__restrict__ to = job.jpeg + piece.final;

#pragma unroll 4
    for (uint32_t i = threadIdx.x; i < piece.length; i += VDK_JPEG_THREADS)
        to[i] = from[i];
}
VDK_KERNEL(vdk_jpeg_gather)
