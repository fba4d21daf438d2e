#include <dlfcn.h>
#include <sanitizer/lsan_interface.h>

#include "codec-rig.h"

/* Debian's GStreamer elements on the emulated decoder: their pictures, copies and failures. */

#define PICTURES(n)                            \
    "videotestsrc pattern=ball num-buffers=" n \
    " ! video/x-raw,format=I420,width=322,height=242,framerate=25/1 ! "
#define X264 "x264enc threads=1 speed-preset=ultrafast key-int-max=20 "
/* An encoder would ask each decoder which profile it likes. */
#define PARSE     " ! video/x-h264,profile=main ! h264parse"
#define PLAIN     X264 "tune=zerolatency" PARSE
#define SLICES    X264 "tune=zerolatency option-string=slices=4" PARSE
#define REORDERED X264 "bframes=3 b-adapt=false b-pyramid=true ref=3" PARSE
#define X265 \
    "x265enc speed-preset=ultrafast key-int-max=20 option-string=log-level=0:pools=1 ! h265parse"
/* In whole blocks: jpegenc encodes what lies behind the last column, whatever it is. */
#define JPEG                                      \
    "videotestsrc pattern=ball num-buffers=20 ! " \
    "video/x-raw,format=I420,width=320,height=240 ! jpegenc ! jpegparse"

#define DOWNLOAD "cudadownload ! video/x-raw"
#define OUT      " ! appsink name=out"

/* Longer than any clip needs to be to have several groups of pictures. */
#define CLIP "! identity eos-after=60 "

typedef struct Stream {
    const char *name, *source, *decoder, *reference;
} Stream;

static const Stream made[] = {
    {"h264", PICTURES("60") PLAIN, "nvh264dec", "avdec_h264"},
    {"h264_slices", PICTURES("60") SLICES, "nvh264dec", "avdec_h264"},
    {"h264_reordered", PICTURES("60") REORDERED, "nvh264dec", "avdec_h264"},
    {"h264_no_delay", PICTURES("60") REORDERED, "nvh264dec max-display-delay=0", "avdec_h264"},
    {"h265", PICTURES("60") X265, "nvh265dec", "avdec_h265"},
    {"jpeg", JPEG, "nvjpegdec", "avdec_mjpeg"},
};

static const Stream clips[] = {
    {"libvpl_cars_320x240.h264", "h264parse " CLIP, "nvh264dec", "avdec_h264"},
    {"libvpl_cars_320x240.h265", "h265parse " CLIP, "nvh265dec", "avdec_h265"},
    {"libvpl_cars_320x240.mjpeg", "jpegparse " CLIP, "nvjpegdec", "avdec_mjpeg"},
    {"openh264_BA_MW_D.264", "h264parse " CLIP, "nvh264dec", "avdec_h264"},
    {"pets09_s2l1.mp4", "qtdemux ! h264parse " CLIP, "nvh264dec", "avdec_h264"},
    {"sbi_highway1.mp4", "qtdemux ! h264parse " CLIP, "nvh264dec", "avdec_h264"},
    {"intel_one_by_one_person.h265", "h265parse " CLIP, "nvh265dec", "avdec_h265"},
    {"cdnet_pedestrians.mjpeg", "jpegparse " CLIP, "nvjpegdec", "avdec_mjpeg"},
};

/* --- what is there --- */

