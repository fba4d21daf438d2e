#include "media/gpu-device.h"

#include "media/gpu-nvdec.h"

#include <dlfcn.h>
#include <gst/cuda/gstcudacontext.h>
#include <gst/cuda/gstcudaloader.h>
#include <gst/cuda/gstcudautils.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstCudaContext, gst_object_unref)

/*
 * One context a GPU, GStreamer's own, which elements are handed when they ask for one: left to
 * themselves each pipeline would make its own.
 */
static GstCudaContext *cuda_context(GstContext *handed)
{
    GstCudaContext *context = NULL;
    const GstStructure *structure = gst_context_get_structure(handed);

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

VdGpuSearch vd_gpu_device_search(guint *count, char **why)
{
    int found = 0;

    if (!gst_cuda_load_library()) {
        *why = g_strdup("there is no NVIDIA driver here");
        return VD_GPU_NO_DRIVER;
    }
    CUresult result = CuInit(0);
    if (result == CUDA_SUCCESS)
        result = CuDeviceGetCount(&found);
    if (result != CUDA_SUCCESS && result != CUDA_ERROR_NO_DEVICE) {
        *why = g_strdup_printf("the NVIDIA driver does not start, with error %d", result);
        return VD_GPU_DRIVER_FAILED;
    }
    if (found > 0) {
        *count = (guint)found;
        return VD_GPU_FOUND;
    }
    *why = g_strdup("the NVIDIA driver finds no GPU");
    return VD_GPU_FOUND_NONE;
}

bool vd_gpu_device_open(VdGpuDevice *device, guint number, char **why)
{
    if (device->name == NULL)
        device->name = name_of(number);
    g_autoptr(GstCudaContext) context = gst_cuda_context_new(number);
    if (context == NULL) {
        *why = g_strdup("it gives no context");
        return false;
    }
    device->context = gst_context_new_cuda_context(context);
    return true;
}

void vd_gpu_device_clear(VdGpuDevice *device)
{
    g_clear_pointer(&device->context, gst_context_unref);
    g_clear_pointer(&device->name, g_free);
}

VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why)
{
    g_autoptr(GstCudaContext) context = cuda_context(device->context);

    if (!gst_cuda_context_push(context)) {
        *why = g_strdup_printf("%s does not answer", device->name);
        return VD_GPU_SAYS_NOTHING;
    }
    VdGpuAnswer decodes = vd_gpu_nvdec_decodes(stream, why);
    gst_cuda_context_pop(NULL);
    return decodes;
}

/* GStreamer's library does not have it; the driver is open already. */
static CUresult memory_info(size_t *available, size_t *total)
{
    typedef CUresult MemGetInfo(size_t *, size_t *);
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY);
    MemGetInfo *get = driver != NULL ? (MemGetInfo *)dlsym(driver, "cuMemGetInfo_v2") : NULL;
    CUresult result = get != NULL ? get(available, total) : CUDA_ERROR_NOT_FOUND;

    if (driver != NULL)
        dlclose(driver);
    return result;
}

bool vd_gpu_device_memory(GstContext *context, guint64 *used, guint64 *total)
{
    g_autoptr(GstCudaContext) cuda = cuda_context(context);
    size_t available, all;

    if (!gst_cuda_context_push(cuda))
        return false;
    CUresult result = memory_info(&available, &all);
    gst_cuda_context_pop(NULL);
    if (result != CUDA_SUCCESS)
        return false;
    *used = all - available;
    *total = all;
    return true;
}

/* An allocation is the least that every lost context refuses; memory that is used up is no loss. */
bool vd_gpu_device_answers(const VdGpuDevice *device)
{
    g_autoptr(GstCudaContext) context = cuda_context(device->context);
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
