#include "media/gpu-device.h"

#include "media/gpu-nvdec.h"

#include <gst/cuda/gstcudacontext.h>
#include <gst/cuda/gstcudaloader.h>
#include <gst/cuda/gstcudautils.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstCudaContext, gst_object_unref)

/*
 * One context a GPU, GStreamer's own, which elements are handed when they ask for one: left to
 * themselves each pipeline would make its own.
 */
static GstCudaContext *context_of(const VdGpuDevice *device)
{
    GstCudaContext *context = NULL;
    const GstStructure *structure = gst_context_get_structure(device->context);

    gst_structure_get(structure, GST_CUDA_CONTEXT_TYPE, GST_TYPE_CUDA_CONTEXT, &context, NULL);
    return context;
}

static char *name_of(guint number)
{
    char name[256] = "";
    CUdevice device;

    if (CuDeviceGet(&device, (int)number) != CUDA_SUCCESS ||
        CuDeviceGetName(name, sizeof name, device) != CUDA_SUCCESS || name[0] == '\0')
        return g_strdup_printf("GPU %u", number);
    return g_strdup(name);
}

static int count_devices(char **why)
{
    int count = 0;

    if (!gst_cuda_load_library()) {
        *why = g_strdup("there is no NVIDIA driver here");
        return 0;
    }
    if (CuInit(0) != CUDA_SUCCESS || CuDeviceGetCount(&count) != CUDA_SUCCESS || count == 0)
        *why = g_strdup("the NVIDIA driver finds no GPU");
    return count;
}

/* A GPU without a context cannot be used, and the numbers of those behind it stay. */
guint vd_gpu_device_open(VdGpuDevice *devices, guint room, char **why)
{
    guint count = (guint)count_devices(why);

    for (guint i = 0; i < MIN(count, room); i++) {
        g_autoptr(GstCudaContext) context = gst_cuda_context_new(i);
        if (context == NULL) {
            *why = g_strdup_printf("the NVIDIA driver gives no context on GPU %u", i);
            return i;
        }
        devices[i].name = name_of(i);
        devices[i].context = gst_context_new_cuda_context(context);
    }
    return MIN(count, room);
}

void vd_gpu_device_clear(VdGpuDevice *device)
{
    g_clear_pointer(&device->context, gst_context_unref);
    g_clear_pointer(&device->name, g_free);
}

VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why)
{
    g_autoptr(GstCudaContext) context = context_of(device);

    if (!gst_cuda_context_push(context)) {
        *why = g_strdup_printf("%s does not answer", device->name);
        return VD_GPU_SAYS_NOTHING;
    }
    VdGpuAnswer decodes = vd_gpu_nvdec_decodes(stream, why);
    gst_cuda_context_pop(NULL);
    return decodes;
}

/* An allocation is the least that every lost context refuses; memory that is used up is no loss. */
bool vd_gpu_device_answers(const VdGpuDevice *device)
{
    g_autoptr(GstCudaContext) context = context_of(device);
    CUdeviceptr memory;

    if (!gst_cuda_context_push(context))
        return false;
    CUresult result = CuMemAlloc(&memory, 256);
    if (result == CUDA_SUCCESS)
        result = CuMemFree(memory);
    else if (result == CUDA_ERROR_OUT_OF_MEMORY)
        result = CUDA_SUCCESS;
    return gst_cuda_context_pop(NULL) && result == CUDA_SUCCESS;
}
