#include "base/error.h"
#include "media/decoder.h"

static const char *choose(const char *text, GError **error)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);

    return vd_decoder_choose(caps, error);
}

static void each_codec_has_its_decoder(void)
{
    static const char *const table[][2] = {
        {"video/x-h264,stream-format=byte-stream,alignment=au", "avdec_h264"},
        {"video/x-h264,profile=high-4:2:2,bit-depth-luma=(uint)8", "avdec_h264"},
        {"video/x-h265,stream-format=byte-stream,alignment=au", "avdec_h265"},
        {"image/jpeg", "jpegdec"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpstr(choose(table[i][0], &error), ==, table[i][1]);
        g_assert_no_error(error);
    }
}

static void other_streams_are_refused_in_plain_words(void)
{
    static const char *const table[][2] = {
        {"video/x-vp8", "the stream is video/x-vp8; only H.264, H.265 and JPEG can be decoded"},
        {"video/x-h264,bit-depth-luma=(uint)10",
         "the stream is 10-bit H.264; only 8-bit video can be analysed"},
        {"video/x-h265,bit-depth-luma=(uint)12",
         "the stream is 12-bit H.265; only 8-bit video can be analysed"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(choose(table[i][0], &error));
        g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
        g_assert_cmpstr(error->message, ==, table[i][1]);
    }
}

static bool accepts(const char *text, GError **error)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);

    return vd_decoder_accepts(caps, error);
}

static void eight_bit_pictures_are_accepted(void)
{
    static const char *const formats[] = {"I420", "NV12", "Y42B", "Y444", "GRAY8"};

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *caps =
            g_strdup_printf("video/x-raw,format=%s,width=321,height=241", formats[i]);
        g_assert_true(accepts(caps, &error));
        g_assert_no_error(error);
    }
    g_assert_true(
        accepts("video/x-raw,format=I420,width=8192,height=8192,interlace-mode=mixed", NULL));
}

static void other_pictures_are_refused_in_plain_words(void)
{
    static const char *const table[][2] = {
        {"video/x-raw,format=I420_10LE,width=320,height=240",
         "the pictures are 10-bit I420_10LE; only 8-bit YUV can be analysed"},
        {"video/x-raw,format=GBR,width=320,height=240",
         "the pictures are 8-bit GBR; only 8-bit YUV can be analysed"},
        {"video/x-raw,format=I420,width=8193,height=240",
         "the pictures are 8193x240; at most 8192x8192 can be analysed"},
        {"video/x-raw(format:Interlaced),format=I420,width=320,height=240,interlace-mode=alternate",
         "each picture comes as two fields; set the camera to progressive video"},
        {"video/x-h264", "the decoder's pictures are not plain video"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(accepts(table[i][0], &error));
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, table[i][1]);
    }
}

static void decoders_are_set_to_low_delay(void)
{
    g_autoptr(GstElement) h264 = gst_object_ref_sink(gst_element_factory_make("avdec_h264", NULL));
    g_autoptr(GstElement) jpeg = gst_object_ref_sink(gst_element_factory_make("jpegdec", NULL));
    int threads, compliance, errors;

    vd_decoder_set_up(h264);
    vd_decoder_set_up(jpeg);
    g_object_get(h264, "max-threads", &threads, "std-compliance", &compliance, "max-errors",
                 &errors, NULL);
    g_assert_cmpint(threads, ==, 1);
    g_assert_cmpint(compliance, ==, 0);
    g_assert_cmpint(errors, ==, -1);
}

#define ADD(test) g_test_add_func("/decoder/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(each_codec_has_its_decoder);
    ADD(other_streams_are_refused_in_plain_words);
    ADD(eight_bit_pictures_are_accepted);
    ADD(other_pictures_are_refused_in_plain_words);
    ADD(decoders_are_set_to_low_delay);
    return g_test_run();
}
