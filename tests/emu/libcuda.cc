#include "libcuda.h"

#include <cstdio>
#include <cstring>

#include "memory.h"

using namespace vdk_emu;

struct ErrorText {
    int code;
    const char *name, *text;
};

struct Attribute {
    int id, value;
};

constexpr int DRIVER_VERSION = 13000;
constexpr int CAPABILITY_MAJOR = 7, CAPABILITY_MINOR = 5;
constexpr const char *DEVICE_NAME = "Emulated CUDA device";

/* clang-format off */
static const ErrorText error_texts[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {300, "CUDA_ERROR_INVALID_SOURCE", "device kernel image is invalid"},
    {301, "CUDA_ERROR_FILE_NOT_FOUND", "file not found"},
    {302, "CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND", "shared object symbol not found"},
    {303, "CUDA_ERROR_SHARED_OBJECT_INIT_FAILED", "shared object initialization failed"},
    {304, "CUDA_ERROR_OPERATING_SYSTEM", "OS call failed or operation not supported on this OS"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {717, "CUDA_ERROR_INVALID_ADDRESS_SPACE", "operation not supported on global/shared address space"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {800, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {802, "CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

/* Those that ffnvcodec's header has no name for stand with theirs; unknown ones are 0. */
static const Attribute attributes[] = {
    {1, 1024},       /* threads of a block */
    {2, 1024},       /* its size in x, */
    {3, 1024},       /* y, */
    {4, 64},         /* and z */
    {5, 2147483647}, /* the size of a grid in x, */
    {6, 65535},      /* y, */
    {7, 65535},      /* and z */
    {8, 49152},      /* shared memory of a block */
    {9, 65536},      /* constant memory */
    {10, 32},        /* lanes of a warp */
    {11, 2147483647}, /* pitch of a copy */
    {12, 65536},     /* registers of a block */
    {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1000000},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4},
    {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
    {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 1},
    {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 1000000},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 128},
    {39, 1024},      /* threads of a multiprocessor */
    {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 1},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT, 32},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, CAPABILITY_MAJOR},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, CAPABILITY_MINOR},
};
/* clang-format on */

static bool initialized;
static thread_local std::vector<CUcontext> contexts; /* the last is current */

/* --- every call --- */

namespace vdk_emu
{

CUcontext current_context()
{
    return contexts.empty() ? nullptr : contexts.back();
}

CUresult admit(const char *function, int needs)
{
    configure();
    if (is_in_host_function())
        return NOT_PERMITTED;
    if (CUresult error = injected(function))
        return error;
    if (needs & INIT && !initialized)
        return NOT_INITIALIZED;
    if ((needs & CONTEXT) == CONTEXT) {
        CUcontext context = current_context();

        if (!context)
            return INVALID_CONTEXT;
        if (!is_live(context))
            return CONTEXT_IS_DESTROYED;
    }
    return needs & RELEASES || needs == NOTHING ? CUDA_SUCCESS : lasting_error();
}

} // namespace vdk_emu

/* --- driver --- */

CUresult cuInit(unsigned flags)
{
    ENTER(NOTHING);
    if (flags != 0)
        return INVALID_VALUE;
    become_global();
    initialized = true;
    return lasting_error();
}

CUresult cuDriverGetVersion(int *version)
{
    ENTER(NOTHING);
    if (!version)
        return INVALID_VALUE;
    *version = DRIVER_VERSION;
    return CUDA_SUCCESS;
}

static const ErrorText *find_error(int code)
{
    for (const ErrorText &text : error_texts)
        if (text.code == code)
            return &text;
    return nullptr;
}

CUresult cuGetErrorName(CUresult error, const char **name)
{
    const ErrorText *found = find_error(error);

    *name = found ? found->name : nullptr;
    return found ? CUDA_SUCCESS : INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char **text)
{
    const ErrorText *found = find_error(error);

    *text = found ? found->text : nullptr;
    return found ? CUDA_SUCCESS : INVALID_VALUE;
}

/* --- devices --- */

static int n_devices()
{
    static int n = (int)number_from_environment("VEDETTE_EMU_DEVICES", 1);

    return n;
}

static bool is_device(CUdevice device)
{
    return device >= 0 && device < n_devices();
}

CUresult cuDeviceGetCount(int *count)
{
    ENTER(INIT);
    if (!count)
        return INVALID_VALUE;
    *count = n_devices();
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal)
{
    ENTER(INIT);
    if (!device || ordinal < 0)
        return INVALID_VALUE;
    if (!is_device(ordinal))
        return INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int size, CUdevice device)
{
    ENTER(INIT);
    if (!name || size < 1)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    snprintf(name, (size_t)size, "%s", DEVICE_NAME);
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice device)
{
    ENTER(INIT);
    if (!uuid)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    memcpy(uuid->bytes, "vedette emulated", sizeof(uuid->bytes));
    uuid->bytes[15] = (char)device;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)
{
    ENTER(INIT);
    if (!value)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    *value = 0;
    for (const Attribute &known : attributes)
        if (known.id == (int)attribute)
            *value = known.value;
    return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice device)
{
    ENTER(INIT);
    if (!major || !minor)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    *major = CAPABILITY_MAJOR;
    *minor = CAPABILITY_MINOR;
    return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device)
{
    ENTER(INIT);
    if (!bytes)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    *bytes = memory_size();
    return CUDA_SUCCESS;
}

CUresult cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer)
{
    ENTER(INIT);
    if (!can)
        return INVALID_VALUE;
    if (!is_device(device) || !is_device(peer))
        return INVALID_DEVICE;
    *can = 0;
    return CUDA_SUCCESS;
}

