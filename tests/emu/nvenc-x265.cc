#include <x265.h>

#include "nvenc-coder.h"

namespace vdk_emu
{

class X265 : public Coder
{
  public:
    explicit X265(const CoderSettings &settings);
    X265(const X265 &) = delete;
    ~X265() override;
    bool is_open() const;
    bool encode(const Nv12 &picture, bool idr, Coded *coded) override;
    std::vector<uint8_t> headers() override;

  private:
    void split_chroma(const Nv12 &picture);

    x265_param *parameters = nullptr;
    x265_encoder *encoder = nullptr;
    size_t chroma_width, chroma_height;
    std::vector<uint8_t> u, v;
    int64_t count = 0;
};

X265::X265(const CoderSettings &settings)
    : chroma_width((settings.width + 1) / 2), chroma_height((settings.height + 1) / 2),
      u(chroma_width * chroma_height), v(u.size())
{
    x265_param *p = parameters = x265_param_alloc();

    if (!p || x265_param_default_preset(p, "ultrafast", "zerolatency") < 0)
        return;
    x265_param_parse(p, "pools", "none");
    p->frameNumThreads = 1;
    p->bEnableWavefront = 0;
    p->logLevel = X265_LOG_NONE;
    p->internalCsp = X265_CSP_I420;
    p->sourceWidth = (int)settings.width;
    p->sourceHeight = (int)settings.height;
    p->fpsNum = settings.fps_num;
    p->fpsDenom = settings.fps_den;
    p->keyframeMax = settings.gop > 0 ? (int)settings.gop : -1;
    p->bOpenGOP = 0;
    p->scenecutThreshold = 0;
    p->bRepeatHeaders = settings.repeat_headers;
    p->bAnnexB = 1;
    p->bEnableAccessUnitDelimiters = settings.delimiters;
    p->vui.bEnableVideoFullRangeFlag = settings.full_range;
    p->vui.bEnableVideoSignalTypePresentFlag = settings.full_range;
    p->rc.rateControlMode = settings.bitrate > 0 ? X265_RC_ABR : X265_RC_CQP;
    p->rc.bitrate = (int)(settings.bitrate / 1000);
    p->rc.qp = settings.qp;
    if (!settings.profile || x265_param_apply_profile(p, settings.profile) == 0)
        encoder = x265_encoder_open(p);
}

X265::~X265()
{
    if (encoder)
        x265_encoder_close(encoder);
    x265_param_free(parameters);
}

bool X265::is_open() const
{
    return encoder != nullptr;
}

void X265::split_chroma(const Nv12 &picture)
{
    for (size_t y = 0; y < chroma_height; y++)
        for (size_t x = 0; x < chroma_width; x++) {
            u[y * chroma_width + x] = picture.chroma[y * picture.pitch + 2 * x];
            v[y * chroma_width + x] = picture.chroma[y * picture.pitch + 2 * x + 1];
        }
}

/* x265 only reads the planes, though its type does not say so. */
bool X265::encode(const Nv12 &picture, bool idr, Coded *coded)
{
    x265_picture in, out;
    x265_nal *nals = nullptr;
    uint32_t n = 0;

    split_chroma(picture);
    x265_picture_init(parameters, &in);
    x265_picture_init(parameters, &out);
    in.planes[0] = const_cast<uint8_t *>(picture.luma);
    in.planes[1] = u.data();
    in.planes[2] = v.data();
    in.stride[0] = (int)picture.pitch;
    in.stride[1] = in.stride[2] = (int)chroma_width;
    in.bitDepth = 8;
    in.pts = count++;
    in.sliceType = idr ? X265_TYPE_IDR : X265_TYPE_AUTO;
    if (x265_encoder_encode(encoder, &nals, &n, &in, &out) <= 0)
        return false;
    coded->bytes.clear();
    for (uint32_t i = 0; i < n; i++)
        coded->bytes.insert(coded->bytes.end(), nals[i].payload,
                            nals[i].payload + nals[i].sizeBytes);
    coded->idr = out.sliceType == X265_TYPE_IDR;
    coded->intra = coded->idr || out.sliceType == X265_TYPE_I;
    coded->qp = (unsigned)out.frameData.qp;
    return true;
}

std::vector<uint8_t> X265::headers()
{
    std::vector<uint8_t> bytes;
    x265_nal *nals = nullptr;
    uint32_t n = 0;

    if (x265_encoder_headers(encoder, &nals, &n) < 0)
        return bytes;
    for (uint32_t i = 0; i < n; i++)
        if (nals[i].type <= NAL_UNIT_PPS)
            bytes.insert(bytes.end(), nals[i].payload, nals[i].payload + nals[i].sizeBytes);
    return bytes;
}

std::unique_ptr<Coder> open_x265(const CoderSettings &settings)
{
    auto coder = std::make_unique<X265>(settings);

    return coder->is_open() ? std::move(coder) : nullptr;
}

} // namespace vdk_emu
