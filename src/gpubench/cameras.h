#pragma once

#include "gpubench/clip.h"
#include "gpubench/operators.h"

/*
 * Tables "nvdec" and "cameras": pipelines of a clip in the GPU's one context, as fast as they can,
 * and at 30 pictures/s each, more and more of them. False with an error where NVDEC does not work
 * at all.
 */
bool vd_bench_cameras(const VdBenchPlan *plan, const VdBenchGpu *gpu, const VdBenchClip *clip,
                      VdBenchReport *report, VdBenchFindings *findings, GError **error);
