#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * vdk: picture operators on 8-bit YUV, integers only, so that every back end gives the same bits.
 *
 * All functions return 0 or -errno and leave their outputs untouched on failure, write nothing
 * outside width x height of a plane (padding up to the pitch stays as it was), and keep no state
 * of their own: what lasts between frames is in memory that the caller owns. They may be called
 * from any thread, one at a time for one state. Pitch is in bytes and is never the width.
 */
#define VDK_MAX_BOXES 64
#define VDK_MAX_BLITS 64
#define VDK_MAX_SIZE  16384 /* pixels in one direction */

typedef struct VdkPlane {
    uint8_t *data;
    int width, height; /* samples */
    int pitch;         /* bytes from one row to the next, >= width * step of the image */
} VdkPlane;

/*
 * A picture. Chroma planes may have any size not above luma's (4:2:0, 4:2:2, 4:4:4; odd sizes round
 * up). step is the distance of two chroma samples in a row: 1 planar (I420, Y42B), 2 interleaved
 * (NV12: chroma[1].data == chroma[0].data + 1), 0 no chroma (chroma[] is not looked at). What is
 * drawn on needs chroma samples that cover a whole number of luma pixels each way.
 */
typedef struct VdkImage {
    VdkPlane luma;
    VdkPlane chroma[2]; /* Cb, Cr */
    int step;
} VdkImage;

typedef struct VdkColour {
    uint8_t y, u, v;
} VdkColour;

/* In pixels of luma; may lie outside of the picture. */
typedef struct VdkRectangle {
    int x, y, width, height;
} VdkRectangle;

/* A bitmap of one colour on a picture, its top left corner at x, y of luma (may lie outside). */
typedef struct VdkBlit {
    VdkPlane alpha; /* 0 nothing, 255 all */
    int x, y;
    VdkColour colour;
} VdkBlit;

/* Pixels x0..x1-1 of row y of luma. Lists are sorted by y, then x0, and do not overlap. */
typedef struct VdkSpan {
    int y, x0, x1;
} VdkSpan;

/* --- motion ------------------------------------------------------------------------------------
 *
 * One pass a frame: box-average the picture by an integer factor, compare with samples of the
 * background, leave shadows out, clean the mask, find connected components. The analysis picture is
 * floor(width / factor) x floor(height / factor); the factor is the smallest for which its width is
 * at most analysis_width. Its chroma has half as many samples each way. motion-pixel.h has the
 * method and its sources.
 */
typedef struct VdkMotionSettings {
    int threshold; /* 1..255 grey levels a pixel must differ beyond its own noise */
    int min_area;  /* 1..10000, of 10000 of the picture: smaller components are not boxes */
    int black;     /* 0..255 the grey level of black: 16 of limited range, 0 of full range */
} VdkMotionSettings;

/* A connected component, in pixels of the analysis picture. */
typedef struct VdkBox {
    uint16_t x, y, width, height;
    uint16_t cx, cy; /* centre of mass */
    uint32_t area;   /* pixels that moved */
} VdkBox;

/* <= 4096 bytes, plain data: what leaves the device for one frame. */
typedef struct VdkMotionReport {
    uint32_t width, height; /* of the analysis picture */
    uint32_t raw;           /* pixels above threshold, before clean-up */
    uint32_t moving;        /* pixels of the cleaned mask that belong to a box */
    uint32_t noise;         /* mean difference of what does not move, 1/256 grey levels */
    uint32_t clean;         /* pixels of the cleaned mask */
    uint32_t components;    /* found, before min_area and VDK_MAX_BOXES */
    uint32_t n_boxes;       /* largest area first; equal areas by y, then x */
    uint32_t primed;        /* 0 while the background is too young to be believed: no boxes then */
    VdkBox largest;         /* of the components, also where that is no box; all zero: of none */
    uint32_t light;         /* 1: what differs is in another light: no boxes then */
    uint32_t anew;          /* 1: the background begins with this picture */
    uint32_t brightness;    /* mean of the background before it, 1/256 grey levels; 0 with anew */
    int32_t dark, bright;   /* by how much this picture's light changes grey 40 and 200, 1/256 */
    VdkBox boxes[VDK_MAX_BOXES];
} VdkMotionReport;

/* The analysis picture's size and factor for a luma plane of this size. -EINVAL for sizes < 1. */
int vdk_motion_size(int width, int height, int analysis_width, int *aw, int *ah, int *factor);
/* Bytes of state (kept between frames) and of scratch (during one call), 64-byte aligned memory. */
size_t vdk_motion_state_size(int aw, int ah);
size_t vdk_motion_scratch_size(int aw, int ah);

/* --- quality -----------------------------------------------------------------------------------
 *
 * How good a picture is and whether its camera still looks where it did: sums over 64 x 64 cells of
 * it, and the shift against a reference that is learned over a minute. quality-pixel.h has the
 * method. Made for a look or two a second.
 */
typedef struct VdkQualityReport {
    uint32_t mean;         /* 1/16 grey levels */
    uint32_t black, white; /* pixels that have no level below or above, of 65536 */
    uint32_t fine, coarse; /* mean square of differences over one step, over four; in 1/16 */
    uint32_t noise;        /* as fine, where there is least in each row of cells */
    uint32_t colour;       /* mean distance of both chroma samples from grey, 1/16 levels */
    uint32_t same;         /* cells, of 4096, that are to the bit as in the picture before */
    uint32_t learned_ms;   /* what the reference was made of before this picture, 60000 at most */
    uint32_t bins;         /* of the reference's spectrum, 1088 at most: its structure */
    uint32_t match, here;  /* of 65536: how well it fits where it fits best; unshifted */
    int32_t shift_x, shift_y; /* where it fits best: 1/1024 of the picture's width, height */
} VdkQualityReport;

