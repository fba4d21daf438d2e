#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * Motion masks as a video: 8-bit gray, FFV1, Matroska, each a key picture at its time to the
 * nanosecond. The same masks make the same bytes. Not for several threads at once; each call waits
 * for the disk.
 */
typedef struct VdMaskFile VdMaskFile;

/* Writes beside it (PATH.part) what is to be there. */
VdMaskFile *vd_mask_file_new(const char *path, GError **error);
/* All must be of one size; times grow. */
bool vd_mask_file_add(VdMaskFile *file, GBytes *mask, int width, int height, GstClockTime pts,
                      GError **error);
/* It is there, whole. */
bool vd_mask_file_finish(VdMaskFile *file, GError **error);
void vd_mask_file_free(VdMaskFile *file); /* (nullable) If it was not finished nothing is there. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdMaskFile, vd_mask_file_free)
