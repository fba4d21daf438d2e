#include <cstring>

#include "libcuda.h"
#include "memory.h"

using namespace vdk_emu;

constexpr size_t MAX_PITCH = 0x7fffffff;

/* --- allocating --- */

static CUresult allocate_here(CUdeviceptr *result, size_t size)
{
    CUresult error = result ? allocate(size, current_context(), result) : INVALID_VALUE;

    if (error == CUDA_SUCCESS)
        counters.allocations++;
    return error;
}

CUresult cuMemAlloc_v2(CUdeviceptr *result, size_t size)
{
    ENTER(CONTEXT);
    return allocate_here(result, size);
}

CUresult cuMemAllocPitch_v2(CUdeviceptr *result, size_t *pitch, size_t width, size_t height,
                            unsigned element)
{
    ENTER(CONTEXT);
    bool known = element == 4 || element == 8 || element == 16;

    if (!pitch || !known || width == 0 || height == 0 || width > MAX_PITCH - MEMORY_ALIGNMENT)
        return INVALID_VALUE;

    size_t row = (width + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;

    if (height > SIZE_MAX / row)
        return OUT_OF_MEMORY;
    CUresult error = allocate_here(result, row * height);

    if (error == CUDA_SUCCESS)
        *pitch = row;
    return error;
}

/* As a real one it waits for all work of the context. */
CUresult cuMemFree_v2(CUdeviceptr address)
{
    ENTER(CONTEXT | RELEASES);
    if (address == 0)
        return CUDA_SUCCESS;
    run_context(current_context());
    CUresult error = deallocate(address);

    if (error != INVALID_VALUE)
        counters.frees++;
    return error == CUDA_SUCCESS ? lasting_error() : error;
}

CUresult cuMemHostAlloc(void **result, size_t size, [[maybe_unused]] unsigned flags)
{
    ENTER(CONTEXT);
    return result ? allocate_host(size, current_context(), result) : INVALID_VALUE;
}

CUresult cuMemAllocHost_v2(void **result, size_t size)
{
    ENTER(CONTEXT);
    return result ? allocate_host(size, current_context(), result) : INVALID_VALUE;
}

CUresult cuMemFreeHost(void *memory)
{
    ENTER(CONTEXT | RELEASES);
    run_context(current_context());
    CUresult error = deallocate_host(memory);

    return error == CUDA_SUCCESS ? lasting_error() : error;
}

CUresult cuMemGetInfo_v2(size_t *available, size_t *total)
{
    ENTER(CONTEXT);
    if (!available || !total)
        return INVALID_VALUE;
    *total = memory_size();
    *available = *total - counters.live_bytes;
    return CUDA_SUCCESS;
}

/* --- copying --- */

/* One end of a copy. */
struct End {
    bool on_device;
    uint64_t address;
    size_t pitch;
};

static bool end_ok(const End &end, size_t width, size_t height)
{
    size_t size;

    if (height > 1 && end.pitch < width)
        return false;
    if (__builtin_mul_overflow(end.pitch, height - 1, &size) ||
        __builtin_add_overflow(size, width, &size))
        return false;
    if (end.on_device)
        return is_allocated(end.address, size);
    return end.address && !is_device_address(end.address);
}

static char *bytes_of(const End &end)
{
    return end.on_device ? static_cast<char *>(vedette_emu_view(end.address))
                         : reinterpret_cast<char *>(end.address);
}

static void copy(const End &to, const End &from, size_t width, size_t height)
{
    uint64_t *counter =
        from.on_device ? to.on_device ? &counters.d2d : &counters.d2h : &counters.h2d;

    for (size_t row = 0; row < height; row++)
        memmove(bytes_of(to) + row * to.pitch, bytes_of(from) + row * from.pitch, width);
    if (from.on_device || to.on_device)
        *counter += width * height;
}

/*
 * What is copied must be there now: when the copy's turn has come somebody may have freed it, and
 * that too is a mistake.
 */
static std::function<void()> copying(const End &to, const End &from, size_t width, size_t height)
{
    return [=] {
        if (end_ok(to, width, height) && end_ok(from, width, height)) {
            copy(to, from, width, height);
            return;
        }
        report("memory freed before it was copied");
        make_lasting(ILLEGAL_ADDRESS);
    };
}

static CUresult check_copy(const End &to, const End &from, size_t width, size_t height)
{
    if (!end_ok(to, width, height) || !end_ok(from, width, height)) {
        report("copy of %zu x %zu bytes out of bounds", width, height);
        return INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}

static CUresult copy_now(const End &to, const End &from, size_t width, size_t height)
{
    if (width == 0 || height == 0)
        return CUDA_SUCCESS;
    CUresult error = check_copy(to, from, width, height);

    return error ? error : submit_and_wait(copying(to, from, width, height));
}

static CUresult copy_later(const End &to, const End &from, size_t width, size_t height,
                           CUstream stream)
{
    if (width == 0 || height == 0)
        return CUDA_SUCCESS;
    CUresult error = check_copy(to, from, width, height);

    return error ? error : submit(stream, copying(to, from, width, height));
}

static End device(CUdeviceptr address)
{
    return {true, address, 0};
}

static End host(const void *address)
{
    return {false, (uint64_t)address, 0};
}

static End either(uint64_t address)
{
    return {is_device_address(address), address, 0};
}

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t size)
{
    ENTER(CONTEXT);
    return copy_now(either(to), either(from), size, 1);
}

CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream)
{
    ENTER(CONTEXT);
    return copy_later(either(to), either(from), size, 1, stream);
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t size)
{
    ENTER(CONTEXT);
    return copy_now(device(to), host(from), size, 1);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t size, CUstream stream)
{
    ENTER(CONTEXT);
    return copy_later(device(to), host(from), size, 1, stream);
}

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t size)
{
    ENTER(CONTEXT);
    return copy_now(host(to), device(from), size, 1);
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t size, CUstream stream)
{
    ENTER(CONTEXT);
    return copy_later(host(to), device(from), size, 1, stream);
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t size)
{
    ENTER(CONTEXT);
    return copy_now(device(to), device(from), size, 1);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream)
{
    ENTER(CONTEXT);
    return copy_later(device(to), device(from), size, 1, stream);
}