static void gstreamer_finds_all_it_looks_up(gconstpointer unused)
{
    static const char names[] =
        "cuInit cuGetErrorName cuGetErrorString cuCtxCreate_v2 cuCtxDestroy_v2 cuCtxPopCurrent_v2 "
        "cuCtxPushCurrent_v2 cuCtxEnablePeerAccess cuCtxDisablePeerAccess "
        "cuGraphicsMapResources cuGraphicsUnmapResources cuGraphicsResourceSetMapFlags_v2 "
        "cuGraphicsSubResourceGetMappedArray cuGraphicsResourceGetMappedPointer_v2 "
        "cuGraphicsUnregisterResource cuMemAlloc_v2 cuMemAllocPitch_v2 cuMemAllocHost_v2 "
        "cuMemcpy2D_v2 cuMemcpy2DAsync_v2 cuMemFree_v2 cuMemFreeHost cuStreamCreate "
        "cuStreamDestroy cuStreamSynchronize cuDeviceGet cuDeviceGetCount cuDeviceGetName "
        "cuDeviceGetAttribute cuDeviceCanAccessPeer cuDriverGetVersion cuModuleLoadData "
        "cuModuleUnload cuModuleGetFunction cuTexObjectCreate cuTexObjectDestroy cuLaunchKernel "
        "cuGraphicsGLRegisterImage cuGraphicsGLRegisterBuffer cuGLGetDevices_v2 "
        "cuvidCtxLockCreate cuvidCtxLockDestroy cuvidCtxLock cuvidCtxUnlock cuvidCreateDecoder "
        "cuvidDestroyDecoder cuvidDecodePicture cuvidCreateVideoParser cuvidParseVideoData "
        "cuvidDestroyVideoParser cuvidMapVideoFrame64 cuvidUnmapVideoFrame64 cuvidMapVideoFrame "
        "cuvidUnmapVideoFrame cuvidGetDecoderCaps";
    g_auto(GStrv) words = g_strsplit(names, " ", -1);

    g_assert_cmpuint(g_strv_length(words), ==, 40 + 15);
    for (int i = 0; words[i]; i++)
        if (!dlsym(g_str_has_prefix(words[i], "cuvid") ? cuvid->lib : cu->lib, words[i]))
            g_error("%s is missing", words[i]);
}

/* Tables of functions and the library's handle, some of which its loader could do without. */
static void ffmpeg_finds_all_it_looks_up(gconstpointer unused)
{
    const gconstpointer *cuda = (const gconstpointer *)cu, *video = (const gconstpointer *)cuvid;

    g_assert_cmpuint(sizeof(*cu) / sizeof(gconstpointer), ==, 80 + 1);
    g_assert_cmpuint(sizeof(*cuvid) / sizeof(gconstpointer), ==, 22 + 1);
    for (gsize i = 0; i < sizeof(*cu) / sizeof(gconstpointer); i++)
        g_assert_nonnull(cuda[i]);
    for (gsize i = 0; i < sizeof(*cuvid) / sizeof(gconstpointer); i++)
        g_assert_nonnull(video[i]);
}

static const char *const elements[] = {"nvh264dec", "nvh265dec", "nvjpegdec", "cudaupload",
                                       "cudadownload"};

static void the_plugin_registers_its_elements(gconstpointer unused)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(elements[i]);

        g_test_message("%s", elements[i]);
        g_assert_nonnull(factory);
    }
}

/* --- pictures --- */

static GPtrArray *play_well(const char *launch)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *samples = play(launch, &error);

    g_assert_no_error(error);
    return samples;
}

static void assert_same_pictures(const char *source, const Stream *stream)
{
    g_autofree char *device = g_strdup_printf("%s ! %s ! " DOWNLOAD OUT, source, stream->decoder);
    g_autofree char *host = g_strdup_printf("%s ! %s" OUT, source, stream->reference);

    if (!have_elements(device) || !have_elements(host))
        return;
    g_autoptr(GPtrArray) seen = play_well(device), expected = play_well(host);
    g_assert_cmpuint(expected->len, >, 0);
    g_assert_cmpuint(seen->len, ==, expected->len);
    for (guint i = 0; i < seen->len; i++) {
        g_autoptr(GBytes) a = nv12_of(seen->pdata[i]), b = nv12_of(expected->pdata[i]);

        assert_same_bytes(a, b);
        g_assert_cmpuint(GST_BUFFER_PTS(gst_sample_get_buffer(seen->pdata[i])), ==,
                         GST_BUFFER_PTS(gst_sample_get_buffer(expected->pdata[i])));
    }
}

static void pictures_are_the_cpus(gconstpointer stream)
{
    assert_same_pictures(((const Stream *)stream)->source, stream);
}

static void a_real_clip_gives_the_cpus_pictures(gconstpointer data)
{
    const Stream *stream = data;
    const char *shared = g_getenv("VEDETTE_SHARED");
    g_autofree char *path =
        g_build_filename(shared != NULL ? shared : "", "data", stream->name, NULL);
    g_autofree char *source = g_strdup_printf("filesrc location=\"%s\" ! %s", path, stream->source);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        assert_same_pictures(source, stream);
    else
        g_test_skip("the real clips are not there");
}

/* --- copies --- */

#define ON_DEVICE " ! nvh264dec ! video/x-raw(memory:CUDAMemory)" OUT

