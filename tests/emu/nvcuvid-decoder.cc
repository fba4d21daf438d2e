extern "C" {
#include <libavutil/frame.h>
}

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "libcuda.h"
#include "memory.h"
#include "nvcuvid.h"

namespace vdk_emu
{

constexpr CUresult MAP_FAILED_ERROR = CUresult(205);
constexpr unsigned MAX_SURFACES = 32, MAX_OUTPUTS = 64;
constexpr unsigned char UNMAPPED_BYTE = 0xdb;

struct Codec {
    cudaVideoCodec codec;
    const char *name;
    unsigned min_width, min_height, max_width, max_height;
};

/* clang-format off */
static const Codec codecs[] = {
    {cudaVideoCodec_H264, "h264",  48,  16,  4096,  4096},
    {cudaVideoCodec_HEVC, "h265", 144, 144,  8192,  8192},
    {cudaVideoCodec_JPEG, "jpeg",  64,  64, 32768, 16384},
};
/* clang-format on */

/* NV12 in device memory: chroma lies behind `height` rows. */
struct Area {
    CUdeviceptr address;
    size_t pitch, height;

    uint8_t *row(size_t y) const
    {
        return static_cast<uint8_t *>(vedette_emu_view(address)) + y * pitch;
    }
};

struct Surface {
    cuvidDecodeStatus status;
    uint64_t ticket; /* of what was asked for last */
};

struct Output {
    Area area;
    bool mapped;
};

struct Decoder {
    CUVIDDECODECREATEINFO info;
    CUcontext context;
    CUdeviceptr memory; /* of the surfaces, one behind the other */
    size_t pitch, rows; /* of one */
    std::vector<Surface> surfaces;
    std::vector<Output> outputs;

