#pragma once

#include <glib.h>

/* Reads an MP4's boxes, strictly: what does not fit into what it lies in fails the test. */

/* The number that stands `at` bytes into the content of the box at `path` ("moof/traf/tfdt"). */
guint32 boxes_u32(GBytes *mp4, const char *path, gsize at);
guint64 boxes_u64(GBytes *mp4, const char *path, gsize at);
/* The content of the box at `path`; NULL: there is none. (transfer full) */
GBytes *boxes_find(GBytes *mp4, const char *path);
/* The types of the boxes that lie in the one at `path`, "" for the outermost: "moof mdat". */
char *boxes_list(GBytes *mp4, const char *path);
