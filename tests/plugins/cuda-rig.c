#include "cuda-rig.h"

#include <dlfcn.h>

#include "tests/emu/open.h"

#define CUDA_CAPS "video/x-raw(memory:CUDAMemory)"
#define HOST_CAPS "video/x-raw"

Device device;

/* clang-format off */
const Shape shapes[] = {
    {"NV12", 1, 1}, {"I420", 1, 1}, {"NV12", 2, 3}, {"I420", 3, 2}, {"NV12", 17, 9}, {"I420", 15, 33},
    {"NV12", 161, 97}, {"I420", 161, 97}, {"NV12", 320, 240}, {"I420", 320, 240},
};
/* clang-format on */
const gsize n_shapes = G_N_ELEMENTS(shapes);

/* --- a device -------------------------------------------------------------------------------- */

static void find_emulated(void)
{
    void *driver = dlopen("libcuda.so.1", RTLD_LAZY);

    g_assert_nonnull(driver);
    *(void **)&device.read = dlsym(driver, "vedette_emu_read");
    *(void **)&device.reset = dlsym(driver, "vedette_emu_reset");
    *(void **)&device.fail = dlsym(driver, "vedette_emu_fail");
    g_assert_nonnull(device.read);
    g_assert_nonnull(device.reset);
    g_assert_nonnull(device.fail);
}

bool device_init(int *argc, char ***argv)
{
    bool real = g_strcmp0(g_getenv("VEDETTE_TEST_DEVICE"), "real") == 0;

    g_test_init(argc, argv, NULL);
    /* Before GStreamer, which may look for a driver while it looks for plug-ins, and only once. */
    if (!real)
        emu_open("libkernels");
    gst_init(argc, argv);
    if (gst_cuda_load_library())
        device.context = gst_cuda_context_new(0);
    if (device.context == NULL) {
        g_assert_true(real);
        g_print("1..0 # SKIP no CUDA device\n");
        return false;
    }
    gst_cuda_memory_init_once();
    if (!real)
        find_emulated();
    return true;
}

bool device_counts(void)
{
    if (device.read == NULL)
        g_test_skip("only the emulated driver counts, and fails when told to");
    return device.read != NULL;
}

struct VedetteEmuCounters counters_now(void)
{
    struct VedetteEmuCounters counters = {0};

    if (device.read != NULL)
        device.read(&counters);
    return counters;
}

int device_run_tests(void)
{
    int failed = g_test_run();

    gst_clear_object(&device.context);
    struct VedetteEmuCounters counters = counters_now();
    g_assert_cmpuint(counters.faults, ==, 0);
    g_assert_cmpuint(counters.live_bytes, ==, 0);
    return failed;
}

/* --- pictures in its memory ------------------------------------------------------------------ */

static GstBufferPool *pool_new(const char *caps, const GstVideoInfo *info)
{
    GstBufferPool *pool = gst_cuda_buffer_pool_new(device.context);
    GstStructure *config = gst_buffer_pool_get_config(pool);
    g_autoptr(GstCaps) parsed = gst_caps_from_string(caps);

    gst_buffer_pool_config_set_params(config, parsed, (guint)info->size, 0, 0);
    g_assert_true(gst_buffer_pool_set_config(pool, config));
    g_assert_true(gst_buffer_pool_set_active(pool, TRUE));
    return pool;
}

static void map(GstVideoFrame *frame, const GstVideoInfo *info, GstBuffer *buffer, GstMapFlags how)
{
    g_assert_true(gst_video_frame_map(frame, info, buffer, how));
}

static gboolean copy_region(GstBuffer *from, GstMeta **meta, gpointer to)
{
    GstMetaTransformCopy all = {FALSE, 0, (gsize)-1};

    if ((*meta)->info->api != GST_VIDEO_META_API_TYPE && (*meta)->info->transform_func != NULL)
        (*meta)->info->transform_func(to, *meta, from, _gst_meta_transform_copy, &all);
    return TRUE;
}

/*
 * Plane by plane: GStreamer's own way to and from the host loses chroma of I420 with an odd height,
 * whose last plane begins in the middle of a row.
 */
static void copy_planes(const GstVideoInfo *info, GstBuffer *there, GstVideoFrame *here, bool up)
{
    const GstCudaMemory *memory = GST_CUDA_MEMORY_CAST(gst_buffer_peek_memory(there, 0));
    GstMapFlags how = up ? GST_MAP_WRITE : GST_MAP_READ;
    GstMapInfo mapped;

    g_assert_true(gst_buffer_map(there, &mapped, how | (GstMapFlags)GST_MAP_CUDA));
    g_assert_true(gst_cuda_context_push(device.context));
    for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(info); i++) {
        CUDA_MEMCPY2D plane = {
            .srcMemoryType = up ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE,
            .dstMemoryType = up ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST,
            .WidthInBytes =
                (gsize)(GST_VIDEO_INFO_COMP_WIDTH(info, i) * GST_VIDEO_INFO_COMP_PSTRIDE(info, i)),
            .Height = (gsize)GST_VIDEO_INFO_COMP_HEIGHT(info, i),
        };
        gsize pitch = (gsize)memory->info.stride[i];
        gsize stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE(here, i);

        plane.srcHost = plane.dstHost = GST_VIDEO_FRAME_PLANE_DATA(here, i);
        plane.srcDevice = plane.dstDevice =
            (CUdeviceptr)(guintptr)(mapped.data + memory->info.offset[i]);
        plane.srcPitch = up ? stride : pitch;
        plane.dstPitch = up ? pitch : stride;
        g_assert_cmpint(CuMemcpy2D(&plane), ==, CUDA_SUCCESS);
    }
    gst_cuda_context_pop(NULL);
    gst_buffer_unmap(there, &mapped);
}

