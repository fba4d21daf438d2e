#pragma once

#include <gst/gst.h>

/*
 * What a model's classes are called. Without a file those with 80 have COCO's names, and those of
 * others are "class 0" and so on. Errors are of GST_RESOURCE_ERROR, a sentence for people.
 */
#define VD_CLASS_NAMES_MAX_FILE (64 * 1024) /* bytes */

/*
 * (transfer full) n names. path (nullable): a file with one a line, in the order of the classes;
 * each has VD_OBJECT_NAME - 1 bytes at most and no control characters.
 */
char **vd_class_names_new(const char *path, int n, GError **error);
