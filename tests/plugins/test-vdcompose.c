#include "plugins/vd-caption.h"
#include "plugins/vd-messages.h"
#include "support.h"

#define CAPS "video/x-raw,width=640,height=360,framerate=5/1,format="

/* 2026-11-22 15:04:05.123 UTC */
#define SOME_TIME (G_GUINT64_CONSTANT(1795359845) * GST_SECOND + 123 * GST_MSECOND)

static const Colour grey = {120, 128, 128};
static const char *formats[] = {"I420", "NV12", "Y42B"};

static GstBuffer *drawn(Rig *rig, GstBuffer *picture)
{
    GstBuffer *out = gst_harness_push_and_pull(rig->harness, picture);

    g_assert_nonnull(out);
    return out;
}

static void add_time(GstBuffer *picture, guint64 unix_ns)
{
    g_autoptr(GstCaps) unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);

    gst_buffer_add_reference_timestamp_meta(picture, unix_time, unix_ns, GST_CLOCK_TIME_NONE);
}

static int changed(Rig *rig, GstBuffer *out, int x, int y, int width, int height)
{
    return picture_others(&rig->info, out, x, y, width, height, grey.y);
}

static void boxes_are_green_frames(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *caps = g_strconcat(CAPS, formats[i], NULL);
        g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, caps);
        GstBuffer *picture = picture_new(rig, grey, 0);

        gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 100, 80, 60, 40);
        gst_buffer_add_video_region_of_interest_meta(picture, "face", 300, 80, 60, 40);
        g_autoptr(GstBuffer) out = drawn(rig, picture);
        g_assert_cmpint(picture_at(&rig->info, out, 0, 100, 80), ==, 165);
        g_assert_cmpint(picture_at(&rig->info, out, 1, 100, 80), ==, 89);
        g_assert_cmpint(picture_at(&rig->info, out, 2, 100, 80), ==, 56);
        g_assert_cmpint(picture_at(&rig->info, out, 0, 159, 119), ==, 165);
        g_assert_cmpint(changed(rig, out, 102, 82, 56, 36), ==, 0);
        g_assert_cmpint(changed(rig, out, 0, 0, 640, 360), ==, 60 * 40 - 56 * 36);
    }
}

static void boxes_that_reach_outside_are_cut(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    GstBuffer *picture = picture_new(rig, grey, 0);

    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 630, 350, 4000, 9);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 4000000000u, 0, 1, 1);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 10, 0, 0, 0);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 0, 359, G_MAXUINT,
                                                 G_MAXUINT);
    g_autoptr(GstBuffer) out = drawn(rig, picture);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 630, 350), ==, 165);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 0, 359), ==, 165);
}

static void each_word_has_its_place(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    GstBuffer *picture = picture_new(rig, grey, 0);

    g_object_set(rig->harness->element, "title", "Gate", NULL);
    add_time(picture, SOME_TIME);
    g_autoptr(GstBuffer) top = drawn(rig, picture);
    g_assert_cmpint(changed(rig, top, 0, 0, 100, 28), >, 50);
    g_assert_cmpint(changed(rig, top, 440, 0, 200, 28), >, 200);
    g_assert_cmpint(changed(rig, top, 0, 28, 640, 332), ==, 0);
    g_object_set(rig->harness->element, "title", NULL, "state", "live", NULL);
    g_autoptr(GstBuffer) state = drawn(rig, picture_new(rig, grey, 1));
    g_assert_cmpint(changed(rig, state, 0, 0, 100, 60), >, 50);
    g_object_set(rig->harness->element, "state", "", "lines", "No picture\nsince noon", NULL);
    g_autoptr(GstBuffer) lines = drawn(rig, picture_new(rig, grey, 2));
    g_assert_cmpint(changed(rig, lines, 200, 120, 240, 120), >, 500);
    g_assert_cmpint(changed(rig, lines, 0, 0, 640, 100), ==, 0);
    g_assert_cmpint(changed(rig, lines, 0, 260, 640, 100), ==, 0);
    g_assert_cmpint(changed(rig, lines, 0, 0, 640, 180), >, 200);
    g_assert_cmpint(changed(rig, lines, 0, 180, 640, 180), >, 200);
}

