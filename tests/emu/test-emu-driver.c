#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#include "rig.h"

/* The emulated driver around its kernels: what it queues, refuses, finds and counts. */
#define N 128

typedef CUresult WaitEvent(CUstream stream, CUevent event, unsigned flags);
typedef CUresult ElapsedTime(float *ms, CUevent start, CUevent end);
typedef CUresult LaunchHostFunc(CUstream stream, void (*function)(void *), void *data);
typedef CUresult GetInfo(size_t *available, size_t *total);
typedef CUresult AllocHost(void **memory, size_t size);
typedef CUresult FreeHost(void *memory);

/* --- streams and events --- */

static void work_waits_for_somebody_who_waits(void)
{
    CUdeviceptr to = device_bytes(4);
    guint32 word = 1;

    assert_ok(cu->cuStreamSynchronize(NULL));
    assert_ok(cu->cuMemsetD8Async(to, 9, 4, stream));
    assert_ok(cu->cuMemcpyDtoHAsync(&word, to, 4, stream));
    g_assert_cmphex(word, ==, 1);
    g_assert_cmphex(word_at(to, 0), ==, 0xa5a5a5a5);
    assert_ok(cu->cuStreamSynchronize(stream));
    g_assert_cmphex(word, ==, 0x09090909);
    release(to);
}

static void blocking_streams_follow_the_default_one(void)
{
    CUstream blocking = NULL;
    CUdeviceptr to = device_bytes(4);

    assert_ok(cu->cuStreamCreate(&blocking, 0));
    assert_ok(cu->cuMemsetD8Async(to, 7, 4, blocking));
    g_assert_cmphex(word_at(to, 0), ==, 0x07070707);
    assert_ok(cu->cuMemsetD8Async(to, 8, 4, NULL));
    assert_ok(cu->cuMemsetD8Async(to + 2, 9, 2, blocking));
    assert_ok(cu->cuStreamSynchronize(blocking));
    g_assert_cmphex(word_at(to, 0), ==, 0x09090808);
    assert_ok(cu->cuStreamDestroy(blocking));
    g_assert_cmpint(cu->cuStreamDestroy(blocking), ==, 400);
    release(to);
}

static void a_poll_comes_to_an_end(void)
{
    CUdeviceptr to = device_bytes(4);
    int rounds = 0;

    for (int i = 0; i < 3; i++)
        assert_ok(cu->cuMemsetD8Async(to, (guint8)i, 4, stream));
    while (cu->cuStreamQuery(stream) == CUDA_ERROR_NOT_READY)
        rounds++;
    g_assert_cmpint(rounds, ==, 3);
    g_assert_cmphex(word_at(to, 0), ==, 0x02020202);
    release(to);
}

