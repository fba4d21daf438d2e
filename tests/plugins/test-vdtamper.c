#include "plugins/vd-messages.h"
#include "support.h"

#include <math.h>
#include <stdbool.h>

#define SMALL "video/x-raw,format=I420,width=320,height=240,framerate=10/1"

static guint8 *luma(GstVideoFrame *frame, int x, int y)
{
    return (guint8 *)GST_VIDEO_FRAME_PLANE_DATA(frame, 0) +
           (gssize)y * GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0) + x;
}

/* Tiles of many greys, some pixels to the right, coloured; smooth takes the edges away. */
static GstBuffer *scene(Rig *rig, int right, int smooth, GstClockTime pts)
{
    GstBuffer *picture = picture_new(rig, (Colour){0, 110, 150}, pts);
    GstVideoFrame frame;

    g_assert_true(gst_video_frame_map(&frame, &rig->info, picture, GST_MAP_WRITE));
    for (int y = 0; y < rig->info.height; y++)
        for (int x = 0; x < rig->info.width; x++) {
            int sum = 0;

            for (int i = -smooth; i <= smooth; i++) {
                guint column = (guint)(x + i + 960 - right) / 13, line = (guint)y / 11;
                sum += (int)((column * column * 37 + line * line * 91 + column * line * 17) % 160);
            }
            *luma(&frame, x, y) = (guint8)(40 + sum / (2 * smooth + 1));
        }
    gst_video_frame_unmap(&frame);
    return picture;
}

static void push(Rig *rig, GstBuffer *buffer)
{
    g_autoptr(GstBuffer) out = NULL;

    gst_buffer_ref(buffer);
    g_assert_cmpint(gst_harness_push(rig->harness, buffer), ==, GST_FLOW_OK);
    out = gst_harness_pull(rig->harness);
    g_assert_true(out == buffer);
    gst_buffer_unref(buffer);
}

static bool found(Rig *rig, VdQuality *quality, guint64 *number)
{
    g_autoptr(GstStructure) message = rig_message(rig, VD_QUALITY_MESSAGE);
    g_autoptr(GBytes) bytes = NULL;
    gsize size;

    if (message == NULL)
        return false;
    g_assert_true(gst_structure_get(message, VD_QUALITY_FOUND, G_TYPE_BYTES, &bytes,
                                    VD_QUALITY_NUMBER, G_TYPE_UINT64, number, NULL));
    const VdQuality *there = g_bytes_get_data(bytes, &size);
    g_assert_cmpuint(size, ==, sizeof *quality);
    *quality = *there;
    return true;
}

static VdQuality look(Rig *rig, GstBuffer *picture)
{
    VdQuality quality;
    guint64 number;

    push(rig, picture);
    bool told = found(rig, &quality, &number);
    g_assert_true(told);
    return quality;
}

static VdQuality settle(Rig *rig)
{
    VdQuality quality = {0};

    for (guint i = 0; i < 4; i++)
        quality = look(rig, scene(rig, 0, 0, i * GST_SECOND));
    return quality;
}

static void a_still_scene_is_what_it_was(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);
    VdQuality quality = settle(rig);

    g_assert_cmpfloat(quality.same, ==, 1);
    g_assert_cmpfloat(quality.here, >, 0.98);
    g_assert_cmpfloat(quality.structure, >, 0.9);
    g_assert_cmpfloat(quality.learned, ==, 2);
    g_assert_cmpfloat(fabs(quality.shift_x) + fabs(quality.shift_y), ==, 0);
    g_assert_cmpfloat_with_epsilon(quality.colour, 18 + 22, 0.1);
    g_assert_cmpfloat_with_epsilon(quality.light, 40 + 79.5 - 16, 6);
    g_assert_cmpfloat(quality.black + quality.white, ==, 0);
}

static void a_camera_that_was_turned_shows_by_how_much(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    settle(rig);
    VdQuality quality = look(rig, scene(rig, 40, 0, 4 * GST_SECOND));
    g_assert_cmpfloat_with_epsilon(quality.shift_x, 40 / 320.0, 0.004);
    g_assert_cmpfloat_with_epsilon(quality.shift_y, 0, 0.004);
    g_assert_cmpfloat(quality.here, <, quality.match / 3);
}

static void what_is_out_of_focus_is_less_sharp_where_it_was(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);
    VdQuality sharp = settle(rig);
    VdQuality blurred = look(rig, scene(rig, 0, 4, 4 * GST_SECOND));

    g_assert_cmpfloat(sharp.sharpness, >, 0.15);
    g_assert_cmpfloat(blurred.sharpness, <, 0.1);
    g_assert_cmpfloat(blurred.detail, >, sharp.detail / 10);
    g_assert_cmpfloat(blurred.here, >, 0.6);
}

static void black_and_white_are_told_by_the_range(void)
{
    g_autoptr(Rig) limited = rig_new(VD_TAMPER_FACTORY, SMALL ",colorimetry=bt601");
    g_autoptr(Rig) full = rig_new(VD_TAMPER_FACTORY, SMALL ",colorimetry=1:4:0:0");

    g_assert_cmpfloat(look(limited, picture_new(limited, (Colour){20, 128, 128}, 0)).black, ==, 1);
    g_assert_cmpfloat(look(full, picture_new(full, (Colour){20, 128, 128}, 0)).black, ==, 0);
    VdQuality white = look(limited, picture_new(limited, (Colour){235, 128, 128}, GST_SECOND));
    g_assert_cmpfloat(white.white, ==, 1);
    g_assert_cmpfloat(white.light, ==, 219);
    g_assert_cmpfloat(white.detail + white.structure + white.colour, <, 0.01);
    VdQuality grey = look(full, picture_new(full, (Colour){235, 128, 128}, GST_SECOND));
    g_assert_cmpfloat(grey.white, ==, 0);
    g_assert_cmpfloat(grey.light, ==, 235);
}

