#pragma once

#include <deque>
#include <ffnvcodec/dynlink_cuda.h>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "control.h"

/*
 * The functions of libcuda.so.1, with the types that callers believe them to have, and what the
 * files that define them share.
 */
typedef void CUDAAPI CUhostFn(void *data);

extern "C" {
#pragma GCC visibility push(default)

/* libcuda.cc */
tcuInit cuInit;
CUresult cuDriverGetVersion(int *version);
tcuGetErrorName cuGetErrorName;
tcuGetErrorString cuGetErrorString;
tcuDeviceGetCount cuDeviceGetCount;
tcuDeviceGet cuDeviceGet;
tcuDeviceGetName cuDeviceGetName;
tcuDeviceGetUuid cuDeviceGetUuid;
tcuDeviceGetAttribute cuDeviceGetAttribute;
tcuDeviceComputeCapability cuDeviceComputeCapability;
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device);
CUresult cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer);
tcuCtxCreate_v2 cuCtxCreate_v2;
tcuCtxDestroy_v2 cuCtxDestroy_v2;
tcuCtxPushCurrent_v2 cuCtxPushCurrent_v2;
tcuCtxPopCurrent_v2 cuCtxPopCurrent_v2;
CUresult cuCtxGetCurrent(CUcontext *context);
CUresult cuCtxSetCurrent(CUcontext context);
tcuCtxGetDevice cuCtxGetDevice;
tcuCtxSetLimit cuCtxSetLimit;
CUresult cuCtxSynchronize(void);
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags);
CUresult cuCtxDisablePeerAccess(CUcontext peer);

/* libcuda-memory.cc */
tcuMemAlloc_v2 cuMemAlloc_v2;
tcuMemAllocPitch_v2 cuMemAllocPitch_v2;
tcuMemFree_v2 cuMemFree_v2;
CUresult cuMemAllocHost_v2(void **memory, size_t size);
CUresult cuMemHostAlloc(void **memory, size_t size, unsigned flags);
CUresult cuMemFreeHost(void *memory);
CUresult cuMemGetInfo_v2(size_t *available, size_t *total);
tcuMemcpy cuMemcpy;
tcuMemcpyAsync cuMemcpyAsync;
tcuMemcpyHtoD_v2 cuMemcpyHtoD_v2;
tcuMemcpyHtoDAsync_v2 cuMemcpyHtoDAsync_v2;
tcuMemcpyDtoH_v2 cuMemcpyDtoH_v2;
tcuMemcpyDtoHAsync_v2 cuMemcpyDtoHAsync_v2;
tcuMemcpyDtoD_v2 cuMemcpyDtoD_v2;
tcuMemcpyDtoDAsync_v2 cuMemcpyDtoDAsync_v2;
tcuMemcpy2D_v2 cuMemcpy2D_v2;
tcuMemcpy2DAsync_v2 cuMemcpy2DAsync_v2;
CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t n);
tcuMemsetD8Async cuMemsetD8Async;
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, size_t n);
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t n, CUstream stream);

/* libcuda-streams.cc */
tcuStreamCreate cuStreamCreate;
tcuStreamDestroy_v2 cuStreamDestroy;
tcuStreamDestroy_v2 cuStreamDestroy_v2;
tcuStreamQuery cuStreamQuery;
tcuStreamSynchronize cuStreamSynchronize;
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags);
tcuStreamAddCallback cuStreamAddCallback;
CUresult cuLaunchHostFunc(CUstream stream, CUhostFn *function, void *data);
tcuEventCreate cuEventCreate;
tcuEventDestroy_v2 cuEventDestroy_v2;
tcuEventRecord cuEventRecord;
tcuEventQuery cuEventQuery;
tcuEventSynchronize cuEventSynchronize;
CUresult cuEventElapsedTime(float *ms, CUevent start, CUevent end);

/* libcuda-modules.cc */
tcuModuleLoadData cuModuleLoadData;
CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned n_options,
                            CUjit_option *options, void **values);
tcuModuleUnload cuModuleUnload;
tcuModuleGetFunction cuModuleGetFunction;
tcuLaunchKernel cuLaunchKernel;

#pragma GCC visibility pop
}

namespace vdk_emu
{

/* --- every call --- */

/*
 * What a function asks for before it does anything. RELEASES: it does its work after a sticky error
 * too.
 */
enum Needs { NOTHING = 0, INIT = 1, CONTEXT = 3, RELEASES = 4 };
CUresult admit(const char *function, int needs);

/* The first line of every function of the driver. */
#define ENTER(needs)                             \
    Lock lock(engine());                         \
    if (CUresult error = admit(__func__, needs)) \
    return error

/* The calling thread's, nullptr without one. It may be one that has been destroyed. */
CUcontext current_context();

/* Handles that have been given out and not taken back. */
template <class Handle> std::set<Handle> &live()
{
    static auto *handles = new std::set<Handle>;

    return *handles;
}

template <class Handle> bool is_live(Handle handle)
{
    return live<Handle>().count(handle) != 0;
}

/* --- work --- */

/* Done in order, as far as somebody asks for. */
class Queue
{
  public:
    /* lasts: it is done even after a sticky error, which otherwise drops all work. */
    void push(std::function<void()> piece, bool lasts = false);
    void run_until(uint64_t number); /* number pieces are done afterwards */
    void run_all();
    void run_one();
    uint64_t submitted() const;
    bool has_done(uint64_t number) const;
    void fail_late(CUresult error);
    CUresult late_error(); /* once */

  private:
    struct Piece {
        std::function<void()> work;
        bool lasts;
    };
    std::deque<Piece> waiting;
    uint64_t n_submitted = 0, n_done = 0;
    CUresult late = CUDA_SUCCESS;
};

/*
 * Queues work on a stream of the current context, nullptr being its default stream. That one and
 * the blocking ones wait for each other, as the legacy default stream does.
 */
CUresult submit(CUstream stream, std::function<void()> work, bool lasts = false);
/* The same at once, after what the default stream has to wait for. The sticky error, if any. */
CUresult submit_and_wait(std::function<void()> work);
/* All streams of a context. */
void run_context(CUcontext context);
/* What work given to a stream of the context now would have to wait for. */
void run_stream(CUcontext context, CUstream stream);
/* Ends its streams and events, without running them. */
void drop_streams(CUcontext context);
/* Whether the calling thread is in a host function. */
bool is_in_host_function();

/* Modules go with their context. */
void drop_modules(CUcontext context);

/* Kernels are in objects that need this library's symbols, and it must never be unloaded. */
void become_global();

} // namespace vdk_emu

struct CUctx_st {
    CUdevice device;
    std::shared_ptr<vdk_emu::Queue> queue; /* the default stream */
};
