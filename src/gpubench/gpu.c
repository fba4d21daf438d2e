#include "gpubench/gpu.h"

#include <dlfcn.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/resource.h>

#define MEBIBYTE (1024.0 * 1024.0)

static bool fail(GError **error, const char *text)
{
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, text);
    return false;
}

static bool look_up(VdBenchGpu *gpu, GError **error)
{
    const struct {
        const char *name;
        void **function;
    } wanted[] = {
        {"cuEventElapsedTime", (void **)&gpu->event_elapsed},
        {"cuStreamWaitEvent", (void **)&gpu->stream_wait},
        {"cuMemGetInfo_v2", (void **)&gpu->memory_info},
        {"cuMemAllocHost_v2", (void **)&gpu->host_alloc},
        {"cuMemFreeHost", (void **)&gpu->host_free},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
        *wanted[i].function = dlsym(gpu->cu->lib, wanted[i].name);
        if (*wanted[i].function != NULL)
            continue;
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the NVIDIA driver is too old: no %s",
                    wanted[i].name);
        return false;
    }
    return true;
}

static bool has_device(const VdBenchGpu *gpu, guint number, GError **error)
{
    int count = 0;

    if (gpu->cu->cuInit(0) != CUDA_SUCCESS || gpu->cu->cuDeviceGetCount(&count) != CUDA_SUCCESS ||
        count == 0)
        return fail(error, "the NVIDIA driver finds no GPU");
    if (number < (guint)count)
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                "there is no GPU %u: the NVIDIA driver finds %d, counted from 0", number, count);
    return false;
}

static char *name_of(const VdBenchGpu *gpu, guint number)
{
    char name[256] = "";

    gpu->cu->cuDeviceGetName(name, sizeof name - 1, (int)number);
    return g_strdup(name[0] != '\0' ? name : "an unnamed GPU");
}

bool vd_bench_gpu_open(VdBenchGpu *gpu, guint number, GError **error)
{
    *gpu = (VdBenchGpu){0};
    if (!vd_bench_context_driver() || cuda_load_functions(&gpu->cu, NULL) != 0)
        return fail(error, "there is no NVIDIA driver here (libcuda.so.1)");
    if (!look_up(gpu, error) || !has_device(gpu, number, error))
        return false;
    gpu->name = name_of(gpu, number);
    gpu->context = vd_bench_context_new(number);
    if (gpu->context == NULL || !vd_bench_context_enter(gpu->context))
        return fail(error, "the NVIDIA driver gives no context on this GPU");
    int result = vdk_cuda_new(&gpu->vdk);
    if (result == 0)
        return true;
    const char *name = NULL;
    if (result < 0 || gpu->cu->cuGetErrorName((CUresult)result, &name) != CUDA_SUCCESS)
        name = g_strerror(-result);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the GPU does not take our kernels: %s",
                name);
    return false;
}

void vd_bench_gpu_close(VdBenchGpu *gpu)
{
    vdk_cuda_free(gpu->vdk);
    if (gpu->context != NULL)
        vd_bench_context_leave();
    g_clear_pointer(&gpu->context, gst_context_unref);
    if (gpu->cu != NULL)
        cuda_free_functions(&gpu->cu);
    g_free(gpu->name);
}

/* "550.54.14, CUDA 12.4" */
static char *driver_version(const VdBenchGpu *gpu)
{
    CUresult (*get)(int *version) = NULL;
    g_autofree char *version = NULL;
    int cuda = 0;

    *(void **)&get = dlsym(gpu->cu->lib, "cuDriverGetVersion");
    if (get != NULL)
        get(&cuda);
    if (!g_file_get_contents("/sys/module/nvidia/version", &version, NULL, NULL))
        version = g_strdup("version not told");
    return g_strdup_printf("%s, CUDA %d.%d", g_strstrip(version), cuda / 1000, cuda % 1000 / 10);
}

void vd_bench_gpu_facts(const VdBenchGpu *gpu, guint number, VdBenchReport *report)
{
    size_t available = 0, total = 0;
    int major = 0, minor = 0, count = 0;

    gpu->memory_info(&available, &total);
    gpu->cu->cuDeviceComputeCapability(&major, &minor, (int)number);
    gpu->cu->cuDeviceGetAttribute(&count, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, (int)number);
    g_autofree char *driver = driver_version(gpu);
    g_autofree char *memory = g_strdup_printf("%.0f MiB, %.0f free", (double)total / MEBIBYTE,
                                              (double)available / MEBIBYTE);
    g_autofree char *capability = g_strdup_printf("%d.%d", major, minor);
    g_autofree char *processors = g_strdup_printf("%d", count);
    vd_bench_report_fact(report, "device", gpu->name);
    vd_bench_report_fact(report, "driver", driver);
    vd_bench_report_fact(report, "compute capability", capability);
    vd_bench_report_fact(report, "multiprocessors", processors);
    vd_bench_report_fact(report, "memory", memory);
}

bool vd_bench_ok(const VdBenchGpu *gpu, int result, const char *what, GError **error)
{
    if (result == 0)
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", what,
                result > 0 ? vdk_cuda_error_name(gpu->vdk, result) : g_strerror(-result));
    return false;
}

void *vd_bench_memory(const VdBenchGpu *gpu, size_t bytes, GError **error)
{
    CUdeviceptr memory = 0;

    if (!vd_bench_ok(gpu, (int)gpu->cu->cuMemAlloc(&memory, bytes), "memory on the GPU", error))
        return NULL;
    /* On the default stream, which those of the lanes do not wait for: so this waits. */
    int result = (int)gpu->cu->cuMemsetD8Async(memory, 0, bytes, NULL);
    if (result == 0)
        result = (int)gpu->cu->cuStreamSynchronize(NULL);
    if (!vd_bench_ok(gpu, result, "clearing memory on the GPU", error)) {
        gpu->cu->cuMemFree(memory);
        return NULL;
    }
    return (void *)(guintptr)memory;
}

void vd_bench_free(const VdBenchGpu *gpu, void *memory)
{
    if (memory != NULL)
        gpu->cu->cuMemFree((CUdeviceptr)(guintptr)memory);
}

size_t vd_bench_memory_used(const VdBenchGpu *gpu)
{
    size_t available = 0, total = 0;

    gpu->memory_info(&available, &total);
    return total - available;
}

double vd_bench_cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
