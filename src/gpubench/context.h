#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * GStreamer's CUDA context, apart from the rest because its headers and ffnvcodec's declare the
 * same driver twice.
 */

/* Whether there is an NVIDIA driver. */
bool vd_bench_context_driver(void);
/* The context of a GPU, for elements that ask for one; NULL when the driver gives none. (transfer
 * full) */
GstContext *vd_bench_context_new(guint number);
/* Makes it the current one of this thread, and no longer so. */
bool vd_bench_context_enter(GstContext *context);
void vd_bench_context_leave(void);
/* Hands it to an element that asks for one. False: the message asks for something else. [any] */
bool vd_bench_context_answer(GstContext *context, GstMessage *message);