static struct VedetteEmuCounters count(const char *launch, guint pictures)
{
    emu_reset();
    GPtrArray *samples = play_well(launch);

    g_assert_cmpuint(samples->len, ==, pictures);
    g_ptr_array_unref(samples);
    return counters_now();
}

/* All are kept, so each has memory of its own. */
static void pictures_stay_on_the_device(gconstpointer unused)
{
    static const char few[] = PICTURES("20") PLAIN ON_DEVICE;
    static const char many[] = PICTURES("80") PLAIN ON_DEVICE;
    struct VedetteEmuCounters a, b;

    if (!have_elements(few))
        return;
    a = count(few, 20);
    b = count(many, 80);
    g_assert_cmpuint(a.h2d + b.h2d, ==, 0);
    g_assert_cmpuint(a.d2h + b.d2h, ==, 0);
    g_assert_cmpuint(a.d2d, ==, 20 * 322 * 242 * 3 / 2);
    g_assert_cmpuint(b.d2d, ==, 80 * 322 * 242 * 3 / 2);
    g_assert_cmpuint(b.contexts, ==, 1);
    g_assert_cmpuint(b.allocations, ==, b.frees);
    g_assert_cmpuint(b.live_bytes, ==, 0);
}

static void pictures_given_back_are_used_again(gconstpointer unused)
{
    static const char *const lines[] = {
        PICTURES("20") PLAIN " ! nvh264dec ! video/x-raw(memory:CUDAMemory) ! fakesink "
                             "videotestsrc num-buffers=1" OUT,
        PICTURES("80") PLAIN " ! nvh264dec ! video/x-raw(memory:CUDAMemory) ! fakesink "
                             "videotestsrc num-buffers=1" OUT,
    };
    struct VedetteEmuCounters counters[2];

    if (!have_elements(lines[0]))
        return;
    for (int i = 0; i < 2; i++)
        counters[i] = count(lines[i], 1);
    g_assert_cmpuint(counters[0].d2d, ==, 20 * 322 * 242 * 3 / 2);
    g_assert_cmpuint(counters[1].d2d, ==, 80 * 322 * 242 * 3 / 2);
    g_assert_cmpuint(counters[1].h2d + counters[1].d2h, ==, 0);
    g_assert_cmpuint(counters[1].allocations, ==, counters[0].allocations);
    g_assert_cmpuint(counters[1].allocations, <=, 4);
}

/* --- failures --- */

/* Of this program alone: nvdec forgets the buffer that it could not map a picture for. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libgstnvcodec.so\n";
}

typedef struct Failing {
    const char *spec;
    int pictures; /* -1: an error; else how many of 20 come all the same */
} Failing;

/*
 * What GStreamer's nvdec makes of it. A parser is asked for again; a packet that cannot be parsed
 * is passed over with a warning, so that a device lost there shows as pictures that do not come.
 */
static const Failing failing[] = {
    {"cuvidCreateVideoParser:0", -1},
    {"cuvidCreateVideoParser:1", 20},
    {"cuvidCreateDecoder:1", -1},
    {"cuvidCreateDecoder:1:2", -1},
    {"cuvidDecodePicture:1", -1},
    {"cuvidDecodePicture:7", -1},
    {"cuvidMapVideoFrame64:1", -1},
    {"cuvidMapVideoFrame64:7", -1},
    {"cuvidUnmapVideoFrame64:1", -1},
    {"cuvidDecodePicture:7:719:sticky", -1},
    {"cuvidMapVideoFrame64:7:719:sticky", -1},
    {"cuvidParseVideoData:7:719:sticky", 6},
    {"cuvidParseVideoData:0", -1},
    {"cuvidParseVideoData:7", 19},
    {"cuvidDestroyDecoder:1", 20},
    {"cuvidDestroyVideoParser:1", 20},
};

static void a_call_that_fails_is_noticed(gconstpointer data)
{
    static const char launch[] =
        PICTURES("20") PLAIN " ! nvh264dec max-display-delay=0 ! " DOWNLOAD OUT;
    const Failing *row = data;
    g_autoptr(GError) error = NULL;

    if (!have_elements(launch))
        return;
    g_assert_cmpint(emu_fail(row->spec), ==, 0);
    g_autoptr(GPtrArray) samples = play(launch, &error);
    if (row->pictures < 0)
        g_assert_nonnull(error);
    else
        g_assert_no_error(error);
    g_assert_cmpint(samples ? (int)samples->len : -1, ==, row->pictures);
}

