#pragma once

#include "plugins/vd-text.h"

/*
 * The words in a picture: name top left, time top right or below it, state under the name, lines in
 * the middle. One size of picture at a time; everything but the time is a bitmap already.
 */
#define VD_CAPTION_NO_TIME INT64_MIN

typedef struct VdCaptionWords {
    const char *title, *state, *lines; /* NULL or "": none; UTF-8 */
    bool time;
} VdCaptionWords;

typedef struct VdCaption {
    VdText title, state, lines;
    VdClockFace *face; /* (nullable) */
    bool timed, dated; /* there is a clock; its date is shown too */
    int margin;
    int title_y, time_x, time_y, state_y, lines_x, lines_y;
    gint64 second; /* that `written` is for */
    char written[32];
} VdCaption;

/* Lays out and rasterises for a picture of this size. */
void vd_caption_set(VdCaption *caption, const VdCaptionWords *words, int width, int height);
void vd_caption_clear(VdCaption *caption);

/* Whether there is anything to draw into a picture whose time is not known. */
bool vd_caption_has_words(const VdCaption *caption);

/* unix_ns: when the picture was taken, or VD_CAPTION_NO_TIME. Answers what the engine answers. */
int vd_caption_draw(VdCaption *caption, gint64 unix_ns, const VdCanvas *canvas);
