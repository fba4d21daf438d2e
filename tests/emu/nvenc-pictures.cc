#include <cstring>

#include "memory.h"
#include "nvenc.h"

namespace vdk_emu
{

/* --- pictures --- */

static size_t size_of(const Resource &resource)
{
    return resource.pitch * (resource.height + (resource.height + 1) / 2);
}

static NVENCSTATUS nvEncRegisterResource(void *handle, NV_ENC_REGISTER_RESOURCE *p)
{
    ENTER_SESSION(handle);
    if (!p || !p->resourceToRegister)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (p->resourceType != NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR ||
        p->bufferFormat != NV_ENC_BUFFER_FORMAT_NV12)
        return refuse(session, NV_ENC_ERR_UNSUPPORTED_PARAM, "only NV12 in device memory");
    Resource resource = {session,   reinterpret_cast<CUdeviceptr>(p->resourceToRegister),
                         p->pitch,  p->width,
                         p->height, false};

    if (p->pitch < p->width || !is_allocated(resource.address, size_of(resource)))
        return refuse(session, NV_ENC_ERR_RESOURCE_REGISTER_FAILED, "no such device memory");
    p->registeredResource = new Resource(resource);
    live<Resource *>().insert(static_cast<Resource *>(p->registeredResource));
    return NV_ENC_SUCCESS;
}

static Resource *find_resource(const Session *session, void *handle)
{
    auto *resource = static_cast<Resource *>(handle);

    return is_live(resource) && resource->session == session ? resource : nullptr;
}

static NVENCSTATUS nvEncUnregisterResource(void *handle, NV_ENC_REGISTERED_PTR registered)
{
    ENTER_SESSION(handle);
    Resource *resource = find_resource(session, registered);

    if (!resource)
        return NV_ENC_ERR_RESOURCE_NOT_REGISTERED;
    if (resource->mapped)
        return refuse(session, NV_ENC_ERR_INVALID_CALL, "the resource is mapped");
    live<Resource *>().erase(resource);
    delete resource;
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncMapInputResource(void *handle, NV_ENC_MAP_INPUT_RESOURCE *p)
{
    ENTER_SESSION(handle);
    Resource *resource = p ? find_resource(session, p->registeredResource) : nullptr;

    if (!resource)
        return NV_ENC_ERR_RESOURCE_NOT_REGISTERED;
    if (resource->mapped)
        return refuse(session, NV_ENC_ERR_MAP_FAILED, "the resource is mapped already");
    resource->mapped = true;
    p->mappedResource = resource;
    p->mappedBufferFmt = NV_ENC_BUFFER_FORMAT_NV12;
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncUnmapInputResource(void *handle, NV_ENC_INPUT_PTR mapped)
{
    ENTER_SESSION(handle);
    Resource *resource = find_resource(session, mapped);

    if (!resource || !resource->mapped)
        return NV_ENC_ERR_RESOURCE_NOT_MAPPED;
    resource->mapped = false;
    return NV_ENC_SUCCESS;
}

/* --- bitstreams --- */

static NVENCSTATUS nvEncCreateBitstreamBuffer(void *handle, NV_ENC_CREATE_BITSTREAM_BUFFER *p)
{
    ENTER_SESSION(handle);
    if (!p)
        return NV_ENC_ERR_INVALID_PTR;
    p->bitstreamBuffer = new Bitstream{session, {}, 0, 0, false, false};
    live<Bitstream *>().insert(static_cast<Bitstream *>(p->bitstreamBuffer));
    return NV_ENC_SUCCESS;
}

static Bitstream *find_bitstream(const Session *session, void *handle)
{
    auto *bitstream = static_cast<Bitstream *>(handle);

    return is_live(bitstream) && bitstream->session == session ? bitstream : nullptr;
}

static NVENCSTATUS nvEncDestroyBitstreamBuffer(void *handle, NV_ENC_OUTPUT_PTR output)
{
    ENTER_SESSION(handle);
    Bitstream *bitstream = find_bitstream(session, output);

    if (!bitstream)
        return NV_ENC_ERR_INVALID_PTR;
    live<Bitstream *>().erase(bitstream);
    delete bitstream;
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncLockBitstream(void *handle, NV_ENC_LOCK_BITSTREAM *p)
{
    ENTER_SESSION(handle);
    Bitstream *bitstream = p ? find_bitstream(session, p->outputBitstream) : nullptr;

    if (!bitstream)
        return NV_ENC_ERR_INVALID_PTR;
    if (!bitstream->filled || bitstream->locked)
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "nothing was encoded into this buffer");
    bitstream->locked = true;
    p->bitstreamBufferPtr = bitstream->coded.bytes.data();
    p->bitstreamSizeInBytes = (uint32_t)bitstream->coded.bytes.size();
    p->outputTimeStamp = bitstream->timestamp;
    p->frameIdx = bitstream->frame;
    p->pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
    p->pictureType = bitstream->coded.idr     ? NV_ENC_PIC_TYPE_IDR
                     : bitstream->coded.intra ? NV_ENC_PIC_TYPE_I
                                              : NV_ENC_PIC_TYPE_P;
    p->frameAvgQP = bitstream->coded.qp;
    p->numSlices = 1;
    p->hwEncodeStatus = 2; /* complete */
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncUnlockBitstream(void *handle, NV_ENC_OUTPUT_PTR output)
{
    ENTER_SESSION(handle);
    Bitstream *bitstream = find_bitstream(session, output);

    if (!bitstream || !bitstream->locked)
        return NV_ENC_ERR_INVALID_PTR;
    bitstream->locked = bitstream->filled = false;
    return NV_ENC_SUCCESS;
}

/* --- encoding --- */

static NVENCSTATUS check_picture(Session *session, const NV_ENC_PIC_PARAMS &p,
                                 const Resource *resource, const Bitstream *bitstream)
{
    if (!resource || !resource->mapped)
        return NV_ENC_ERR_RESOURCE_NOT_MAPPED;
    if (!bitstream)
        return NV_ENC_ERR_INVALID_PTR;
    if (bitstream->locked)
        return refuse(session, NV_ENC_ERR_LOCK_BUSY, "the output buffer is locked");
    if (p.bufferFmt != NV_ENC_BUFFER_FORMAT_NV12 || p.pictureStruct != NV_ENC_PIC_STRUCT_FRAME ||
        resource->width < session->parameters.encodeWidth ||
        resource->height < session->parameters.encodeHeight)
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "not a whole picture in NV12");
    if (!is_allocated(resource->address, size_of(*resource))) {
        report("memory freed before it was encoded");
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "the picture's memory is gone");
    }
    return NV_ENC_SUCCESS;
}

/*
 * What has been queued on the session's stream is done before the picture is looked at, and nothing
 * else is.
 */
static NVENCSTATUS nvEncEncodePicture(void *handle, NV_ENC_PIC_PARAMS *p)
{
    ENTER_SESSION(handle);
    if (!p)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (!session->coder)
        return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
    if (p->encodePicFlags & NV_ENC_PIC_FLAG_EOS)
        return NV_ENC_SUCCESS;
    const Resource *resource = find_resource(session, p->inputBuffer);
    Bitstream *bitstream = find_bitstream(session, p->outputBitstream);

    if (NVENCSTATUS error = check_picture(session, *p, resource, bitstream))
        return error;
    run_stream(session->context, session->input);
    const auto *luma = static_cast<const uint8_t *>(vedette_emu_view(resource->address));
    bool forced = p->encodePicFlags & (NV_ENC_PIC_FLAG_FORCEIDR | NV_ENC_PIC_FLAG_FORCEINTRA);

    if (!session->coder->encode({luma, luma + resource->pitch * resource->height, resource->pitch},
                                forced || session->idr_due, &bitstream->coded))
        return refuse(session, NV_ENC_ERR_GENERIC, "the library does not encode this");
    session->idr_due = false;
    bitstream->timestamp = p->inputTimeStamp;
    bitstream->frame = p->frameIdx;
    bitstream->filled = true;
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncSetIOCudaStreams(void *handle, NV_ENC_CUSTREAM_PTR input,
                                         [[maybe_unused]] NV_ENC_CUSTREAM_PTR output)
{
    ENTER_SESSION(handle);
    CUstream stream = input ? *static_cast<CUstream *>(input) : nullptr;

    if (!session->coder)
        return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
    if (stream && !is_live(stream))
        return NV_ENC_ERR_INVALID_PARAM;
    session->input = stream;
    return NV_ENC_SUCCESS;
}

/* --- the session's end --- */

template <class Thing> static size_t drop(const Session *session)
{
    return std::erase_if(live<Thing *>(), [=](Thing *thing) {
        bool ours = thing->session == session;

        if (ours)
            delete thing;
        return ours;
    });
}

void drop_pictures(const Session *session)
{
    size_t left = drop<Resource>(session) + drop<Bitstream>(session);

    if (left > 0)
        report("an encoder ended with %zu resources and bitstreams", left);
}

void list_picture_functions(NV_ENCODE_API_FUNCTION_LIST *list)
{
    list->nvEncRegisterResource = nvEncRegisterResource;
    list->nvEncUnregisterResource = nvEncUnregisterResource;
    list->nvEncMapInputResource = nvEncMapInputResource;
    list->nvEncUnmapInputResource = nvEncUnmapInputResource;
    list->nvEncCreateBitstreamBuffer = nvEncCreateBitstreamBuffer;
    list->nvEncDestroyBitstreamBuffer = nvEncDestroyBitstreamBuffer;
    list->nvEncLockBitstream = nvEncLockBitstream;
    list->nvEncUnlockBitstream = nvEncUnlockBitstream;
    list->nvEncEncodePicture = nvEncEncodePicture;
    list->nvEncSetIOCudaStreams = nvEncSetIOCudaStreams;
}

} // namespace vdk_emu
