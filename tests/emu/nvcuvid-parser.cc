extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>

#include "libcuda.h"
#include "nvcuvid-units.h"
#include "nvcuvid.h"

namespace vdk_emu
{

struct FreeFrame {
    void operator()(AVFrame *frame) const
    {
        av_frame_free(&frame);
    }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;

struct FreeCodec {
    void operator()(AVCodecContext *codec) const
    {
        avcodec_free_context(&codec);
    }
};

/* A picture that has a surface. */
struct Picture {
    uint64_t ticket;
    int surface;
    std::optional<int64_t> timestamp;
};

class Parser
{
  public:
    explicit Parser(const CUVIDPARSERPARAMS &parameters);
    bool open();
    void parse(const CUVIDSOURCEDATAPACKET &packet);

  private:
    bool accept(const Unit &unit);
    bool send(const Unit &unit, std::vector<Frame> *frames);
    void receive(std::vector<Frame> *frames);
    bool drain();
    bool agree_on_format();
    CUVIDEOFORMAT format() const;
    int free_surface();
    bool decode(const Unit &unit, Picture picture);
    int64_t time_of(const Picture &picture);
    bool show(std::vector<Frame> *frames);
    bool show_until(size_t in_flight);

    CUVIDPARSERPARAMS parameters;
    Units units;
    std::unique_ptr<AVCodecContext, FreeCodec> codec;
    std::vector<uint8_t> sequence; /* the parameter sets in force */
    CUVIDEOFORMAT agreed = {};     /* what the sequence callback has accepted last */
    int n_surfaces, last_surface = -1;
    int64_t due = 0;                             /* when a picture without a timestamp is shown */
    std::deque<Picture> decoding;                /* in the order of coding */
    std::deque<CUVIDPARSERDISPINFO> shown_later; /* in the order of display */
};

Parser::Parser(const CUVIDPARSERPARAMS &parameters_)
    : parameters(parameters_), units(parameters_.CodecType),
      n_surfaces((int)parameters_.ulMaxNumDecodeSurfaces)
{
}

static AVCodecID codec_id(cudaVideoCodec codec)
{
    return codec == cudaVideoCodec_H264   ? AV_CODEC_ID_H264
           : codec == cudaVideoCodec_HEVC ? AV_CODEC_ID_HEVC
           : codec == cudaVideoCodec_JPEG ? AV_CODEC_ID_MJPEG
                                          : AV_CODEC_ID_NONE;
}

/* One thread, so that a picture that is sent has been decoded. */
bool Parser::open()
{
    const AVCodec *found = avcodec_find_decoder(codec_id(parameters.CodecType));

    codec.reset(found ? avcodec_alloc_context3(found) : nullptr);
    if (!codec)
        return false;
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    return avcodec_open2(codec.get(), found, nullptr) >= 0;
}

/* --- what comes from libavcodec --- */

void Parser::receive(std::vector<Frame> *frames)
{
    for (Frame frame(av_frame_alloc());
         frame && avcodec_receive_frame(codec.get(), frame.get()) >= 0;
         frame.reset(av_frame_alloc()))
        frames->push_back(std::move(frame));
}

static uint64_t next_ticket()
{
    static std::atomic<uint64_t> last;

    return ++last;
}

/* false: these bytes are no picture. Its ticket is in reordered_opaque. */
bool Parser::send(const Unit &unit, std::vector<Frame> *frames)
{
    AVPacket *packet = av_packet_alloc();
    bool sent = packet && av_new_packet(packet, (int)unit.bytes.size()) >= 0;

    if (sent) {
        memcpy(packet->data, unit.bytes.data(), unit.bytes.size());
        codec->reordered_opaque = (int64_t)next_ticket();
        sent = avcodec_send_packet(codec.get(), packet) >= 0;
        receive(frames);
    }
    av_packet_free(&packet);
    return sent;
}

/* All that the codec still holds is shown; it starts again at the next picture that begins. */
bool Parser::drain()
{
    std::vector<Frame> frames;

    avcodec_send_packet(codec.get(), nullptr);
    receive(&frames);
    bool shown = show(&frames) && show_until(0);

    avcodec_flush_buffers(codec.get());
    decoding.clear();
    shown_later.clear();
    return shown;
}

/* --- the sequence --- */

static cudaVideoChromaFormat chroma_of(const AVPixFmtDescriptor *pixels)
{
    if (pixels->nb_components < 3)
        return cudaVideoChromaFormat_Monochrome;
    if (pixels->log2_chroma_w == 0)
        return cudaVideoChromaFormat_444;
    return pixels->log2_chroma_h == 0 ? cudaVideoChromaFormat_422 : cudaVideoChromaFormat_420;
}

/*
 * As many surfaces as pictures are referred to or held back, those that wait for their display, and
 * the one that is being decoded.
 */
CUVIDEOFORMAT Parser::format() const
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get(codec->pix_fmt);
    AVRational ratio =
        codec->sample_aspect_ratio.num > 0 ? codec->sample_aspect_ratio : AVRational{1, 1};
    bool jpeg = parameters.CodecType == cudaVideoCodec_JPEG;
    int held = jpeg ? 0 : std::max(codec->refs, codec->has_b_frames);
    CUVIDEOFORMAT f;

