#pragma once

#include "kernels/vdk.h"

/* The operators of the CPU back end, as the table in cpu.c lists them. */
int vdk_cpu_motion(const VdkImage *image, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, void *state, void *scratch, VdkPlane *mask,
                   VdkMotionReport *report);
int vdk_cpu_quality(const VdkImage *image, int64_t elapsed_us, int black, void *state,
                    void *scratch, VdkQualityReport *report);
int vdk_cpu_scale(const VdkImage *from, const VdkConversion *conversion, void *scratch,
                  VdkImage *to);
int vdk_cpu_fill(VdkImage *image, const VdkSpan *spans, size_t n, VdkColour colour);
int vdk_cpu_pixelate(VdkImage *image, const VdkSpan *spans, size_t n, int block);
int vdk_cpu_blend(VdkImage *image, const VdkPlane *alpha, int x, int y, VdkColour colour);
