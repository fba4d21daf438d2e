#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "nvenc.h"

namespace vdk_emu
{

constexpr uint32_t KNOWN_VERSION = NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION;

struct Profile {
    GUID codec, id;
    const char *name; /* the library's */
};

struct Cap {
    NV_ENC_CAPS cap;
    int value;
};

/* clang-format off */
static const Profile profiles[] = {
    {NV_ENC_CODEC_H264_GUID, NV_ENC_H264_PROFILE_BASELINE_GUID, "baseline"},
    {NV_ENC_CODEC_H264_GUID, NV_ENC_H264_PROFILE_MAIN_GUID,     "main"},
    {NV_ENC_CODEC_H264_GUID, NV_ENC_H264_PROFILE_HIGH_GUID,     "high"},
    {NV_ENC_CODEC_HEVC_GUID, NV_ENC_HEVC_PROFILE_MAIN_GUID,     "main"},
};

static const GUID presets[] = {
    NV_ENC_PRESET_P1_GUID, NV_ENC_PRESET_P2_GUID, NV_ENC_PRESET_P3_GUID, NV_ENC_PRESET_P4_GUID,
    NV_ENC_PRESET_P5_GUID, NV_ENC_PRESET_P6_GUID, NV_ENC_PRESET_P7_GUID,
};

static const GUID codecs[] = {NV_ENC_CODEC_H264_GUID, NV_ENC_CODEC_HEVC_GUID};

/* What is not here is 0. */
static const Cap caps[] = {
    {NV_ENC_CAPS_SUPPORTED_RATECONTROL_MODES, NV_ENC_PARAMS_RC_VBR | NV_ENC_PARAMS_RC_CBR},
    {NV_ENC_CAPS_SUPPORT_CABAC, 1},
    {NV_ENC_CAPS_SUPPORT_DYN_BITRATE_CHANGE, 1},
    {NV_ENC_CAPS_SUPPORT_DYN_FORCE_CONSTQP, 0},
    {NV_ENC_CAPS_WIDTH_MIN, 160},
    {NV_ENC_CAPS_HEIGHT_MIN, 64},
    {NV_ENC_CAPS_WIDTH_MAX, 4096},
    {NV_ENC_CAPS_HEIGHT_MAX, 4096},
    {NV_ENC_CAPS_MB_NUM_MAX, 65536},
    {NV_ENC_CAPS_NUM_ENCODER_ENGINES, 1},
};
/* clang-format on */

static bool same(const GUID &a, const GUID &b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

template <class List> static bool contains(const List &list, const GUID &wanted)
{
    return std::any_of(std::begin(list), std::end(list),
                       [&](const GUID &one) { return same(one, wanted); });
}

/* --- every call --- */

NVENCSTATUS refuse(Session *session, NVENCSTATUS status, const char *why)
{
    session->error = why;
    return status;
}

/* A code of CUDA's that NVENC does not have becomes its general one. */
static NVENCSTATUS status_of(CUresult error)
{
    return (int)error <= (int)NV_ENC_ERR_RESOURCE_NOT_MAPPED ? NVENCSTATUS(error)
                                                             : NV_ENC_ERR_GENERIC;
}

NVENCSTATUS admit_encoder(const char *function, const Session *session)
{
    configure();
    if (CUresult error = injected(function))
        return status_of(error);
    if (!is_live(const_cast<Session *>(session)))
        return NV_ENC_ERR_INVALID_PTR;
    return lasting_error() == CUDA_SUCCESS ? NV_ENC_SUCCESS : NV_ENC_ERR_GENERIC;
}

bool version_ok(uint32_t version)
{
    uint32_t number = (version & 0xff) << 4 | (version >> 24 & 0xf);

    return (version >> 28 & 7) == 7 && number <= KNOWN_VERSION;
}

/* --- sessions --- */

/* How many there may be; -1: the device has no encoder. */
static ptrdiff_t read_limit()
{
    const char *text = getenv("VEDETTE_EMU_NVENC");

    if (text && strcmp(text, "none") == 0)
        return -1;
    return (ptrdiff_t)number_from_environment("VEDETTE_EMU_NVENC", PTRDIFF_MAX);
}

static NVENCSTATUS nvEncOpenEncodeSessionEx(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS *p, void **result)
{
    Lock lock(engine());
    static const ptrdiff_t limit = read_limit();

    configure();
    if (CUresult error = injected(__func__))
        return status_of(error);
    if (!p || !result)
        return NV_ENC_ERR_INVALID_PTR;
    *result = nullptr;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (limit < 0)
        return NV_ENC_ERR_UNSUPPORTED_DEVICE;
    if (p->deviceType != NV_ENC_DEVICE_TYPE_CUDA || !is_live(static_cast<CUcontext>(p->device)))
        return NV_ENC_ERR_INVALID_ENCODERDEVICE;
    if (lasting_error() != CUDA_SUCCESS)
        return NV_ENC_ERR_GENERIC;
    if (live<Session *>().size() >= (size_t)limit)
        return NV_ENC_ERR_OUT_OF_MEMORY;
    auto *session =
        new Session{static_cast<CUcontext>(p->device), nullptr, {}, {}, nullptr, false, "no error"};

    live<Session *>().insert(session);
    *result = session;
    return NV_ENC_SUCCESS;
}

/* It works after the device is lost, too. */
static NVENCSTATUS nvEncDestroyEncoder(void *handle)
{
    Lock lock(engine());
    auto *session = static_cast<Session *>(handle);
    NVENCSTATUS error = admit_encoder(__func__, session);

    if (!is_live(session) || (error && lasting_error() == CUDA_SUCCESS))
        return error;
    drop_pictures(session);
    live<Session *>().erase(session);
    delete session;
    return error;
}

static const char *nvEncGetLastErrorString(void *handle)
{
    Lock lock(engine());
    auto *session = static_cast<Session *>(handle);

    return is_live(session) ? session->error.c_str() : "no such session";
}

/* --- what there is --- */

template <class List, class Item>
static NVENCSTATUS copy_list(const List &list, Item *to, uint32_t room, uint32_t *count)
{
    size_t n = std::size(list);

    if (!to || !count)
        return NV_ENC_ERR_INVALID_PTR;
    *count = (uint32_t)std::min((size_t)room, n);
    std::copy_n(std::begin(list), *count, to);
    return NV_ENC_SUCCESS;
}

static std::vector<GUID> profiles_of(const GUID &codec)
{
    std::vector<GUID> ids;

    for (const Profile &profile : profiles)
        if (same(profile.codec, codec))
            ids.push_back(profile.id);
    return ids;
}

static const NV_ENC_BUFFER_FORMAT formats[] = {NV_ENC_BUFFER_FORMAT_NV12};

static NVENCSTATUS nvEncGetEncodeGUIDCount(void *handle, uint32_t *count)
{
    ENTER_SESSION(handle);
    *count = std::size(codecs);
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncGetEncodeGUIDs(void *handle, GUID *to, uint32_t room, uint32_t *count)
{
    ENTER_SESSION(handle);
    return copy_list(codecs, to, room, count);
}

static NVENCSTATUS nvEncGetEncodeProfileGUIDCount(void *handle, GUID codec, uint32_t *count)
{
    ENTER_SESSION(handle);
    *count = (uint32_t)profiles_of(codec).size();
    return *count > 0 ? NV_ENC_SUCCESS : NV_ENC_ERR_INVALID_PARAM;
}

static NVENCSTATUS nvEncGetEncodeProfileGUIDs(void *handle, GUID codec, GUID *to, uint32_t room,
                                              uint32_t *count)
{
    ENTER_SESSION(handle);
    return copy_list(profiles_of(codec), to, room, count);
}

static NVENCSTATUS nvEncGetInputFormatCount(void *handle, [[maybe_unused]] GUID codec,
                                            uint32_t *count)
{
    ENTER_SESSION(handle);
    *count = std::size(formats);
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncGetInputFormats(void *handle, [[maybe_unused]] GUID codec,
                                        NV_ENC_BUFFER_FORMAT *to, uint32_t room, uint32_t *count)
{
    ENTER_SESSION(handle);
    return copy_list(formats, to, room, count);
}

static NVENCSTATUS nvEncGetEncodePresetCount(void *handle, [[maybe_unused]] GUID codec,
                                             uint32_t *count)
{
    ENTER_SESSION(handle);
    *count = std::size(presets);
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncGetEncodePresetGUIDs(void *handle, [[maybe_unused]] GUID codec, GUID *to,
                                             uint32_t room, uint32_t *count)
{
    ENTER_SESSION(handle);
    return copy_list(presets, to, room, count);
}

static NVENCSTATUS nvEncGetEncodeCaps(void *handle, GUID codec, NV_ENC_CAPS_PARAM *p, int *value)
{
    ENTER_SESSION(handle);
    if (!p || !value)
        return NV_ENC_ERR_INVALID_PTR;
    if (!contains(codecs, codec))
        return NV_ENC_ERR_INVALID_PARAM;
    *value = 0;
    for (const Cap &cap : caps)
        if (cap.cap == p->capsToQuery)
            *value = cap.value;
    return NV_ENC_SUCCESS;
}

static NVENCSTATUS nvEncGetEncodePresetConfigEx(void *handle, GUID codec, GUID preset,
                                                NV_ENC_TUNING_INFO tuning, NV_ENC_PRESET_CONFIG *p)
{
    ENTER_SESSION(handle);
    if (!p)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (!contains(codecs, codec) || !contains(presets, preset))
        return refuse(session, NV_ENC_ERR_UNSUPPORTED_PARAM, "no such codec or preset");
    if (tuning <= NV_ENC_TUNING_INFO_UNDEFINED || tuning >= NV_ENC_TUNING_INFO_COUNT)
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "no such tuning");
    p->presetCfg = {};
    p->presetCfg.version = NV_ENC_CONFIG_VER;
    p->presetCfg.profileGUID = NV_ENC_CODEC_PROFILE_AUTOSELECT_GUID;
    p->presetCfg.gopLength = NVENC_INFINITE_GOPLENGTH;
    p->presetCfg.frameIntervalP = 1;
    p->presetCfg.frameFieldMode = NV_ENC_PARAMS_FRAME_FIELD_MODE_FRAME;
    p->presetCfg.rcParams.version = NV_ENC_RC_PARAMS_VER;
    p->presetCfg.rcParams.rateControlMode = NV_ENC_PARAMS_RC_VBR;
    p->presetCfg.rcParams.averageBitRate = 2000000;
    return NV_ENC_SUCCESS;
}

/* It knows no tuning, so it is for presets that are gone. */
static NVENCSTATUS nvEncGetEncodePresetConfig(void *handle, [[maybe_unused]] GUID codec,
                                              [[maybe_unused]] GUID preset,
                                              [[maybe_unused]] NV_ENC_PRESET_CONFIG *p)
{
    ENTER_SESSION(handle);
    return refuse(session, NV_ENC_ERR_UNSUPPORTED_PARAM, "no such preset");
}

/* --- initialising --- */

static void read_codec_config(const Session &session, CoderSettings *settings)
{
    const NV_ENC_CODEC_CONFIG &config = session.config.encodeCodecConfig;

    if (same(session.parameters.encodeGUID, NV_ENC_CODEC_HEVC_GUID)) {
        settings->repeat_headers = config.hevcConfig.repeatSPSPPS;
        settings->delimiters = config.hevcConfig.outputAUD;
        settings->full_range = config.hevcConfig.hevcVUIParameters.videoFullRangeFlag;
    } else {
        settings->repeat_headers = config.h264Config.repeatSPSPPS;
        settings->delimiters = config.h264Config.outputAUD;
        settings->full_range = config.h264Config.h264VUIParameters.videoFullRangeFlag;
    }
}

static CoderSettings read_settings(const Session &session)
{
    const NV_ENC_INITIALIZE_PARAMS &p = session.parameters;
    const NV_ENC_CONFIG &config = session.config;
    const NV_ENC_RC_PARAMS &rate = config.rcParams;
    bool by_qp = rate.rateControlMode == NV_ENC_PARAMS_RC_CONSTQP || rate.averageBitRate == 0;
    CoderSettings settings = {};

    settings.width = p.encodeWidth;
    settings.height = p.encodeHeight;
    settings.fps_num = std::max(p.frameRateNum, 1u);
    settings.fps_den = std::max(p.frameRateDen, 1u);
    settings.gop = config.gopLength == NVENC_INFINITE_GOPLENGTH ? 0 : config.gopLength;
    settings.bitrate = by_qp ? 0 : rate.averageBitRate;
    settings.qp = rate.rateControlMode == NV_ENC_PARAMS_RC_CONSTQP
                      ? (int)rate.constQP.qpInterP
                      : std::max((int)rate.targetQuality, 1);
    for (const Profile &profile : profiles)
        if (same(profile.codec, p.encodeGUID) && same(profile.id, config.profileGUID))
            settings.profile = profile.name;
    read_codec_config(session, &settings);
    return settings;
}

static int cap_of(NV_ENC_CAPS wanted)
{
    for (const Cap &cap : caps)
        if (cap.cap == wanted)
            return cap.value;
    return 0;
}

static const char *what_is_wrong(const NV_ENC_INITIALIZE_PARAMS &p, const NV_ENC_CONFIG &config)
{
    if (!contains(codecs, p.encodeGUID))
        return "no such codec";
    if (!contains(presets, p.presetGUID))
        return "no such preset";
    if ((int)p.encodeWidth < cap_of(NV_ENC_CAPS_WIDTH_MIN) ||
        (int)p.encodeWidth > cap_of(NV_ENC_CAPS_WIDTH_MAX) ||
        (int)p.encodeHeight < cap_of(NV_ENC_CAPS_HEIGHT_MIN) ||
        (int)p.encodeHeight > cap_of(NV_ENC_CAPS_HEIGHT_MAX))
        return "no such size";
    if (config.frameIntervalP > 1 || config.rcParams.enableLookahead)
        return "neither B pictures nor looking ahead";
    return nullptr;
}

static NVENCSTATUS apply(Session *session, const NV_ENC_INITIALIZE_PARAMS &wanted)
{
    NV_ENC_INITIALIZE_PARAMS old = session->parameters;
    NV_ENC_CONFIG old_config = session->config;

    if (wanted.encodeConfig)
        session->config = *wanted.encodeConfig;
    session->parameters = wanted;
    session->parameters.encodeConfig = nullptr;
    const char *wrong = what_is_wrong(wanted, session->config);
    std::unique_ptr<Coder> coder;

    if (!wrong) {
        bool hevc = same(wanted.encodeGUID, NV_ENC_CODEC_HEVC_GUID);

        coder = (hevc ? open_x265 : open_x264)(read_settings(*session));
        wrong = coder ? nullptr : "the library refuses this";
    }
    if (wrong) {
        session->parameters = old;
        session->config = old_config;
        return refuse(session, NV_ENC_ERR_UNSUPPORTED_PARAM, wrong);
    }
    session->coder = std::move(coder);
    session->idr_due = true;
    return NV_ENC_SUCCESS;
}

/* Without a configuration the preset's is in force. */
static NVENCSTATUS nvEncInitializeEncoder(void *handle, NV_ENC_INITIALIZE_PARAMS *p)
{
    ENTER_SESSION(handle);
    if (!p)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (session->coder)
        return refuse(session, NV_ENC_ERR_INVALID_CALL, "it is initialised");
    if (p->tuningInfo == NV_ENC_TUNING_INFO_UNDEFINED && contains(presets, p->presetGUID))
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "no such tuning");
    session->config.gopLength = NVENC_INFINITE_GOPLENGTH;
    session->config.rcParams.averageBitRate = 2000000;
    session->config.rcParams.rateControlMode = NV_ENC_PARAMS_RC_VBR;
    return apply(session, *p);
}

/* It goes on with an IDR picture, whether that was asked for or not. */
static NVENCSTATUS nvEncReconfigureEncoder(void *handle, NV_ENC_RECONFIGURE_PARAMS *p)
{
    ENTER_SESSION(handle);
    if (!p)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(p->version))
        return NV_ENC_ERR_INVALID_VERSION;
    if (!session->coder)
        return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
    const NV_ENC_INITIALIZE_PARAMS &wanted = p->reInitEncodeParams, &now = session->parameters;

    if (!same(wanted.encodeGUID, now.encodeGUID) ||
        wanted.encodeWidth > std::max(now.maxEncodeWidth, now.encodeWidth) ||
        wanted.encodeHeight > std::max(now.maxEncodeHeight, now.encodeHeight))
        return refuse(session, NV_ENC_ERR_INVALID_PARAM, "another codec, or a larger picture");
    return apply(session, wanted);
}

static NVENCSTATUS nvEncGetSequenceParams(void *handle, NV_ENC_SEQUENCE_PARAM_PAYLOAD *p)
{
    ENTER_SESSION(handle);
    if (!p || !p->spsppsBuffer || !p->outSPSPPSPayloadSize)
        return NV_ENC_ERR_INVALID_PTR;
    if (!session->coder)
        return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
    std::vector<uint8_t> headers = session->coder->headers();

    if (headers.empty() || headers.size() > p->inBufferSize)
        return NV_ENC_ERR_NOT_ENOUGH_BUFFER;
    memcpy(p->spsppsBuffer, headers.data(), headers.size());
    *p->outSPSPPSPayloadSize = (uint32_t)headers.size();
    return NV_ENC_SUCCESS;
}

} // namespace vdk_emu

using namespace vdk_emu;

/* --- the library --- */

extern "C" {
#pragma GCC visibility push(default)

/* Whose structs it knows: the version of ffnvcodec's header. */
NVENCSTATUS NVENCAPI NvEncodeAPIGetMaxSupportedVersion(uint32_t *version)
{
    if (!version)
        return NV_ENC_ERR_INVALID_PTR;
    *version = KNOWN_VERSION;
    return NV_ENC_SUCCESS;
}

NVENCSTATUS NVENCAPI NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST *list)
{
    if (!list)
        return NV_ENC_ERR_INVALID_PTR;
    if (!version_ok(list->version))
        return NV_ENC_ERR_INVALID_VERSION;
    list->nvEncOpenEncodeSessionEx = nvEncOpenEncodeSessionEx;
    list->nvEncDestroyEncoder = nvEncDestroyEncoder;
    list->nvEncGetLastErrorString = nvEncGetLastErrorString;
    list->nvEncGetEncodeGUIDCount = nvEncGetEncodeGUIDCount;
    list->nvEncGetEncodeGUIDs = nvEncGetEncodeGUIDs;
    list->nvEncGetEncodeProfileGUIDCount = nvEncGetEncodeProfileGUIDCount;
    list->nvEncGetEncodeProfileGUIDs = nvEncGetEncodeProfileGUIDs;
    list->nvEncGetInputFormatCount = nvEncGetInputFormatCount;
    list->nvEncGetInputFormats = nvEncGetInputFormats;
    list->nvEncGetEncodePresetCount = nvEncGetEncodePresetCount;
    list->nvEncGetEncodePresetGUIDs = nvEncGetEncodePresetGUIDs;
    list->nvEncGetEncodePresetConfig = nvEncGetEncodePresetConfig;
    list->nvEncGetEncodePresetConfigEx = nvEncGetEncodePresetConfigEx;
    list->nvEncGetEncodeCaps = nvEncGetEncodeCaps;
    list->nvEncInitializeEncoder = nvEncInitializeEncoder;
    list->nvEncReconfigureEncoder = nvEncReconfigureEncoder;
    list->nvEncGetSequenceParams = nvEncGetSequenceParams;
    list_picture_functions(list);
    return NV_ENC_SUCCESS;
}

#pragma GCC visibility pop
}
