#pragma once

#include <ffnvcodec/nvEncodeAPI.h>
#include <memory>
#include <string>

#include "libcuda.h"
#include "nvenc-coder.h"

/*
 * libnvidia-encode.so.1: sessions on libx264 and libx265, with the manners of a driver of 2024 or
 * later: the presets before p1 to p7 are unknown. Pictures are NV12 in device memory. There are no
 * B pictures, so each gives its bitstream at once, and no input buffers of the host's.
 */
namespace vdk_emu
{

struct Session {
    CUcontext context;
    std::unique_ptr<Coder> coder; /* nullptr: not initialised */
    NV_ENC_INITIALIZE_PARAMS parameters;
    NV_ENC_CONFIG config;
    CUstream input; /* what is encoded comes after its work */
    bool idr_due;
    std::string error; /* what the last refusal was for */
};

/* Device memory that may be encoded. */
struct Resource {
    Session *session;
    CUdeviceptr address;
    size_t pitch;
    unsigned width, height;
    bool mapped;
};

struct Bitstream {
    Session *session;
    Coded coded;
    uint64_t timestamp;
    unsigned frame;
    bool filled, locked;
};

/* The failure that is due in this call, or one of the device; counts the call. */
NVENCSTATUS admit_encoder(const char *function, const Session *session);
NVENCSTATUS refuse(Session *session, NVENCSTATUS status, const char *why);
/* Whether a struct's version is one whose layout is known here. */
bool version_ok(uint32_t version);

/* The first line of every function of a session. */
#define ENTER_SESSION(handle)                                 \
    Lock lock(engine());                                      \
    auto *session = static_cast<Session *>(handle);           \
    if (NVENCSTATUS error = admit_encoder(__func__, session)) \
    return error

/* nvenc-pictures.cc: its functions go into the list; what a session still has goes with it. */
void list_picture_functions(NV_ENCODE_API_FUNCTION_LIST *list);
void drop_pictures(const Session *session);

} // namespace vdk_emu
