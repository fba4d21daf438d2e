#include "media/gpu-device.h"

VdGpuSearch vd_gpu_device_search(guint *count, char **why)
{
    *why = g_strdup("vedetted was built without CUDA");
    return VD_GPU_NO_DRIVER;
}

bool vd_gpu_device_open(VdGpuDevice *device, guint number, char **why)
{
    return false;
}

void vd_gpu_device_clear(VdGpuDevice *device)
{
}

VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why)
{
    return VD_GPU_DECODES_NOT;
}

bool vd_gpu_device_memory(GstContext *context, guint64 *used, guint64 *total)
{
    return false;
}

bool vd_gpu_device_answers(const VdGpuDevice *device)
{
    return false;
}
