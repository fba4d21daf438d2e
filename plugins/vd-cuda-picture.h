#pragma once

#include <gst/cuda/cuda-gst.h>
#include <gst/cuda/gstcudamemory.h>

#include "plugins/vd-image.h"

/*
 * A buffer's picture in CUDA memory, and copies of it, for those who need no kernels. [streaming
 * thread] Answers are 0, -errno or a CUresult (> 0).
 */
typedef struct VdCudaPicture {
    GstCudaMemory *memory;
    GstMapInfo map;
    VdkImage image; /* the GPU's addresses */
} VdCudaPicture;

/* (nullable, transfer none) */
GstCudaMemory *vd_cuda_memory_of(GstBuffer *buffer);

int vd_cuda_picture_map(GstBuffer *buffer, const GstVideoInfo *info, VdCudaPicture *picture);
void vd_cuda_picture_unmap(VdCudaPicture *picture);

/* To a picture of the same size and format, in the memory that `type` says. */
int vd_cuda_picture_copy(const VdCudaPicture *from, CUmemorytype type, const VdkImage *to);
