#pragma once

#include <cairo.h>
#include <glib.h>

#include "plugins/vd-engine.h"

/*
 * Text as bitmaps for the engine's blend: rasterised once, drawn into many pictures. Each has a
 * light bitmap with the letters and a dark one around them, so that it reads on any background.
 */
typedef struct VdText {
    cairo_surface_t *light, *dark; /* NULL: nothing to draw */
    int width, height;             /* pixels, with the dark edge */
} VdText;

typedef struct VdTextStyle {
    int size;                  /* pixels */
    int max_width, max_height; /* pixels; what is longer ends in an ellipsis */
    bool paragraph;            /* several lines, wrapped and centred; else a single one */
} VdTextStyle;

/*
 * Fills an empty or cleared text. Without a usable font, or without any text, it stays empty.
 * utf8 need not be valid. One text of the process is rasterised at a time. [any]
 */
void vd_text_set(VdText *text, const char *utf8, const VdTextStyle *style);
void vd_text_clear(VdText *text);

/* Where text is drawn: an engine at work, its picture, and the picture's range. */
typedef struct VdCanvas {
    VdEngine *engine;
    VdkImage *image;
    bool full_range;
} VdCanvas;

/* Both bitmaps with their top left corner at x, y. Answers what the engine answers. */
int vd_text_draw(const VdText *text, const VdCanvas *canvas, int x, int y);

/* --- a clock -----------------------------------------------------------------------------------
 * The characters of "2026-11-22 15:04:05.123", each rasterised once for all pictures of one size;
 * digits are equally wide.
 */
#define VD_CLOCK_LONGEST (VDK_MAX_BLITS / 2) /* characters */

typedef struct VdClockFace VdClockFace;

/* The one of this size, counted and never changed (transfer full); NULL: no usable font. [any] */
VdClockFace *vd_clock_face_get(int size);
void vd_clock_face_unref(VdClockFace *face); /* (nullable) [any] */

int vd_clock_face_height(const VdClockFace *face); /* 0 for NULL */
/* 0 for NULL. Characters that it does not have are left out. */
int vd_clock_face_width(const VdClockFace *face, const char *text);
/* Hands all characters over to the engine, so that a picture's time costs nothing but drawing. */
int vd_clock_face_keep(const VdClockFace *face, VdEngine *engine); /* (nullable) */
/* All at once; what is longer than VD_CLOCK_LONGEST is cut off. */
int vd_clock_face_draw(const VdClockFace *face, const char *text, const VdCanvas *canvas, int x,
                       int y);