static void an_event_orders_two_streams(void)
{
    WaitEvent *wait_event = (WaitEvent *)dlsym(cu->lib, "cuStreamWaitEvent");
    ElapsedTime *elapsed = (ElapsedTime *)dlsym(cu->lib, "cuEventElapsedTime");
    CUdeviceptr to = device_bytes(4);
    CUstream other = NULL;
    CUevent event = NULL, later = NULL;
    float ms = -1;

    assert_ok(cu->cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    assert_ok(cu->cuEventCreate(&event, 0));
    assert_ok(cu->cuEventCreate(&later, 0));
    assert_ok(cu->cuEventQuery(event));
    g_assert_cmpint(elapsed(&ms, event, later), ==, 400);
    assert_ok(cu->cuMemsetD8Async(to, 1, 4, stream));
    assert_ok(cu->cuEventRecord(event, stream));
    assert_ok(cu->cuMemsetD8Async(to, 2, 4, stream));
    assert_ok(wait_event(other, event, 0));
    assert_ok(cu->cuMemsetD8Async(to + 1, 3, 1, other));
    assert_ok(cu->cuEventRecord(later, other));
    g_assert_cmpint(elapsed(&ms, event, later), ==, CUDA_ERROR_NOT_READY);
    assert_ok(cu->cuEventSynchronize(later));
    g_assert_cmphex(word_at(to, 0), ==, 0x01010301);
    assert_ok(cu->cuEventQuery(event));
    assert_ok(elapsed(&ms, event, later));
    g_assert_cmpfloat(ms, >=, 0);
    assert_ok(cu->cuStreamSynchronize(stream));
    g_assert_cmphex(word_at(to, 0), ==, 0x02020202);
    assert_ok(cu->cuEventDestroy(event));
    assert_ok(cu->cuEventDestroy(later));
    g_assert_cmpint(cu->cuEventDestroy(later), ==, 400);
    assert_ok(cu->cuStreamDestroy(other));
    release(to);
}

static void call_from_a_host_function(void *data)
{
    CUdeviceptr address = 0;

    *(CUresult *)data = cu->cuMemAlloc(&address, 1);
}

static void a_host_function_may_not_call_the_driver(void)
{
    LaunchHostFunc *launch_host = (LaunchHostFunc *)dlsym(cu->lib, "cuLaunchHostFunc");
    CUresult result = CUDA_SUCCESS;

    assert_ok(launch_host(stream, call_from_a_host_function, &result));
    g_assert_cmpint(result, ==, 0);
    assert_ok(cu->cuStreamSynchronize(stream));
    g_assert_cmpint(result, ==, 800);
}

/* --- memory --- */

static void read_device_memory(void)
{
    volatile guint8 *data = GSIZE_TO_POINTER(device_bytes(100));

    g_printerr("before\n");
    g_printerr("after %d\n", *data);
}

static void the_cpu_cannot_touch_device_memory(void)
{
    CUdeviceptr to = device_bytes(100);
    g_autofree char *maps = NULL;
    g_auto(GStrv) lines = NULL;
    int found = 0;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    lines = g_strsplit(maps, "\n", -1);
    for (int i = 0; lines[i]; i++) {
        unsigned long long start, end;
        char rights[5];

        if (sscanf(lines[i], "%llx-%llx %4s", &start, &end, rights) == 3 && to >= start &&
            to < end) {
            g_assert_cmpstr(rights, ==, "---p");
            found++;
        }
    }
    g_assert_cmpint(found, ==, 1);
    g_assert_cmphex(*(guint8 *)emu_view(to), ==, 0xa5);
    g_assert_null(emu_view(GPOINTER_TO_SIZE(&to)));
    release(to);

    g_test_trap_subprocess("/emu/subprocess/read", 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*before*");
    g_test_trap_assert_stderr_unmatched("*after*");
}

static void write_out_of_bounds(CUdeviceptr at, int n)
{
    void *arguments[] = {&at, &n};

    run("emu_write_at", 1, 1, arguments);
}

static void write_behind(void)
{
    write_out_of_bounds(device_bytes(1000), 1000);
}

static void a_write_out_of_bounds_is_found(void)
{
#ifdef __SANITIZE_ADDRESS__
    g_test_trap_subprocess("/emu/subprocess/write", 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*use-after-poison*emu_write_at*");
#else
    static const int places[] = {1000, 1535, -1, -512};

    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        CUdeviceptr to = device_bytes(1000), next = device_bytes(1000);

        write_out_of_bounds(to, places[i]);
        release(next);
        g_assert_cmpuint(counters_now().faults, ==, 0);
        g_assert_cmpint(cu->cuMemFree(to), ==, 716);
        g_assert_cmpuint(counters_now().faults, ==, 1);
        g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 716);
        g_assert_cmpint(emu_fail(NULL), ==, 0);
        emu_reset();
    }
#endif
}

#ifndef __SANITIZE_ADDRESS__ /* which ends the process itself */
static void freed_memory_is_not_written(void)
{
    CUdeviceptr to = device_bytes(2000);

    release(to);
    *(guint8 *)emu_view(to) = 1;
    g_assert_cmpint(cu->cuMemFree(device_bytes(2000)), ==, 700);
    g_assert_cmpuint(counters_now().faults, ==, 1);
}
#endif

static void a_double_free_is_found(void)
{
    CUdeviceptr to = device_bytes(1);

    release(to);
    g_assert_cmpint(cu->cuMemFree(to), ==, 1);
    g_assert_cmpuint(counters_now().faults, ==, 1);
}

static void copies_stay_in_their_allocation(void)
{
    CUdeviceptr to = device_bytes(100);
    guint8 bytes[200] = {0};
    CUDA_MEMCPY2D c = {.srcMemoryType = CU_MEMORYTYPE_DEVICE,
                       .srcDevice = to,
                       .srcPitch = 50,
                       .dstMemoryType = CU_MEMORYTYPE_HOST,
                       .dstHost = bytes,
                       .dstPitch = 20,
                       .WidthInBytes = 10,
                       .Height = 2};

    g_assert_cmpint(cu->cuMemcpyHtoD(to, bytes, 101), ==, 1);
    g_assert_cmpint(cu->cuMemcpyHtoD(to + 50, bytes, 51), ==, 1);
    g_assert_cmpint(cu->cuMemsetD8Async(to + 100, 0, 1, stream), ==, 1);
    assert_ok(cu->cuMemcpyHtoD(to + 50, bytes, 50));
    assert_ok(cu->cuMemcpy2D(&c));
    g_assert_cmphex(bytes[9], ==, 0xa5);
    g_assert_cmphex(bytes[10], ==, 0);
    c.srcXInBytes = 45;
    g_assert_cmpint(cu->cuMemcpy2D(&c), ==, 1);
    c.srcXInBytes = 0;
    c.Height = 3;
    g_assert_cmpint(cu->cuMemcpy2D(&c), ==, 1);
    release(to);
}

static void memory_comes_to_an_end(void)
{
    GetInfo *get_info = (GetInfo *)dlsym(cu->lib, "cuMemGetInfo_v2");
    size_t before = 0, available = 0, total = 0;
    CUdeviceptr to = 0;

    assert_ok(get_info(&before, &total));
    g_assert_cmpuint(total, ==, (size_t)8 << 30);
    g_assert_cmpint(cu->cuMemAlloc(&to, before + 1), ==, 2);
    g_assert_cmpint(cu->cuMemAlloc(&to, 0), ==, 1);
    to = device_bytes(1 << 20);
    assert_ok(get_info(&available, &total));
    g_assert_cmpuint(before - available, ==, 1 << 20);
    release(to);
}

static void kernels_reach_locked_host_memory(void)
{
    AllocHost *alloc_host = (AllocHost *)dlsym(cu->lib, "cuMemAllocHost_v2");
    FreeHost *free_host = (FreeHost *)dlsym(cu->lib, "cuMemFreeHost");
    CUdeviceptr from = device_words(N, 1);
    void *memory = NULL;

    assert_ok(alloc_host(&memory, sizeof(unsigned)));
    void *arguments[] = {&from, &memory};

    run("emu_reduce", 1, N, arguments);
    g_assert_cmpuint(*(unsigned *)memory, ==, N * (N + 1) / 2);
    assert_ok(free_host(memory));
    g_assert_cmpint(free_host(memory), ==, 1);
    release(from);
}

/* --- contexts, modules, counters, failures --- */

static void nothing_works_without_a_context(void)
{
    CUcontext popped = NULL;
    CUdeviceptr to = 0;

    assert_ok(cu->cuCtxPopCurrent(&popped));
    g_assert_true(popped == context);
    g_assert_cmpint(cu->cuMemAlloc(&to, 1), ==, 201);
    g_assert_cmpint(cu->cuCtxPopCurrent(NULL), ==, 201);
    assert_ok(cu->cuCtxPushCurrent(context));
}

static void a_context_takes_its_own_along(void)
{
    guint64 before = counters_now().live_bytes;
    CUcontext other = NULL;
    CUstream theirs = NULL;

    assert_ok(cu->cuCtxCreate(&other, 0, 0));
    g_assert_cmpuint(counters_now().contexts, ==, 1);
    assert_ok(cu->cuStreamCreate(&theirs, CU_STREAM_NON_BLOCKING));
    assert_ok(cu->cuMemsetD8Async(device_bytes(12345), 0, 12345, theirs));
    g_assert_cmpuint(counters_now().live_bytes, ==, before + 12345);
    assert_ok(cu->cuCtxPushCurrent(other));
    assert_ok(cu->cuCtxDestroy(other));
    g_assert_cmpuint(counters_now().live_bytes, ==, before);
    g_assert_cmpint(cu->cuStreamSynchronize(theirs), ==, 709);
    assert_ok(cu->cuCtxPopCurrent(NULL));
    g_assert_cmpint(cu->cuStreamSynchronize(theirs), ==, 400);
    g_assert_cmpint(cu->cuCtxPushCurrent(other), ==, 201);
}

static void a_module_is_an_image_with_the_kernels_name(void)
{
    static const char garbage[256] = "garbage, and no image of any kind";
    static const char elf[256] = "\177ELF\2\1\1";
    CUmodule loaded = NULL;
    CUfunction function = NULL;

    g_assert_cmpint(cu->cuModuleLoadData(&loaded, garbage), ==, 200);
    g_assert_cmpint(cu->cuModuleLoadData(&loaded, elf), ==, 200);
    assert_ok(cu->cuModuleLoadData(&loaded, made_image));
    assert_ok(cu->cuModuleGetFunction(&function, loaded, "emu_reduce"));
    g_assert_cmpint(cu->cuModuleGetFunction(&function, loaded, "emu_reduc"), ==, 500);
    g_assert_cmpuint(counters_now().faults, ==, 0);
    g_assert_cmpint(cu->cuModuleGetFunction(&function, loaded, "emu_missing"), ==, 500);
    g_assert_cmpuint(counters_now().faults, ==, 1);
    assert_ok(cu->cuModuleUnload(loaded));
    g_assert_cmpint(cu->cuModuleUnload(loaded), ==, 400);
    g_assert_cmpint(cu->cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL), ==, 400);
}

