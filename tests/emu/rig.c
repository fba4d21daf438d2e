#include "rig.h"

#include <dlfcn.h>
#include <stdbool.h>

#include "tests/emu/open.h"

const char made_image[] =
    ".version 8.0 .target sm_75 .entry emu_reduce() emu_forgetful() emu_shuffle() emu_ballot() "
    "emu_atomics() emu_paint() emu_divergent() emu_two_barriers() emu_write_at() emu_order() "
    "emu_missing()";

CudaFunctions *cu;
CUcontext context;
CUmodule module;
CUstream stream;

void (*emu_read)(struct VedetteEmuCounters *counters);
const char *(*emu_counters)(void);
const char *(*emu_calls)(void);
void (*emu_reset)(void);
int (*emu_fail)(const char *spec);
int (*emu_order)(const char *order);
void *(*emu_view)(unsigned long long device);

static char *image;

static bool load_driver(void)
{
    emu_open("libselftest");
    if (cuda_load_functions(&cu, NULL) < 0)
        return false;
    *(void **)&emu_read = dlsym(cu->lib, "vedette_emu_read");
    *(void **)&emu_counters = dlsym(cu->lib, "vedette_emu_counters");
    *(void **)&emu_calls = dlsym(cu->lib, "vedette_emu_calls");
    *(void **)&emu_reset = dlsym(cu->lib, "vedette_emu_reset");
    *(void **)&emu_fail = dlsym(cu->lib, "vedette_emu_fail");
    *(void **)&emu_order = dlsym(cu->lib, "vedette_emu_order");
    *(void **)&emu_view = dlsym(cu->lib, "vedette_emu_view");
    return emu_read && emu_counters && emu_calls && emu_reset && emu_fail && emu_order && emu_view;
}

static void open_device(void)
{
    const char *path = g_getenv("VEDETTE_EMU_IMAGE");

    g_assert_cmpint(cu->cuCtxCreate(&context, 0, 0), ==, 3);
    assert_ok(cu->cuInit(0));
    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    assert_ok(cu->cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    if (path)
        g_assert_true(g_file_get_contents(path, &image, NULL, NULL));
    assert_ok(cu->cuModuleLoadData(&module, image ? image : made_image));
}

static void close_device(void)
{
    assert_ok(cu->cuModuleUnload(module));
    assert_ok(cu->cuStreamDestroy(stream));
    assert_ok(cu->cuCtxDestroy(context));
    cuda_free_functions(&cu);
    g_free(image);
}

/* Each test starts without errors, counts and order of another. */
static void run_test(gconstpointer test)
{
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    g_assert_cmpint(emu_order(NULL), ==, 0);
    emu_reset();
    ((void (*)(void))test)();
}

/* --- for tests --- */

void add(const char *path, void (*test)(void))
{
    g_test_add_data_func(path, (gconstpointer)test, run_test);
}

int run_tests(int argc, char **argv, void (*add_tests)(void))
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    bool loaded = load_driver();
    g_assert_true(loaded);
    open_device();
    add_tests();
    failed = g_test_run();
    emu_fail(NULL);
    close_device();
    return failed;
}

void assert_ok(CUresult result)
{
    g_assert_cmpint(result, ==, CUDA_SUCCESS);
}

struct VedetteEmuCounters counters_now(void)
{
    struct VedetteEmuCounters counters;

    emu_read(&counters);
    return counters;
}

CUfunction kernel(const char *name)
{
    CUfunction function = NULL;

    assert_ok(cu->cuModuleGetFunction(&function, module, name));
    return function;
}

CUdeviceptr device_bytes(size_t size)
{
    CUdeviceptr address = 0;

    assert_ok(cu->cuMemAlloc(&address, size));
    return address;
}

/* n words: from + i. */
CUdeviceptr device_words(unsigned n, unsigned from)
{
    CUdeviceptr address = device_bytes(n * sizeof(unsigned));
    g_autofree unsigned *words = g_new(unsigned, n);

    for (unsigned i = 0; i < n; i++)
        words[i] = from + i;
    assert_ok(cu->cuMemcpyHtoD(address, words, n * sizeof(unsigned)));
    return address;
}

CUdeviceptr device_zeros(unsigned n)
{
    CUdeviceptr address = device_bytes(n * sizeof(unsigned));

    assert_ok(cu->cuMemsetD8Async(address, 0, n * sizeof(unsigned), stream));
    return address;
}

unsigned word_at(CUdeviceptr address, unsigned i)
{
    unsigned word = 0;

    assert_ok(cu->cuMemcpyDtoH(&word, address + i * sizeof(word), sizeof(word)));
    return word;
}

CUresult launch(const char *name, unsigned grid, unsigned block, void **arguments)
{
    return cu->cuLaunchKernel(kernel(name), grid, 1, 1, block, 1, 1, 0, stream, arguments, NULL);
}

void run(const char *name, unsigned grid, unsigned block, void **arguments)
{
    assert_ok(launch(name, grid, block, arguments));
    assert_ok(cu->cuStreamSynchronize(stream));
}

void release(CUdeviceptr address)
{
    assert_ok(cu->cuMemFree(address));
}
