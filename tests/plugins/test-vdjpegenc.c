#include <math.h>
#include <string.h>
#include <turbojpeg.h>

#include "plugins/vd-messages.h"
#include "support.h"

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

typedef struct Decoded {
    int width, height, subsampling;
    guint8 *planes[3];
    int widths[3], heights[3];
} Decoded;

static void decode(GstBuffer *buffer, Decoded *decoded)
{
    tjhandle handle = tjInitDecompress();
    GstMapInfo map;
    int colorspace;

    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READ));
    g_assert_cmpint(tjDecompressHeader3(handle, map.data, map.size, &decoded->width,
                                        &decoded->height, &decoded->subsampling, &colorspace),
                    ==, 0);
    int n = decoded->subsampling == TJSAMP_GRAY ? 1 : 3;
    for (int i = 0; i < n; i++) {
        decoded->widths[i] = tjPlaneWidth(i, decoded->width, decoded->subsampling);
        decoded->heights[i] = tjPlaneHeight(i, decoded->height, decoded->subsampling);
        decoded->planes[i] = g_malloc((gsize)decoded->widths[i] * (gsize)decoded->heights[i]);
    }
    g_assert_cmpint(
        tjDecompressToYUVPlanes(handle, map.data, map.size, decoded->planes, 0, NULL, 0, 0), ==, 0);
    g_assert_cmpint(map.data[0], ==, 0xff);
    g_assert_cmpint(map.data[map.size - 1], ==, 0xd9);
    gst_buffer_unmap(buffer, &map);
    tjDestroy(handle);
}

static void decoded_clear(Decoded *decoded)
{
    for (int i = 0; i < 3; i++)
        g_free(decoded->planes[i]);
    memset(decoded, 0, sizeof *decoded);
}

static double psnr(const GstVideoInfo *info, GstBuffer *original, const Decoded *decoded)
{
    GstVideoFrame frame;
    double sum = 0, n = 0;

    g_assert_true(gst_video_frame_map(&frame, info, original, GST_MAP_READ));
    for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); c++) {
        const guint8 *data = GST_VIDEO_FRAME_COMP_DATA(&frame, c);

        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c); y++) {
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&frame, c); x++, n++) {
                int difference = data[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, c) + x] -
                                 decoded->planes[c][y * decoded->widths[c] + x];

                sum += difference * difference;
            }
        }
    }
    gst_video_frame_unmap(&frame);
    return sum > 0 ? 10 * log10(255.0 * 255.0 * n / sum) : INFINITY;
}

static void assert_flat(const Decoded *decoded, const int values[3])
{
    for (int i = 0; i < 3; i++) {
        for (int n = 0; n < decoded->widths[i] * decoded->heights[i]; n++) {
            int difference = decoded->planes[i][n] - values[i];

            g_assert_cmpint(difference * difference, <=, 1);
        }
    }
}

/* clang-format off */
static const struct { const char *format; int subsampling; } formats[] = {
    {"I420", TJSAMP_420}, {"Y42B", TJSAMP_422}, {"Y444", TJSAMP_444}, {"GRAY8", TJSAMP_GRAY},
};
static const struct { int width, height; } sizes[] = {
    {1, 1}, {2, 2}, {17, 31}, {16, 31}, {17, 32}, {641, 361}, {640, 360},
};
/* clang-format on */

static void what_is_decoded_is_what_went_in(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats) * G_N_ELEMENTS(sizes); i++) {
        int format = (int)(i % 4), width = sizes[i / 4].width, height = sizes[i / 4].height;
        g_autofree char *caps =
            g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=5/1",
                            formats[format].format, width, height);
        g_autoptr(Rig) rig = rig_new(VD_JPEGENC_FACTORY, caps);
        g_autoptr(GstBuffer) in = scene_new(rig);
        Decoded decoded = {0};

        rig_set(rig, "quality", "95");
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
        g_assert_nonnull(out);
        decode(out, &decoded);
        g_assert_cmpint(decoded.width, ==, width);
        g_assert_cmpint(decoded.height, ==, height);
        g_assert_cmpint(decoded.subsampling, ==, formats[format].subsampling);
        g_test_message("%s: %.1f dB", caps, psnr(&rig->info, in, &decoded));
        g_assert_cmpfloat(psnr(&rig->info, in, &decoded), >, 35);
        decoded_clear(&decoded);
    }
}

static void what_lies_in_the_padding_is_not_seen(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=17,height=31,framerate=5/1");
    g_autoptr(GstBuffer) in = picture_new(rig, (Colour){80, 120, 130}, 0);
    Decoded decoded = {0};

    rig_set(rig, "quality", "100");
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
    decode(out, &decoded);
    assert_flat(&decoded, (const int[]){80, 120, 130});
    decoded_clear(&decoded);
}

static void planes_with_other_pitches_are_read_right(void)
{
    g_autoptr(Rig) rig =
        rig_new(VD_JPEGENC_FACTORY, "video/x-raw,format=I420,width=100,height=20,framerate=5/1");
    gint strides[4] = {256, 80, 72};
    gsize offsets[4] = {64, 64 + 256 * 20, 64 + 256 * 20 + 80 * 10};
    GstBuffer *in = gst_buffer_new_allocate(NULL, 8000, NULL);
    Decoded decoded = {0};

    gst_buffer_memset(in, 0, 0xff, 8000);
    gst_buffer_add_video_meta_full(in, 0, GST_VIDEO_FORMAT_I420, 100, 20, 3, offsets, strides);
    picture_rectangle(&rig->info, in, 0, 0, 100, 20, (Colour){80, 120, 130});
    g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, in);
    decode(out, &decoded);
    assert_flat(&decoded, (const int[]){80, 120, 130});
    decoded_clear(&decoded);
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
        g_autofree char *text =
            g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=5/1",
                            formats[i % 4].format, 300 - 37 * i, 9 + 23 * i);
        Decoded decoded = {0};
        int width = 0;

        rig_set_caps(rig, text);
        g_autoptr(GstBuffer) in = scene_new(rig);
        GST_BUFFER_PTS(in) = (guint)i * GST_SECOND;
        g_autoptr(GstBuffer) out = gst_harness_push_and_pull(rig->harness, gst_buffer_ref(in));
        decode(out, &decoded);
        g_assert_cmpint(decoded.width, ==, 300 - 37 * i);
        g_assert_cmpint(decoded.height, ==, 9 + 23 * i);
        g_assert_cmpuint(GST_BUFFER_PTS(out), ==, (guint)i * GST_SECOND);
        g_autoptr(GstCaps) caps = rig_caps(rig);
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "width", &width);
        g_assert_cmpint(width, ==, decoded.width);
        decoded_clear(&decoded);
    }
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
    assert_refused(VD_JPEGENC_FACTORY, "video/x-raw,format=NV12,width=64,height=48,framerate=5/1");
    assert_refused(VD_JPEGENC_FACTORY, "video/x-raw,format=RGB,width=64,height=48,framerate=5/1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdjpegenc/" #name, name)
    TEST(what_is_decoded_is_what_went_in);
    TEST(what_lies_in_the_padding_is_not_seen);
    TEST(planes_with_other_pitches_are_read_right);
    TEST(quality_takes_effect_at_once);
    TEST(sizes_may_change_while_playing);
    TEST(a_picture_too_short_for_its_caps_is_an_error);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