static void counters_count(void)
{
    CUdeviceptr from = device_words(N, 0), to = device_zeros(1);
    void *arguments[] = {&from, &to};

    run("emu_reduce", 1, N, arguments);
    word_at(to, 0);
    assert_ok(cu->cuMemcpyDtoD(to, from, 3));
    release(from);
    g_assert_cmpstr(emu_counters(), ==,
                    "h2d=512 d2h=4 d2d=3 launches=1 allocations=2 frees=1 live_bytes=4 contexts=0 "
                    "syncs=1 faults=0");
    release(to);
}

static void calls_are_counted_by_name(void)
{
    CUdeviceptr address = device_bytes(1);

    g_assert_cmpint(emu_fail("cuMemFree:1"), ==, 0);
    g_assert_cmpint(cu->cuMemFree(address), ==, 999);
    release(address);
    g_assert_cmpstr(emu_calls(), ==, "cuMemAlloc_v2=1 cuMemFree_v2=2");
    emu_reset();
    g_assert_cmpstr(emu_calls(), ==, "");
}

static void the_nth_call_fails(void)
{
    CUdeviceptr to[4] = {0};

    g_assert_cmpint(emu_fail("cuMemAlloc:2:2"), ==, 0);
    assert_ok(cu->cuMemAlloc(&to[0], 1));
    g_assert_cmpint(cu->cuMemAlloc(&to[1], 1), ==, 2);
    assert_ok(cu->cuMemAlloc(&to[2], 1));
    g_assert_cmpint(emu_fail("cuMemAlloc_v2:1"), ==, 0);
    g_assert_cmpint(cu->cuMemAlloc(&to[3], 1), ==, 999);
    assert_ok(cu->cuStreamSynchronize(stream));
    g_assert_cmpint(emu_fail("cuStreamSynchronize:0:702"), ==, 0);
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 702);
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 702);
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    assert_ok(cu->cuStreamSynchronize(stream));
    release(to[0]);
    release(to[2]);
}

