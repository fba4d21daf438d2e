#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

#include "plugins/vd-image.h"
#include "plugins/vd-messages.h"
#include "support.h"
#include "tests/kernels/jpeg-peer.h"

/* A smooth picture with an edge in it; the padding beyond it is full of what must not be seen. */
static GstBuffer *scene_new(Rig *rig)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, rig->info.size, NULL);
    GstVideoFrame frame;

    gst_buffer_memset(buffer, 0, 0xff, rig->info.size);
    g_assert_true(gst_video_frame_map(&frame, &rig->info, buffer, GST_MAP_WRITE));
    for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); c++) {
        guint8 *data = GST_VIDEO_FRAME_COMP_DATA(&frame, c);

        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c); y++) {
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&frame, c); x++)
                data[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, c) + x] =
                    (guint8)(60 + 30 * (int)c + (x / 3 + y / 2) % 60 + (c == 0 && x > 40) * 60);
        }
    }
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(buffer) = 0;
    return buffer;
}

/* clang-format off */
static const struct { const char *format; Layout layout; VdkJpegSettings settings; } formats[] = {
    {"I420", I420, {.sx = 2, .sy = 2}}, {"NV12", NV12, {.sx = 2, .sy = 2}},
    {"Y42B", Y42B, {.sx = 2, .sy = 1}}, {"Y444", Y444, {.sx = 1, .sy = 1}},
    {"GRAY8", GREY, {.sx = 1, .sy = 1}},
};
static const Size sizes[] = {
    {1, 1}, {2, 2}, {17, 31}, {16, 31}, {17, 32}, {641, 361}, {640, 360},
};
/* clang-format on */

static Rig *rig_for(gsize format, int width, int height)
{
    g_autofree char *caps = g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,"
                                            "framerate=5/1",
                                            formats[format].format, width, height);

    return rig_new(VD_JPEGENC_FACTORY, caps);
}

/* A picture as libjpeg reads it. */
static void decode(GstBuffer *jpeg, gsize format, TestPicture *decoded)
{
    GstMapInfo map;

    g_assert_true(gst_buffer_map(jpeg, &map, GST_MAP_READ));
    peer_decode(map.data, map.size, formats[format].layout, decoded);
    gst_buffer_unmap(jpeg, &map);
}

/* Fails unless they are the very bytes that libjpeg makes of the picture. */
static void assert_libjpegs(const VdkImage *image, gsize format, int quality, GstBuffer *jpeg)
{
    VdkJpegSettings settings = formats[format].settings;
    GstMapInfo map;
    gsize length;

    settings.quality = quality;
    guint8 *expected = peer_encode(image, &settings, vdk_jpeg_interval(image, &settings), &length);
    g_assert_true(gst_buffer_map(jpeg, &map, GST_MAP_READ));
    g_assert_cmpmem(map.data, map.size, expected, length);
    gst_buffer_unmap(jpeg, &map);
    free(expected);
}

static void assert_flat(GstBuffer *jpeg, const int values[3])
{
    TestPicture decoded;

    decode(jpeg, 0, &decoded);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < plane_of(&decoded.image, plane)->height; y++)
            for (int x = 0; x < plane_of(&decoded.image, plane)->width; x++)
                g_assert_cmpint(ABS(*sample_at(&decoded.image, plane, x, y) - values[plane]), <=,
                                1);
    picture_clear(&decoded);
}

/* What comes out is libjpeg's, of the picture's size, and much like it. */
static void assert_good(Rig *rig, gsize format, GstBuffer *in, int quality, GstBuffer *out)
{
    GstVideoFrame frame;
    TestPicture decoded;

    g_assert_true(gst_video_frame_map(&frame, &rig->info, in, GST_MAP_READ));
    VdkImage image = vd_image_from_frame(&frame);
    assert_libjpegs(&image, format, quality, out);
    decode(out, format, &decoded);
    g_assert_cmpint(decoded.image.luma.width, ==, rig->info.width);
    g_assert_cmpint(decoded.image.luma.height, ==, rig->info.height);
    g_assert_cmpfloat(pictures_psnr(&image, &decoded.image), >, quality >= 75 ? 35 : 10);
    picture_clear(&decoded);
    gst_video_frame_unmap(&frame);
}

static void jpegs_are_libjpegs_to_the_byte(void)
{
    static const int qualities[] = {95, 1, 50, 75, 100};

    for (gsize i = 0; i < G_N_ELEMENTS(formats) * G_N_ELEMENTS(sizes); i++) {
        gsize format = i % G_N_ELEMENTS(formats);
        Size size = sizes[i / G_N_ELEMENTS(formats)];
        g_autoptr(Rig) rig = rig_for(format, size.width, size.height);

        for (gsize q = 0; q < G_N_ELEMENTS(qualities); q++) {
            g_autofree char *quality = g_strdup_printf("%d", qualities[q]);
            g_autoptr(GstBuffer) in = scene_new(rig);

            rig_set(rig, "quality", quality);
            g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
            g_assert_nonnull(out);
            assert_good(rig, format, in, qualities[q], out);
        }
    }
}

