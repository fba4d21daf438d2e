#include "cuda-rig.h"
#include "plugins/vd-image.h"
#include "plugins/vd-messages.h"
#include "tests/kernels/jpeg-peer.h"

/* vdjpegenc on CUDA memory, against itself on system memory, byte for byte. */

#define CUDA_CAPS "video/x-raw(memory:CUDAMemory),format=I420,width=64,height=48,framerate=5/1"

static const Shape usual = {"I420", 320, 240};

/* An encoder knows no caps without a framerate. */
static Twins *encoders_new(Shape shape)
{
    return twins_new(VD_JPEGENC_FACTORY, shape, ",framerate=5/1", NULL);
}

/* --- pictures -------------------------------------------------------------------------------- */

/* Slopes with an edge, as noise is no picture of a camera's. */
static GstBuffer *scene_new(Twins *twins, int number)
{
    const GstVideoInfo *info = &twins->cpu->info;
    GstBuffer *picture = gst_buffer_new_allocate(NULL, info->size, NULL);
    GstVideoFrame frame;

    g_assert_true(gst_video_frame_map(&frame, info, picture, GST_MAP_WRITE));
    VdkImage image = vd_image_from_frame(&frame);
    for (int plane = 0; plane < n_planes(&image); plane++)
        for (int y = 0; y < plane_of(&image, plane)->height; y++)
            for (int x = 0; x < plane_of(&image, plane)->width; x++)
                *sample_at(&image, plane, x, y) =
                    (guint8)(60 + 20 * plane + (x / 3 + y / 2 + number) % 90 + (x > 40) * 60);
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(picture) = (guint64)number * GST_SECOND;
    return picture;
}

static void push_both(Twins *twins, int number)
{
    twins_push(twins, noise_new(twins, (guint32)number, 0));
    twins_push(twins, scene_new(twins, number));
}

/* --- the same bytes -------------------------------------------------------------------------- */

static void jpegs_are_the_same_at_every_quality(void)
{
    static const char *qualities[] = {"75", "1", "100", "50"};
    static const Shape large = {"I420", 640, 360};

    for (gsize i = 0; i <= n_shapes; i++) {
        g_autoptr(Twins) twins = encoders_new(i < n_shapes ? shapes[i] : large);

        for (int q = 0; q < 4; q++) {
            twins_set(twins, "quality", qualities[q]);
            push_both(twins, q);
        }
    }
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Twins) twins = encoders_new(usual);

    push_both(twins, 1);
    for (gsize i = 0; i < n_shapes; i++) {
        g_autoptr(Twins) other = encoders_new(shapes[i]);
        g_autofree char *rest =
            g_strdup_printf("format=%s,width=%d,height=%d,framerate=5/1", shapes[i].format,
                            shapes[i].width, shapes[i].height);
        g_autofree char *host = g_strconcat("video/x-raw,", rest, NULL);
        g_autofree char *cuda = g_strconcat("video/x-raw(memory:CUDAMemory),", rest, NULL);
        GstBufferPool *pool = twins->pool;

        rig_set_caps(twins->cpu, host);
        rig_set_caps(twins->gpu, cuda);
        twins->pool = other->pool;
        push_both(twins, (int)i);
        twins->pool = pool;
    }
}

static void what_libjpeg_decodes_is_the_picture(void)
{
    g_autoptr(Twins) twins = encoders_new((Shape){"I420", 161, 97});
    g_autoptr(GstBuffer) in = scene_new(twins, 3);
    g_autoptr(GstBuffer) jpeg =
        gst_harness_push_and_pull(twins->gpu->harness, on_device(twins, in));
    TestPicture decoded;
    GstVideoFrame frame;
    GstMapInfo map;

    g_assert_true(gst_buffer_map(jpeg, &map, GST_MAP_READ));
    g_assert_true(gst_video_frame_map(&frame, &twins->cpu->info, in, GST_MAP_READ));
    peer_decode(map.data, map.size, I420, &decoded);
    VdkImage image = vd_image_from_frame(&frame);
    g_assert_cmpint(decoded.image.luma.width, ==, 161);
    g_assert_cmpint(decoded.image.luma.height, ==, 97);
    g_assert_cmpfloat(pictures_psnr(&image, &decoded.image), >, 33);
    picture_clear(&decoded);
    gst_video_frame_unmap(&frame);
    gst_buffer_unmap(jpeg, &map);
}

static GstBuffer *through(const char *line, const char *caps, GstBuffer *in)
{
    GstHarness *harness = gst_harness_new_parse(line);

    gst_harness_set_src_caps_str(harness, caps);
    GstBuffer *out = gst_harness_push_and_pull(harness, in);
    gst_harness_teardown(harness);
    return out;
}

/* What a view of the daemon is made of. */
#define HOST         "video/x-raw"
#define CUDA         "video/x-raw(memory:CUDAMemory)"
#define VIEW(memory) "vdscale ! " memory ",width=160 ! vdcompose title=Gate state=live ! vdjpegenc"
#define SEEN         ",format=NV12,width=320,height=240,framerate=5/1"