/* --- rectangles --- */

static bool fits_pitch(size_t x, size_t width, size_t pitch)
{
    return pitch <= MAX_PITCH && x <= pitch && width <= pitch - x;
}

/* A pitch of 0 is that of rows without padding. */
static bool read_end(CUmemorytype type, const void *host_address, CUdeviceptr device_address,
                     size_t x, size_t y, size_t pitch, size_t width, End *end)
{
    if (type != CU_MEMORYTYPE_HOST && type != CU_MEMORYTYPE_DEVICE)
        return false;
    if (pitch == 0)
        pitch = x + width;
    if (!fits_pitch(x, width, pitch))
        return false;
    *end = type == CU_MEMORYTYPE_HOST ? host(host_address) : device(device_address);
    end->address += y * pitch + x;
    end->pitch = pitch;
    return true;
}

static bool read_rectangle(const CUDA_MEMCPY2D *c, End *to, End *from)
{
    return c &&
           read_end(c->dstMemoryType, c->dstHost, c->dstDevice, c->dstXInBytes, c->dstY,
                    c->dstPitch, c->WidthInBytes, to) &&
           read_end(c->srcMemoryType, c->srcHost, c->srcDevice, c->srcXInBytes, c->srcY,
                    c->srcPitch, c->WidthInBytes, from);
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D *c)
{
    ENTER(CONTEXT);
    End to, from;

    if (!read_rectangle(c, &to, &from))
        return INVALID_VALUE;
    return copy_now(to, from, c->WidthInBytes, c->Height);
}

CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D *c, CUstream stream)
{
    ENTER(CONTEXT);
    End to, from;

    if (!read_rectangle(c, &to, &from))
        return INVALID_VALUE;
    return copy_later(to, from, c->WidthInBytes, c->Height, stream);
}

/* --- filling --- */

template <class T> static void fill(CUdeviceptr to, T value, size_t n)
{
    T *at = static_cast<T *>(vedette_emu_view(to));

    if (!is_allocated(to, n * sizeof(T))) {
        report("memory freed before it was filled");
        make_lasting(ILLEGAL_ADDRESS);
        return;
    }
    for (size_t i = 0; i < n; i++)
        at[i] = value;
}

/* Those that are not "async" do not wait either. */
template <class T> static CUresult fill_later(CUdeviceptr to, T value, size_t n, CUstream stream)
{
    if (n == 0)
        return CUDA_SUCCESS;
    if (n > SIZE_MAX / sizeof(T) || to % sizeof(T) != 0 || !is_allocated(to, n * sizeof(T))) {
        report("fill of %zu x %zu bytes out of bounds", n, sizeof(T));
        return INVALID_VALUE;
    }
    return submit(stream, [=] { fill(to, value, n); });
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t n)
{
    ENTER(CONTEXT);
    return fill_later(to, value, n, nullptr);
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, CUstream stream)
{
    ENTER(CONTEXT);
    return fill_later(to, value, n, stream);
}

CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t n)
{
    ENTER(CONTEXT);
    return fill_later(to, value, n, nullptr);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t n, CUstream stream)
{
    ENTER(CONTEXT);
    return fill_later(to, value, n, stream);
}
