#pragma once

/*
 * The arithmetic of one pixel stands in x-pixel.h and is compiled by gcc for the CPU and by nvcc
 * for the GPU, so that both give the same bits. VDK_BOTH marks it.
 */
#ifdef __CUDACC__
#define VDK_BOTH static __host__ __device__ __forceinline__
#else
#define VDK_BOTH static inline __attribute__((always_inline))
#endif

/*
 * VDK_LONG marks a function whose code is not to stand wherever it is used, and VDK_ROLLED a loop
 * that is not to be written out: on a GPU, seven architectures have a copy each.
 */
#ifdef __CUDACC__
#define VDK_LONG   static __host__ __device__ __noinline__
#define VDK_ROLLED _Pragma("unroll 1")
#else
#define VDK_LONG static inline
#define VDK_ROLLED
#endif

/*
 * VDK_VECTOR marks a loop over a row that is worth compiling twice: for every x86-64 and for those
 * with AVX2. The choice is made by an ifunc while the program is being loaded, before a sanitizer
 * is awake, so sanitized builds (VDK_PLAIN) do without.
 */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&   \
    !defined(__CUDACC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(VDK_PLAIN)
#define VDK_VECTOR __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define VDK_VECTOR
#endif

/*
 * Row loops are worth vector code whatever level the rest is built with. automake puts the user's
 * CFLAGS, and with them -O2, after what local.mk asks for.
 */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && defined(__OPTIMIZE__) && \
    !defined(VDK_PLAIN)
#pragma GCC optimize("O3")
#endif

/*
 * VDK_APART before a loop says that no round reads what another one wrote, which the compiler
 * cannot see of a row that may be changed in place.
 */
#if defined(__clang__)
#define VDK_APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define VDK_APART _Pragma("GCC ivdep")
#else
#define VDK_APART
#endif