static void a_late_failure_is_told_by_its_stream_alone(void)
{
    CUdeviceptr from = device_words(N, 0), to = device_zeros(1);
    void *arguments[] = {&from, &to};
    CUstream other;

    assert_ok(cu->cuStreamCreate(&other, 1));
    g_assert_cmpint(emu_fail("cuLaunchKernel:2:700:late"), ==, 0);
    run("emu_reduce", 1, N, arguments);
    assert_ok(launch("emu_reduce", 1, N, arguments));
    assert_ok(cu->cuStreamSynchronize(other));
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 700);
    assert_ok(cu->cuStreamSynchronize(stream));
    run("emu_reduce", 1, N, arguments);
    assert_ok(cu->cuStreamDestroy(other));
    release(to);
    release(from);
}

static void a_sticky_error_stays(void)
{
    CUdeviceptr from = device_words(N, 0), to = device_zeros(1), more = 0;
    guint64 live_bytes = counters_now().live_bytes;
    void *arguments[] = {&from, &to};

    g_assert_cmpint(emu_fail("cuLaunchKernel:2:719:sticky"), ==, 0);
    run("emu_reduce", 1, N, arguments);
    g_assert_cmpint(launch("emu_reduce", 1, N, arguments), ==, 719);
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 719);
    g_assert_cmpint(cu->cuMemAlloc(&more, 1), ==, 719);
    g_assert_cmpint(cu->cuMemFree(to), ==, 719);
    g_assert_cmpuint(counters_now().live_bytes, ==, live_bytes - 4);
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    release(from);
}

