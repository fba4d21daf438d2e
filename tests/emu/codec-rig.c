#include "codec-rig.h"

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>
#include <unistd.h>

#include "tests/emu/open.h"

CudaFunctions *cu;
CuvidFunctions *cuvid;

void (*emu_read)(struct VedetteEmuCounters *counters);
const char *(*emu_calls)(void);
void (*emu_reset)(void);
int (*emu_fail)(const char *spec);
int (*emu_order)(const char *order);
void *(*emu_view)(unsigned long long device);

typedef struct Case {
    GTestDataFunc test;
    gconstpointer data;
} Case;

static GPtrArray *cases; /* GLib does not free those that are not run */

static void open_libraries(const char *kernels)
{
    emu_open(kernels);
    emu_open_library("libnvcuvid.so.1");
    emu_open_library("libnvidia-encode.so.1");
    bool loaded = cuda_load_functions(&cu, NULL) == 0 && cuvid_load_functions(&cuvid, NULL) == 0;
    g_assert_true(loaded);
    *(void **)&emu_read = dlsym(cu->lib, "vedette_emu_read");
    *(void **)&emu_calls = dlsym(cu->lib, "vedette_emu_calls");
    *(void **)&emu_reset = dlsym(cu->lib, "vedette_emu_reset");
    *(void **)&emu_fail = dlsym(cu->lib, "vedette_emu_fail");
    *(void **)&emu_order = dlsym(cu->lib, "vedette_emu_order");
    *(void **)&emu_view = dlsym(cu->lib, "vedette_emu_view");
    g_assert_true(emu_read && emu_calls && emu_reset && emu_fail && emu_order && emu_view);
    assert_ok(cu->cuInit(0));
}

/* Reads the decoder's environment, which may end the process, before it leaves anything behind. */
static void ask_decoder(void)
{
    CUVIDDECODECAPS caps = {.eCodecType = cudaVideoCodec_H264};
    CUcontext context = NULL;

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    assert_ok(cuvid->cuvidGetDecoderCaps(&caps));
    assert_ok(cu->cuCtxDestroy(context));
}

/*
 * A few of the system's plug-ins: to look at all of them in this process would load half of Debian
 * into it. Links to what is not installed do no harm.
 */
static void link_plugins(const char *folder, bool make)
{
    static const char *const names[] = {"app",   "coreelements",    "isomp4",       "jpeg",
                                        "libav", "nvcodec",         "videotestsrc", "x264",
                                        "x265",  "videoparsersbad", "jpegformat"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *file = g_strdup_printf("libgst%s.so", names[i]);
        g_autofree char *there = g_build_filename(GST_PLUGINS_DIR, file, NULL);
        g_autofree char *here = g_build_filename(folder, file, NULL);
        int failed = make ? symlink(there, here) : g_remove(here);

        g_assert_cmpint(failed, ==, 0);
    }
}

static void open_gstreamer(const char *folder, const char *registry)
{
    g_setenv("GST_REGISTRY", registry, TRUE);
    /* A scanner in a process of its own would not have the libraries. */
    g_setenv("GST_REGISTRY_FORK", "no", TRUE);
    g_setenv("GST_PLUGIN_SYSTEM_PATH_1_0", folder, TRUE);
    link_plugins(folder, true);
    gst_init(NULL, NULL);
    /* nvcodec leaves its context on the thread that asked for a codec the device has not. */
    for (CUcontext left = NULL; cu->cuCtxPopCurrent(&left) == CUDA_SUCCESS;)
        continue;
}

int codec_rig_run(int argc, char **argv, const char *kernels, void (*add_tests)(void))
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    open_libraries(kernels);
    ask_decoder();
    g_autofree char *folder = g_dir_make_tmp("vedette-emu-XXXXXX", NULL);
    g_autofree char *registry = g_build_filename(folder, "registry.bin", NULL);
    open_gstreamer(folder, registry);
    cases = g_ptr_array_new_with_free_func(g_free);
    add_tests();
    failed = g_test_run();
    g_ptr_array_unref(cases);
    link_plugins(folder, false);
    g_remove(registry);
    g_rmdir(folder);
    return failed;
}

