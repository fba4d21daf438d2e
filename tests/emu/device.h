#pragma once

/*
 * Lets g++ compile a .cu file of plain kernels for the emulated driver:
 *
 *     g++ -std=c++17 -Wno-unknown-pragmas -include tests/emu/device.h -x c++ kernels/x.cu
 *
 * Kernels keep to what is here: extern "C" functions of pointers, integers and small structs, no
 * dynamic shared memory, no textures, no cooperative groups. VDK_KERNEL(name) follows each kernel.
 * "#pragma unroll" is what g++ does not know, and cannot be told here.
 * The result finds its undefined symbols in the emulated libcuda.so.1, which loads it.
 */
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

struct uint3 {
    unsigned x, y, z;
};

/* A piece of memory in one load, whatever lies there. */
struct __attribute__((may_alias, aligned(8))) uint2 {
    unsigned x, y;
};

struct __attribute__((may_alias, aligned(16))) uint4 {
    unsigned x, y, z, w;
};

struct dim3 {
    unsigned x, y, z;

    constexpr dim3(unsigned width = 1, unsigned height = 1, unsigned depth = 1)
        : x(width), y(height), z(depth)
    {
    }
};

/* __restrict__ is g++'s own word already. */
#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__        inline __attribute__((always_inline))
#define __launch_bounds__(...) /* the driver knows no limit of a single kernel */

/*
 * One block runs at a time, one thread of it after the other, so a static variable is shared memory
 * exactly; as a thread_local one it would have no redzones of AddressSanitizer around it.
 */
#define __shared__     static

#define VDK_EMU_PUBLIC __attribute__((visibility("default")))

namespace vdk_emu
{

/* Where the running thread is. */
struct Place {
    uint3 thread, block;
    dim3 block_size, grid_size;
    unsigned lane;
};
VDK_EMU_PUBLIC extern Place here;

/* --- what waits for other threads --- */

VDK_EMU_PUBLIC void barrier(int line);
VDK_EMU_PUBLIC void warp_sync(unsigned mask);
VDK_EMU_PUBLIC unsigned warp_ballot(unsigned mask, bool vote);
/* The value of lane `source`; noise when that lane does not take part. */
VDK_EMU_PUBLIC uint64_t warp_shuffle(unsigned mask, uint64_t value, unsigned source);

/* --- arguments --- */

/* The CPU's view of a device address, nullptr for any other. */
VDK_EMU_PUBLIC void *view(uint64_t address);
/* The same for an argument that must be an address; one of the host's makes the launch fail. */
VDK_EMU_PUBLIC void *view_argument(const void *address);

/*
 * Structs may hold device addresses. So that no author of a kernel has to say where, every 8 bytes
 * at a multiple of 8 whose value lies in the device's address range are taken for one. The range is
 * 64 GiB somewhere in 128 TiB: a number is not found there by accident.
 */
template <class T> T translate_members(T value)
{
    static_assert(std::is_trivially_copyable_v<T>, "the driver copies arguments as bytes");
    for (size_t at = 0; at + sizeof(uint64_t) <= sizeof(T); at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, reinterpret_cast<const char *>(&value) + at, sizeof(word));
        if (void *seen = view(word))
            memcpy(reinterpret_cast<char *>(&value) + at, &seen, sizeof(seen));
    }
    return value;
}

/*
 * What a kernel receives for an argument. A struct for which the above is wrong has a
 * specialisation of its own: template <> VdkOdd vdk_emu::translate(VdkOdd value).
 */
template <class T> T translate(T value)
{
    if constexpr (std::is_pointer_v<T>)
        return static_cast<T>(view_argument(value));
    else if constexpr (std::is_class_v<T> || std::is_union_v<T>)
        return translate_members(value);
    else
        return value;
}

/* --- kernels --- */

using Body = std::function<void()>; /* one thread */

struct Kernel {
    size_t n_arguments;
    std::function<Body(void **)> bind; /* arguments are copied at launch, as a driver does */
};
VDK_EMU_PUBLIC void add_kernel(const char *name, Kernel kernel);

template <class... A, size_t... I>
Body bind_arguments(void (*kernel)(A...), [[maybe_unused]] void **from, std::index_sequence<I...>)
{
    std::tuple<A...> arguments(translate<A>(*static_cast<A *>(from[I]))...);

    return [kernel, arguments] { std::apply(kernel, arguments); };
}

struct Registration {
    template <class... A> Registration(const char *name, void (*kernel)(A...))
    {
        add_kernel(name, {sizeof...(A), [kernel](void **from) {
                              return bind_arguments(kernel, from, std::index_sequence_for<A...>());
                          }});
    }
};

template <class T>
inline constexpr bool is_atomic =
    std::is_same_v<T, int> || std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long>;

/* Keeps an argument from deciding what T is: atomicAdd(&counter, 1). */
template <class T> struct Same {
    using Type = T;
};

template <class T, class F> T change(T *at, F next)
{
    static_assert(is_atomic<T>, "CUDA has no such atomic");
    T before = *at;

    *at = next(before);
    return before;
}

