#pragma once

#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>

#include "codec-rig.h"

/* libavcodec's encoders on the emulated device, with pictures that are there already. */
enum { WIDTH = 320, HEIGHT = 240, PICTURES = 30 };

/* A device, its pictures, and an encoder that may not have been opened. */
typedef struct Rig {
    AVBufferRef *device, *frames;
    AVCodecContext *encoder;
    GPtrArray *packets; /* AVPacket */
    char log[256];      /* the last error that libavcodec has told */
} Rig;

void rig_init(Rig *rig);
void rig_clear(Rig *rig);
CUcontext context_of(const Rig *rig);

/* As the element that encodes for viewers will: nothing held back, key frames on demand. */
AVCodecContext *new_encoder(Rig *rig, const char *name);
int try_to_open(Rig *rig, const char *name);
void rig_open(Rig *rig, const char *name);

/* Soft waves that move, so that little is lost in coding; chroma is 100 + number. */
guint8 grey_at(int x, int y, int number);
/* (transfer full) On the device; its upload has been done. */
AVFrame *new_picture(Rig *rig, int number);

/* NULL: the end. The packets go to the rig; the first error. */
int encode(Rig *rig, AVFrame *picture);
/* Pictures from..to, of which no byte may cross the bus. The first error. */
int encode_some(Rig *rig, int from, int to);