GstBuffer *on_device(Twins *twins, GstBuffer *picture)
{
    const GstVideoInfo *info = &twins->cpu->info;
    GstVideoFrame frame;
    GstBuffer *buffer;

    g_assert_cmpint(gst_buffer_pool_acquire_buffer(twins->pool, &buffer, NULL), ==, GST_FLOW_OK);
    map(&frame, info, picture, GST_MAP_READ);
    copy_planes(info, buffer, &frame, true);
    gst_video_frame_unmap(&frame);
    gst_buffer_copy_into(buffer, picture, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0,
                         (gsize)-1);
    gst_buffer_foreach_meta(picture, copy_region, buffer);
    return buffer;
}

/* In system memory already, or brought there. (transfer full) */
static GstBuffer *on_host(const GstVideoInfo *info, GstBuffer *buffer)
{
    GstVideoFrame frame;

    if (!gst_is_cuda_memory(gst_buffer_peek_memory(buffer, 0)))
        return gst_buffer_ref(buffer);
    GstBuffer *host = gst_buffer_new_allocate(NULL, info->size, NULL);
    map(&frame, info, host, GST_MAP_WRITE);
    copy_planes(info, buffer, &frame, false);
    gst_video_frame_unmap(&frame);
    return host;
}

static void assert_same_planes(const GstVideoFrame *one, const GstVideoFrame *other)
{
    for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(one); i++) {
        const guint8 *left = GST_VIDEO_FRAME_PLANE_DATA(one, i);
        const guint8 *right = GST_VIDEO_FRAME_PLANE_DATA(other, i);
        gsize width =
            (gsize)(GST_VIDEO_FRAME_COMP_WIDTH(one, i) * GST_VIDEO_FRAME_COMP_PSTRIDE(one, i));

        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(one, i); y++) {
            g_assert_cmpmem(left, width, right, width);
            left += GST_VIDEO_FRAME_PLANE_STRIDE(one, i);
            right += GST_VIDEO_FRAME_PLANE_STRIDE(other, i);
        }
    }
}

void assert_same_picture(const GstVideoInfo *info, GstBuffer *a, GstBuffer *b)
{
    g_autoptr(GstBuffer) left = on_host(info, a);
    g_autoptr(GstBuffer) right = on_host(info, b);
    GstVideoFrame one, other;

    map(&one, info, left, GST_MAP_READ);
    map(&other, info, right, GST_MAP_READ);
    assert_same_planes(&one, &other);
    gst_video_frame_unmap(&one);
    gst_video_frame_unmap(&other);
}

/* --- twins ----------------------------------------------------------------------------------- */

static Rig *twin(const char *factory, const char *kind, const char *caps, const char *downstream)
{
    Rig *rig = rig_new(factory, NULL);

    if (downstream != NULL) {
        g_autofree char *wanted = g_strconcat(kind, ",", downstream, NULL);

        gst_harness_set_sink_caps_str(rig->harness, wanted);
    }
    rig_set_caps(rig, caps);
    return rig;
}

Twins *twins_new(const char *factory, Shape shape, const char *more, const char *downstream)
{
    g_autofree char *rest = g_strdup_printf(",format=%s,width=%d,height=%d%s", shape.format,
                                            shape.width, shape.height, more != NULL ? more : "");
    g_autofree char *host = g_strconcat(HOST_CAPS, rest, NULL);
    g_autofree char *cuda = g_strconcat(CUDA_CAPS, rest, NULL);
    Twins *twins = g_new0(Twins, 1);

    twins->cpu = twin(factory, HOST_CAPS, host, downstream);
    twins->gpu = twin(factory, CUDA_CAPS, cuda, downstream);
    twins->pool = pool_new(cuda, &twins->gpu->info);
    return twins;
}

void twins_free(Twins *twins)
{
    rig_free(twins->cpu);
    rig_free(twins->gpu);
    gst_buffer_pool_set_active(twins->pool, FALSE);
    gst_object_unref(twins->pool);
    g_free(twins);
}

guint rig_errors(Rig *rig)
{
    GstMessage *message;
    guint n = 0;

    while ((message = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_ERROR)) != NULL) {
        g_autoptr(GError) error = NULL;
        g_autofree char *debug = NULL;

        gst_message_parse_error(message, &error, &debug);
        g_test_message("%s %s", error->message, debug);
        gst_message_unref(message);
        n++;
    }
    return n;
}

void twins_set(Twins *twins, const char *property, const char *value)
{
    rig_set(twins->cpu, property, value);
    rig_set(twins->gpu, property, value);
}

