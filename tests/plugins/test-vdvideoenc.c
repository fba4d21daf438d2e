#include "plugins/vd-messages.h"
#include "video-rig.h"

/* vdh264enc and vdh265enc on pictures in system memory. Each test has a codec. */

#define USUAL "video/x-raw,format=I420,width=320,height=240,framerate=25/1"

static Rig *encoder_new(const Codec *codec, const char *caps)
{
    return rig_new(codec->factory, caps);
}

static GPtrArray *units_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
}

/* What is pushed comes out at once. */
static void push(Rig *rig, GPtrArray *units, int number)
{
    GstBuffer *unit = gst_harness_push_and_pull(rig->harness, wave_new(&rig->info, number));

    g_assert_nonnull(unit);
    g_assert_cmpuint(gst_harness_buffers_in_queue(rig->harness), ==, 0);
    g_ptr_array_add(units, unit);
}

static void push_some(Rig *rig, GPtrArray *units, int from, int to)
{
    for (int i = from; i < to; i++)
        push(rig, units, i);
}

static bool key_at(GPtrArray *units, guint i)
{
    return is_key(g_ptr_array_index(units, i));
}

/* --- pictures -------------------------------------------------------------------------------- */

static void each_picture_is_a_unit_that_decodes_to_it(gconstpointer data)
{
    static const struct {
        int width, height;
    } sizes[] = {{320, 240}, {161, 97}, {66, 34}, {33, 32}, {640, 361}};
    static const char *const formats[] = {"I420", "NV12"};
    const Codec *codec = data;

    for (gsize i = 0; i < 2 * G_N_ELEMENTS(sizes); i++) {
        g_autofree char *caps =
            g_strdup_printf("video/x-raw,format=%s,width=%d,height=%d,framerate=25/1",
                            formats[i % 2], sizes[i / 2].width, sizes[i / 2].height);
        g_autoptr(Rig) rig = encoder_new(codec, caps);
        g_autoptr(GPtrArray) units = units_new();

        push_some(rig, units, 0, 12);
        assert_times(units, 12);
        assert_waves(codec, units, 0, 12, &rig->info, 45);
    }
}

static void caps_may_change_in_mid_stream(gconstpointer data)
{
    const Codec *codec = data;
    g_autoptr(Rig) rig = encoder_new(codec, USUAL);
    g_autoptr(GPtrArray) units = units_new();
    GstVideoInfo first = rig->info;

    push_some(rig, units, 0, 5);
    rig_set_caps(rig, "video/x-raw,format=NV12,width=176,height=144,framerate=25/1");
    push_some(rig, units, 5, 10);
    assert_waves(codec, units, 0, 5, &first, 45);
    assert_waves(codec, units, 5, 10, &rig->info, 45);
    g_autoptr(GstCaps) caps = rig_caps(rig);
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    int width = 0;
    gst_structure_get_int(structure, "width", &width);
    g_assert_cmpint(width, ==, 176);
    g_assert_cmpstr(gst_structure_get_string(structure, "stream-format"), ==, "byte-stream");
    g_assert_cmpstr(gst_structure_get_string(structure, "alignment"), ==, "au");
    g_assert_cmpstr(gst_structure_get_string(structure, "profile"), ==, "main");
}

static void what_no_stream_can_hold_is_refused(gconstpointer data)
{
    const Codec *codec = data;

    assert_refused(codec->factory, "video/x-raw,format=I420,width=1,height=1,framerate=25/1");
    assert_refused(codec->factory, "video/x-raw,format=NV12,width=320,height=1,framerate=25/1");
    assert_refused(codec->factory, "video/x-raw,format=Y444,width=320,height=240,framerate=25/1");
}

/* --- key pictures ---------------------------------------------------------------------------- */

static void key_pictures_come_as_often_as_asked(gconstpointer data)
{
    const Codec *codec = data;
    g_autoptr(Rig) rig = encoder_new(codec, USUAL);
    g_autoptr(GPtrArray) units = units_new();

    rig_set(rig, "gop-size", "7");
    push_some(rig, units, 0, 30);
    for (guint i = 0; i < 30; i++) {
        g_assert_cmpint(key_at(units, i), ==, i % 7 == 0);
        g_assert_cmpint(has_parameter_sets(codec, g_ptr_array_index(units, i)), ==, i % 7 == 0);
    }
    assert_waves(codec, units, 21, 30, &rig->info, 45);
    rig_set(rig, "gop-size", "1");
    push_some(rig, units, 30, 45);
    for (guint i = 30; i < 33; i++)
        g_assert_true(key_at(units, i));
}

static void the_next_picture_is_a_key_picture_when_asked(gconstpointer data)
{
    const Codec *codec = data;
    g_autoptr(Rig) rig = encoder_new(codec, USUAL);
    g_autoptr(GPtrArray) units = units_new();

    rig_set(rig, "gop-size", "20");
    for (int i = 0; i < 40; i++) {
        if (i == 5 || i == 6 || i == 12)
            gst_harness_push_upstream_event(
                rig->harness,
                gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 1));
        push(rig, units, i);
    }
    for (guint i = 0; i < 40; i++) {
        bool expected = i == 0 || i == 5 || i == 6 || i == 12 || i == 32;

        g_assert_cmpint(key_at(units, i), ==, expected);
        g_assert_cmpint(has_parameter_sets(codec, g_ptr_array_index(units, i)), ==, expected);
    }
    assert_waves(codec, units, 12, 40, &rig->info, 45);
}

