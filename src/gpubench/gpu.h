#pragma once

#include <ffnvcodec/dynlink_loader.h>
#include <gst/gst.h>
#include <stdbool.h>

#include "gpubench/context.h"
#include "gpubench/report.h"
#include "kernels/cuda.h"

/*
 * The GPU that is measured: GStreamer's context, in which its elements and our operators work side
 * by side. All functions but open and close: [any] thread that has the context current.
 */
typedef struct VdBenchGpu {
    GstContext *context;
    CudaFunctions *cu;
    VdkCuda *vdk;
    char *name;
    /* What ffnvcodec's loader does not look for. */
    CUresult (*event_elapsed)(float *ms, CUevent start, CUevent end);
    CUresult (*stream_wait)(CUstream stream, CUevent event, unsigned flags);
    CUresult (*memory_info)(size_t *available, size_t *total);
    CUresult (*host_alloc)(void **memory, size_t bytes); /* page-locked */
    CUresult (*host_free)(void *memory);
} VdBenchGpu;

/* Leaves the context current in this thread. False: says what is missing; close nevertheless. */
bool vd_bench_gpu_open(VdBenchGpu *gpu, guint number, GError **error);
void vd_bench_gpu_close(VdBenchGpu *gpu);
/* Its name, driver, compute capability and memory. */
void vd_bench_gpu_facts(const VdBenchGpu *gpu, guint number, VdBenchReport *report);

/* result: 0, -errno or a CUresult. False: it was none of success, and what says what failed. */
bool vd_bench_ok(const VdBenchGpu *gpu, int result, const char *what, GError **error);

/* Zeroed device memory; NULL with an error. */
void *vd_bench_memory(const VdBenchGpu *gpu, size_t bytes, GError **error);
void vd_bench_free(const VdBenchGpu *gpu, void *memory);
/* Bytes that are taken, by whomever. */
size_t vd_bench_memory_used(const VdBenchGpu *gpu);

/* Of all threads of this process, user and system. */
double vd_bench_cpu_seconds(void);