static void a_wrong_failure_is_refused(void)
{
    static const char *const wrong[] = {"",
                                        "cuInit",
                                        ":1",
                                        "cuInit:x",
                                        "cuInit:",
                                        "cuInit:1:0",
                                        "cuInit:1:1000",
                                        "cuInit:1:1:stick",
                                        "cuInit:1:1:sticky:1"};

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(emu_fail(wrong[i]), ==, -EINVAL);
}

static void errors_have_names(void)
{
    const char *name = NULL;

    assert_ok(cu->cuGetErrorName(719, &name));
    g_assert_cmpstr(name, ==, "CUDA_ERROR_LAUNCH_FAILED");
    assert_ok(cu->cuGetErrorString(2, &name));
    g_assert_cmpstr(name, ==, "out of memory");
    g_assert_cmpint(cu->cuGetErrorName(998, &name), ==, 1);
}

static void add_tests(void)
{
    add("/emu/work-waits-for-somebody-who-waits", work_waits_for_somebody_who_waits);
    add("/emu/blocking-streams-follow-the-default-one", blocking_streams_follow_the_default_one);
    add("/emu/a-poll-comes-to-an-end", a_poll_comes_to_an_end);
    add("/emu/an-event-orders-two-streams", an_event_orders_two_streams);
    add("/emu/a-host-function-may-not-call-the-driver", a_host_function_may_not_call_the_driver);
    add("/emu/the-cpu-cannot-touch-device-memory", the_cpu_cannot_touch_device_memory);
    add("/emu/subprocess/read", read_device_memory);
    add("/emu/subprocess/write", write_behind);
    add("/emu/a-write-out-of-bounds-is-found", a_write_out_of_bounds_is_found);
#ifndef __SANITIZE_ADDRESS__
    add("/emu/freed-memory-is-not-written", freed_memory_is_not_written);
#endif
    add("/emu/a-double-free-is-found", a_double_free_is_found);
    add("/emu/copies-stay-in-their-allocation", copies_stay_in_their_allocation);
    add("/emu/memory-comes-to-an-end", memory_comes_to_an_end);
    add("/emu/kernels-reach-locked-host-memory", kernels_reach_locked_host_memory);
    add("/emu/nothing-works-without-a-context", nothing_works_without_a_context);
    add("/emu/a-context-takes-its-own-along", a_context_takes_its_own_along);
    add("/emu/a-module-is-an-image-with-the-kernels-name",
        a_module_is_an_image_with_the_kernels_name);
    add("/emu/counters-count", counters_count);
    add("/emu/calls-are-counted-by-name", calls_are_counted_by_name);
    add("/emu/the-nth-call-fails", the_nth_call_fails);
    add("/emu/a-late-failure-is-told-by-its-stream-alone",
        a_late_failure_is_told_by_its_stream_alone);
    add("/emu/a-sticky-error-stays", a_sticky_error_stays);
    add("/emu/a-wrong-failure-is-refused", a_wrong_failure_is_refused);
    add("/emu/errors-have-names", errors_have_names);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