static void run_case(gconstpointer data)
{
    const Case *one = data;

    g_assert_cmpint(emu_fail(NULL), ==, 0);
    g_assert_cmpint(emu_order(NULL), ==, 0);
    emu_reset();
    one->test(one->data);
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    /* A mistake of the program. */
    g_assert_cmpuint(counters_now().faults, ==, 0);
}

void add_codec_test(const char *path, GTestDataFunc test, gconstpointer data)
{
    Case *one = g_new(Case, 1);

    *one = (Case){test, data};
    g_ptr_array_add(cases, one);
    g_test_add_data_func(path, one, run_case);
}

/* --- pipelines --- */

bool have_elements(const char *launch)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full(launch, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

    if (pipeline == NULL)
        g_test_skip(error->message);
    return pipeline != NULL;
}

static GstFlowReturn keep_sample(GstAppSink *sink, gpointer samples)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);

    if (sample != NULL)
        g_ptr_array_add(samples, sample);
    return GST_FLOW_OK;
}

GPtrArray *play(const char *launch, GError **error)
{
    GPtrArray *samples = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref);
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full(launch, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    GstAppSinkCallbacks callbacks = {.new_sample = keep_sample};

    g_assert_nonnull(pipeline);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    g_object_set(sink, "sync", FALSE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, samples, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    g_assert_nonnull(message);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, error, NULL);
        g_clear_pointer(&samples, g_ptr_array_unref);
    }
    return samples;
}

/* --- pictures --- */

/* A row of chroma from wherever it is: U, V, U, V... */
static void copy_chroma(const GstVideoFrame *frame, int row, guint8 *to)
{
    for (int i = 0; i < 2; i++) {
        guint component = i == 0 ? GST_VIDEO_COMP_U : GST_VIDEO_COMP_V;
        const guint8 *from = GST_VIDEO_FRAME_COMP_DATA(frame, component);
        int step = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, component);

        from += (gsize)row * (gsize)GST_VIDEO_FRAME_COMP_STRIDE(frame, component);
        for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(frame, component); x++)
            to[2 * x + i] = from[x * step];
    }
}

GBytes *nv12_of(GstSample *sample)
{
    GstVideoInfo info;
    GstVideoFrame frame;

    bool mapped = gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
                  gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ);
    g_assert_true(mapped);
    gsize width = (gsize)info.width, height = (gsize)info.height;
    gsize chroma_width = (width + 1) / 2 * 2, chroma_height = (height + 1) / 2;
    gsize size = width * height + chroma_width * chroma_height;
    guint8 *bytes = g_malloc(size);

    for (gsize y = 0; y < height; y++)
        memcpy(bytes + y * width,
               (guint8 *)GST_VIDEO_FRAME_COMP_DATA(&frame, GST_VIDEO_COMP_Y) +
                   y * (gsize)GST_VIDEO_FRAME_COMP_STRIDE(&frame, GST_VIDEO_COMP_Y),
               width);
    for (gsize y = 0; y < chroma_height; y++)
        copy_chroma(&frame, (int)y, bytes + width * height + y * chroma_width);
    gst_video_frame_unmap(&frame);
    return g_bytes_new_take(bytes, size);
}

void assert_same_bytes(GBytes *a, GBytes *b)
{
    gsize a_size, b_size;
    const guint8 *a_data = g_bytes_get_data(a, &a_size), *b_data = g_bytes_get_data(b, &b_size);

    g_assert_cmpmem(a_data, a_size, b_data, b_size);
}

/* --- the driver --- */

struct VedetteEmuCounters counters_now(void)
{
    struct VedetteEmuCounters counters;

    emu_read(&counters);
    return counters;
}

void assert_ok(CUresult result)
{
    g_assert_cmpint(result, ==, CUDA_SUCCESS);
}