static void after_a_flush_comes_a_key_picture(gconstpointer data)
{
    const Codec *codec = data;
    g_autoptr(Rig) rig = encoder_new(codec, USUAL);
    g_autoptr(GPtrArray) units = units_new();
    GstSegment segment;

    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_some(rig, units, 0, 3);
    gst_harness_push_event(rig->harness, gst_event_new_flush_start());
    gst_harness_push_event(rig->harness, gst_event_new_flush_stop(FALSE));
    gst_harness_push_event(rig->harness, gst_event_new_segment(&segment));
    push_some(rig, units, 3, 6);
    g_assert_true(key_at(units, 3));
    assert_waves(codec, units, 3, 6, &rig->info, 45);
}

/* --- rate ------------------------------------------------------------------------------------ */

/* What costs more than it may: noise that moves. */
static GstBuffer *noise_picture(const GstVideoInfo *info, GRand *random, int number)
{
    GstBuffer *picture = wave_new(info, number);
    GstMapInfo map;

    g_assert_true(gst_buffer_map(picture, &map, GST_MAP_WRITE));
    for (gsize i = 0; i < map.size; i++)
        map.data[i] = (guint8)(map.data[i] + g_rand_int_range(random, -12, 13));
    gst_buffer_unmap(picture, &map);
    return picture;
}

/* In kbit/s. */
static double rate_of(Rig *rig, GRand *random, int from, int to)
{
    gsize bytes = 0;

    for (int i = from; i < to; i++) {
        g_autoptr(GstBuffer) unit =
            gst_harness_push_and_pull(rig->harness, noise_picture(&rig->info, random, i));

        bytes += gst_buffer_get_size(unit);
    }
    return (double)bytes * 8 / ((to - from) * FRAME_MS);
}

static void the_rate_is_kept_within_a_fifth(gconstpointer data)
{
    static const guint rates[] = {400, 800, 300};
    g_autoptr(Rig) rig = encoder_new(data, USUAL);
    GRand *random = g_rand_new_with_seed(1);

    for (int i = 0; i < 3; i++) {
        g_object_set(rig->harness->element, "bitrate", rates[i], NULL);
        rate_of(rig, random, i * 250, i * 250 + 50); /* it settles */
        double rate = rate_of(rig, random, i * 250 + 50, (i + 1) * 250);
        g_test_message("%u kbit/s asked for, %.0f given", rates[i], rate);
        g_assert_cmpfloat(rate, >, rates[i] * 0.8);
        g_assert_cmpfloat(rate, <, rates[i] * 1.2);
    }
    g_rand_free(random);
}

/* --- what it says ---------------------------------------------------------------------------- */

static void it_says_who_encodes_and_why(gconstpointer data)
{
    const Codec *codec = data;
    g_autoptr(Rig) rig = encoder_new(codec, USUAL);
    g_autoptr(GPtrArray) units = units_new();
    g_autofree char *nobody = text_of(rig->harness->element, "encoder");
    g_autofree char *nothing = text_of(rig->harness->element, "why-software");
    g_autofree char *installed = text_of(rig->harness->element, "installed-software");

    g_assert_cmpstr(installed, ==, codec->software);
    g_assert_null(nobody);
    g_assert_null(nothing);
    push_some(rig, units, 0, 3);
    g_autofree char *name = text_of(rig->harness->element, "encoder");
    g_autofree char *why = text_of(rig->harness->element, "why-software");
    g_assert_cmpstr(name, ==, codec->software);
    g_assert_cmpstr(why, ==, "pictures are in system memory");
    g_autoptr(GstStructure) said = rig_message(rig, VD_VIDEOENC_MESSAGE);
    g_assert_nonnull(said);
    g_assert_cmpstr(gst_structure_get_string(said, VD_VIDEOENC_ENCODER), ==, name);
    g_assert_cmpstr(gst_structure_get_string(said, VD_VIDEOENC_WHY_SOFTWARE), ==, why);
    g_assert_null(rig_message(rig, VD_VIDEOENC_MESSAGE));
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i < N_CODECS; i++) {
#define TEST(name)                                                                    \
    do {                                                                              \
        g_autofree char *path = g_strconcat("/", codecs[i].factory, "/" #name, NULL); \
        g_test_add_data_func(path, &codecs[i], name);                                 \
    } while (0)
        TEST(each_picture_is_a_unit_that_decodes_to_it);
        TEST(caps_may_change_in_mid_stream);
        TEST(what_no_stream_can_hold_is_refused);
        TEST(key_pictures_come_as_often_as_asked);
        TEST(the_next_picture_is_a_key_picture_when_asked);
        TEST(after_a_flush_comes_a_key_picture);
        TEST(the_rate_is_kept_within_a_fifth);
        TEST(it_says_who_encodes_and_why);
    }
    return g_test_run();
}
