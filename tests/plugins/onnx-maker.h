#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * ONNX models for tests, with one input that is not looked at and one output that is always the
 * same: what a detector says is then what the test wants it to say.
 */
enum { ONNX_FLOAT = 1, ONNX_UINT8 = 2, ONNX_INT64 = 7, ONNX_BOOL = 9 };

typedef struct OnnxEnd {
    int type;
    int n; /* dimensions */
    gint64 sizes[5];
} OnnxEnd;

/* (transfer full) values: the output's, or NULL for zeros; `more` outputs of the same besides. */
GBytes *onnx_model(const OnnxEnd *input, const OnnxEnd *output, const float *values, int more);
/*
 * (transfer full) The small YOLOX that says `values`, in which something must be other than 0, and
 * never comes to its end: at all, or with a picture that is not black.
 */
GBytes *onnx_endless_model(const float *values, bool at_all);

/* A YOLOX of one class for pictures of 64 x 32, and the rows that it answers. */
enum { SMALL_WIDTH = 64, SMALL_HEIGHT = 32, SMALL_ROWS = 32 + 8 + 2, SMALL_COLUMNS = 6 };
extern const OnnxEnd small_input, small_output;

/* (transfer full) The path of a new file with these bytes; the caller removes it. */
char *onnx_file(GBytes *bytes);