    memset(&f, 0, sizeof(f));
    f.codec = parameters.CodecType;
    f.frame_rate.numerator = (unsigned)std::max(codec->framerate.num, 0);
    f.frame_rate.denominator = f.frame_rate.numerator > 0 ? (unsigned)codec->framerate.den : 1;
    f.progressive_sequence =
        codec->field_order == AV_FIELD_UNKNOWN || codec->field_order == AV_FIELD_PROGRESSIVE;
    f.bit_depth_luma_minus8 = f.bit_depth_chroma_minus8 =
        (unsigned char)(pixels->comp[0].depth - 8);
    f.min_num_decode_surfaces =
        (unsigned char)std::min(held + (int)parameters.ulMaxDisplayDelay + 1, 32);
    f.coded_width = (unsigned)codec->coded_width;
    f.coded_height = (unsigned)codec->coded_height;
    f.display_area.right = codec->width;
    f.display_area.bottom = codec->height;
    f.chroma_format = chroma_of(pixels);
    av_reduce(&f.display_aspect_ratio.x, &f.display_aspect_ratio.y,
              (int64_t)codec->width * ratio.num, (int64_t)codec->height * ratio.den, INT32_MAX);
    f.video_signal_description.video_format = 5;
    f.video_signal_description.video_full_range_flag = codec->color_range == AVCOL_RANGE_JPEG;
    f.video_signal_description.color_primaries = (unsigned char)codec->color_primaries;
    f.video_signal_description.transfer_characteristics = (unsigned char)codec->color_trc;
    f.video_signal_description.matrix_coefficients = (unsigned char)codec->colorspace;
    return f;
}

/*
 * The client may make another decoder here, so everything from the last one is shown before. How
 * many surfaces there must be is asked for once a sequence: a stream that does not say how it is
 * ordered is found out as it goes.
 */
bool Parser::agree_on_format()
{
    if (codec->width <= 0 || codec->height <= 0 || codec->pix_fmt == AV_PIX_FMT_NONE)
        return false;

    CUVIDEOFORMAT now = format(), wanted = now;

    now.min_num_decode_surfaces = agreed.min_num_decode_surfaces;
    if (memcmp(&now, &agreed, sizeof(now)) == 0)
        return true;
    if (!show_until(0))
        return false;
    now = wanted;
    memset(&agreed, 0, sizeof(agreed));

    int answer = parameters.pfnSequenceCallback
                     ? parameters.pfnSequenceCallback(parameters.pUserData, &wanted)
                     : 1;

    if (answer <= 0)
        return false;
    if (answer > 1)
        n_surfaces = answer;
    agreed = now;
    return true;
}

/* --- pictures --- */

/*
 * One that no picture uses, in turn, since a client may look at a picture some time after it was
 * told to show it. If all are in use, libavcodec will not give back the oldest that it has: the
 * stream is damaged, or the client allowed too few. -1: it shows later what it has.
 */
int Parser::free_surface()
{
    auto n = (size_t)n_surfaces;
    std::vector<bool> used(n);

    if (decoding.size() + shown_later.size() >= n && !decoding.empty())
        decoding.pop_front();
    for (const Picture &picture : decoding)
        used[(size_t)picture.surface % n] = true;
    for (const CUVIDPARSERDISPINFO &info : shown_later)
        used[(size_t)info.picture_index % n] = true;
    for (size_t i = 1; i <= n; i++)
        if (int surface = (last_surface + (int)i) % n_surfaces; !used[(size_t)surface])
            return last_surface = surface;
    return -1;
}

bool Parser::decode(const Unit &unit, Picture picture)
{
    CUVIDPICPARAMS p;

    picture.surface = free_surface();
    if (picture.surface < 0)
        return true;
    memset(&p, 0, sizeof(p));
    p.PicWidthInMbs = (codec->coded_width + 15) / 16;
    p.FrameHeightInMbs = (codec->coded_height + 15) / 16;
    p.CurrPicIdx = picture.surface;
    p.nBitstreamDataLen = (unsigned)unit.bytes.size();
    p.pBitstreamData = unit.bytes.data();
    p.nNumSlices = (unsigned)unit.slices.size();
    p.pSliceDataOffsets = unit.slices.data();
    p.intra_pic_flag = unit.begins;
    write_ticket(&p, picture.ticket);
    decoding.push_back(picture);
    if (parameters.pfnDecodePicture && !parameters.pfnDecodePicture(parameters.pUserData, &p)) {
        decoding.pop_back();
        return false;
    }
    return true;
}

/* Its own, or a frame's time after the one before. */
int64_t Parser::time_of(const Picture &picture)
{
    constexpr int64_t DEFAULT_CLOCK = 10000000;
    int64_t clock = parameters.ulClockRate > 0 ? parameters.ulClockRate : DEFAULT_CLOCK;
    int64_t time = picture.timestamp.value_or(due);

    due = time;
    if (agreed.frame_rate.numerator > 0)
        due += clock * agreed.frame_rate.denominator / agreed.frame_rate.numerator;
    return time;
}

/* What has come out, in the order of display, and then what need not wait any longer. */
bool Parser::show(std::vector<Frame> *frames)
{
    for (Frame &frame : *frames) {
        auto ticket = (uint64_t)frame->reordered_opaque;
        auto found = std::find_if(decoding.begin(), decoding.end(),
                                  [=](const Picture &picture) { return picture.ticket == ticket; });

        if (found == decoding.end())
            continue;
        CUVIDPARSERDISPINFO info = {};

        info.picture_index = found->surface;
        info.timestamp = time_of(*found);
        info.progressive_frame = !frame->interlaced_frame;
        info.top_field_first = frame->top_field_first;
        info.repeat_first_field = frame->repeat_pict;
        deliver(ticket, frame.get());
        decoding.erase(found);
        shown_later.push_back(info);
    }
    return show_until(parameters.ulMaxDisplayDelay);
}

bool Parser::show_until(size_t in_flight)
{
    while (!shown_later.empty() && decoding.size() + shown_later.size() > in_flight) {
        CUVIDPARSERDISPINFO info = shown_later.front();

        shown_later.pop_front();
        if (parameters.pfnDisplayPicture &&
            !parameters.pfnDisplayPicture(parameters.pUserData, &info))
            return false;
    }
    return true;
}

/* false: the client has failed in a callback. */
bool Parser::accept(const Unit &unit)
{
    std::vector<Frame> frames;

    if (unit.begins && !unit.parameters.empty() && unit.parameters != sequence) {
        if (!sequence.empty() && !drain())
            return false;
        sequence = unit.parameters;
        memset(&agreed, 0, sizeof(agreed));
    }
    if (!send(unit, &frames) || unit.slices.empty())
        return show(&frames);
    auto ticket = (uint64_t)codec->reordered_opaque;

    return agree_on_format() && decode(unit, {ticket, 0, unit.timestamp}) && show(&frames);
}

/* A callback that fails ends the work on the packet. */
void Parser::parse(const CUVIDSOURCEDATAPACKET &packet)
{
    unsigned long flags = packet.flags;
    bool ok = true;

    if (flags & CUVID_PKT_DISCONTINUITY) {
        units.forget();
        ok = drain();
    }
    if (packet.payload_size > 0)
        units.add(packet.payload, packet.payload_size,
                  flags & CUVID_PKT_TIMESTAMP ? std::optional<int64_t>(packet.timestamp)
                                              : std::nullopt);
    while (std::optional<Unit> unit = flags & (CUVID_PKT_ENDOFPICTURE | CUVID_PKT_ENDOFSTREAM)
                                          ? units.finish()
                                          : units.next())
        ok = ok && accept(*unit);
    if (flags & CUVID_PKT_ENDOFSTREAM) {
        ok = drain() && ok;
        if (ok && flags & CUVID_PKT_NOTIFY_EOS && parameters.pfnDisplayPicture)
            parameters.pfnDisplayPicture(parameters.pUserData, nullptr);
    }
}

} // namespace vdk_emu

