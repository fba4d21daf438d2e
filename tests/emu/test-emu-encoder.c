#include <ffnvcodec/nvEncodeAPI.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <math.h>
#include <string.h>

#include "codec-rig.h"

/* libavcodec's h264_nvenc and hevc_nvenc on the emulated encoder, with pictures on the device. */
enum { WIDTH = 320, HEIGHT = 240, PICTURES = 30 };

typedef struct Kind {
    const char *encoder;
    enum AVCodecID id;
} Kind;

static const Kind kinds[] = {{"h264_nvenc", AV_CODEC_ID_H264}, {"hevc_nvenc", AV_CODEC_ID_HEVC}};

/* How AVCUDADeviceContext begins; the header that has it wants CUDA's own. */
typedef struct CudaDevice {
    CUcontext context;
    CUstream stream;
} CudaDevice;

/* A device, its pictures, and an encoder that may not have been opened. */
typedef struct Rig {
    AVBufferRef *device, *frames;
    AVCodecContext *encoder;
    GPtrArray *packets; /* AVPacket */
    char log[256];      /* the last error that libavcodec has told */
} Rig;

static Rig *logging;

static void keep_log(void *who, int level, const char *format, va_list arguments)
{
    if (logging && level <= AV_LOG_ERROR)
        g_vsnprintf(logging->log, sizeof(logging->log), format, arguments);
}

static void free_packet(gpointer packet)
{
    av_packet_free((AVPacket **)&packet);
}

static void rig_init(Rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    logging = rig;
    av_log_set_callback(keep_log);
    int failed = av_hwdevice_ctx_create(&rig->device, AV_HWDEVICE_TYPE_CUDA, NULL, NULL, 0);
    g_assert_cmpint(failed, ==, 0);
    rig->frames = av_hwframe_ctx_alloc(rig->device);
    AVHWFramesContext *frames = (AVHWFramesContext *)rig->frames->data;
    frames->format = AV_PIX_FMT_CUDA;
    frames->sw_format = AV_PIX_FMT_NV12;
    frames->width = WIDTH;
    frames->height = HEIGHT;
    failed = av_hwframe_ctx_init(rig->frames);
    g_assert_cmpint(failed, ==, 0);
    rig->packets = g_ptr_array_new_with_free_func(free_packet);
}

static void rig_clear(Rig *rig)
{
    avcodec_free_context(&rig->encoder);
    av_buffer_unref(&rig->frames);
    av_buffer_unref(&rig->device);
    g_ptr_array_unref(rig->packets);
    logging = NULL;
}

static CUcontext context_of(const Rig *rig)
{
    return ((CudaDevice *)((AVHWDeviceContext *)rig->device->data)->hwctx)->context;
}

/* As the element that encodes for viewers will: nothing held back, key frames on demand. */
static AVCodecContext *new_encoder(Rig *rig, const char *name)
{
    AVCodecContext *encoder = avcodec_alloc_context3(avcodec_find_encoder_by_name(name));

    encoder->width = WIDTH;
    encoder->height = HEIGHT;
    encoder->time_base = (AVRational){1, 25};
    encoder->framerate = (AVRational){25, 1};
    encoder->pix_fmt = AV_PIX_FMT_CUDA;
    encoder->hw_frames_ctx = av_buffer_ref(rig->frames);
    encoder->bit_rate = 2000000;
    encoder->gop_size = 250;
    encoder->max_b_frames = 0;
    av_opt_set(encoder->priv_data, "preset", "p4", 0);
    av_opt_set(encoder->priv_data, "tune", "ll", 0);
    av_opt_set_int(encoder->priv_data, "delay", 0, 0);
    av_opt_set_int(encoder->priv_data, "forced-idr", 1, 0);
    return encoder;
}

static int rig_open(Rig *rig, const char *name)
{
    rig->encoder = new_encoder(rig, name);
    return avcodec_open2(rig->encoder, NULL, NULL);
}

/* --- pictures --- */

/* Soft waves that move, so that little is lost in coding. */
static guint8 grey_at(int x, int y, int number)
{
    return (guint8)lrint(128 + 60 * sin((x + 3 * number) / 25.0) + 50 * cos(y / 19.0));
}

