#pragma once

#include "plugins/vd-text.h"

/*
 * Short words that come and go from picture to picture, as the classes of objects do: each is
 * rasterised once. One size of picture at a time.
 */
#define VD_LABELS_MOST 64 /* different words that are kept */

typedef struct VdLabels {
    GHashTable *texts; /* (nullable) GQuark -> VdText */
    int size;          /* pixels of a letter's height */
} VdLabels;

/* Forgets all words: the engine must be told to forget theirs. */
void vd_labels_set_size(VdLabels *labels, int size);
void vd_labels_clear(VdLabels *labels);

/* Before a picture: a new word would find no room, and it is time to set the size anew. */
bool vd_labels_is_full(const VdLabels *labels);
/* The word's bitmaps (transfer none), or NULL: there is no room, or no size. */
const VdText *vd_labels_get(VdLabels *labels, GQuark word, const char *utf8);
