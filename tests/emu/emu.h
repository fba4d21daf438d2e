#pragma once

#include <stdint.h>

/*
 * The emulated CUDA driver: a libcuda.so.1 that runs kernels on the CPU, so that everything around
 * them is tested without a GPU. It is stricter than a real one:
 *
 * - a CPU access to device memory is a SIGSEGV: device addresses have no pages behind them;
 * - work on a stream is queued and runs only when something waits for it, so that what a missing
 *   synchronisation would have shown on a bad day is never there; asynchronous copies read and
 *   write host memory that late too, even memory that a real driver would have staged;
 * - a query runs one piece of the queue, so that polling comes to an end;
 * - new memory holds 0xa5 and freed memory 0xdb; each allocation has a gap of at least 512 bytes
 *   on both sides, looked at when it is freed; with AddressSanitizer the gaps are poisoned, and a
 *   kernel that touches one is reported at once;
 * - copies and fills that leave their allocation, double frees, handles nobody knows, calls without
 *   a context, barriers that not all threads reach, and host addresses among a kernel's arguments
 *   are errors.
 *
 * It shows that the logic is right, not that it is fast: there is one engine, so nothing races, and
 * there are no textures, surfaces or managed memory. What a host function calls must be free of
 * CUDA, as with a real driver, and of locks that a waiting thread holds.
 *
 * Beside it are a libnvcuvid.so.1 that decodes H.264, H.265 and JPEG, 8 bits 4:2:0, with
 * libavcodec, and a libnvidia-encode.so.1 that encodes NV12 with x264 and x265. Pictures lie in
 * device memory, whose bytes are counted only when somebody copies them. A decoder takes pictures
 * from this library's parser alone: decoders that parse for themselves (nvh264sldec, FFmpeg's
 * hwaccel) are refused. Interlaced pictures of two fields never come out. An unmapped picture is
 * overwritten with 0xdb. What is made of a damaged stream is not what NVIDIA's would make of it.
 * An encoder makes no B pictures, and goes on with an IDR picture when it was reconfigured.
 *
 * Environment, read once, except that the setters below overrule it:
 *
 * VEDETTE_EMU_KERNELS  shared objects of kernels compiled with device.h, separated by ":"
 * VEDETTE_EMU_EAGER    1: work runs at once
 * VEDETTE_EMU_ORDER    forward (default), reverse or shuffle:SEED: in which order the threads of a
 *                      block and the blocks of a grid run
 * VEDETTE_EMU_FAIL     FUNCTION:NTH[:CODE[:sticky|late]]: the NTH call of FUNCTION (with or without
 *                      its _v2; 0: each of them) fails with CODE (default 999); sticky: and from
 *                      then on everything on that device, as after its loss; late: the call
 *                      succeeds, and the next cuStreamSynchronize() of its stream fails, as where
 *                      a kernel fails when it runs
 * VEDETTE_EMU_DEVICES  number of devices (default 1)
 * VEDETTE_EMU_MEMORY   bytes of device memory (default 8 GiB)
 * VEDETTE_EMU_PRINT    set: the counters and calls go to standard error when the process ends
 * VEDETTE_EMU_NVDEC    what the decoder can: none, or some of h264, h265 and jpeg, separated by ":"
 *                      (default all three)
 * VEDETTE_EMU_NVDEC_SIZE  WIDTHxHEIGHT: the largest picture it can (default: the codec's largest)
 * VEDETTE_EMU_NVENC    none: the device has no encoder; N: it has N sessions (default no limit)
 *
 * FUNCTION may be one of libnvcuvid's or of libnvidia-encode's list (nvEncEncodePicture) as well;
 * for the latter CODE is one of NVENC's, and what is none of those becomes NV_ENC_ERR_GENERIC.
 *
 * A value that cannot be read ends the process: a test must not pass because of a typing error.
 * After an error is sticky, functions that release something still do, and answer the error.
 */
#ifdef __cplusplus
extern "C" {
#endif

#define VEDETTE_EMU_PUBLIC __attribute__((visibility("default")))

/* Since the start or the last reset, all devices and contexts together. */
struct VedetteEmuCounters {
    uint64_t h2d, d2h, d2d; /* bytes copied */
    uint64_t launches;
    uint64_t allocations, frees; /* of device memory, by call */
    uint64_t live_bytes;         /* of device memory, now; not reset */
    uint64_t contexts;           /* made */
    uint64_t syncs;              /* calls that wait for a stream, an event or a context */
    uint64_t faults;             /* mistakes of the program, each with a line on standard error */
};

/* [any] All of these; get them by dlsym(), a real driver has none. */
VEDETTE_EMU_PUBLIC void vedette_emu_read(struct VedetteEmuCounters *counters);
/* The same as "h2d=0 d2h=0 ..."; valid until the thread's next call. */
VEDETTE_EMU_PUBLIC const char *vedette_emu_counters(void);
/*
 * How often each function was called, "cuInit=1 cuMemAlloc_v2=3 ..." by name, without those that
 * were not; valid until the thread's next call.
 */
VEDETTE_EMU_PUBLIC const char *vedette_emu_calls(void);
VEDETTE_EMU_PUBLIC void vedette_emu_reset(void);

/*
 * As VEDETTE_EMU_FAIL, counting calls from now on; NULL: no failure. A sticky error is forgotten.
 * 0, or -EINVAL for what is no such text, which then changes nothing.
 */
VEDETTE_EMU_PUBLIC int vedette_emu_fail(const char *spec);
/* As VEDETTE_EMU_ORDER; NULL: forward. 0, or -EINVAL. */
VEDETTE_EMU_PUBLIC int vedette_emu_order(const char *order);

/*
 * The CPU's view of a device address, for the emulated decoder and encoder. Waits for nothing. NULL
 * for what is no device address.
 */
VEDETTE_EMU_PUBLIC void *vedette_emu_view(unsigned long long device);

#ifdef __cplusplus
}
#endif
