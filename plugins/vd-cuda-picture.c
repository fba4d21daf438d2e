#include "plugins/vd-cuda-picture.h"

#include <errno.h>
#include <gst/cuda/gstcudautils.h>

GstCudaMemory *vd_cuda_memory_of(GstBuffer *buffer)
{
    GstMemory *memory = gst_buffer_n_memory(buffer) > 0 ? gst_buffer_peek_memory(buffer, 0) : NULL;

    return memory != NULL && gst_is_cuda_memory(memory) ? GST_CUDA_MEMORY_CAST(memory) : NULL;
}

/* Where planes lie is the memory's to say. */
static VdkImage image_of(const VdCudaPicture *picture, const GstVideoInfo *info)
{
    GstVideoFrame frame = {.info = *info};

    for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(info); i++) {
        frame.data[i] = picture->map.data + picture->memory->info.offset[i];
        frame.info.stride[i] = picture->memory->info.stride[i];
    }
    return vd_image_from_frame(&frame);
}

int vd_cuda_picture_map(GstBuffer *buffer, const GstVideoInfo *info, VdCudaPicture *picture)
{
    GstCudaMemory *memory = vd_cuda_memory_of(buffer);

    if (memory == NULL || GST_VIDEO_INFO_FORMAT(&memory->info) != GST_VIDEO_INFO_FORMAT(info) ||
        memory->info.width < info->width || memory->info.height < info->height)
        return -EINVAL;
    if (!gst_memory_map(&memory->mem, &picture->map, GST_MAP_READ | (GstMapFlags)GST_MAP_CUDA))
        return -EIO;
    picture->memory = memory;
    picture->image = image_of(picture, info);
    return 0;
}

void vd_cuda_picture_unmap(VdCudaPicture *picture)
{
    gst_memory_unmap(&picture->memory->mem, &picture->map);
}

static int copy_plane(const VdkPlane *from, CUmemorytype type, const VdkPlane *to, int step)
{
    CUDA_MEMCPY2D plane = {
        .srcMemoryType = CU_MEMORYTYPE_DEVICE,
        .srcDevice = (CUdeviceptr)(guintptr)from->data,
        .srcPitch = (size_t)from->pitch,
        .dstMemoryType = type,
        .dstHost = to->data,
        .dstDevice = (CUdeviceptr)(guintptr)to->data,
        .dstPitch = (size_t)to->pitch,
        .WidthInBytes = (size_t)to->width * (size_t)step,
        .Height = (size_t)to->height,
    };

    return (int)CuMemcpy2D(&plane);
}

int vd_cuda_picture_copy(const VdCudaPicture *from, CUmemorytype type, const VdkImage *to)
{
    const VdkImage *image = &from->image;
    int error = (int)CuCtxPushCurrent(gst_cuda_context_get_handle(from->memory->context));

    if (error != 0)
        return error;
    error = copy_plane(&image->luma, type, &to->luma, 1);
    for (int i = 0; i < vd_image_chroma_planes(image) && error == 0; i++)
        error = copy_plane(&image->chroma[i], type, &to->chroma[i], image->step);
    int left = (int)CuCtxPopCurrent(NULL);
    return error != 0 ? error : left;
}