/* --- contexts --- */

CUresult cuCtxCreate_v2(CUcontext *result, [[maybe_unused]] unsigned flags, CUdevice device)
{
    ENTER(INIT);
    if (!result)
        return INVALID_VALUE;
    if (!is_device(device))
        return INVALID_DEVICE;
    if (CUresult error = lasting_error(device))
        return error;
    *result = new CUctx_st{device, std::make_shared<Queue>()};
    live<CUcontext>().insert(*result);
    contexts.push_back(*result);
    counters.contexts++;
    return CUDA_SUCCESS;
}

/* What lives in the context goes with it. It stays on the stacks of other threads, as an error. */
CUresult cuCtxDestroy_v2(CUcontext context)
{
    ENTER(INIT | RELEASES);
    if (!is_live(context))
        return INVALID_CONTEXT;
    if (current_context() == context)
        contexts.pop_back();
    run_context(context);
    drop_streams(context);
    drop_modules(context);
    CUresult error = deallocate_all(context);

    live<CUcontext>().erase(context);
    delete context;
    return error == CUDA_SUCCESS ? lasting_error() : error;
}

CUresult cuCtxPushCurrent_v2(CUcontext context)
{
    ENTER(INIT);
    if (!is_live(context))
        return INVALID_CONTEXT;
    if (CUresult error = lasting_error(context->device))
        return error;
    contexts.push_back(context);
    return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *context)
{
    ENTER(INIT | RELEASES);
    if (contexts.empty())
        return INVALID_CONTEXT;
    if (context)
        *context = contexts.back();
    contexts.pop_back();
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context)
{
    ENTER(INIT | RELEASES);
    if (!context)
        return INVALID_VALUE;
    *context = current_context();
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context)
{
    ENTER(INIT);
    if (context && !is_live(context))
        return INVALID_CONTEXT;
    if (!contexts.empty())
        contexts.pop_back();
    if (context)
        contexts.push_back(context);
    return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device)
{
    ENTER(CONTEXT);
    if (!device)
        return INVALID_VALUE;
    *device = current_context()->device;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetLimit([[maybe_unused]] CUlimit limit, [[maybe_unused]] size_t value)
{
    ENTER(CONTEXT);
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void)
{
    ENTER(CONTEXT);
    counters.syncs++;
    run_context(current_context());
    return lasting_error();
}

CUresult cuCtxEnablePeerAccess([[maybe_unused]] CUcontext peer, [[maybe_unused]] unsigned flags)
{
    ENTER(CONTEXT);
    return NOT_SUPPORTED;
}

CUresult cuCtxDisablePeerAccess([[maybe_unused]] CUcontext peer)
{
    ENTER(CONTEXT);
    return NOT_SUPPORTED;
}
