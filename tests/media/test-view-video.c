#include "base/clock.h"
#include "base/error.h"
#include "boxes.h"
#include "media/video-encoder.h"
#include "view-rig.h"

/* Renditions that are a video. */

#define HOUR_US (3600 * (gint64)G_USEC_PER_SEC)

static const VdRendition h264 = {.codec = VD_CODEC_H264, .bitrate = 500};
static const VdRendition h265 = {.codec = VD_CODEC_H265, .bitrate = 500};

static gint64 time_of(const VdPicture *picture)
{
    return (gint64)boxes_u64(picture->bytes, "moof/traf/tfdt", 4);
}

/* What the fragment says of it. */
static bool is_marked_delta(const VdPicture *picture)
{
    return (boxes_u32(picture->bytes, "moof/traf/trun", 20) & 0x10000) != 0;
}

static void check_codec(const VdRendition *rendition, const char *entry)
{
    gint64 before_us = 0;
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, rendition);
    for (guint i = 0; i < 5; i++) {
        rig_post(&rig, i);
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_autofree char *entries = boxes_list(picture->opening, "moov/trak/mdia/minf/stbl/stsd");
        g_autofree char *boxes = boxes_list(picture->bytes, "");
        g_assert_cmpstr(entries, ==, entry);
        g_assert_cmpstr(boxes, ==, "moof mdat");
        g_assert_cmpint(picture->delta, ==, i > 0);
        g_assert_cmpint(is_marked_delta(picture), ==, i > 0);
        g_assert_cmpuint(picture->number, ==, i + 1);
        g_assert_cmpint(picture->width, ==, 320);
        g_assert_cmpint(picture->height, ==, 240);
        g_assert_cmpuint(boxes_u32(picture->opening, "moov/trak/tkhd", 76), ==, 320 << 16);
        g_assert_cmpuint(boxes_u32(picture->bytes, "moof/mfhd", 4), ==, i + 1);
        g_assert_cmpint(time_of(picture), >, before_us);
        before_us = time_of(picture);
    }
    rig_clear(&rig);
}

static void pictures_are_fragments_and_the_first_is_a_key(void)
{
    check_codec(&h264, "avc3");
    check_codec(&h265, "hev1");
}

static void a_video_s_size_is_even(void)
{
    static const int sizes[][5] = {
        {321, 241, 0, 320, 240}, {322, 241, 200, 200, 150}, {320, 240, 101, 100, 76}};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        MadeSpec like = {.width = sizes[i][0], .height = sizes[i][1]};
        VdRendition rendition = h264;
        Rig rig;

        rendition.width = sizes[i][2];
        rig_init(&rig);
        rig_view(&rig, &rendition);
        rig_post_like(&rig, &like, 0);
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_assert_cmpint(picture->width, ==, sizes[i][3]);
        g_assert_cmpint(picture->height, ==, sizes[i][4]);
        rig_clear(&rig);
    }
}

static void a_key_picture_comes_now_and_then(void)
{
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &h264);
    for (guint i = 0; i <= 2 * VD_KEY_PICTURES; i++) {
        rig_post(&rig, i);
        g_autoptr(VdPicture) picture = rig_next(&rig);
        g_assert_cmpint(picture->delta, ==, i % VD_KEY_PICTURES != 0);
    }
    rig_clear(&rig);
}

/* The next picture is a key picture or is not. */
static void assert_next(Rig *rig, guint i, bool delta)
{
    rig_post(rig, i);
    g_autoptr(VdPicture) picture = rig_next(rig);
    g_assert_cmpint(picture->delta, ==, delta);
}

static void a_key_picture_is_made_when_one_is_wanted_once_a_second(void)
{
    Rig rig;

    vd_clock_hold(HOUR_US, HOUR_US);
    rig_init(&rig);
    rig_view(&rig, &h264);
    assert_next(&rig, 0, false);
    assert_next(&rig, 1, true);
    vd_mailbox_want_key(rig.mailbox);
    assert_next(&rig, 2, false);
    assert_next(&rig, 3, true);
    vd_mailbox_want_key(rig.mailbox);
    assert_next(&rig, 4, true);
    vd_clock_advance(G_USEC_PER_SEC - 1);
    assert_next(&rig, 5, true);
    vd_clock_advance(1);
    assert_next(&rig, 6, false);
    assert_next(&rig, 7, true);
    rig_clear(&rig);
    vd_clock_release();
}

static void the_video_goes_on_with_cards_of_the_same_size(void)
{
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &h264);
    rig_post(&rig, 0);
    g_autoptr(VdPicture) first = rig_next(&rig);
    vd_view_set_state(rig.view, false, "waiting", "connection refused", vd_moment_now());
    g_autoptr(VdPicture) card = rig_next(&rig);
    vd_view_set_state(rig.view, true, "live", NULL, vd_moment_now());
    rig_post(&rig, 1);
    g_autoptr(VdPicture) last = rig_next(&rig);
    g_assert_true(card->placeholder);
    g_assert_false(last->placeholder);
    g_assert_cmpint(card->width, ==, first->width);
    g_assert_cmpint(card->height, ==, first->height);
    g_assert_cmpint(last->width, ==, first->width);
    g_assert_cmpint(time_of(card), >, time_of(first));
    g_assert_cmpint(time_of(last), >, time_of(card));
    rig_clear(&rig);
}