static AVFrame *new_host_picture(int number)
{
    AVFrame *host = av_frame_alloc();

    host->format = AV_PIX_FMT_NV12;
    host->width = WIDTH;
    host->height = HEIGHT;
    av_frame_get_buffer(host, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            host->data[0][y * host->linesize[0] + x] = grey_at(x, y, number);
    for (int y = 0; y < HEIGHT / 2; y++)
        memset(host->data[1] + y * host->linesize[1], 100 + number, WIDTH);
    return host;
}

/* On the device; its upload is no part of what is counted. */
static AVFrame *new_picture(Rig *rig, int number)
{
    AVFrame *picture = av_frame_alloc(), *host = new_host_picture(number);
    int failed = av_hwframe_get_buffer(rig->frames, picture, 0);
    CUcontext context = context_of(rig);

    g_assert_cmpint(failed, ==, 0);
    failed = av_hwframe_transfer_data(picture, host, 0);
    g_assert_cmpint(failed, ==, 0);
    assert_ok(cu->cuCtxPushCurrent(context));
    assert_ok(cu->cuStreamSynchronize(NULL));
    assert_ok(cu->cuCtxPopCurrent(&context));
    picture->pts = number;
    av_frame_free(&host);
    return picture;
}

/* --- encoding and decoding --- */

static int receive(Rig *rig)
{
    for (;;) {
        AVPacket *packet = av_packet_alloc();
        int result = avcodec_receive_packet(rig->encoder, packet);

        if (result < 0) {
            av_packet_free(&packet);
            return result == AVERROR(EAGAIN) || result == AVERROR_EOF ? 0 : result;
        }
        g_ptr_array_add(rig->packets, packet);
    }
}

static int encode(Rig *rig, AVFrame *picture)
{
    int result = avcodec_send_frame(rig->encoder, picture);

    return result < 0 ? result : receive(rig);
}

/* Pictures from..to; what is uploaded for them is not counted. The first error. */
static int encode_some(Rig *rig, int from, int to)
{
    int result = 0;

    for (int i = from; i < to && result == 0; i++) {
        AVFrame *picture = new_picture(rig, i);

        emu_reset();
        result = encode(rig, picture);
        g_assert_cmpuint(counters_now().h2d + counters_now().d2h, ==, 0);
        av_frame_free(&picture);
    }
    return result;
}

static double psnr_of(const AVFrame *seen, int number)
{
    double sum = 0;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double off = seen->data[0][y * seen->linesize[0] + x] - grey_at(x, y, number);

            sum += off * off;
        }
    return 10 * log10(255.0 * 255.0 * WIDTH * HEIGHT / fmax(sum, 1));
}

/* What libavcodec's own decoder makes of a packet, NULL: of the end. (transfer full) AVFrame */
static AVFrame *decode(AVCodecContext *decoder, const AVPacket *packet)
{
    AVFrame *frame = av_frame_alloc();
    int failed = avcodec_send_packet(decoder, packet);

    g_assert_cmpint(failed, ==, 0);
    if (avcodec_receive_frame(decoder, frame) < 0)
        av_frame_free(&frame);
    return frame;
}

static AVCodecContext *new_decoder(enum AVCodecID id)
{
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(id));

    decoder->thread_count = 1;
    int failed = avcodec_open2(decoder, NULL, NULL);
    g_assert_cmpint(failed, ==, 0);
    return decoder;
}

/* --- tests --- */

static void pictures_come_back_as_they_were(gconstpointer data)
{
    const Kind *kind = data;
    AVCodecContext *decoder = new_decoder(kind->id);
    Rig rig;

    rig_init(&rig);
    g_assert_cmpint(rig_open(&rig, kind->encoder), ==, 0);
    g_assert_cmpint(encode_some(&rig, 0, PICTURES), ==, 0);
    g_assert_cmpuint(rig.packets->len, ==, PICTURES);
    for (guint i = 0; i < PICTURES; i++) {
        const AVPacket *packet = rig.packets->pdata[i];
        AVFrame *seen = decode(decoder, packet);

        g_assert_nonnull(seen);
        g_assert_cmpint(packet->pts, ==, i);
        g_assert_cmpint(packet->flags & AV_PKT_FLAG_KEY, ==, i == 0 ? AV_PKT_FLAG_KEY : 0);
        g_assert_cmpfloat(psnr_of(seen, (int)i), >, 38);
        g_assert_cmpint(abs(seen->data[1][0] - (100 + (int)i)), <=, 4);
        av_frame_free(&seen);
    }
    g_assert_cmpint(encode(&rig, NULL), ==, 0);
    g_assert_cmpuint(rig.packets->len, ==, PICTURES);
    avcodec_free_context(&decoder);
    rig_clear(&rig);
}

