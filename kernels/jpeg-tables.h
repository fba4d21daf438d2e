#pragma once

#include "kernels/jpeg-pixel.h"
#include "kernels/vdk.h"

/*
 * What a JPEG's encoder looks up, and what stands before its scan: byte for byte libjpeg's, with
 * the tables of ITU-T T.81 annex K. On the host; nothing here knows a device.
 */
#define VDK_JPEG_HEADER     629 /* bytes at most */
#define VDK_JPEG_DC_SIZES   12
#define VDK_JPEG_AC_SIZES   11
#define VDK_JPEG_AC_SYMBOLS (16 * VDK_JPEG_AC_SIZES) /* run * VDK_JPEG_AC_SIZES + size */

/*
 * The most that a block takes, in words of 32 bits. Samples of -128 .. 127 have a sum of squares of
 * 2^20, and so have the coefficients. Their codes and bits are longest when all 63 are of 8 bits,
 * 18 bits each: a longer one takes the energy of 4 shorter ones. With the first one's 20 that is
 * 1154 bits; rounding, which may lift a coefficient over a power of two, adds less than ten.
 */
#define VDK_JPEG_WORDS 37

/* A Huffman code: its bits, and behind them its length in the lowest 8. */
typedef uint32_t VdkJpegCode;

/* Of luma, and of chroma. */
typedef struct VdkJpegTables {
    VdkJpegDivisor divisors[2][VDK_JPEG_BLOCK]; /* row by row */
    VdkJpegCode dc[2][VDK_JPEG_DC_SIZES];
    VdkJpegCode ac[2][VDK_JPEG_AC_SYMBOLS];
} VdkJpegTables;

/* How a picture is cut. An MCU has sx * sy blocks of luma, in rows, and one of each chroma. */
typedef struct VdkJpegLayout {
    int sx, sy; /* 1, 1 for grey */
    int luma;   /* blocks of it in an MCU */
    int blocks; /* in an MCU */
    uint32_t mcus_across, n_mcus;
    uint32_t interval; /* MCUs */
    uint32_t n_intervals;
} VdkJpegLayout;

/* 0 or -EINVAL. */
int vdk_jpeg_layout(const VdkImage *image, const VdkJpegSettings *settings, VdkJpegLayout *layout);
void vdk_jpeg_tables(int quality, VdkJpegTables *tables);
/* Answers the number of bytes. */
size_t vdk_jpeg_header(const VdkImage *image, int quality, const VdkJpegLayout *layout,
                       uint8_t header[VDK_JPEG_HEADER]);