GstBuffer *noise_new(Twins *twins, guint32 seed, GstClockTime pts)
{
    gsize size = twins->cpu->info.size;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, size, NULL);
    GRand *random = g_rand_new_with_seed(seed);
    GstMapInfo there;

    g_assert_true(gst_buffer_map(buffer, &there, GST_MAP_WRITE));
    for (gsize i = 0; i < size; i++)
        there.data[i] = (guint8)g_rand_int(random);
    gst_buffer_unmap(buffer, &there);
    g_rand_free(random);
    GST_BUFFER_PTS(buffer) = pts;
    return buffer;
}

/* Both must have settled on the same, but for the memory. */
static void out_info(Twins *twins, GstVideoInfo *info)
{
    g_autoptr(GstCaps) cpu = rig_caps(twins->cpu);
    g_autoptr(GstCaps) gpu = rig_caps(twins->gpu);
    GstVideoInfo other;

    g_assert_true(gst_caps_features_contains(gst_caps_get_features(gpu, 0),
                                             GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY));
    g_assert_true(gst_video_info_from_caps(info, cpu));
    g_assert_true(gst_video_info_from_caps(&other, gpu));
    g_assert_true(gst_video_info_is_equal(info, &other));
}

void assert_same_bytes(GstBuffer *one, GstBuffer *other)
{
    GstMapInfo left, right;

    g_assert_false(gst_is_cuda_memory(gst_buffer_peek_memory(other, 0)));
    g_assert_true(gst_buffer_map(one, &left, GST_MAP_READ));
    g_assert_true(gst_buffer_map(other, &right, GST_MAP_READ));
    g_assert_cmpmem(left.data, left.size, right.data, right.size);
    gst_buffer_unmap(one, &left);
    gst_buffer_unmap(other, &right);
}

static bool gives_pictures(Twins *twins)
{
    g_autoptr(GstCaps) caps = rig_caps(twins->cpu);

    return gst_structure_has_name(gst_caps_get_structure(caps, 0), HOST_CAPS);
}

void twins_push(Twins *twins, GstBuffer *picture)
{
    GstBuffer *there = on_device(twins, picture);
    GstVideoInfo info;

    g_autoptr(GstBuffer) gpu = gst_harness_push_and_pull(twins->gpu->harness, there);
    g_autoptr(GstBuffer) cpu = gst_harness_push_and_pull(twins->cpu->harness, picture);
    g_assert_nonnull(gpu);
    g_assert_nonnull(cpu);
    g_assert_cmpuint(GST_BUFFER_PTS(gpu), ==, GST_BUFFER_PTS(cpu));
    g_assert_cmpuint(GST_BUFFER_FLAGS(gpu), ==, GST_BUFFER_FLAGS(cpu));
    if (!gives_pictures(twins)) {
        assert_same_bytes(cpu, gpu);
        return;
    }
    out_info(twins, &info);
    g_assert_true(gst_is_cuda_memory(gst_buffer_peek_memory(gpu, 0)));
    assert_same_picture(&info, cpu, gpu);
}

/* --- errors and costs ------------------------------------------------------------------------ */

void rig_restart(Rig *rig)
{
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(rig->harness->srcpad);
    GstElement *element = rig->harness->element;

    g_assert_cmpint(gst_element_set_state(element, GST_STATE_NULL), ==, GST_STATE_CHANGE_SUCCESS);
    if (device.fail != NULL)
        device.fail(NULL);
    while (gst_harness_buffers_in_queue(rig->harness) > 0)
        gst_buffer_unref(gst_harness_pull(rig->harness));
    g_assert_cmpint(gst_element_set_state(element, GST_STATE_PLAYING), ==,
                    GST_STATE_CHANGE_SUCCESS);
    gst_harness_push_event(rig->harness, gst_event_new_stream_start("again"));
    gst_harness_set_src_caps(rig->harness, g_steal_pointer(&caps));
}

void assert_cost(Twins *twins, GstBuffer *const pictures[2 * COUNTED], Cost cost)
{
    guint64 handed_over = 0;

    for (guint i = 0; i < 2 * COUNTED; i++) {
        if (i == COUNTED)
            device.reset();
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, pictures[i]);
        if (i >= COUNTED && !gst_is_cuda_memory(gst_buffer_peek_memory(out, 0)))
            handed_over += gst_buffer_get_size(out);
    }
    struct VedetteEmuCounters counters = counters_now();
    g_assert_cmpuint(counters.launches, ==, COUNTED * cost.launches);
    g_assert_cmpuint(counters.syncs, ==, COUNTED * cost.syncs);
    g_assert_cmpuint(counters.h2d, ==, 0);
    g_assert_cmpuint(counters.d2h, ==, COUNTED * cost.d2h + handed_over);
    g_assert_cmpuint(counters.d2d, ==, COUNTED * cost.d2d);
    g_assert_cmpuint(counters.allocations, ==, 0);
    g_assert_cmpuint(counters.frees, ==, 0);
    g_assert_cmpuint(counters.contexts, ==, 0);
    g_assert_cmpuint(counters.faults, ==, 0);
}
