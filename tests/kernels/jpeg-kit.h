#pragma once

#include "cuda-kit.h"

/* Pictures that are hard on a JPEG encoder, and the device's encoder. */
typedef enum Scene {
    RANDOM,  /* every value */
    CORNERS, /* 0 or 255 at random: the longest codes */
    CHESS,
    DARK,
    BRIGHT,
    SMOOTH,
    RIPPLE, /* of each block only the last coefficient: the longest runs */
    N_SCENES
} Scene;

void paint(TestPicture *picture, Layout layout, Size size, Scene scene);
/* As cameras mean the layout. */
VdkJpegSettings settings_of(Layout layout, int quality);

typedef struct Encoder {
    Gpu *gpu;
    void *scratch, *memory;
    gsize room;
} Encoder;
void encoder_init(Encoder *encoder, Gpu *gpu, const VdkImage *image,
                  const VdkJpegSettings *settings, gsize room);
void encoder_clear(Encoder *encoder);
/* Waits for the report. image: on the device. */
VdkJpegReport encode(Encoder *encoder, const VdkImage *image, const VdkJpegSettings *settings);
/* (transfer full) */
guint8 *fetch(Encoder *encoder, const VdkJpegReport *report);
/* image: the same picture on the host. */
void assert_libjpegs(Encoder *encoder, const VdkJpegReport *report, const VdkImage *image,
                     const VdkJpegSettings *settings);
