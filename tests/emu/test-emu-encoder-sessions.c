#include <ffnvcodec/nvEncodeAPI.h>
#include <string.h>

#include "encoder-rig.h"

/* The emulated encoder's failures, presets and sessions. */
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
    int opened = try_to_open(&rig, "h264_nvenc");
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
    rig_open(&rig, "h264_nvenc");
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
    int failed;

    for (int i = 0; i < 3; i++)
        rig_init(&rigs[i]);
    rig_open(&rigs[0], "h264_nvenc");
    rig_open(&rigs[1], "hevc_nvenc");
    failed = try_to_open(&rigs[2], "h264_nvenc");
    g_assert_cmpint(failed, <, 0);
    g_assert_nonnull(strstr(rigs[2].log, "OpenEncodeSessionEx failed"));
    NV_ENCODE_API_FUNCTION_LIST list = load_list();
    void *session = NULL;
    CUcontext context = context_of(&rigs[0]);
    g_assert_cmpint(open_session(&list, context, &session), ==, 10);
    avcodec_free_context(&rigs[0].encoder);
    avcodec_free_context(&rigs[2].encoder);
    rig_open(&rigs[2], "h264_nvenc");
    for (int i = 0; i < 3; i++)
        rig_clear(&rigs[i]);
}

static void a_device_may_have_no_encoder_in_process(gconstpointer unused)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find("nvh264enc");
    Rig rig;
    int failed;

    g_assert_null(factory);
    rig_init(&rig);
    failed = try_to_open(&rig, "h264_nvenc");
    g_assert_cmpint(failed, <, 0);
    g_assert_nonnull(strstr(rig.log, "OpenEncodeSessionEx failed"));
    rig_clear(&rig);
}

static void run_with(const char *value, const char *test)
{
    g_autofree char *path = g_strdup_printf("/emu/sessions/%s/subprocess", test);

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
#define ADD(name) add_codec_test("/emu/sessions/" #name, name, NULL)
#define ADD_PAIR(name) \
    ADD(name);         \
    add_codec_test("/emu/sessions/" #name "/subprocess", name##_in_process, NULL)
    for (gsize i = 0; i < G_N_ELEMENTS(failing); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/sessions/a_call_that_fails_is_an_error/%s", failing[i].spec);

        add_codec_test(path, a_call_that_fails_is_an_error, &failing[i]);
    }
    ADD(presets_are_p1_to_p7);
    ADD_PAIR(sessions_are_limited);
    ADD_PAIR(a_device_may_have_no_encoder);
}

int main(int argc, char **argv)
{
    g_setenv("VEDETTE_EMU_NVENC", "1", FALSE);
    return codec_rig_run(argc, argv, "libselftest", add_tests);
}