/* Light letters with a dark edge: white and black are reached in every range. */
static void words_are_white_with_a_black_edge(void)
{
    static const struct {
        const char *colorimetry;
        int black, white;
    } ranges[] = {{"bt601", 16, 235}, {"1:4:0:0", 0, 255}};

    for (gsize i = 0; i < G_N_ELEMENTS(ranges); i++) {
        g_autofree char *caps = g_strconcat(CAPS "I420,colorimetry=", ranges[i].colorimetry, NULL);
        g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, caps);
        int least = 255, most = 0;

        g_object_set(rig->harness->element, "lines", "HHHH", NULL);
        g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, 0));
        for (int y = 160; y < 200; y++) {
            for (int x = 280; x < 360; x++) {
                int luma = picture_at(&rig->info, out, 0, x, y);

                least = MIN(least, luma);
                most = MAX(most, luma);
            }
        }
        g_assert_cmpint(least, ==, ranges[i].black);
        g_assert_cmpint(most, >=, ranges[i].white - 25);
    }
}

static GstBuffer *at_time(Rig *rig, guint64 unix_ns)
{
    GstBuffer *picture = picture_new(rig, grey, 0);

    add_time(picture, unix_ns);
    return drawn(rig, picture);
}

static gboolean same(GstBuffer *a, GstBuffer *b)
{
    GstMapInfo map;

    g_assert_true(gst_buffer_map(a, &map, GST_MAP_READ));
    gboolean equal = gst_buffer_memcmp(b, 0, map.data, map.size) == 0;
    gst_buffer_unmap(a, &map);
    return equal;
}

static void every_millisecond_looks_different(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    g_autoptr(GstBuffer) one = at_time(rig, SOME_TIME);
    g_autoptr(GstBuffer) again = at_time(rig, SOME_TIME + 999999 - 999999 % 1000);
    g_autoptr(GstBuffer) other = at_time(rig, SOME_TIME + GST_MSECOND);

    g_assert_true(same(one, again));
    g_assert_false(same(one, other));
}

static void the_time_is_written_in_the_local_zone(void)
{
    VdCaption caption = {0};
    VdCaptionWords words = {.time = true};
    guint8 luma[640 * 36];
    VdkImage image = {.luma = {luma, 640, 36, 640}};
    VdEngine *engine = vd_engine_cpu_new();
    VdCanvas canvas = {engine, &image, true};

    memset(luma, 0, sizeof luma);
    vd_caption_set(&caption, &words, 640, 36);
    g_assert_true(caption.dated);
    g_assert_cmpint(vd_caption_draw(&caption, (gint64)SOME_TIME, &canvas), ==, 0);
    g_assert_cmpstr(caption.written, ==, "2026-11-22 17:04:05.123");
    g_assert_cmpint(vd_caption_draw(&caption, -1, &canvas), ==, 0);
    g_assert_cmpstr(caption.written, ==, "1970-01-01 01:59:59.999");
    vd_caption_clear(&caption);
    vd_caption_set(&caption, &words, 120, 36);
    g_assert_true(caption.timed && !caption.dated);
    vd_caption_set(&caption, &words, 40, 36);
    g_assert_false(caption.timed);
    vd_caption_clear(&caption);
    vd_engine_free(engine);
}

static void names_of_all_sorts_are_drawn(void)
{
    static const char *names[] = {
        "Вход № 1",
        "北門カメラ",
        "😀👨‍👩‍👧‍👦🇩🇪",
        "مدخل",
        "e\xcc\x81\xcc\x81\xcc\x81",
        "broken \xff\xc3",
        "a\tb\nc\rd",
        "\xe2\x80\xae right to left",
    };
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_object_set(rig->harness->element, "title", names[i], NULL);
        g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, i));
        g_assert_cmpint(changed(rig, out, 0, 0, 320, 30), >, 20);
        g_assert_cmpint(changed(rig, out, 0, 40, 640, 320), ==, 0);
    }
}

