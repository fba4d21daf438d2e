#include <cstdint>
#include <x264.h>

#include "nvenc-coder.h"

namespace vdk_emu
{

class X264 : public Coder
{
  public:
    explicit X264(const CoderSettings &settings);
    X264(const X264 &) = delete;
    ~X264() override;
    bool is_open() const;
    bool encode(const Nv12 &picture, bool idr, Coded *coded) override;
    std::vector<uint8_t> headers() override;

  private:
    x264_t *encoder = nullptr;
    int64_t count = 0;
};

X264::X264(const CoderSettings &settings)
{
    x264_param_t p;

    if (x264_param_default_preset(&p, "ultrafast", "zerolatency") < 0)
        return;
    p.i_threads = 1;
    p.b_sliced_threads = 0;
    p.i_log_level = X264_LOG_NONE;
    p.i_csp = X264_CSP_NV12;
    p.i_width = (int)settings.width;
    p.i_height = (int)settings.height;
    p.i_fps_num = settings.fps_num;
    p.i_fps_den = settings.fps_den;
    p.b_vfr_input = 0;
    p.i_keyint_max = settings.gop > 0 ? (int)settings.gop : X264_KEYINT_MAX_INFINITE;
    p.i_scenecut_threshold = 0;
    p.b_repeat_headers = settings.repeat_headers;
    p.b_annexb = 1;
    p.b_aud = settings.delimiters;
    p.vui.b_fullrange = settings.full_range;
    p.rc.i_rc_method = settings.bitrate > 0 ? X264_RC_ABR : X264_RC_CQP;
    p.rc.i_bitrate = (int)(settings.bitrate / 1000);
    p.rc.i_qp_constant = settings.qp;
    if (!settings.profile || x264_param_apply_profile(&p, settings.profile) == 0)
        encoder = x264_encoder_open(&p);
}

X264::~X264()
{
    if (encoder)
        x264_encoder_close(encoder);
}

bool X264::is_open() const
{
    return encoder != nullptr;
}

/* x264 only reads the planes, though its type does not say so. */
bool X264::encode(const Nv12 &picture, bool idr, Coded *coded)
{
    x264_picture_t in, out;
    x264_nal_t *nals;
    int n;

    x264_picture_init(&in);
    in.img.i_csp = X264_CSP_NV12;
    in.img.i_plane = 2;
    in.img.plane[0] = const_cast<uint8_t *>(picture.luma);
    in.img.plane[1] = const_cast<uint8_t *>(picture.chroma);
    in.img.i_stride[0] = in.img.i_stride[1] = (int)picture.pitch;
    in.i_pts = count++;
    in.i_type = idr ? X264_TYPE_IDR : X264_TYPE_AUTO;
    int size = x264_encoder_encode(encoder, &nals, &n, &in, &out);

    if (size <= 0)
        return false;
    coded->bytes.assign(nals[0].p_payload, nals[0].p_payload + size);
    coded->idr = out.i_type == X264_TYPE_IDR;
    coded->intra = coded->idr || out.i_type == X264_TYPE_I;
    coded->qp = (unsigned)(out.i_qpplus1 - 1);
    return true;
}

std::vector<uint8_t> X264::headers()
{
    std::vector<uint8_t> bytes;
    x264_nal_t *nals;
    int n;

    if (x264_encoder_headers(encoder, &nals, &n) < 0)
        return bytes;
    for (int i = 0; i < n; i++)
        if (nals[i].i_type == NAL_SPS || nals[i].i_type == NAL_PPS)
            bytes.insert(bytes.end(), nals[i].p_payload, nals[i].p_payload + nals[i].i_payload);
    return bytes;
}

std::unique_ptr<Coder> open_x264(const CoderSettings &settings)
{
    auto coder = std::make_unique<X264>(settings);

    return coder->is_open() ? std::move(coder) : nullptr;
}

} // namespace vdk_emu
