#pragma once

#include "gpubench/timing.h"

/* What is found out on the way, for the goals and the sums. NAN: it was not. */
typedef struct VdBenchFindings {
    double motion_floor_share;  /* 0..1: the time that memory alone would take, of motion's */
    double analysis_per_second; /* pictures, decode excluded, the best step */
    double decode_per_second;   /* pictures, decode alone */
    double cpu_ms;              /* of a camera's picture with decoding, the largest step not late */
    double camera_megabytes;    /* of GPU memory, the largest step */
    double jpeg_bytes;          /* of a picture */
    double clip_bytes;          /* of a picture of the clip */
} VdBenchFindings;

/* Tables "operators", "analysis" and "jpeg". False: a part of them may be there. */
bool vd_bench_operators(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                        VdBenchFindings *findings, GError **error);
bool vd_bench_analysis(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                       VdBenchFindings *findings, GError **error);
bool vd_bench_jpegs(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                    VdBenchFindings *findings, GError **error);
