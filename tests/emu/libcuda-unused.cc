/*
 * Functions that are only looked up: libgstcuda and ffnvcodec's loader refuse a driver that lacks
 * one. None is called by what we test; a caller would be told that it is not supported, whatever
 * its arguments are.
 */
#include "control.h"

#define UNUSED(name)                                                       \
    extern "C" __attribute__((visibility("default"))) CUresult name(void); \
    CUresult name(void)                                                    \
    {                                                                      \
        return vdk_emu::NOT_SUPPORTED;                                     \
    }

/* clang-format off */
UNUSED(cuArray3DCreate_v2)
UNUSED(cuArrayDestroy)
UNUSED(cuDestroyExternalMemory)
UNUSED(cuDestroyExternalSemaphore)
UNUSED(cuDevicePrimaryCtxGetState)
UNUSED(cuDevicePrimaryCtxRelease)
UNUSED(cuDevicePrimaryCtxReset)
UNUSED(cuDevicePrimaryCtxRetain)
UNUSED(cuDevicePrimaryCtxSetFlags)
UNUSED(cuEGLStreamConsumerDisconnect)
UNUSED(cuEGLStreamProducerConnect)
UNUSED(cuEGLStreamProducerDisconnect)
UNUSED(cuEGLStreamProducerPresentFrame)
UNUSED(cuEGLStreamProducerReturnFrame)
UNUSED(cuExternalMemoryGetMappedBuffer)
UNUSED(cuExternalMemoryGetMappedMipmappedArray)
UNUSED(cuGLGetDevices_v2)
UNUSED(cuGraphicsGLRegisterBuffer)
UNUSED(cuGraphicsGLRegisterImage)
UNUSED(cuGraphicsMapResources)
UNUSED(cuGraphicsResourceGetMappedPointer_v2)
UNUSED(cuGraphicsResourceSetMapFlags_v2)
UNUSED(cuGraphicsSubResourceGetMappedArray)
UNUSED(cuGraphicsUnmapResources)
UNUSED(cuGraphicsUnregisterResource)
UNUSED(cuImportExternalMemory)
UNUSED(cuImportExternalSemaphore)
UNUSED(cuLinkAddData)
UNUSED(cuLinkComplete)
UNUSED(cuLinkCreate)
UNUSED(cuLinkDestroy)
UNUSED(cuMemAllocManaged)
UNUSED(cuMipmappedArrayDestroy)
UNUSED(cuMipmappedArrayGetLevel)
UNUSED(cuModuleGetGlobal)
UNUSED(cuSignalExternalSemaphoresAsync)
UNUSED(cuTexObjectCreate)
UNUSED(cuTexObjectDestroy)
UNUSED(cuWaitExternalSemaphoresAsync)
/* clang-format on */
