/* Whoever asks says what came of it. */
#define FFNV_LOG_FUNC(context, ...)
#define FFNV_DEBUG_LOG_FUNC(context, ...)
#include <ffnvcodec/dynlink_loader.h>

/* ffnvcodec has CUDA's types too: this file sees no others. */
#include <ffnvcodec/nvEncodeAPI.h>
#include <glib.h>

#include "plugins/vd-nvenc-ask.h"

/* libavcodec makes one number of several answers. */
static VdNvencRefusal refusal_for(NVENCSTATUS status)
{
    switch (status) {
    case NV_ENC_ERR_NO_ENCODE_DEVICE:
    case NV_ENC_ERR_UNSUPPORTED_DEVICE:
        return VD_NVENC_NO_ENCODER;
    case NV_ENC_ERR_OUT_OF_MEMORY:
        return VD_NVENC_NO_SESSION;
    default:
        return VD_NVENC_FAILED;
    }
}

static NVENCSTATUS try_session(NvencFunctions *library, gpointer context)
{
    NV_ENCODE_API_FUNCTION_LIST list = {.version = NV_ENCODE_API_FUNCTION_LIST_VER};
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS parameters = {
        .version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER,
        .apiVersion = NVENCAPI_VERSION,
        .deviceType = NV_ENC_DEVICE_TYPE_CUDA,
        .device = context,
    };
    void *session = NULL;
    NVENCSTATUS status = library->NvEncodeAPICreateInstance(&list);

    if (status == NV_ENC_SUCCESS)
        status = list.nvEncOpenEncodeSessionEx(&parameters, &session);
    if (status == NV_ENC_SUCCESS)
        list.nvEncDestroyEncoder(session);
    return status;
}

bool vd_nvenc_is_there(void)
{
    NvencFunctions *library = NULL;
    bool is = nvenc_load_functions(&library, NULL) == 0;

    nvenc_free_functions(&library);
    return is;
}

VdNvencRefusal vd_nvenc_ask(gpointer context)
{
    NvencFunctions *library = NULL;

    if (nvenc_load_functions(&library, NULL) != 0)
        return VD_NVENC_LIBRARY;
    NVENCSTATUS status = try_session(library, context);
    nvenc_free_functions(&library);
    return refusal_for(status);
}