template <class T> T shuffle(unsigned mask, T value, unsigned source)
{
    static_assert(std::is_arithmetic_v<T> && sizeof(T) >= 4 && sizeof(T) <= 8,
                  "CUDA shuffles numbers of 4 or 8 bytes");
    uint64_t word = 0;

    memcpy(&word, &value, sizeof(value));
    word = warp_shuffle(mask, word, source);
    memcpy(&value, &word, sizeof(value));
    return value;
}

} // namespace vdk_emu

#ifndef VDK_KERNEL
#define VDK_KERNEL(name) \
    static const vdk_emu::Registration vdk_emu_registration_##name(#name, name);
#endif

/* --- the names that CUDA C knows --- */

#define threadIdx       (vdk_emu::here.thread)
#define blockIdx        (vdk_emu::here.block)
#define blockDim        (vdk_emu::here.block_size)
#define gridDim         (vdk_emu::here.grid_size)
#define __syncthreads() vdk_emu::barrier(__LINE__)

constexpr int warpSize = 32;

static inline void __syncwarp(unsigned mask = 0xffffffff)
{
    vdk_emu::warp_sync(mask);
}

static inline void __threadfence()
{
}

static inline void __threadfence_block()
{
}

static inline unsigned __ballot_sync(unsigned mask, int vote)
{
    return vdk_emu::warp_ballot(mask, vote != 0);
}

static inline int __any_sync(unsigned mask, int vote)
{
    return __ballot_sync(mask, vote) != 0;
}

static inline int __all_sync(unsigned mask, int vote)
{
    return __ballot_sync(mask, !vote) == 0;
}

template <class T> T __shfl_sync(unsigned mask, T value, int source, int width = warpSize)
{
    unsigned first = vdk_emu::here.lane & ~(unsigned)(width - 1);

    return vdk_emu::shuffle(mask, value, first + ((unsigned)source & (unsigned)(width - 1)));
}

/* A lane whose source would lie outside of its `width` lanes keeps its own value. */
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = warpSize)
{
    unsigned lane = vdk_emu::here.lane, at = lane & (unsigned)(width - 1);

    return vdk_emu::shuffle(mask, value, at + by < (unsigned)width ? lane + by : lane);
}

template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = warpSize)
{
    unsigned lane = vdk_emu::here.lane, at = lane & (unsigned)(width - 1);

    return vdk_emu::shuffle(mask, value, at >= by ? lane - by : lane);
}

template <class T> T __shfl_xor_sync(unsigned mask, T value, int with, int width = warpSize)
{
    unsigned lane = vdk_emu::here.lane, source = lane ^ (unsigned)with;
    unsigned end = (lane & ~(unsigned)(width - 1)) + (unsigned)width;

    return vdk_emu::shuffle(mask, value, source < end ? source : lane);
}

template <class T> T atomicAdd(T *at, typename vdk_emu::Same<T>::Type by)
{
    /* wraps, signed numbers too */
    return vdk_emu::change(at, [by](T now) {
        return (T)((std::make_unsigned_t<T>)now + (std::make_unsigned_t<T>)by);
    });
}

template <class T> T atomicMin(T *at, typename vdk_emu::Same<T>::Type other)
{
    return vdk_emu::change(at, [other](T now) { return other < now ? other : now; });
}

template <class T> T atomicMax(T *at, typename vdk_emu::Same<T>::Type other)
{
    return vdk_emu::change(at, [other](T now) { return other > now ? other : now; });
}

template <class T> T atomicOr(T *at, typename vdk_emu::Same<T>::Type bits)
{
    return vdk_emu::change(at, [bits](T now) { return now | bits; });
}

template <class T> T atomicAnd(T *at, typename vdk_emu::Same<T>::Type bits)
{
    return vdk_emu::change(at, [bits](T now) { return now & bits; });
}

template <class T> T atomicExch(T *at, typename vdk_emu::Same<T>::Type value)
{
    return vdk_emu::change(at, [value](T) { return value; });
}

template <class T>
T atomicCAS(T *at, typename vdk_emu::Same<T>::Type expected, typename vdk_emu::Same<T>::Type value)
{
    return vdk_emu::change(at, [=](T now) { return now == expected ? value : now; });
}

static inline int __popc(unsigned bits)
{
    return __builtin_popcount(bits);
}

static inline int __popcll(unsigned long long bits)
{
    return __builtin_popcountll(bits);
}

static inline int __ffs(int bits)
{
    return __builtin_ffs(bits);
}

static inline int __clz(int bits)
{
    return bits ? __builtin_clz((unsigned)bits) : 32;
}

template <class T> T __ldg(const T *at)
{
    return *at;
}

template <class A, class B> constexpr std::common_type_t<A, B> min(A a, B b)
{
    return (std::common_type_t<A, B>)a < (std::common_type_t<A, B>)b ? a : b;
}

template <class A, class B> constexpr std::common_type_t<A, B> max(A a, B b)
{
    return (std::common_type_t<A, B>)a > (std::common_type_t<A, B>)b ? a : b;
}
