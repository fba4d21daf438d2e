#include "media/gpu-device.h"

guint vd_gpu_device_open(VdGpuDevice *devices, guint room, char **why)
{
    *why = g_strdup("vedetted was built without CUDA");
    return 0;
}

void vd_gpu_device_clear(VdGpuDevice *device)
{
}

VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why)
{
    return VD_GPU_DECODES_NOT;
}

bool vd_gpu_device_answers(const VdGpuDevice *device)
{
    return false;
}