using namespace vdk_emu;

CUresult cuvidCreateVideoParser(CUvideoparser *result, CUVIDPARSERPARAMS *parameters)
{
    ENTER(INIT);
    if (!result || !parameters || parameters->ulMaxNumDecodeSurfaces < 1)
        return INVALID_VALUE;
    if (codec_id(parameters->CodecType) == AV_CODEC_ID_NONE)
        return NOT_SUPPORTED;
    auto parser = std::make_unique<Parser>(*parameters);

    if (!parser->open())
        return CUDA_ERROR_UNKNOWN;
    if (const CUVIDEOFORMATEX *known = parameters->pExtVideoInfo;
        known && known->format.seqhdr_data_length > 0)
        parser->parse({0, known->format.seqhdr_data_length, known->raw_seqhdr_data, 0});
    live<Parser *>().insert(parser.get());
    *result = parser.release();
    return CUDA_SUCCESS;
}

/* What the callbacks do to the driver they do without the engine: they may wait for others. */
CUresult cuvidParseVideoData(CUvideoparser handle, CUVIDSOURCEDATAPACKET *packet)
{
    auto *parser = static_cast<Parser *>(handle);

    {
        ENTER(INIT);
        if (!packet || (packet->payload_size > 0 && !packet->payload))
            return INVALID_VALUE;
        if (!is_live(parser))
            return INVALID_HANDLE;
    }
    parser->parse(*packet);
    return CUDA_SUCCESS;
}

CUresult cuvidDestroyVideoParser(CUvideoparser handle)
{
    ENTER(INIT | RELEASES);
    auto *parser = static_cast<Parser *>(handle);

    if (live<Parser *>().erase(parser) == 0)
        return INVALID_HANDLE;
    delete parser;
    return lasting_error();
}