static void assert_keys(const Rig *rig, const int *wanted, gsize n)
{
    gsize found = 0;

    for (guint i = 0; i < rig->packets->len; i++)
        if (((AVPacket *)rig->packets->pdata[i])->flags & AV_PKT_FLAG_KEY) {
            g_assert_cmpuint(found, <, n);
            g_assert_cmpuint(i, ==, (guint)wanted[found++]);
        }
    g_assert_cmpuint(found, ==, n);
}

static void key_frames_come_when_they_are_due_or_asked_for(gconstpointer data)
{
    static const int keys[] = {0, 10, 15, 25};
    const Kind *kind = data;
    Rig rig;

    rig_init(&rig);
    rig.encoder = new_encoder(&rig, kind->encoder);
    rig.encoder->gop_size = 10;
    g_assert_cmpint(avcodec_open2(rig.encoder, NULL, NULL), ==, 0);
    g_assert_cmpint(encode_some(&rig, 0, 15), ==, 0);
    AVFrame *picture = new_picture(&rig, 15);
    picture->pict_type = AV_PICTURE_TYPE_I;
    g_assert_cmpint(encode(&rig, picture), ==, 0);
    av_frame_free(&picture);
    g_assert_cmpint(encode_some(&rig, 16, PICTURES), ==, 0);
    assert_keys(&rig, keys, G_N_ELEMENTS(keys));
    rig_clear(&rig);
}

static void a_changed_rate_takes_effect_with_a_key_frame(gconstpointer data)
{
    static const int keys[] = {0, 15};
    const Kind *kind = data;
    Rig rig;

    rig_init(&rig);
    g_assert_cmpint(rig_open(&rig, kind->encoder), ==, 0);
    g_assert_cmpint(encode_some(&rig, 0, 15), ==, 0);
    rig.encoder->bit_rate = 60000;
    g_assert_cmpint(encode_some(&rig, 15, PICTURES), ==, 0);
    assert_keys(&rig, keys, G_N_ELEMENTS(keys));
    const AVPacket *before = rig.packets->pdata[14], *after = rig.packets->pdata[PICTURES - 1];
    g_assert_cmpint(after->size * 2, <, before->size);
    rig_clear(&rig);
}

static int grey_of_packet(const AVPacket *packet)
{
    AVCodecContext *decoder = new_decoder(AV_CODEC_ID_H264);
    AVFrame *seen = decode(decoder, packet);

    g_assert_nonnull(seen);
    int grey = seen->data[0][seen->linesize[0] * 100 + 100];
    av_frame_free(&seen);
    avcodec_free_context(&decoder);
    return grey;
}

