#pragma once

/*
 * The names by which the daemon and the elements of libgstvedette*.so know each other: factories,
 * properties, messages, metas. The one header the daemon takes from plugins/. No code.
 *
 * Raw video everywhere: I420, NV12, Y42B (and what each page comment adds), 8-bit, odd sizes.
 * Where built with CUDA, all but vdtestsrc also take I420 and NV12 in CUDA memory (VD_CUDA_MEMORY
 * as the caps' feature) and leave pictures in the memory in which they come; a JPEG is in the
 * host's.
 */
#define VD_CUDA_MEMORY "memory:CUDAMemory"

/* --- vdmotion: video in passthrough, never touched ---------------------------------------------
 * properties: analysis-fps (int 1..60, 10), analysis-width (int 32..4096, 480),
 *   threshold (int 1..255), min-area (int 1..10000, of 10000 of the picture): all may change while
 *   playing; analysis-width starts the background anew.
 * signal action "reset": the next frame starts the background anew.
 * "save" answers what it has learned and when a frame is due, as one GBytes (nullable; transfer
 *   full), with the CPU the same as on a GPU; it waits until a frame under way has been passed on.
 * "restore" (GBytes of another one's "save"): the next frame goes on from there, as if this element
 *   had seen all that the other one saw. What is of another size of picture is not taken.
 * After each analysed frame it posts an element message with this structure: */
#define VD_MOTION_FACTORY "vdmotion"
#define VD_MOTION_SAVE    "save"
#define VD_MOTION_RESTORE "restore"
#define VD_MOTION_MESSAGE "vd-motion"
#define VD_MOTION_PTS     "pts"     /* guint64 ns, of the buffer */
#define VD_MOTION_NUMBER  "number"  /* guint64, analysed frames, from 1 */
#define VD_MOTION_SHARE   "share"   /* double 0..1: part of the picture in boxes that moved */
#define VD_MOTION_NOISE   "noise"   /* double, grey levels */
#define VD_MOTION_PRIMED  "primed"  /* boolean */
#define VD_MOTION_COST    "cost-us" /* guint64, time the operator took */
#define VD_MOTION_WIDTH   "width"   /* guint, of the analysis picture */
#define VD_MOTION_HEIGHT  "height"
/* GBytes (G_TYPE_BYTES) of VdBox[]; coordinates 0..65536 of the picture's width and height */
#define VD_MOTION_BOXES "boxes"

typedef struct VdBox {
    int x, y, width, height;
    int cx, cy; /* centre of mass */
    int area;   /* 0..65536 of the picture's pixels */
} VdBox;

/* --- vdmask: privacy polygons, in place; passthrough while there are none ------------------------
 * properties: polygons (string "x,y x,y x,y; x,y ..." in 0..1 of the picture; "" for none; what
 *   cannot be read hides the whole picture),
 *   style (enum "fill", "pixelate"), block (int 4..256 luma pixels, 0: 1/32 of the width).
 *   All may change while playing. */
#define VD_MASK_FACTORY "vdmask"

/* --- vdscale: I420 out, full range BT.601 (what JPEG wants), in the memory of what came in
 * --------- The output size is what downstream caps ask for; the aspect ratio follows when only one
 * of width and height is fixed. Equal format, size and range: passthrough. */
#define VD_SCALE_FACTORY "vdscale"

/* --- vdcompose: draws into the picture in place ------------------------------------------------
 * Boxes: from the buffer's GstVideoRegionOfInterestMeta whose roi_type is VD_ROI_MOTION.
 * Time: from its GstReferenceTimestampMeta with caps VD_UNIX_TIME (ns since 1970 UTC), local zone.
 * properties, all live: title (string, UTF-8), state (string), polygons (as vdmask: outlines),
 *   show-title, show-time, show-state, show-boxes, show-masks (bool), lines (string, several lines
 *   in the middle of the picture, for placeholders), enabled (bool: FALSE is passthrough). */
#define VD_COMPOSE_FACTORY "vdcompose"
#define VD_ROI_MOTION      "vd-motion"
#define VD_UNIX_TIME       "timestamp/x-unix"

/* --- vdjpegenc: raw video in, baseline image/jpeg in system memory out --------------------------
 * properties: quality (int 1..100, 75), live. */
#define VD_JPEGENC_FACTORY "vdjpegenc"

/* --- vdh264enc, vdh265enc: I420 and NV12 in, byte-stream in whole access units out; of
 * libgstvedettecodec.so, which is there where vedette was built with libavcodec ---------------
 * properties: bitrate (uint, kbit/s, 2000), gop-size (uint, pictures, 60), hardware (bool, TRUE:
 *   NVENC may be used): all live. To read: encoder (string, libavcodec's name of it), why-software
 *   (string, NULL: it is NVENC); both NULL before the first picture.
 * When one of these two changes it posts an element message with this structure: */
#define VD_H264ENC_FACTORY       "vdh264enc"
#define VD_H265ENC_FACTORY       "vdh265enc"
#define VD_VIDEOENC_MESSAGE      "vd-encoder"
#define VD_VIDEOENC_ENCODER      "encoder"      /* string */
#define VD_VIDEOENC_WHY_SOFTWARE "why-software" /* string, or NULL */

/* --- vdtestsrc: built-in scenes; live, I420, figures at places that arithmetic tells ------------
 * properties: scene (enum "moving", "quiet", "light", "failing"), seed (uint), up-ms (uint: after
 * that time "failing" posts an error), figures (uint 0..16), noise (uint grey levels 0..32).
 * vd-scene.h has the arithmetic. A buffer's offset is the number of its frame, from 0. */
#define VD_TESTSRC_FACTORY "vdtestsrc"