static guint looks_in(Rig *rig, GstClockTime from, guint pictures, GstClockTime apart)
{
    VdQuality quality;
    guint64 number;
    guint looks = 0;

    for (guint i = 0; i < pictures; i++) {
        push(rig, picture_new(rig, (Colour){100, 128, 128}, from + i * apart));
        looks += found(rig, &quality, &number);
    }
    return looks;
}

static void two_pictures_a_second_are_looked_at(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    g_assert_cmpuint(looks_in(rig, 0, 100, GST_SECOND / 10), ==, 20);
    rig_set(rig, "interval-ms", "200");
    g_assert_cmpuint(looks_in(rig, 10 * GST_SECOND, 100, GST_SECOND / 10), ==, 50);
    rig_set(rig, "enabled", "false");
    g_assert_cmpuint(looks_in(rig, 20 * GST_SECOND, 10, GST_SECOND), ==, 0);
}

static void behind_a_gap_or_a_jump_the_reference_is_another(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    settle(rig);
    VdQuality far = look(rig, scene(rig, 60, 0, 30 * GST_SECOND));
    g_assert_cmpfloat(far.here, >, 0.98);
    g_assert_cmpfloat(far.learned + far.same, ==, 0);
    VdQuality early = look(rig, scene(rig, 0, 0, GST_SECOND));
    g_assert_cmpfloat(early.here, >, 0.98);
    g_assert_cmpfloat(early.learned + early.same, ==, 0);
}

/* (nullable) (transfer full) The reference that was told last. */
static GBytes *newest_reference(Rig *rig)
{
    GBytes *reference = NULL;

    for (;;) {
        g_autoptr(GstStructure) message = rig_message(rig, VD_QUALITY_MESSAGE);
        g_autoptr(GBytes) told = NULL;

        if (message == NULL)
            return reference;
        if (gst_structure_get(message, VD_QUALITY_REFERENCE, G_TYPE_BYTES, &told, NULL)) {
            g_bytes_unref(reference);
            reference = g_steal_pointer(&told);
        }
    }
}

/* What one has told after 21 seconds, the second time. */
static GBytes *learned_elsewhere(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    for (guint i = 0; i < 10; i++)
        push(rig, scene(rig, 0, 0, i * GST_SECOND));
    g_assert_null(newest_reference(rig));
    for (guint i = 10; i < 22; i++)
        push(rig, scene(rig, 0, 0, i * GST_SECOND));
    return newest_reference(rig);
}

static void another_one_goes_on_from_the_reference_that_is_told(void)
{
    g_autoptr(GBytes) reference = learned_elsewhere();
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    g_assert_nonnull(reference);
    g_signal_emit_by_name(rig->harness->element, VD_TAMPER_RESTORE, reference);
    VdQuality quality = look(rig, scene(rig, 40, 0, 0));
    g_assert_cmpfloat(quality.learned, ==, 20);
    g_assert_cmpfloat_with_epsilon(quality.shift_x, 40 / 320.0, 0.004);
    g_assert_cmpfloat(quality.here, <, quality.match / 3);
    quality = look(rig, scene(rig, 0, 0, GST_SECOND));
    g_assert_cmpfloat_with_epsilon(quality.shift_x, 0, 0.004);
    g_assert_cmpfloat(quality.learned, ==, 20);
    quality = look(rig, scene(rig, 0, 0, 2 * GST_SECOND));
    g_assert_cmpfloat(quality.learned, ==, 21);
}

static void a_reference_of_another_size_or_length_is_not_taken(void)
{
    static const char *const other = "video/x-raw,format=I420,width=322,height=240";
    g_autoptr(GBytes) reference = learned_elsewhere();
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(reference, 0, 100);
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);
    g_autoptr(Rig) wide = rig_new(VD_TAMPER_FACTORY, other);

    g_signal_emit_by_name(rig->harness->element, VD_TAMPER_RESTORE, cut);
    g_assert_cmpfloat(look(rig, scene(rig, 0, 0, 0)).learned, ==, 0);
    g_signal_emit_by_name(wide->harness->element, VD_TAMPER_RESTORE, reference);
    g_assert_cmpfloat(look(wide, scene(wide, 0, 0, 0)).learned, ==, 0);
}

static void another_size_is_another_scene(void)
{
    g_autoptr(Rig) rig = rig_new(VD_TAMPER_FACTORY, SMALL);

    settle(rig);
    rig_set_caps(rig, "video/x-raw,format=NV12,width=161,height=97,framerate=10/1");
    VdQuality quality = look(rig, scene(rig, 30, 0, 4 * GST_SECOND));
    g_assert_cmpfloat(quality.learned + quality.same, ==, 0);
    g_assert_cmpfloat(quality.here, >, 0.98);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/vdtamper/" #name, name)
    TEST(a_still_scene_is_what_it_was);
    TEST(a_camera_that_was_turned_shows_by_how_much);
    TEST(what_is_out_of_focus_is_less_sharp_where_it_was);
    TEST(black_and_white_are_told_by_the_range);
    TEST(two_pictures_a_second_are_looked_at);
    TEST(behind_a_gap_or_a_jump_the_reference_is_another);
    TEST(another_one_goes_on_from_the_reference_that_is_told);
    TEST(a_reference_of_another_size_or_length_is_not_taken);
    TEST(another_size_is_another_scene);
    return g_test_run();
}