/* libavcodec encodes in order of the default stream, which a non-blocking one does not wait for. */
static void only_the_sessions_stream_is_waited_for(gconstpointer unused)
{
    AVFrame *picture;
    CUstream other;
    Rig rig;

    rig_init(&rig);
    CUcontext context = context_of(&rig);
    g_assert_cmpint(rig_open(&rig, "h264_nvenc"), ==, 0);
    picture = new_picture(&rig, 0);
    CUdeviceptr luma = (CUdeviceptr)(gsize)picture->data[0];
    gsize size = (gsize)picture->linesize[0] * HEIGHT;
    assert_ok(cu->cuCtxPushCurrent(context));
    assert_ok(cu->cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    assert_ok(cu->cuMemsetD8Async(luma, 200, size, NULL));
    assert_ok(cu->cuMemsetD8Async(luma, 30, size, other));
    g_assert_cmpint(encode(&rig, picture), ==, 0);
    assert_ok(cu->cuStreamDestroy(other));
    assert_ok(cu->cuCtxPopCurrent(&context));
    g_assert_cmpint(abs(grey_of_packet(rig.packets->pdata[0]) - 200), <=, 2);
    av_frame_free(&picture);
    rig_clear(&rig);
}

/* --- failures --- */

typedef struct Failing {
    const char *spec;
    bool opens;
} Failing;

static const Failing failing[] = {
    {"nvEncOpenEncodeSessionEx:1:10", false},
    {"nvEncGetEncodeGUIDCount:1", false},
    {"nvEncGetEncodeGUIDs:1", false},
    {"nvEncGetEncodeCaps:0", false},
    {"nvEncGetEncodePresetConfigEx:1", false},
    {"nvEncInitializeEncoder:1:12", false},
    {"nvEncSetIOCudaStreams:1", false},
    {"nvEncCreateBitstreamBuffer:2", false},
    {"nvEncRegisterResource:1", true},
    {"nvEncMapInputResource:1", true},
    {"nvEncEncodePicture:3", true},
    {"nvEncEncodePicture:3:719:sticky", true},
    {"nvEncLockBitstream:3", true},
    {"nvEncUnlockBitstream:3", true},
};

/* And whatever it was, the one session that there is is given back. */
static void a_call_that_fails_is_an_error(gconstpointer data)
{
    const Failing *row = data;
    Rig rig;

    rig_init(&rig);
    g_assert_cmpint(emu_fail(row->spec), ==, 0);
    int opened = rig_open(&rig, "h264_nvenc");
    g_assert_cmpint(opened == 0, ==, row->opens);
    if (opened == 0) {
        g_assert_cmpint(emu_fail(NULL), ==, 0);
        AVFrame *pictures[] = {new_picture(&rig, 0), new_picture(&rig, 1), new_picture(&rig, 2)};
        int result = 0;

        g_assert_cmpint(emu_fail(row->spec), ==, 0);
        for (gsize i = 0; i < G_N_ELEMENTS(pictures); i++) {
            result = result < 0 ? result : encode(&rig, pictures[i]);
            av_frame_free(&pictures[i]);
        }
        g_assert_cmpint(result, <, 0);
    }
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    rig_clear(&rig);
    rig_init(&rig);
    g_assert_cmpint(rig_open(&rig, "h264_nvenc"), ==, 0);
    g_assert_cmpint(encode_some(&rig, 0, 2), ==, 0);
    rig_clear(&rig);
}

/* --- the library itself --- */

static NV_ENCODE_API_FUNCTION_LIST load_list(void)
{
    NV_ENCODE_API_FUNCTION_LIST list = {.version = NV_ENCODE_API_FUNCTION_LIST_VER};
    NvencFunctions *nvenc = NULL;
    guint32 version = 0;

    g_assert_cmpint(nvenc_load_functions(&nvenc, NULL), ==, 0);
    g_assert_cmpint(nvenc->NvEncodeAPIGetMaxSupportedVersion(&version), ==, 0);
    g_assert_cmphex(version, ==, NVENCAPI_MAJOR_VERSION << 4 | NVENCAPI_MINOR_VERSION);
    g_assert_cmpint(nvenc->NvEncodeAPICreateInstance(&list), ==, 0);
    nvenc_free_functions(&nvenc);
    return list;
}

static NVENCSTATUS open_session(NV_ENCODE_API_FUNCTION_LIST *list, CUcontext context,
                                void **session)
{
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS parameters = {
        .version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER,
        .apiVersion = NVENCAPI_VERSION,
        .deviceType = NV_ENC_DEVICE_TYPE_CUDA,
        .device = context,
    };

    return list->nvEncOpenEncodeSessionEx(&parameters, session);
}

/* "hq", which drivers had until they had p1 to p7 for some years. */
static const GUID old_preset = {
    0x34dba71d, 0xa77b, 0x4b8f, {0x9c, 0x3e, 0xb6, 0xd5, 0xda, 0x24, 0xc0, 0x12}};

static void presets_are_p1_to_p7(gconstpointer unused)
{
    NV_ENCODE_API_FUNCTION_LIST list = load_list();
    NV_ENC_PRESET_CONFIG config = {.version = NV_ENC_PRESET_CONFIG_VER};
    CUcontext context = NULL;
    void *session = NULL;
    GUID presets[10];
    guint32 n = 0;

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    g_assert_cmpint(open_session(&list, context, &session), ==, NV_ENC_SUCCESS);
    g_assert_cmpint(
        list.nvEncGetEncodePresetGUIDs(session, NV_ENC_CODEC_H264_GUID, presets, 10, &n), ==,
        NV_ENC_SUCCESS);
    g_assert_cmpuint(n, ==, 7);
    for (guint i = 0; i < n; i++)
        g_assert_cmpint(list.nvEncGetEncodePresetConfigEx(session, NV_ENC_CODEC_H264_GUID,
                                                          presets[i],
                                                          NV_ENC_TUNING_INFO_HIGH_QUALITY, &config),
                        ==, NV_ENC_SUCCESS);
    g_assert_cmpint(list.nvEncGetEncodePresetConfigEx(session, NV_ENC_CODEC_H264_GUID, old_preset,
                                                      NV_ENC_TUNING_INFO_HIGH_QUALITY, &config),
                    ==, NV_ENC_ERR_UNSUPPORTED_PARAM);
    g_assert_cmpint(
        list.nvEncGetEncodePresetConfig(session, NV_ENC_CODEC_H264_GUID, old_preset, &config), ==,
        NV_ENC_ERR_UNSUPPORTED_PARAM);
    g_assert_cmpint(list.nvEncDestroyEncoder(session), ==, NV_ENC_SUCCESS);
    g_assert_cmpint(list.nvEncDestroyEncoder(session), ==, NV_ENC_ERR_INVALID_PTR);
    assert_ok(cu->cuCtxDestroy(context));
}

/* --- how many sessions there are --- */

static void sessions_are_limited_in_process(gconstpointer unused)
{
    Rig rigs[3];

    for (int i = 0; i < 3; i++)
        rig_init(&rigs[i]);
    g_assert_cmpint(rig_open(&rigs[0], "h264_nvenc"), ==, 0);
    g_assert_cmpint(rig_open(&rigs[1], "hevc_nvenc"), ==, 0);
    g_assert_cmpint(rig_open(&rigs[2], "h264_nvenc"), <, 0);
    g_assert_nonnull(strstr(rigs[2].log, "OpenEncodeSessionEx failed"));
    NV_ENCODE_API_FUNCTION_LIST list = load_list();
    void *session = NULL;
    CUcontext context = context_of(&rigs[0]);
    g_assert_cmpint(open_session(&list, context, &session), ==, 10);
    avcodec_free_context(&rigs[0].encoder);
    avcodec_free_context(&rigs[2].encoder);
    g_assert_cmpint(rig_open(&rigs[2], "h264_nvenc"), ==, 0);
    for (int i = 0; i < 3; i++)
        rig_clear(&rigs[i]);
}

static void a_device_may_have_no_encoder_in_process(gconstpointer unused)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find("nvh264enc");
    Rig rig;

    g_assert_null(factory);
    rig_init(&rig);
    g_assert_cmpint(rig_open(&rig, "h264_nvenc"), <, 0);
    g_assert_nonnull(strstr(rig.log, "OpenEncodeSessionEx failed"));
    rig_clear(&rig);
}

