#include "cuda-kit.h"

#include <dlfcn.h>
#include <string.h>

#include "tests/emu/open.h"

#define assert_ok(result) g_assert_cmpint((int)(result), ==, CUDA_SUCCESS)

static CUdeviceptr address(const void *device)
{
    return (CUdeviceptr)(guintptr)device;
}

static bool has_device(CudaFunctions *driver)
{
    int n = 0;

    return driver->cuInit(0) == CUDA_SUCCESS && driver->cuDeviceGetCount(&n) == CUDA_SUCCESS &&
           n > 0;
}

bool gpu_init(Gpu *gpu)
{
    CUdevice device;

    *gpu = (Gpu){0};
    bool real = g_strcmp0(g_getenv("VEDETTE_TEST_DEVICE"), "real") == 0;
    if (!real)
        emu_open("libkernels");
    if (cuda_load_functions(&gpu->driver, NULL) != 0 || !has_device(gpu->driver)) {
        g_assert_true(real);
        cuda_free_functions(&gpu->driver);
        g_test_skip("no CUDA device");
        return false;
    }
    assert_ok(gpu->driver->cuDeviceGet(&device, 0));
    assert_ok(gpu->driver->cuCtxCreate(&gpu->context, 0, device));
    assert_ok(gpu->driver->cuStreamCreate(&gpu->stream, CU_STREAM_NON_BLOCKING));
    assert_ok(vdk_cuda_new(&gpu->cuda));
    *(void **)&gpu->order = dlsym(gpu->driver->lib, "vedette_emu_order");
    *(void **)&gpu->read = dlsym(gpu->driver->lib, "vedette_emu_read");
    return true;
}

void gpu_clear(Gpu *gpu)
{
    vdk_cuda_free(gpu->cuda);
    assert_ok(gpu->driver->cuStreamDestroy(gpu->stream));
    assert_ok(gpu->driver->cuCtxDestroy(gpu->context));
    cuda_free_functions(&gpu->driver);
}

void *gpu_memory(Gpu *gpu, gsize bytes)
{
    CUdeviceptr memory = 0;

    assert_ok(gpu->driver->cuMemAlloc(&memory, bytes));
    assert_ok(gpu->driver->cuMemsetD8Async(memory, 0, bytes, gpu->stream));
    return (void *)(guintptr)memory;
}

void gpu_free(Gpu *gpu, void *memory)
{
    assert_ok(gpu->driver->cuMemFree(address(memory)));
}

void gpu_put(Gpu *gpu, void *device, const void *host, gsize bytes)
{
    assert_ok(gpu->driver->cuMemcpyHtoDAsync(address(device), host, bytes, gpu->stream));
    assert_ok(gpu->driver->cuStreamSynchronize(gpu->stream)); /* host is the caller's again */
}

void *gpu_copy(Gpu *gpu, const void *host, gsize bytes)
{
    void *memory = gpu_memory(gpu, bytes);

    gpu_put(gpu, memory, host, bytes);
    return memory;
}

void gpu_fetch(Gpu *gpu, void *host, const void *device, gsize bytes)
{
    assert_ok(gpu->driver->cuMemcpyDtoHAsync(host, address(device), bytes, gpu->stream));
    assert_ok(gpu->driver->cuStreamSynchronize(gpu->stream));
}

static void move(VdkPlane *plane, const guint8 *from, guint8 *to)
{
    if (plane->data != NULL)
        plane->data = to + (plane->data - from);
}

void gpu_picture_init(Gpu *gpu, GpuPicture *picture, const TestPicture *from)
{
    picture->memory = gpu_copy(gpu, from->memory, from->bytes);
    picture->image = from->image;
    move(&picture->image.luma, from->memory, picture->memory);
    move(&picture->image.chroma[0], from->memory, picture->memory);
    move(&picture->image.chroma[1], from->memory, picture->memory);
}

void gpu_picture_clear(Gpu *gpu, GpuPicture *picture)
{
    gpu_free(gpu, picture->memory);
}

void gpu_assert_same(Gpu *gpu, const GpuPicture *picture, const TestPicture *expected)
{
    g_autofree guint8 *got = g_malloc(expected->bytes);

    gpu_fetch(gpu, got, picture->memory, expected->bytes);
    g_assert_cmpmem(got, expected->bytes, expected->memory, expected->bytes);
}

void gpu_in_every_order(void (*test)(Gpu *gpu))
{
    static const char *const orders[] = {"forward", "reverse", "shuffle:1"};
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(orders) && (gpu.order != NULL || i == 0); i++) {
        if (gpu.order != NULL)
            gpu.order(orders[i]);
        gpu.again = i > 0;
        test(&gpu);
    }
    if (gpu.order != NULL)
        gpu.order("forward");
    gpu_clear(&gpu);
}