size_t vdk_quality_state_size(void);
size_t vdk_quality_scratch_size(void);

/* --- colour ------------------------------------------------------------------------------------
 * How the values of `from` become those of `to`: JPEG wants full range and the BT.601 matrix.
 */
typedef enum VdkMatrix { VDK_BT601, VDK_BT709 } VdkMatrix;
typedef struct VdkConversion {
    bool limited;     /* from is 16..235 / 16..240; to is always full range */
    VdkMatrix matrix; /* of from; to is always BT.601 */
} VdkConversion;

typedef struct VdkOps {
    const char *name; /* "cpu" */

    /*
     * state: zeroed memory before the first frame and whenever the scene starts anew; elapsed_us:
     * time since the frame before, from the stream's timestamps (0 for the first; clamped to 10 s).
     * Learning goes by time, so that 2 and 30 frames/s learn alike. Chroma of 4:2:0, 4:2:2, 4:4:4
     * or none. mask: NULL, or a plane of aw x ah that receives 255 where it moves and 0 elsewhere.
     */
    int (*motion)(const VdkImage *image, int factor, int64_t elapsed_us,
                  const VdkMotionSettings *settings, void *state, void *scratch, VdkPlane *mask,
                  VdkMotionReport *report);

    /*
     * state: zeroed memory before the first picture and whenever the camera is another; elapsed_us
     * as above. black: the grey level of black, as in VdkMotionSettings.
     */
    int (*quality)(const VdkImage *image, int64_t elapsed_us, int black, void *state, void *scratch,
                   VdkQualityReport *report);

    /*
     * Area average when smaller, bilinear when larger, each direction by itself; equal sizes copy.
     * `to` may have another chroma layout and subsampling than `from`; a grey `from` gives 128.
     * conversion NULL: values stay as they are. scratch: vdk_scale_scratch_size() bytes.
     */
    int (*scale)(const VdkImage *from, const VdkConversion *conversion, void *scratch,
                 VdkImage *to);

    /* In place. A chroma sample is touched when any of its luma pixels is. Spans are clipped. */
    int (*fill)(VdkImage *image, const VdkSpan *spans, size_t n, VdkColour colour);
    /* Each touched sample becomes the rounded mean of its cell of block x block luma pixels. */
    int (*pixelate)(VdkImage *image, const VdkSpan *spans, size_t n, int block);
    /* alpha over the image, its top left corner at x, y (may lie outside): 0 nothing, 255 all. */
    int (*blend)(VdkImage *image, const VdkPlane *alpha, int x, int y, VdkColour colour);
} VdkOps;

const VdkOps *vdk_cpu(void);

size_t vdk_scale_scratch_size(const VdkImage *from, const VdkImage *to);

/* --- JPEG --------------------------------------------------------------------------------------
 *
 * A baseline JPEG's scan is cut into restart intervals, which are encoded side by side. Back ends
 * write the same bytes when they use the same interval: VDK_JPEG_INTERVAL blocks of 8 x 8 samples,
 * which is 32 MCUs of 4:2:0. It makes a camera's picture larger by up to 0.5 % at quality 75 and
 * 1.4 % at quality 10, and one of a single colour, 33 kB at 1920 x 1080, by 2 to 5.4 %. Half of it
 * would cost twice that. It is a multiple of the blocks in any MCU, 1, 3, 4 or 6, and so is half.
 */
#define VDK_JPEG_INTERVAL 192

typedef struct VdkJpegSettings {
    int quality; /* 1..100, as libjpeg means it */
    int sx, sy;  /* luma pixels of a chroma sample, across and down: 1 or 2; 2, 2 is 4:2:0 */
} VdkJpegSettings;

/* MCUs in an interval; -EINVAL for settings that cannot be or that are not the picture's. */
int vdk_jpeg_interval(const VdkImage *image, const VdkJpegSettings *settings);
/* Bytes that no JPEG of such a picture exceeds, many times what a camera's take; 0 as above. */
size_t vdk_jpeg_room(const VdkImage *image, const VdkJpegSettings *settings);

/* --- shapes, on the host -----------------------------------------------------------------------
 * They turn outlines into sorted spans inside width x height. Each answers the number of spans it
 * wrote, or -ENOSPC when more than `room` would be needed (ask with spans NULL, room 0: answers the
 * number). Points are x, y pairs in 1/65536 of the picture's width and height.
 */
/* Even-odd inside of a polygon; a pixel belongs to it when its centre does. */
int vdk_shape_polygon(const int32_t *points, size_t n_points, int width, int height, VdkSpan *spans,
                      size_t room);
/* Its outline (closed), `thick` pixels wide, inwards and outwards alike. */
int vdk_shape_outline(const int32_t *points, size_t n_points, int thick, int width, int height,
                      VdkSpan *spans, size_t room);
/* The frame of a rectangle given in pixels, `thick` pixels wide, inwards. */
int vdk_shape_frame(int x, int y, int w, int h, int thick, int width, int height, VdkSpan *spans,
                    size_t room);