/* --- devices that can less --- */

static void assert_only(const char *const *wanted)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(elements[i]);

        g_test_message("%s", elements[i]);
        g_assert_cmpint(factory != NULL, ==, g_strv_contains(wanted, elements[i]));
    }
}

static void run_with(const char *name, const char *value, const char *test)
{
    g_autofree char *path = g_strdup_printf("/emu/decoder/%s/subprocess", test);

    g_setenv(name, value, TRUE);
    g_test_trap_subprocess(path, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_unsetenv(name);
    g_test_trap_assert_passed();
}

static void without_a_decoder_there_is_none_in_process(gconstpointer unused)
{
    static const char *const wanted[] = {"cudaupload", "cudadownload", NULL};

    assert_only(wanted);
}

static void without_a_decoder_there_is_none(gconstpointer unused)
{
    run_with("VEDETTE_EMU_NVDEC", "none", "without_a_decoder_there_is_none");
}

static void a_codec_may_be_missing_in_process(gconstpointer unused)
{
    static const char *const wanted[] = {"nvh264dec", "nvjpegdec", "cudaupload", "cudadownload",
                                         NULL};

    assert_only(wanted);
}

static void a_codec_may_be_missing(gconstpointer unused)
{
    run_with("VEDETTE_EMU_NVDEC", "h264:jpeg", "a_codec_may_be_missing");
}

static void what_is_too_large_is_refused_in_process(gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) samples = play(PICTURES("2") PLAIN " ! nvh264dec ! " DOWNLOAD OUT, &error);

    g_assert_null(samples);
    g_assert_nonnull(error);
}

static void what_is_too_large_is_refused(gconstpointer unused)
{
    if (have_elements(PICTURES("2") PLAIN " ! nvh264dec ! " DOWNLOAD OUT))
        run_with("VEDETTE_EMU_NVDEC_SIZE", "320x240", "what_is_too_large_is_refused");
}

static void what_cannot_be_read_ends_the_process(gconstpointer unused)
{
    static const char *const lines[][2] = {
        {"VEDETTE_EMU_NVDEC", "h266"}, {"VEDETTE_EMU_NVDEC", ""}, {"VEDETTE_EMU_NVDEC_SIZE", "9"}};

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_setenv(lines[i][0], lines[i][1], TRUE);
        g_test_trap_subprocess("/emu/decoder/a_codec_may_be_missing/subprocess", 0,
                               G_TEST_SUBPROCESS_DEFAULT);
        g_unsetenv(lines[i][0]);
        g_test_trap_assert_failed();
        g_test_trap_assert_stderr("*cannot be read*");
    }
}

static void add_tests(void)
{
#define ADD(name) add_codec_test("/emu/decoder/" #name, name, NULL)
#define ADD_PAIR(name) \
    ADD(name);         \
    add_codec_test("/emu/decoder/" #name "/subprocess", name##_in_process, NULL)
    ADD(gstreamer_finds_all_it_looks_up);
    ADD(ffmpeg_finds_all_it_looks_up);
    ADD(the_plugin_registers_its_elements);
    for (gsize i = 0; i < G_N_ELEMENTS(made); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/decoder/pictures_are_the_cpus/%s", made[i].name);

        add_codec_test(path, pictures_are_the_cpus, &made[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/decoder/a_real_clip_gives_the_cpus_pictures/%s", clips[i].name);

        add_codec_test(path, a_real_clip_gives_the_cpus_pictures, &clips[i]);
    }
    ADD(pictures_stay_on_the_device);
    ADD(pictures_given_back_are_used_again);
    for (gsize i = 0; i < G_N_ELEMENTS(failing); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/decoder/a_call_that_fails_is_noticed/%s", failing[i].spec);

        add_codec_test(path, a_call_that_fails_is_noticed, &failing[i]);
    }
    ADD_PAIR(without_a_decoder_there_is_none);
    ADD_PAIR(a_codec_may_be_missing);
    ADD_PAIR(what_is_too_large_is_refused);
    ADD(what_cannot_be_read_ends_the_process);
}

int main(int argc, char **argv)
{
    return codec_rig_run(argc, argv, "libselftest", add_tests);
}
