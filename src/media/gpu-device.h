#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * What is known of the GPUs themselves: the one place that asks the driver. Without CUDA in the
 * build, or without a driver, there are none. [main]
 */
typedef struct VdGpuDevice {
    char *name;          /* "NVIDIA L4" */
    GstContext *context; /* (nullable) GStreamer's, with the one CUDA context of this process */
} VdGpuDevice;

typedef enum VdGpuSearch {
    VD_GPU_FOUND,
    VD_GPU_FOUND_NONE,    /* one may come */
    VD_GPU_DRIVER_FAILED, /* it may do better later */
    VD_GPU_NO_DRIVER      /* and there will be none until the process ends */
} VdGpuSearch;

/* How many there are. *why: (transfer full) one sentence when there is none. */
VdGpuSearch vd_gpu_device_search(guint *count, char **why);
/*
 * False: it gives no context, and *why says so (transfer full). It has a name nevertheless, which
 * another try does not change.
 */
bool vd_gpu_device_open(VdGpuDevice *device, guint number, char **why);
void vd_gpu_device_clear(VdGpuDevice *device);

/* What a decoder has to cope with. */
typedef struct VdGpuStream {
    const char *codec; /* "h264", "h265", "jpeg" */
    int width, height;
    int depth;          /* bits of a sample */
    const char *chroma; /* "4:0:0", "4:2:0", "4:2:2", "4:4:4" */
} VdGpuStream;

typedef enum VdGpuAnswer {
    VD_GPU_DECODES,
    VD_GPU_DECODES_NOT, /* and never will */
    VD_GPU_SAYS_NOTHING /* it has failed */
} VdGpuAnswer;

/* Asks the card. When it is not yes, *why says why (transfer full). */
VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why);
/*
 * [any] The memory of a GPU, all programs' together; false: it does not answer. As long as it takes
 * the driver.
 */
bool vd_gpu_device_memory(GstContext *context, guint64 *used, guint64 *total);
/* Whether the context still answers: after some errors none does until the process ends. */
bool vd_gpu_device_answers(const VdGpuDevice *device);
