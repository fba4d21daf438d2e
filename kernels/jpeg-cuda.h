#pragma once

#include "kernels/cuda.h"
#include "kernels/jpeg-tables.h"

/*
 * The JPEG encoder on a device, in two kernels a picture:
 *
 *   vdk_jpeg_encode  a block of threads a restart interval: transform, quantisation, Huffman codes
 *                    and byte stuffing in shared memory; the bytes go to the next free place of
 *                    the spill. The last block adds up the lengths and writes the report.
 *   vdk_jpeg_gather  the header, and behind it the intervals in their order
 *
 * Samples are read from memory once and coefficients never leave shared memory; what is compressed
 * is written, read and written again, for each of which it is a fifteenth of a usual picture.
 * Intervals take their places in the spill in the order in which they are done, and that does not
 * show in the result. To have each wait for the lengths before it would save the second kernel and
 * the spill, at the price of blocks that spin.
 */
#define VDK_JPEG_THREADS 256 /* of a block; in one dimension */

/* What both kernels know. 0 before the first picture. */
typedef struct VdkJpegControl {
    uint32_t ticket; /* 0 between pictures */
    uint32_t used;   /* bytes of the spill; 0 between pictures */
    VdkJpegReport report;
} VdkJpegControl;

/* Where an interval's bytes are, and where they belong. */
typedef struct VdkJpegPiece {
    uint32_t length;
    uint32_t spilled, final; /* offsets in the spill and in the JPEG */
} VdkJpegPiece;

typedef struct VdkJpegJob {
    VdkImage image;
    VdkJpegLayout layout;
    VdkJpegTables tables;
    VdkJpegControl *control;
    VdkJpegPiece *pieces; /* layout.n_intervals */
    uint8_t *spill;       /* room bytes */
    uint32_t room;
    uint32_t header; /* bytes that come before the scan */
} VdkJpegJob;

typedef struct VdkJpegGatherJob {
    const VdkJpegControl *control;
    const VdkJpegPiece *pieces;
    const uint8_t *spill;
    uint8_t *jpeg;
    uint32_t header_length;
    uint8_t header[VDK_JPEG_HEADER];
} VdkJpegGatherJob;
