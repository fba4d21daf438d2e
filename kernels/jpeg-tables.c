#include "kernels/jpeg-tables.h"

#include <errno.h>
#include <string.h>

#include "kernels/image.h"

/* ITU-T T.81, annex K: how many codes there are of each length from 1, and what they stand for. */
typedef struct HuffmanList {
    uint8_t counts[16];
    uint8_t symbols[162];
} HuffmanList;

/* clang-format off */
static const HuffmanList dc_lists[2] = {
    {{0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
     {
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
     }},
    {{0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},
     {
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
     }},
};

static const HuffmanList ac_lists[2] = {
    {{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
     {
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
        0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0,
        0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
        0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
        0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
        0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
        0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
        0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5,
        0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
        0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
        0xf9, 0xfa,
     }},
    {{0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119},
     {
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
        0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0,
        0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26,
        0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
        0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
        0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
        0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
        0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
        0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
        0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
        0xf9, 0xfa,
     }},
};

/* Row by row. */
static const uint8_t quants[2][VDK_JPEG_BLOCK] = {
    {
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    },{
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    },
};

/* Where along the zigzag a coefficient stands, row by row. */
static const uint8_t zigzag[VDK_JPEG_BLOCK] = {
     0,  1,  5,  6, 14, 15, 27, 28,
     2,  4,  7, 13, 16, 26, 29, 42,
     3,  8, 12, 17, 25, 30, 41, 43,
     9, 11, 18, 24, 31, 40, 44, 53,
    10, 19, 23, 32, 39, 45, 52, 54,
    20, 22, 33, 38, 46, 51, 55, 60,
    21, 34, 37, 47, 50, 56, 59, 61,
    35, 36, 48, 49, 57, 58, 62, 63,
};
/* clang-format on */

/* --- layout -----------------------------------------------------------------------------------*/

static bool sampling_ok(const VdkImage *image, const VdkJpegSettings *settings)
{
    int sx = settings->sx, sy = settings->sy;

    if (image->step == 0)
        return true;
    if (sx < 1 || sx > 2 || sy < 1 || sy > 2)
        return false;
    return image->chroma[0].width == (image->luma.width + sx - 1) / sx &&
           image->chroma[0].height == (image->luma.height + sy - 1) / sy;
}

static uint32_t mcus_along(int samples, int factor)
{
    int side = factor * VDK_JPEG_SIDE;

    return (uint32_t)((samples + side - 1) / side);
}

int vdk_jpeg_layout(const VdkImage *image, const VdkJpegSettings *settings, VdkJpegLayout *layout)
{
    if (!vdk_image_ok(image) || !settings || settings->quality < 1 || settings->quality > 100 ||
        !sampling_ok(image, settings))
        return -EINVAL;
    bool grey = image->step == 0;
    layout->sx = grey ? 1 : settings->sx;
    layout->sy = grey ? 1 : settings->sy;
    layout->luma = layout->sx * layout->sy;
    layout->blocks = layout->luma + (grey ? 0 : 2);
    layout->mcus_across = mcus_along(image->luma.width, layout->sx);
    layout->n_mcus = layout->mcus_across * mcus_along(image->luma.height, layout->sy);
    layout->interval = VDK_JPEG_INTERVAL / (uint32_t)layout->blocks;
    layout->n_intervals = (layout->n_mcus + layout->interval - 1) / layout->interval;
    return 0;
}

int vdk_jpeg_interval(const VdkImage *image, const VdkJpegSettings *settings)
{
    VdkJpegLayout layout;
    int error = vdk_jpeg_layout(image, settings, &layout);

    return error == 0 ? (int)layout.interval : error;
}

/* A byte of the scan may need another behind it; an interval has a part of a byte and a marker. */
size_t vdk_jpeg_room(const VdkImage *image, const VdkJpegSettings *settings)
{
    VdkJpegLayout layout;

    if (vdk_jpeg_layout(image, settings, &layout) != 0)
        return 0;
    return VDK_JPEG_HEADER + (size_t)layout.n_intervals * 4 +
           (size_t)layout.n_mcus * (size_t)layout.blocks * VDK_JPEG_WORDS * 4 * 2;
}

/* --- tables -----------------------------------------------------------------------------------*/

/* What a coefficient is divided by: the standard's, scaled as libjpeg does. */
static unsigned quant_at(int quality, int table, int i)
{
    unsigned percent = quality < 50 ? 5000u / (unsigned)quality : 200u - 2u * (unsigned)quality;
    unsigned quant = (quants[table][i] * percent + 50) / 100;

    return quant < 1 ? 1 : quant > 255 ? 255 : quant;
}

/* The transform leaves 8 times the coefficient. */
static VdkJpegDivisor divisor_of(unsigned quant, uint8_t place)
{
    unsigned divisor = quant * 8;

    return (VdkJpegDivisor){
        .reciprocal = (uint32_t)(((1ull << 32) + divisor - 1) / divisor),
        .half = (uint16_t)(divisor / 2),
        .place = place,
    };
}

/* Codes of one length are numbers in a row, in the order of the list. */
static void make_codes(const HuffmanList *list, unsigned sizes, VdkJpegCode *codes)
{
    const uint8_t *symbol = list->symbols;
    uint32_t code = 0;

    for (unsigned length = 1; length <= 16; length++, code *= 2)
        for (int i = 0; i < list->counts[length - 1]; i++, symbol++)
            codes[*symbol / 16 * sizes + *symbol % 16] = code++ << 8 | length;
}

void vdk_jpeg_tables(int quality, VdkJpegTables *tables)
{
    memset(tables, 0, sizeof *tables);
    for (int table = 0; table < 2; table++) {
        for (int i = 0; i < VDK_JPEG_BLOCK; i++)
            tables->divisors[table][i] = divisor_of(quant_at(quality, table, i), zigzag[i]);
        make_codes(&dc_lists[table], VDK_JPEG_DC_SIZES, tables->dc[table]);
        make_codes(&ac_lists[table], VDK_JPEG_AC_SIZES, tables->ac[table]);
    }
}

/* --- header -----------------------------------------------------------------------------------*/

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

static uint8_t *put_two(uint8_t *at, unsigned value)
{
    *at++ = (uint8_t)(value >> 8);
    *at++ = (uint8_t)value;
    return at;
}

/* length: of what follows the marker, itself included. */
static uint8_t *put_marker(uint8_t *at, uint8_t marker, unsigned length)
{
    *at++ = 0xff;
    *at++ = marker;
    return put_two(at, length);
}

static uint8_t *put_quants(uint8_t *at, int quality, int table)
{
    at = put_marker(at, 0xdb, 3 + VDK_JPEG_BLOCK);
    *at++ = (uint8_t)table;
    for (int i = 0; i < VDK_JPEG_BLOCK; i++)
        at[zigzag[i]] = (uint8_t)quant_at(quality, table, i);
    return at + VDK_JPEG_BLOCK;
}

static uint8_t *put_codes(uint8_t *at, const HuffmanList *list, int where)
{
    unsigned n = 0;

    for (int i = 0; i < 16; i++)
        n += list->counts[i];
    at = put_marker(at, 0xc4, 3 + 16 + n);
    *at++ = (uint8_t)where;
    at = put_bytes(at, list->counts, 16);
    return put_bytes(at, list->symbols, n);
}

static uint8_t *put_frame(uint8_t *at, const VdkImage *image, const VdkJpegLayout *layout, int n)
{
    at = put_marker(at, 0xc0, 8 + 3 * (unsigned)n);
    *at++ = 8; /* bits a sample */
    at = put_two(at, (unsigned)image->luma.height);
    at = put_two(at, (unsigned)image->luma.width);
    *at++ = (uint8_t)n;
    for (int i = 0; i < n; i++) {
        *at++ = (uint8_t)(i + 1);
        *at++ = (uint8_t)(i == 0 ? layout->sx * 16 + layout->sy : 0x11);
        *at++ = i > 0; /* table */
    }
    return at;
}

static uint8_t *put_scan(uint8_t *at, int n)
{
    at = put_marker(at, 0xda, 6 + 2 * (unsigned)n);
    *at++ = (uint8_t)n;
    for (int i = 0; i < n; i++) {
        *at++ = (uint8_t)(i + 1);
        *at++ = i > 0 ? 0x11 : 0; /* tables */
    }
    return put_bytes(at, (const uint8_t[]){0, VDK_JPEG_BLOCK - 1, 0}, 3);
}

size_t vdk_jpeg_header(const VdkImage *image, int quality, const VdkJpegLayout *layout,
                       uint8_t header[VDK_JPEG_HEADER])
{
    static const uint8_t jfif[] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F',
                                   0,    1,    1,    0,    0, 1,  0,   1,   0,   0};
    const int n = image->step == 0 ? 1 : 3, tables = n > 1 ? 2 : 1;
    uint8_t *at = put_bytes(header, jfif, sizeof jfif);

    for (int table = 0; table < tables; table++)
        at = put_quants(at, quality, table);
    at = put_frame(at, image, layout, n);
    for (int table = 0; table < tables; table++) {
        at = put_codes(at, &dc_lists[table], table);
        at = put_codes(at, &ac_lists[table], 16 + table);
    }
    at = put_two(put_marker(at, 0xdd, 4), layout->interval);
    return (size_t)(put_scan(at, n) - header);
}