static void a_name_that_is_too_long_leaves_room_for_the_time(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    g_autofree char *name = g_strnfill(100000, 'W');
    GstBuffer *picture = picture_new(rig, grey, 0);

    g_object_set(rig->harness->element, "title", name, "show-time", FALSE, NULL);
    add_time(picture, SOME_TIME);
    g_autoptr(GstBuffer) all = drawn(rig, picture);
    g_assert_cmpint(changed(rig, all, 600, 0, 30, 30), >, 20);
    g_assert_cmpint(changed(rig, all, 634, 0, 6, 30), ==, 0);
    g_object_set(rig->harness->element, "show-time", TRUE, "title", "W", NULL);
    g_autoptr(GstBuffer) clock = at_time(rig, SOME_TIME);
    g_object_set(rig->harness->element, "title", name, NULL);
    g_autoptr(GstBuffer) both = at_time(rig, SOME_TIME);
    int left = 639;
    while (left > 320 && changed(rig, clock, left, 0, 1, 30) > 0)
        left--;
    for (int x = left; x < 640; x++)
        g_assert_cmpint(changed(rig, both, x, 0, 1, 30), ==, changed(rig, clock, x, 0, 1, 30));
}

static void masks_are_outlined(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    g_object_set(rig->harness->element, "polygons", "0.25,0.25 0.75,0.25 0.75,0.75 0.25,0.75",
                 NULL);
    g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, 0));
    g_assert_cmpint(picture_at(&rig->info, out, 0, 320, 90), ==, 150);
    g_assert_cmpint(changed(rig, out, 170, 100, 300, 160), ==, 0);
    g_object_set(rig->harness->element, "show-masks", FALSE, NULL);
    g_autoptr(GstBuffer) without = drawn(rig, picture_new(rig, grey, 1));
    g_assert_cmpint(changed(rig, without, 0, 0, 640, 360), ==, 0);
    g_object_set(rig->harness->element, "show-masks", TRUE, "polygons", "what?", NULL);
    g_autoptr(GstBuffer) unread = drawn(rig, picture_new(rig, grey, 2));
    g_assert_cmpint(changed(rig, unread, 0, 0, 640, 360), ==, 0);
}

static void what_does_not_count_has_a_darker_box(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    GstBuffer *picture = picture_new(rig, grey, 0);

    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 100, 80, 60, 40);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_IGNORED, 300, 80, 60, 40);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_IGNORED, 150, 80, 60, 40);
    g_autoptr(GstBuffer) out = drawn(rig, picture);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 100, 80), ==, 165);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 155, 80), ==, 165); /* above the darker one */
    g_assert_cmpint(picture_at(&rig->info, out, 0, 209, 80), ==, 95);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 300, 80), ==, 95);
    g_assert_cmpint(picture_at(&rig->info, out, 1, 300, 80), ==, 113);
    g_assert_cmpint(picture_at(&rig->info, out, 2, 300, 80), ==, 104);
    g_assert_cmpint(changed(rig, out, 302, 82, 56, 36), ==, 0);
    g_object_set(rig->harness->element, "show-boxes", FALSE, NULL);
    GstBuffer *again = picture_new(rig, grey, 1);
    gst_buffer_add_video_region_of_interest_meta(again, VD_ROI_IGNORED, 300, 80, 60, 40);
    g_autoptr(GstBuffer) without = drawn(rig, again);
    g_assert_cmpint(changed(rig, without, 0, 0, 640, 360), ==, 0);
}

static void objects_have_boxes_and_say_what_they_are(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    GstBuffer *picture = picture_new(rig, grey, 0);

    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_OBJECT "person", 100, 80, 60, 40);
    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_OBJECT "car", 300, 0, 90, 60);
    g_autoptr(GstBuffer) out = drawn(rig, picture);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 100, 119), ==, 178);
    g_assert_cmpint(picture_at(&rig->info, out, 1, 100, 118), ==, 160);
    g_assert_cmpint(picture_at(&rig->info, out, 2, 100, 118), ==, 30);
    g_assert_cmpint(changed(rig, out, 100, 60, 60, 20), >, 50); /* above it */
    g_assert_cmpint(changed(rig, out, 102, 82, 56, 36), ==, 0);
    g_assert_cmpint(changed(rig, out, 302, 2, 86, 56), >, 50); /* in it: there is no room above */
    g_object_set(rig->harness->element, "show-boxes", FALSE, NULL);
    GstBuffer *again = picture_new(rig, grey, 1);
    gst_buffer_add_video_region_of_interest_meta(again, VD_ROI_OBJECT "person", 100, 80, 60, 40);
    g_autoptr(GstBuffer) without = drawn(rig, again);
    g_assert_cmpint(changed(rig, without, 0, 0, 640, 360), ==, 0);
}

