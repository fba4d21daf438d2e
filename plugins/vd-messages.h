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

/*
 * A property of vdmask, vdmotion, vdtamper, vdscale, vdcompose and vdjpegenc, to read from any
 * thread: the bytes (guint64) that the element's work holds on a GPU, and of the pictures there
 * that it was the first of them to see. The sum over all is what they hold together.
 */
#define VD_GPU_MEMORY "gpu-memory"

/* --- vdmotion: video in passthrough, never touched ---------------------------------------------
 * properties: analysis-fps (int 1..60, 10), analysis-width (int 32..4096, 480),
 *   threshold (int 1..255), min-area (int 1..10000, of 10000 of the picture), masks (bool, FALSE:
 *   messages carry the mask): all may change while playing; analysis-width starts the background
 *   anew.
 * signal action "reset": the next frame starts the background anew.
 * "save" answers what it has learned and when a frame is due, as one GBytes (nullable; transfer
 *   full), with the CPU the same as on a GPU; it waits until a frame under way has been passed on.
 * "restore" (GBytes of another one's "save"): the next frame goes on from there, as if this element
 *   had seen all that the other one saw. What is of another size of picture is not taken.
 * After each analysed frame it posts an element message with this structure, and sends the same,
 * but for the mask, downstream as a custom event out of band: */
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
/* what VdLighting has: two booleans and three doubles */
#define VD_MOTION_LIGHT      "light"
#define VD_MOTION_ANEW       "anew"
#define VD_MOTION_BRIGHTNESS "brightness"
#define VD_MOTION_DARK       "dark"
#define VD_MOTION_BRIGHT     "bright"
#define VD_MOTION_WIDTH      "width" /* guint, of the analysis picture */
#define VD_MOTION_HEIGHT     "height"
/* GBytes (G_TYPE_BYTES) of VdBox[]; coordinates 0..65536 of the picture's width and height */
#define VD_MOTION_BOXES "boxes"
/* GBytes of one VdMotionFound: how it came to these boxes, or to none */
#define VD_MOTION_FOUND "found"
/* with masks: GBytes of width * height, row by row: 255 where it moves, 0 elsewhere */
#define VD_MOTION_MASK "mask"

typedef struct VdBox {
    int x, y, width, height;
    int cx, cy; /* centre of mass */
    int area;   /* 0..65536 of the picture's pixels */
} VdBox;

typedef struct VdMotionFound {
    double changed, clean;   /* 0..1 of the picture: what differs, and what cleaning left of it */
    unsigned components;     /* that this is */
    VdBox largest;           /* of them, also where it is no box; area 0: there is none */
    int threshold, min_area; /* the properties it was judged by */
} VdMotionFound;

/* The light of a picture, in grey levels. */
typedef struct VdLighting {
    int light;           /* boolean: what differs is in another light, so there are no boxes */
    int anew;            /* boolean: the background begins with this picture */
    double brightness;   /* mean of the background before it; 0 with anew */
    double dark, bright; /* by how much its light changes grey 40 and 200 */
} VdLighting;

/* --- vdtamper: video in passthrough, never touched ---------------------------------------------
 * properties: interval-ms (int 10..5000, 500: the least time between two looks), enabled (bool,
 *   TRUE): live.
 * signal action "restore" (GBytes that another one's message had as VD_QUALITY_REFERENCE, made with
 *   the CPU or on a GPU): the next look goes on from there. What is of another size of picture is
 *   not taken.
 * After each picture that was looked at it posts an element message with this structure: */
#define VD_TAMPER_FACTORY  "vdtamper"
#define VD_TAMPER_RESTORE  "restore"
#define VD_QUALITY_MESSAGE "vd-quality"
#define VD_QUALITY_PTS     "pts"     /* guint64 ns, of the buffer */
#define VD_QUALITY_NUMBER  "number"  /* guint64, pictures looked at, from 1 */
#define VD_QUALITY_COST    "cost-us" /* guint64, time the operator took */
#define VD_QUALITY_FOUND   "found"   /* GBytes (G_TYPE_BYTES) of a VdQuality */
/* GBytes, once in ten seconds: the reference, this picture included */
#define VD_QUALITY_REFERENCE "reference"

/* How good a picture is, and how it fits the reference: the mean of the last minute's. */
typedef struct VdQuality {
    double light;        /* mean grey levels above black */
    double black, white; /* parts of the picture, 0..1, that have no level below, or above */
    double detail;    /* how much larger squares of differences are between places farther apart */
    double sharpness; /* 0.06 (blurred) .. 0.25: which part of it is between neighbours */
    double noise;     /* sigma where there is least of it, grey levels */
    double colour;    /* mean distance of both chroma samples from grey, levels */
    double same;      /* part, 0..1, that is to the bit as in the picture before */
    double learned;   /* seconds that the reference was made of, 60 at most */
    double structure; /* 0..1: of the reference; without any nothing fits it */
    double match, here;      /* 0..1: how it fits where it fits best, and unshifted */
    double shift_x, shift_y; /* where it fits best: parts of the picture's width and height */
} VdQuality;