static void what_lies_in_the_padding_is_not_seen(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=17,height=31,framerate=5/1");
    g_autoptr(GstBuffer) in = picture_new(rig, (Colour){80, 120, 130}, 0);

    rig_set(rig, "quality", "100");
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
    assert_flat(out, (const int[]){80, 120, 130});
}

static void planes_with_other_pitches_are_read_right(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=100,height=20,framerate=5/1");
    gint strides[4] = {256, 80, 72};
    gsize offsets[4] = {64, 64 + 256 * 20, 64 + 256 * 20 + 80 * 10};
    GstBuffer *in = gst_buffer_new_allocate(NULL, 8000, NULL);

    gst_buffer_memset(in, 0, 0xff, 8000);
    gst_buffer_add_video_meta_full(in, 0, GST_VIDEO_FORMAT_I420, 100, 20, 3, offsets, strides);
    picture_rectangle(&rig->info, in, 0, 0, 100, 20, (Colour){80, 120, 130});
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, in);
    assert_flat(out, (const int[]){80, 120, 130});
}

static void quality_takes_effect_at_once(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=320,height=180,framerate=5/1");

    rig_set(rig, "quality", "90");
    g_autoptr(GstBuffer) good = gst_harness_push_and_pull(rig->harness, scene_new(rig));
    rig_set(rig, "quality", "10");
    g_autoptr(GstBuffer) bad = gst_harness_push_and_pull(rig->harness, scene_new(rig));
    g_assert_cmpuint(gst_buffer_get_size(bad) * 2, <, gst_buffer_get_size(good));
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_JPEGENC_FACTORY, NULL);

    for (int i = 0; i < 8; i++) {
        gsize format = (gsize)i % G_N_ELEMENTS(formats);
        g_autofree char *text =
            g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=5/1",
                            formats[format].format, 300 - 37 * i, 9 + 23 * i);
        int width = 0;

        rig_set_caps(rig, text);
        g_autoptr(GstBuffer) in = scene_new(rig);
        GST_BUFFER_PTS(in) = (guint)i * GST_SECOND;
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
        assert_good(rig, format, in, 75, out);
        g_assert_cmpuint(GST_BUFFER_PTS(out), ==, (guint)i * GST_SECOND);
        g_autoptr(GstCaps) caps = rig_caps(rig);
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "width", &width);
        g_assert_cmpint(width, ==, 300 - 37 * i);
    }
}

/* Stands before libjpeg's own, and fails when told to as libjpeg does. */
static bool fails;
void jpeg_start_compress(j_compress_ptr library, boolean all_tables)
{
    void (*own)(j_compress_ptr, boolean);

    if (fails) {
        library->err->msg_code = JERR_OUT_OF_MEMORY;
        library->err->error_exit((j_common_ptr)library);
    }
    *(void **)&own = dlsym(RTLD_NEXT, "jpeg_start_compress");
    own(library, all_tables);
}

static void an_error_of_the_library_is_one_error(void)
{
    g_autoptr(Rig) rig = rig_for(0, 64, 48);

    for (int i = 0; i < 3; i++) {
        fails = i != 1;
        GstFlowReturn flow = gst_harness_push(rig->harness, scene_new(rig));
        g_autoptr(GstMessage) message = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_ERROR);
        g_autoptr(GstMessage) another = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_ERROR);

        g_assert_cmpint(flow, ==, fails ? GST_FLOW_ERROR : GST_FLOW_OK);
        g_assert_true((message != NULL) == fails);
        g_assert_null(another);
    }
    fails = false;
    g_autoptr(GstBuffer) out = gst_harness_pull(rig->harness);
    g_autoptr(GstBuffer) in = scene_new(rig);
    assert_good(rig, 0, in, 75, out);
}

static void a_picture_too_short_for_its_caps_is_an_error(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=64,height=48,framerate=5/1");
    GstBuffer *in = gst_buffer_new_allocate(NULL, 100, NULL);

    GST_BUFFER_PTS(in) = 0;
    g_assert_cmpint(gst_harness_push(rig->harness, in), ==, GST_FLOW_ERROR);
    g_autoptr(GstMessage) message = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_ERROR);
    g_assert_nonnull(message);
}

static void other_pictures_are_refused(void)
{
    assert_refused(VD_JPEGENC_FACTORY, "video/x-raw,format=YUY2,width=64,height=48,framerate=5/1");
    assert_refused(VD_JPEGENC_FACTORY, "video/x-raw,format=RGB,width=64,height=48,framerate=5/1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdjpegenc/" #name, name)
    TEST(jpegs_are_libjpegs_to_the_byte);
    TEST(what_lies_in_the_padding_is_not_seen);
    TEST(planes_with_other_pitches_are_read_right);
    TEST(quality_takes_effect_at_once);
    TEST(sizes_may_change_while_playing);
    TEST(an_error_of_the_library_is_one_error);
    TEST(a_picture_too_short_for_its_caps_is_an_error);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