/* More words than are kept: each is drawn at last, in one of two pictures. */
static void the_words_of_objects_have_a_limit(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    for (int i = 0; i < 65; i++) {
        GstBuffer *picture = picture_new(rig, grey, (GstClockTime)i);
        g_autofree char *type = g_strdup_printf(VD_ROI_OBJECT "word %d", i);

        gst_buffer_add_video_region_of_interest_meta(picture, type, 100, 80, 60, 40);
        g_autoptr(GstBuffer) out = drawn(rig, picture);
        g_assert_cmpint(changed(rig, out, 100, 60, 60, 20), >, 50);
    }
}

static void zones_are_outlined_and_named(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    g_object_set(rig->harness->element, "zones",
                 "drive min-size=0.5%: 0.25,0.25 0.5,0.25 0.5,0.75 0.25,0.75; "
                 "tree ignore: 0.75,0.5 1,0.5 1,1 0.75,1",
                 NULL);
    g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, 0));
    g_assert_cmpint(picture_at(&rig->info, out, 0, 160, 200), ==, 170);
    g_assert_cmpint(picture_at(&rig->info, out, 1, 160, 200), ==, 110);
    g_assert_cmpint(picture_at(&rig->info, out, 0, 480, 300), ==, 140);
    g_assert_cmpint(picture_at(&rig->info, out, 1, 480, 300), ==, 70);
    g_assert_cmpint(changed(rig, out, 162, 92, 100, 20), >, 50);  /* drive */
    g_assert_cmpint(changed(rig, out, 482, 182, 100, 20), >, 50); /* tree */
    g_assert_cmpint(changed(rig, out, 165, 115, 150, 150), ==, 0);
    g_assert_cmpint(changed(rig, out, 0, 0, 640, 88), ==, 0);
    g_object_set(rig->harness->element, "show-zones", FALSE, NULL);
    g_autoptr(GstBuffer) without = drawn(rig, picture_new(rig, grey, 1));
    g_assert_cmpint(changed(rig, without, 0, 0, 640, 360), ==, 0);
}

static void a_name_stays_in_the_picture(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    g_autofree char *name = g_strnfill(63, 'w');
    g_autofree char *zones = g_strconcat(name, ": 0.99,0.99 1,0.99 1,1", NULL);

    g_object_set(rig->harness->element, "zones", zones, NULL);
    g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, 0));
    g_assert_cmpint(changed(rig, out, 0, 340, 320, 20), >, 100);
}

static void zones_that_cannot_be_read_are_not_drawn(void)
{
    static const char *const wrong[] = {
        "what?", ":", "a:", ": 0,0 1,0 1,1", "a: 0,0", "a: 0,0 1,0 1,1; b"};
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_object_set(rig->harness->element, "zones", wrong[i], NULL);
        g_autoptr(GstBuffer) out = drawn(rig, picture_new(rig, grey, (guint)i));
        g_assert_cmpint(changed(rig, out, 0, 0, 640, 360), ==, 0);
    }
}

/* A picture with everything in it that could be drawn. */
static GstBuffer *full_picture(Rig *rig)
{
    GstBuffer *picture = picture_new(rig, grey, 0);

    gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 100, 80, 60, 40);
    add_time(picture, SOME_TIME);
    return picture;
}

static void each_part_can_be_switched_off(void)
{
    static const char *parts[] = {"show-title", "show-time",  "show-state",
                                  "show-boxes", "show-masks", "show-zones"};
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    int before = 0;

    g_object_set(rig->harness->element, "title", "Gate", "state", "live", "polygons",
                 "0.3,0.5 0.5,0.5 0.5,0.7", "zones", "a: 0.6,0.5 0.9,0.5 0.9,0.7", NULL);
    for (gsize i = 0; i <= G_N_ELEMENTS(parts); i++) {
        g_autoptr(GstBuffer) out = drawn(rig, full_picture(rig));
        int now = changed(rig, out, 0, 0, 640, 360);

        g_assert_true(i == 0 ? now > 0 : now < before);
        before = now;
        if (i < G_N_ELEMENTS(parts))
            g_object_set(rig->harness->element, parts[i], FALSE, NULL);
    }
    g_assert_cmpint(before, ==, 0);
}