/* --- vddetect: video in passthrough, never touched; of libgstvedettedetect.so, which is there
 * where vedette was built with ONNX Runtime's header -----------------------------------------
 * properties: model (string, a YOLOX's ONNX file), names (string, a file with a class a line; NULL:
 *   COCO's), runtime (string, ONNX Runtime's library; NULL: the installed one), threads (int 1..64,
 *   1), longest-ms (int, 2000: a model whose run takes longer is refused): before playing. classes
 *   (string "person,car"; NULL: all), min-score (double 0.01..1, 0.4), detect-fps (int 1..60, 5),
 *   whole-interval-ms (int 0..600000, 2000), part-size (int 0..4096 pixels, 0: the model's), tiles
 *   (bool), budget (int 1..100 per cent of the time), wait (bool: video waits): live. To read:
 *   why-not (string, NULL: it detects).
 * Where something moves it learns from vdmotion upstream, whose messages go downstream as events.
 * When the model has been opened, or cannot be, it posts an element message VD_DETECT_STATE, and
 * when looks begin to fail or no longer do; after each picture that was looked at, from another
 * thread than the stream's, VD_DETECT_MESSAGE: */
#define VD_DETECT_FACTORY "vddetect"
#define VD_DETECT_STATE   "vd-detect-state"
#define VD_DETECT_WHY_NOT "why-not" /* string, or NULL */
#define VD_DETECT_RUNTIME "runtime" /* string: ONNX Runtime's version, or NULL */
#define VD_DETECT_CLASSES "classes" /* G_TYPE_STRV: what the model knows, or NULL */
#define VD_DETECT_MESSAGE "vd-detect"
#define VD_DETECT_PTS     "pts"     /* guint64 ns, of the buffer */
#define VD_DETECT_NUMBER  "number"  /* guint64, pictures looked at, from 1 */
#define VD_DETECT_RUNS    "runs"    /* guint: parts of it that the model has seen */
#define VD_DETECT_WHOLE   "whole"   /* boolean: they are all of it */
#define VD_DETECT_COST    "cost-us" /* guint64, time that all of this took */
/* GBytes (G_TYPE_BYTES) of VdObject[], the highest scores first; of parts that were not looked at
 * those that were seen there before */
#define VD_DETECT_OBJECTS "objects"

#define VD_OBJECT_NAME    32 /* bytes, with the one that ends it */
typedef struct VdObject {
    int x, y, width, height; /* 0..65536 of the picture's width and height */
    int score;               /* 0..65536 */
    char name[VD_OBJECT_NAME];
} VdObject;

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
 * Boxes: from the buffer's GstVideoRegionOfInterestMeta whose roi_type is VD_ROI_MOTION, and in a
 *   darker colour those of VD_ROI_IGNORED: what moves and does not count. In another colour, with
 *   what they are, those whose roi_type begins with VD_ROI_OBJECT.
 * Time: from its GstReferenceTimestampMeta with caps VD_UNIX_TIME (ns since 1970 UTC), local zone.
 * properties, all live: title (string, UTF-8), state (string), polygons (as vdmask: outlines),
 *   zones (string "NAME [ignore] ...: x,y x,y x,y; NAME ...": outlines with names), show-title,
 *   show-time, show-state, show-boxes, show-masks, show-zones (bool), lines (string, several lines
 *   in the middle of the picture, for placeholders), enabled (bool: FALSE is passthrough). */
#define VD_COMPOSE_FACTORY "vdcompose"
#define VD_ROI_MOTION      "vd-motion"
#define VD_ROI_IGNORED     "vd-ignored"
#define VD_ROI_OBJECT      "vd-object:" /* and behind it what it is */
#define VD_UNIX_TIME       "timestamp/x-unix"

/* --- vdjpegenc: raw video in, baseline image/jpeg in system memory out --------------------------
 * properties: quality (int 1..100, 75), live. */
#define VD_JPEGENC_FACTORY "vdjpegenc"

/* --- vdh264enc, vdh265enc: I420 and NV12 in, byte-stream in whole access units out; of
 * libgstvedettecodec.so, which is there where vedette was built with libavcodec ---------------
 * properties: bitrate (uint, kbit/s, 2000), gop-size (uint, pictures, 60), hardware (bool, TRUE:
 *   NVENC may be used): all live. To read: encoder (string, libavcodec's name of it), why-software
 *   (string, NULL: it is NVENC); both NULL before the first picture. installed-software and
 *   installed-nvenc (string): libavcodec's encoders that are there, NULL where there is none.
 * When one of these two changes it posts an element message with this structure: */
#define VD_H264ENC_FACTORY       "vdh264enc"
#define VD_H265ENC_FACTORY       "vdh265enc"
#define VD_VIDEOENC_MESSAGE      "vd-encoder"
#define VD_VIDEOENC_ENCODER      "encoder"      /* string */
#define VD_VIDEOENC_WHY_SOFTWARE "why-software" /* string, or NULL */
#define VD_VIDEOENC_HAS_SOFTWARE "installed-software"
#define VD_VIDEOENC_HAS_NVENC    "installed-nvenc"

/* --- vdtestsrc: built-in scenes; live, I420, figures at places that arithmetic tells ------------
 * properties: scene (enum "moving", "quiet", "light", "failing"), seed (uint), up-ms (uint: after
 * that time "failing" posts an error), figures (uint 0..16), noise (uint grey levels 0..32).
 * vd-scene.h has the arithmetic. A buffer's offset is the number of its frame, from 0. */
#define VD_TESTSRC_FACTORY "vdtestsrc"