static void a_whole_view_is_the_same_in_either_memory(void)
{
    g_autoptr(Twins) twins = encoders_new((Shape){"NV12", 320, 240});
    g_autoptr(GstBuffer) picture = scene_new(twins, 5);
    GstBuffer *there = on_device(twins, picture);

    g_autoptr(GstBuffer) cpu = through(VIEW(HOST), HOST SEEN, gst_buffer_ref(picture));
    g_autoptr(GstBuffer) gpu = through(VIEW(CUDA), CUDA SEEN, there);
    assert_same_bytes(cpu, gpu);
}

/* --- negotiation ----------------------------------------------------------------------------- */

static void cuda_memory_stays_cuda_memory(void)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(VD_JPEGENC_FACTORY);
    g_autoptr(Rig) rig = rig_new(VD_JPEGENC_FACTORY, CUDA_CAPS);
    g_autoptr(GstCaps) cuda = gst_caps_from_string("video/x-raw(memory:CUDAMemory)");
    g_autoptr(GstCaps) asked = gst_pad_peer_query_caps(rig->harness->srcpad, cuda);

    g_assert_true(gst_element_factory_can_sink_any_caps(factory, cuda));
    g_assert_cmpuint(gst_caps_get_size(asked), ==, 1);
    g_assert_true(gst_caps_features_contains(gst_caps_get_features(asked, 0),
                                             GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY));
    assert_refused(VD_JPEGENC_FACTORY,
                   "video/x-raw(memory:CUDAMemory),format=Y444,width=64,height=48");
    assert_refused(VD_JPEGENC_FACTORY,
                   "video/x-raw(memory:GLMemory),format=I420,width=64,height=48,framerate=5/1");
}

/* --- what it costs --------------------------------------------------------------------------- */

static void only_jpegs_and_their_lengths_leave_the_device(void)
{
    g_autoptr(Twins) twins = encoders_new(usual);
    GstBuffer *pictures[2 * COUNTED];

    if (!device_counts())
        return;
    for (int i = 0; i < 2 * COUNTED; i++) {
        g_autoptr(GstBuffer) scene = scene_new(twins, i);

        pictures[i] = on_device(twins, scene);
    }
    assert_cost(twins, pictures, (Cost){.launches = 2, .syncs = 2, .d2h = 8});
}

/* Noise at quality 100 takes more than a byte a pixel. */
static void room_grows_once_to_what_a_picture_takes(void)
{
    g_autoptr(Twins) twins = encoders_new(usual);

    if (!device_counts())
        return;
    twins_set(twins, "quality", "100");
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GstBuffer) noise = noise_new(twins, i, i);
        GstBuffer *there = on_device(twins, noise);

        device.reset();
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(twins->gpu->harness, there);
        g_assert_cmpuint(gst_buffer_get_size(out), >, 320 * 240);
        g_assert_cmpuint(counters_now().launches, ==, i == 0 ? 4 : 2);
        g_assert_cmpuint(counters_now().allocations, ==, i == 0 ? 4 : 0);
    }
}

/* --- errors ---------------------------------------------------------------------------------- */

/*
 * A picture that does not fit, and no room for it or for the scratch that it takes. The room that
 * there was is gone; the next pictures, which need little and then much, find another.
 */
static void assert_growth_may_fail(const char *spec)
{
    g_autoptr(Twins) twins = encoders_new(usual);
    g_autoptr(GstBuffer) noise = noise_new(twins, 7, 0);
    GstBuffer *there = on_device(twins, noise);

    twins_set(twins, "quality", "100");
    twins_push(twins, scene_new(twins, 1));
    g_assert_cmpint(device.fail(spec), ==, 0);
    g_assert_cmpint(gst_harness_push(twins->gpu->harness, there), ==, GST_FLOW_ERROR);
    g_assert_cmpuint(rig_errors(twins->gpu), ==, 1);
    device.fail(NULL);
    twins_push(twins, scene_new(twins, 2));
    twins_push(twins, noise_new(twins, 7, 0));
    rig_restart(twins->gpu);
    rig_restart(twins->cpu);
    twins_push(twins, noise_new(twins, 8, 0));
    g_assert_cmpuint(rig_errors(twins->gpu), ==, 0);
}

static void a_picture_that_there_is_no_room_for_is_one_error(void)
{
    static const char *specs[] = {"cuMemAlloc:1:2", "cuMemAlloc:2:2", "cuMemsetD8Async:1:2",
                                  "cuLaunchKernel:3:2", "cuStreamSynchronize:2:2"};
    guint64 live = counters_now().live_bytes;

    if (!device_counts())
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(specs); i++) {
        g_test_message("%s", specs[i]);
        assert_growth_may_fail(specs[i]);
        g_assert_cmpuint(counters_now().live_bytes, ==, live);
    }
    g_assert_cmpuint(counters_now().faults, ==, 0);
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/jpegenc/" #name, name)
    TEST(jpegs_are_the_same_at_every_quality);
    TEST(sizes_may_change_while_playing);
    TEST(what_libjpeg_decodes_is_the_picture);
    TEST(a_whole_view_is_the_same_in_either_memory);
    TEST(cuda_memory_stays_cuda_memory);
    TEST(only_jpegs_and_their_lengths_leave_the_device);
    TEST(room_grows_once_to_what_a_picture_takes);
    TEST(a_picture_that_there_is_no_room_for_is_one_error);
    return device_run_tests();
}
