#include "libcuda.h"
#include "nvcuvid.h"

/*
 * Locks of a context, a critical section with its push and pop, and the functions of nvcuvid that
 * are only looked up.
 */
using namespace vdk_emu;

struct _CUcontextlock_st {
    CUcontext context;
    std::recursive_mutex mutex;
};

CUresult cuvidCtxLockCreate(CUvideoctxlock *result, CUcontext context)
{
    ENTER(INIT);
    if (!result || !is_live(context))
        return INVALID_VALUE;
    *result = new _CUcontextlock_st;
    (*result)->context = context;
    live<CUvideoctxlock>().insert(*result);
    return CUDA_SUCCESS;
}

CUresult cuvidCtxLockDestroy(CUvideoctxlock lock_)
{
    ENTER(INIT | RELEASES);
    if (live<CUvideoctxlock>().erase(lock_) == 0)
        return INVALID_HANDLE;
    delete lock_;
    return lasting_error();
}

/* It waits for others, so without the engine. */
CUresult cuvidCtxLock(CUvideoctxlock lock_, [[maybe_unused]] unsigned flags)
{
    {
        ENTER(INIT);
        if (!is_live(lock_))
            return INVALID_HANDLE;
    }
    lock_->mutex.lock();
    CUresult error = cuCtxPushCurrent_v2(lock_->context);

    if (error)
        lock_->mutex.unlock();
    return error;
}

CUresult cuvidCtxUnlock(CUvideoctxlock lock_, [[maybe_unused]] unsigned flags)
{
    ENTER(INIT | RELEASES);
    if (!is_live(lock_) || current_context() != lock_->context)
        return INVALID_HANDLE;
    CUresult error = cuCtxPopCurrent_v2(nullptr);

    lock_->mutex.unlock();
    return error;
}

#define UNUSED(name)                                                       \
    extern "C" __attribute__((visibility("default"))) CUresult name(void); \
    CUresult name(void)                                                    \
    {                                                                      \
        return NOT_SUPPORTED;                                              \
    }

/* clang-format off */
UNUSED(cuvidCreateVideoSource)
UNUSED(cuvidCreateVideoSourceW)
UNUSED(cuvidDestroyVideoSource)
UNUSED(cuvidGetSourceAudioFormat)
UNUSED(cuvidGetSourceVideoFormat)
UNUSED(cuvidGetVideoSourceState)
UNUSED(cuvidMapVideoFrame)
UNUSED(cuvidSetVideoSourceState)
UNUSED(cuvidUnmapVideoFrame)
/* clang-format on */