static void pictures_of_another_size_have_another_opening(void)
{
    MadeSpec small = {.width = 160, .height = 120};
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &h264);
    rig_post(&rig, 0);
    g_autoptr(VdPicture) first = rig_next(&rig);
    rig_post(&rig, 1);
    g_autoptr(VdPicture) second = rig_next(&rig);
    rig_post_like(&rig, &small, 2);
    g_autoptr(VdPicture) third = rig_next(&rig);
    g_assert_true(first->opening == second->opening);
    g_assert_false(g_bytes_equal(first->opening, third->opening));
    g_assert_false(third->delta);
    g_assert_cmpint(third->width, ==, 160);
    g_assert_cmpint(time_of(third), >, time_of(second));
    rig_clear(&rig);
}

/* Pictures that no element takes end the encoder; the view makes another. */
static void an_encoder_that_failed_is_replaced_and_the_video_goes_on(void)
{
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &h264);
    rig_post(&rig, 0);
    g_autoptr(VdPicture) first = rig_next(&rig);
    rig_break(&rig);
    g_autoptr(VdPicture) second = rig_next(&rig);
    g_assert_false(second->delta);
    g_assert_cmpint(second->width, ==, first->width);
    g_assert_cmpint(time_of(second), >, time_of(first));
    g_assert_cmpuint(boxes_u32(second->bytes, "moof/mfhd", 4), >, 1);
    rig_clear(&rig);
}

/* A changed configuration makes another view for the same viewers. */
static void another_view_goes_on_in_time(void)
{
    Rig rig;

    rig_init(&rig);
    rig_view(&rig, &h264);
    rig_post(&rig, 0);
    g_autoptr(VdPicture) first = rig_next(&rig);
    vd_view_free(rig.view);
    rig_view(&rig, &h264);
    g_autoptr(VdPicture) second = rig_next(&rig);
    g_assert_false(second->delta);
    g_assert_cmpint(time_of(second), >, time_of(first));
    rig_clear(&rig);
}

static void what_encodes_is_told(void)
{
    static const VdRendition jpeg = {.quality = 80};
    static const struct {
        const VdRendition *rendition;
        const char *name, *codecs;
    } cases[] = {
        {&h264, "libx264", "avc3."}, {&h265, "libx265", "hev1."}, {&jpeg, "vdjpegenc", NULL}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VdEncoderFacts facts;
        Rig rig;

        rig_init(&rig);
        rig_view(&rig, cases[i].rendition);
        rig_post(&rig, 0);
        vd_picture_unref(rig_next(&rig));
        vd_view_tell_encoder(rig.view, &facts);
        g_assert_cmpstr(facts.name, ==, cases[i].name);
        g_assert_false(facts.on_gpu);
        if (cases[i].codecs != NULL)
            g_assert_true(g_str_has_prefix(facts.codecs, cases[i].codecs) && facts.no_gpu != NULL);
        else
            g_assert_null(facts.codecs);
        vd_encoder_facts_clear(&facts);
        rig_clear(&rig);
    }
}

/* Takes all that encodes it out of the registry, where GStreamer looks, and puts it back. */
static void an_encoder_that_is_missing_is_told(void)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    const VdVideoEncoder *encoder;

    g_assert_true(vd_view_can(VD_CODEC_H264, NULL));
    g_assert_true(vd_view_can(VD_CODEC_JPEG, NULL));
    while ((encoder = vd_video_encoder_find(VD_CODEC_H264, NULL)) != NULL) {
        GstElementFactory *factory = gst_element_factory_find(encoder->factory);

        gst_registry_remove_feature(gst_registry_get(), GST_PLUGIN_FEATURE(factory));
        g_ptr_array_add(taken, factory);
    }
    g_assert_false(vd_view_can(VD_CODEC_H264, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED);
    for (guint i = 0; i < taken->len; i++) /* (transfer full) */
        gst_registry_add_feature(gst_registry_get(), taken->pdata[i]);
    g_assert_true(vd_view_can(VD_CODEC_H264, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(NULL, NULL);
    g_autoptr(GError) error = NULL;
    if (!vd_view_can(VD_CODEC_H264, &error) || !vd_view_can(VD_CODEC_H265, &error)) {
        g_print("1..0 # SKIP %s\n", error->message);
        return 0;
    }
#define TEST(name) g_test_add_func("/view-video/" #name, name)
    TEST(pictures_are_fragments_and_the_first_is_a_key);
    TEST(a_video_s_size_is_even);
    TEST(a_key_picture_comes_now_and_then);
    TEST(a_key_picture_is_made_when_one_is_wanted_once_a_second);
    TEST(the_video_goes_on_with_cards_of_the_same_size);
    TEST(pictures_of_another_size_have_another_opening);
    TEST(an_encoder_that_failed_is_replaced_and_the_video_goes_on);
    TEST(another_view_goes_on_in_time);
    TEST(what_encodes_is_told);
    TEST(an_encoder_that_is_missing_is_told);
    return g_test_run();
}