    Area area(size_t surface) const
    {
        return {memory + surface * rows * pitch, pitch, info.ulHeight};
    }
};

/* Which surface a picture that is still with the parser goes to. Never destroyed, as the engine. */
struct Target {
    Decoder *decoder;
    size_t surface;
};
static auto &targets = *new std::map<uint64_t, Target>;

/* --- what the device can --- */

struct Limits {
    std::set<std::string> codecs;
    unsigned width, height;
};

static bool read_codecs(const std::string &list, std::set<std::string> *names)
{
    std::istringstream words(list);

    for (std::string word; std::getline(words, word, ':');)
        names->insert(word);
    return std::all_of(names->begin(), names->end(), [](const std::string &name) {
        return std::any_of(std::begin(codecs), std::end(codecs),
                           [&](const Codec &codec) { return name == codec.name; });
    });
}

static Limits read_limits()
{
    const char *names = getenv("VEDETTE_EMU_NVDEC"), *size = getenv("VEDETTE_EMU_NVDEC_SIZE");
    std::string list = names ? names : "h264:h265:jpeg";
    Limits limits = {{}, UINT32_MAX, UINT32_MAX};
    char more;

    if (list.empty() || (list != "none" && !read_codecs(list, &limits.codecs)))
        refuse_environment("VEDETTE_EMU_NVDEC");
    if (size && sscanf(size, "%ux%u%c", &limits.width, &limits.height, &more) != 2)
        refuse_environment("VEDETTE_EMU_NVDEC_SIZE");
    return limits;
}

static void read_caps(CUVIDDECODECAPS *caps)
{
    static const Limits limits = read_limits();

    caps->bIsSupported = 0;
    if (caps->eChromaFormat != cudaVideoChromaFormat_420 || caps->nBitDepthMinus8 != 0)
        return;
    for (const Codec &codec : codecs)
        if (codec.codec == caps->eCodecType && limits.codecs.count(codec.name) > 0) {
            caps->bIsSupported = 1;
            caps->nNumNVDECs = 1;
            caps->nOutputFormatMask = 1 << cudaVideoSurfaceFormat_NV12;
            caps->nMinWidth = (unsigned short)codec.min_width;
            caps->nMinHeight = (unsigned short)codec.min_height;
            caps->nMaxWidth = std::min(codec.max_width, limits.width);
            caps->nMaxHeight = std::min(codec.max_height, limits.height);
            caps->nMaxMBCount = caps->nMaxWidth * caps->nMaxHeight / 256;
        }
}

/* --- decoders --- */

/* No rectangle at all means all of it. */
static bool area_ok(const CUVIDDECODECREATEINFO &info)
{
    const auto &area = info.display_area;
    int width = area.right - area.left, height = area.bottom - area.top;

    if (area.left < 0 || area.top < 0 || area.right > (int)info.ulWidth ||
        area.bottom > (int)info.ulHeight || (area.left | area.top) & 1)
        return false;
    /* It does not scale; a target is even where the picture is not. */
    return width > 0 && height > 0 && (int)info.ulTargetWidth >= width &&
           (int)info.ulTargetWidth <= width + (width & 1) && (int)info.ulTargetHeight >= height &&
           (int)info.ulTargetHeight <= height + (height & 1);
}

static CUresult check_info(CUVIDDECODECREATEINFO *info)
{
    CUVIDDECODECAPS caps = {};
    auto &area = info->display_area;

    caps.eCodecType = info->CodecType;
    caps.eChromaFormat = info->ChromaFormat;
    caps.nBitDepthMinus8 = (unsigned)info->bitDepthMinus8;
    read_caps(&caps);
    if (!caps.bIsSupported || info->OutputFormat != cudaVideoSurfaceFormat_NV12)
        return NOT_SUPPORTED;
    if (area.right == 0 && area.bottom == 0) {
        area.right = (short)info->ulWidth;
        area.bottom = (short)info->ulHeight;
    }
    bool ok = info->ulWidth >= caps.nMinWidth && info->ulWidth <= caps.nMaxWidth &&
              info->ulHeight >= caps.nMinHeight && info->ulHeight <= caps.nMaxHeight &&
              info->ulNumDecodeSurfaces >= 1 && info->ulNumDecodeSurfaces <= MAX_SURFACES &&
              info->ulNumOutputSurfaces >= 1 && info->ulNumOutputSurfaces <= MAX_OUTPUTS;

    if (!ok)
        return INVALID_VALUE;
    return area_ok(*info) ? CUDA_SUCCESS : NOT_SUPPORTED;
}

static void forget_targets(const Decoder *decoder)
{
    std::erase_if(targets, [=](const auto &one) { return one.second.decoder == decoder; });
}

/* The first error met. */
static CUresult release_memory(Decoder *decoder)
{
    CUresult result = decoder->memory ? deallocate(decoder->memory) : CUDA_SUCCESS;

    for (const Output &output : decoder->outputs)
        if (CUresult error = deallocate(output.area.address); result == CUDA_SUCCESS)
            result = error;
    decoder->memory = 0;
    decoder->outputs.clear();
    decoder->surfaces.clear();
    forget_targets(decoder);
    return result;
}

static size_t rounded(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

static CUresult take_memory(Decoder *decoder)
{
    const CUVIDDECODECREATEINFO &info = decoder->info;
    size_t target_pitch = rounded(info.ulTargetWidth, MEMORY_ALIGNMENT);
    size_t target_rows = info.ulTargetHeight + (info.ulTargetHeight + 1) / 2;

    decoder->pitch = rounded(info.ulWidth, MEMORY_ALIGNMENT);
    decoder->rows = info.ulHeight + (info.ulHeight + 1) / 2;
    CUresult error = allocate(decoder->pitch * decoder->rows * info.ulNumDecodeSurfaces,
                              decoder->context, &decoder->memory);

    for (size_t i = 0; !error && i < info.ulNumOutputSurfaces; i++) {
        Output output = {{0, target_pitch, info.ulTargetHeight}, false};

        error = allocate(target_pitch * target_rows, decoder->context, &output.area.address);
        if (!error)
            decoder->outputs.push_back(output);
    }
    decoder->surfaces.resize(info.ulNumDecodeSurfaces, {cuvidDecodeStatus_Invalid, 0});
    if (error)
        release_memory(decoder);
    return error;
}

static Decoder *find_decoder(CUvideodecoder handle)
{
    auto *decoder = static_cast<Decoder *>(handle);

    return is_live(decoder) ? decoder : nullptr;
}

/* --- pictures --- */

void write_ticket(CUVIDPICPARAMS *picture, uint64_t ticket)
{
    memcpy(picture->Reserved, &ticket, sizeof(ticket));
}

static uint64_t read_ticket(const CUVIDPICPARAMS &picture)
{
    uint64_t ticket;

    memcpy(&ticket, picture.Reserved, sizeof(ticket));
    return ticket;
}

static void store(const AVFrame &frame, const Area &to, size_t max_width)
{
    size_t width = std::min((size_t)frame.width, max_width);
    size_t height = std::min((size_t)frame.height, to.height);

    for (size_t y = 0; y < height; y++)
        memcpy(to.row(y), frame.data[0] + (ptrdiff_t)y * frame.linesize[0], width);
    for (size_t y = 0; y < (height + 1) / 2; y++) {
        const uint8_t *u = frame.data[1] + (ptrdiff_t)y * frame.linesize[1];
        const uint8_t *v = frame.data[2] + (ptrdiff_t)y * frame.linesize[2];
        uint8_t *row = to.row(to.height + y);

        for (size_t x = 0; x < (width + 1) / 2; x++) {
            row[2 * x] = u[x];
            row[2 * x + 1] = v[x];
        }
    }
}

void deliver(uint64_t ticket, const AVFrame *frame)
{
    Lock lock(engine());
    auto found = targets.find(ticket);

    if (found == targets.end())
        return;
    auto [decoder, surface] = found->second;

    targets.erase(found);
    if (lasting_error() != CUDA_SUCCESS)
        return;
    bool known = frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P;
    bool damaged = frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags != 0;

    if (known)
        store(*frame, decoder->area(surface), decoder->pitch);
    decoder->surfaces[surface].status = !known    ? cuvidDecodeStatus_Error
                                        : damaged ? cuvidDecodeStatus_Error_Concealed
                                                  : cuvidDecodeStatus_Success;
}

/* The display area, from one to the other. */
static void crop(const CUVIDDECODECREATEINFO &info, const Area &from, const Area &to)
{
    const auto &area = info.display_area;
    size_t left = (size_t)area.left, top = (size_t)area.top;
    size_t width = (size_t)(area.right - area.left), height = (size_t)(area.bottom - area.top);

    for (size_t y = 0; y < height; y++)
        memcpy(to.row(y), from.row(top + y) + left, width);
    for (size_t y = 0; y < (height + 1) / 2; y++)
        memcpy(to.row(to.height + y), from.row(from.height + top / 2 + y) + left,
               (width + 1) / 2 * 2);
}

} // namespace vdk_emu

using namespace vdk_emu;

CUresult cuvidGetDecoderCaps(CUVIDDECODECAPS *caps)
{
    ENTER(CONTEXT);
    if (!caps)
        return INVALID_VALUE;
    read_caps(caps);
    return CUDA_SUCCESS;
}

CUresult cuvidCreateDecoder(CUvideodecoder *result, CUVIDDECODECREATEINFO *info)
{
    ENTER(CONTEXT);
    if (!result || !info)
        return INVALID_VALUE;
    auto decoder = std::make_unique<Decoder>();

    decoder->info = *info;
    decoder->context = current_context();
    if (CUresult error = check_info(&decoder->info))
        return error;
    if (CUresult error = take_memory(decoder.get()))
        return error;
    live<Decoder *>().insert(decoder.get());
    *result = decoder.release();
    return CUDA_SUCCESS;
}

CUresult cuvidDestroyDecoder(CUvideodecoder handle)
{
    ENTER(CONTEXT | RELEASES);
    Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    run_context(decoder->context);
    CUresult error = release_memory(decoder);

    live<Decoder *>().erase(decoder);
    delete decoder;
    return error == CUDA_SUCCESS ? lasting_error() : error;
}

CUresult cuvidReconfigureDecoder(CUvideodecoder handle, CUVIDRECONFIGUREDECODERINFO *wanted)
{
    ENTER(CONTEXT);
    Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    if (!wanted)
        return INVALID_VALUE;
    CUVIDDECODECREATEINFO info = decoder->info;

    info.ulWidth = wanted->ulWidth;
    info.ulHeight = wanted->ulHeight;
    info.ulTargetWidth = wanted->ulTargetWidth;
    info.ulTargetHeight = wanted->ulTargetHeight;
    info.ulNumDecodeSurfaces = wanted->ulNumDecodeSurfaces;
    memcpy(&info.display_area, &wanted->display_area, sizeof(info.display_area));
    memcpy(&info.target_rect, &wanted->target_rect, sizeof(info.target_rect));
    if (info.ulWidth > std::max(info.ulMaxWidth, decoder->info.ulWidth) ||
        info.ulHeight > std::max(info.ulMaxHeight, decoder->info.ulHeight))
        return INVALID_VALUE;
    if (CUresult error = check_info(&info))
        return error;
    for (const Output &output : decoder->outputs)
        if (output.mapped)
            return INVALID_VALUE;
    run_context(decoder->context);
    CUresult error = release_memory(decoder);

    decoder->info = info;
    return error ? error : take_memory(decoder);
}

CUresult cuvidDecodePicture(CUvideodecoder handle, CUVIDPICPARAMS *picture)
{
    ENTER(CONTEXT);
    Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    if (!picture || picture->CurrPicIdx < 0 ||
        (size_t)picture->CurrPicIdx >= decoder->surfaces.size())
        return INVALID_VALUE;
    uint64_t ticket = read_ticket(*picture);

    /* Somebody else's parser. */
    if (ticket == 0)
        return NOT_SUPPORTED;
    Surface &surface = decoder->surfaces[(size_t)picture->CurrPicIdx];

    targets.erase(surface.ticket);
    surface = {cuvidDecodeStatus_InProgress, ticket};
    targets[ticket] = {decoder, (size_t)picture->CurrPicIdx};
    return CUDA_SUCCESS;
}

CUresult cuvidGetDecodeStatus(CUvideodecoder handle, int index, CUVIDGETDECODESTATUS *status)
{
    ENTER(CONTEXT);
    const Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    if (!status || index < 0 || (size_t)index >= decoder->surfaces.size())
        return INVALID_VALUE;
    status->decodeStatus = decoder->surfaces[(size_t)index].status;
    return CUDA_SUCCESS;
}

/* It is there at once, whatever stream is asked for: earlier than a real one may promise it. */
CUresult cuvidMapVideoFrame64(CUvideodecoder handle, int index, unsigned long long *address,
                              unsigned *pitch, CUVIDPROCPARAMS *how)
{
    ENTER(CONTEXT);
    Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    if (!address || !pitch || !how || index < 0 || (size_t)index >= decoder->surfaces.size())
        return INVALID_VALUE;
    if (decoder->surfaces[(size_t)index].status < cuvidDecodeStatus_Success)
        return INVALID_VALUE;
    for (Output &output : decoder->outputs)
        if (!output.mapped) {
            output.mapped = true;
            crop(decoder->info, decoder->area((size_t)index), output.area);
            *address = output.area.address;
            *pitch = (unsigned)output.area.pitch;
            return CUDA_SUCCESS;
        }
    return MAP_FAILED_ERROR;
}

/* What is still queued then reads nothing that a picture has. */
CUresult cuvidUnmapVideoFrame64(CUvideodecoder handle, unsigned long long address)
{
    ENTER(CONTEXT | RELEASES);
    Decoder *decoder = find_decoder(handle);

    if (!decoder)
        return INVALID_HANDLE;
    for (Output &output : decoder->outputs)
        if (output.mapped && output.area.address == address) {
            size_t rows = output.area.height + (output.area.height + 1) / 2;

            output.mapped = false;
            memset(output.area.row(0), UNMAPPED_BYTE, output.area.pitch * rows);
            return lasting_error();
        }
    return INVALID_VALUE;
}