static void with_nothing_to_draw_the_very_same_buffer_comes_out(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    g_autoptr(GstBuffer) plain = picture_new(rig, grey, 0);
    g_autoptr(GstBuffer) full = full_picture(rig);

    g_autoptr(GstBuffer) nothing = drawn(rig, gst_buffer_ref(plain));
    g_assert_true(nothing == plain);
    g_autoptr(GstBuffer) something = drawn(rig, gst_buffer_ref(full));
    g_assert_true(something != full);
    g_assert_cmpint(changed(rig, full, 0, 0, 640, 360), ==, 0);
    g_object_set(rig->harness->element, "title", "Gate", "enabled", FALSE, NULL);
    g_autoptr(GstBuffer) disabled = drawn(rig, gst_buffer_ref(full));
    g_assert_true(disabled == full);
}

static void sizes_may_change_while_playing(void)
{
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");

    g_object_set(rig->harness->element, "title", "Gate", "state", "live", "lines", "No picture",
                 "polygons", "0,0 1,0 1,1", "zones", "a: 0,0 1,0 1,1; b ignore: 0,0 1,0 0,1", NULL);
    for (int i = 0; i < 12; i++) {
        int width = 1 + 61 * i, height = 1 + 33 * i;
        g_autofree char *caps =
            g_strdup_printf("video/x-raw,width=%d,height=%d,framerate=5/1,format=%s", width, height,
                            formats[i % 3]);

        rig_set_caps(rig, caps);
        GstBuffer *picture = picture_new(rig, grey, (guint)i);
        gst_buffer_add_video_region_of_interest_meta(picture, VD_ROI_MOTION, 0, 0, (guint)width,
                                                     (guint)height);
        add_time(picture, SOME_TIME);
        g_autoptr(GstBuffer) out = drawn(rig, picture);
        g_assert_cmpint(changed(rig, out, 0, 0, width, height), >, 0);
    }
}

static void without_any_font_boxes_are_drawn_still(void)
{
    g_autofree char *none = g_test_build_filename(G_TEST_DIST, "plugins", "no-fonts.conf", NULL);

    if (!g_test_subprocess()) {
        g_setenv("FONTCONFIG_FILE", none, TRUE);
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_unsetenv("FONTCONFIG_FILE");
        g_test_trap_assert_passed();
        return;
    }
    g_autoptr(Rig) rig = rig_new(VD_COMPOSE_FACTORY, CAPS "I420");
    g_object_set(rig->harness->element, "title", "Gate", "lines", "No picture", NULL);
    g_autoptr(GstBuffer) out = drawn(rig, full_picture(rig));
    g_assert_cmpint(changed(rig, out, 0, 0, 640, 360), ==, 60 * 40 - 56 * 36);
}

static void other_pictures_are_refused(void)
{
    assert_refused(VD_COMPOSE_FACTORY, CAPS "RGB");
    assert_refused(VD_COMPOSE_FACTORY, "video/x-raw,format=I420,width=16385,height=2");
}

int main(int argc, char **argv)
{
    g_setenv("TZ", "EET-2", TRUE);
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdcompose/" #name, name)
    TEST(boxes_are_green_frames);
    TEST(boxes_that_reach_outside_are_cut);
    TEST(each_word_has_its_place);
    TEST(words_are_white_with_a_black_edge);
    TEST(every_millisecond_looks_different);
    TEST(the_time_is_written_in_the_local_zone);
    TEST(names_of_all_sorts_are_drawn);
    TEST(a_name_that_is_too_long_leaves_room_for_the_time);
    TEST(masks_are_outlined);
    TEST(what_does_not_count_has_a_darker_box);
    TEST(objects_have_boxes_and_say_what_they_are);
    TEST(the_words_of_objects_have_a_limit);
    TEST(zones_are_outlined_and_named);
    TEST(a_name_stays_in_the_picture);
    TEST(zones_that_cannot_be_read_are_not_drawn);
    TEST(each_part_can_be_switched_off);
    TEST(with_nothing_to_draw_the_very_same_buffer_comes_out);
    TEST(sizes_may_change_while_playing);
    TEST(without_any_font_boxes_are_drawn_still);
    TEST(other_pictures_are_refused);
    return g_test_run();
}