static void run_with(const char *value, const char *test)
{
    g_autofree char *path = g_strdup_printf("/emu/encoder/%s/subprocess", test);

    g_setenv("VEDETTE_EMU_NVENC", value, TRUE);
    g_test_trap_subprocess(path, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_setenv("VEDETTE_EMU_NVENC", "1", TRUE);
    g_test_trap_assert_passed();
}

static void sessions_are_limited(gconstpointer unused)
{
    run_with("2", "sessions_are_limited");
}

static void a_device_may_have_no_encoder(gconstpointer unused)
{
    run_with("none", "a_device_may_have_no_encoder");
}

static void add_tests(void)
{
#define ADD(name) add_codec_test("/emu/encoder/" #name, name, NULL)
#define ADD_PAIR(name) \
    ADD(name);         \
    add_codec_test("/emu/encoder/" #name "/subprocess", name##_in_process, NULL)
#define ADD_KINDS(name)                                                                         \
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {                                           \
        g_autofree char *path = g_strdup_printf("/emu/encoder/" #name "/%s", kinds[i].encoder); \
                                                                                                \
        add_codec_test(path, name, &kinds[i]);                                                  \
    }
    ADD_KINDS(pictures_come_back_as_they_were)
    ADD_KINDS(key_frames_come_when_they_are_due_or_asked_for)
    ADD_KINDS(a_changed_rate_takes_effect_with_a_key_frame)
    ADD(only_the_sessions_stream_is_waited_for);
    for (gsize i = 0; i < G_N_ELEMENTS(failing); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/encoder/a_call_that_fails_is_an_error/%s", failing[i].spec);

        add_codec_test(path, a_call_that_fails_is_an_error, &failing[i]);
    }
    ADD(presets_are_p1_to_p7);
    ADD_PAIR(sessions_are_limited);
    ADD_PAIR(a_device_may_have_no_encoder);
}

int main(int argc, char **argv)
{
    g_setenv("VEDETTE_EMU_NVENC", "1", FALSE);
    return codec_rig_run(argc, argv, add_tests);
}
