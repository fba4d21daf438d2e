#pragma once

#include <gst/gst.h>

#include "plugins/vd-yolox.h"

/*
 * A YOLOX in ONNX Runtime, which is opened when the first one is: nothing is linked. Errors are of
 * GST_RESOURCE_ERROR, a sentence for people each. One thread at a time, but for what is [any].
 */
#define VD_ONNX_MAX_MODEL (G_GUINT64_CONSTANT(512) * 1024 * 1024) /* bytes of its file */

typedef struct VdOnnx VdOnnx;

/*
 * library: (nullable) path or name of libonnxruntime; NULL: the one that the system finds.
 * threads: of a run, 1 or more. What the model cannot do its first run shows.
 */
VdOnnx *vd_onnx_open(const char *library, const char *model, int threads, GError **error);
void vd_onnx_free(VdOnnx *onnx); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdOnnx, vd_onnx_free)

const VdYoloxModel *vd_onnx_model(const VdOnnx *onnx);
const char *vd_onnx_version(const VdOnnx *onnx); /* of the library */
float *vd_onnx_input(VdOnnx *onnx);              /* to be filled before a run, as vd-letterbox.h */
/* From the input to the output, for vd_yolox_read(); NULL: it failed. */
const float *vd_onnx_run(VdOnnx *onnx, GError **error);

/* [any] How long the run under way has taken, us; 0: there is none. */
gint64 vd_onnx_running_us(VdOnnx *onnx);
/* [any] The run under way, and each until vd_onnx_go_on(), ends with an error. */
void vd_onnx_stop(VdOnnx *onnx);
void vd_onnx_go_on(VdOnnx *onnx);
