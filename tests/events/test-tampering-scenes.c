#include "config/tampers.h"
#include "events/tampering.h"
#include "tests/kernels/pictures.h"
#include "tests/plugins/support.h"

#include <math.h>
#include <string.h>

/* Made scenes through the real element, twice a second, and what the rules tell of them. */

#define WIDTH  320
#define HEIGHT 192
#define MARGIN 80 /* what the camera may be turned to */
#define CAPS   "video/x-raw,format=I420,width=320,height=192,framerate=2/1"

/* How the world is, and what is done to the camera. */
typedef struct State {
    double light; /* 1: as usual */
    int right, down;
    int blur;    /* pixels to either side */
    int noise;   /* grey levels */
    int level;   /* >= 0: a cover of this grey before the lens */
    int glare;   /* columns that are white */
    int lorry;   /* columns that are behind a lorry */
    bool grey;   /* by infrared light */
    bool frozen; /* no picture is taken any more: the last comes again */
} State;

typedef struct Camera {
    Rig *rig;
    VdTampering tampering;
    GPtrArray *happened;
    State state;
    GstBuffer *last;
    GstClockTime pts, apart; /* of the next picture; between two */
    guint32 seed;
    guint8 world[HEIGHT + 2 * MARGIN][WIDTH + 2 * MARGIN];
} Camera;

/* --- pictures --- */

static int hill(int x, int y, guint32 salt)
{
    guint32 seed = (guint32)(x * 7919 + y * 104729) ^ salt;

    random_next(&seed);
    random_next(&seed);
    return (int)(random_next(&seed) % 200);
}

/* Blocks with sharp edges upon slopes: houses, as it were. */
static void make_world(Camera *camera)
{
    for (int y = 0; y < HEIGHT + 2 * MARGIN; y++)
        for (int x = 0; x < WIDTH + 2 * MARGIN; x++)
            camera->world[y][x] = (guint8)(30 + hill(x / 17, y / 13, 1) * 3 / 5 +
                                           hill(x / 43, y / 37, 2) / 4 + x / 24);
}

static int seen_at(const Camera *camera, int x, int y)
{
    const State *state = &camera->state;
    int sum = 0, side = 2 * state->blur + 1;

    for (int dy = -state->blur; dy <= state->blur; dy++)
        for (int dx = -state->blur; dx <= state->blur; dx++)
            sum += camera->world[MARGIN + y - state->down + dy][MARGIN + x - state->right + dx];
    return sum / (side * side);
}

static int luma_of(Camera *camera, int x, int y)
{
    const State *state = &camera->state;
    int grey = state->level;

    if (grey < 0)
        grey = x < state->lorry ? 90 + y / 16 : seen_at(camera, x, y);
    if (state->grey)
        grey = 60 + abs(grey - 100) / 2;
    grey = 16 + (int)(state->light * (grey - 16));
    if (x < state->glare)
        grey = 245;
    if (state->noise > 0)
        grey += (int)(random_next(&camera->seed) % (guint)(2 * state->noise + 1)) - state->noise;
    return CLAMP(grey, 0, 255);
}

static GstBuffer *take_picture(Camera *camera)
{
    const State *state = &camera->state;
    Colour colour = {0, state->grey ? 128 : 118, state->grey ? 128 : 140};
    GstBuffer *picture = picture_new(camera->rig, colour, 0);
    GstVideoFrame frame;

    g_assert_true(gst_video_frame_map(&frame, &camera->rig->info, picture, GST_MAP_WRITE));
    for (int y = 0; y < HEIGHT; y++) {
        guint8 *row = (guint8 *)GST_VIDEO_FRAME_PLANE_DATA(&frame, 0) +
                      (gssize)y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);

        for (int x = 0; x < WIDTH; x++)
            row[x] = (guint8)luma_of(camera, x, y);
    }
    gst_video_frame_unmap(&frame);
    return picture;
}

/* --- watching --- */

static void judge(Camera *camera, gint64 us)
{
    g_autoptr(GstStructure) found = rig_message(camera->rig, VD_QUALITY_MESSAGE);
    g_autoptr(GBytes) bytes = NULL;

    g_assert_nonnull(found);
    gst_structure_get(found, VD_QUALITY_FOUND, G_TYPE_BYTES, &bytes, NULL);
    vd_tampering_see(&camera->tampering, (VdMoment){us + 1, us + 1}, g_bytes_get_data(bytes, NULL),
                     camera->happened);
}

static void look(Camera *camera)
{
    GstClockTime pts = camera->pts;

    camera->pts += camera->apart;
    if (!camera->state.frozen || camera->last == NULL) {
        gst_clear_buffer(&camera->last);
        camera->last = take_picture(camera);
    }
    GstBuffer *picture = gst_buffer_copy(camera->last);
    GST_BUFFER_PTS(picture) = pts;
    g_assert_cmpint(gst_harness_push(camera->rig->harness, picture), ==, GST_FLOW_OK);
    gst_buffer_unref(gst_harness_pull(camera->rig->harness));
    judge(camera, (gint64)(pts / GST_USECOND));
}

static void look_for(Camera *camera, int seconds)
{
    GstClockTime end = camera->pts + (GstClockTime)seconds * GST_SECOND;

    while (camera->pts < end)
        look(camera);
}

static const State usual = {.light = 1, .noise = 3, .level = -1};

static Camera *camera_new(void)
{
    Camera *camera = g_new0(Camera, 1);
    VdTamperWish all = {(1u << VD_N_TAMPERS) - 1, 50};

    camera->rig = rig_new(VD_TAMPER_FACTORY, CAPS);
    camera->state = usual;
    camera->apart = GST_SECOND / 2;
    camera->seed = 1;
    camera->happened = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);
    vd_tampering_init(&camera->tampering, "front");
    vd_tampering_set_wish(&camera->tampering, (VdMoment){0}, &all, camera->happened);
    make_world(camera);
    return camera;
}

static void camera_free(Camera *camera)
{
    gst_clear_buffer(&camera->last);
    vd_tampering_clear(&camera->tampering);
    g_ptr_array_unref(camera->happened);
    rig_free(camera->rig);
    g_free(camera);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Camera, camera_free)

/* "covered" or "covered black", in the order in which they began. */
static char *begun(const Camera *camera)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < camera->happened->len; i++) {
        const VdEvent *event = camera->happened->pdata[i];

        if (event->kind == VD_KIND_TAMPERING_START)
            g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "",
                                   json_string_value(json_object_get(event->fields, "what")));
    }
    return g_string_free(names, FALSE);
}

static void assert_begun(const Camera *camera, const char *expected)
{
    g_autofree char *names = begun(camera);

    g_assert_cmpstr(names, ==, expected);
}

/* --- what is done to cameras --- */

static const struct {
    const char *what;
    State state;
} deeds[] = {
    {"covered", {.light = 1, .noise = 3, .level = 70}},
    {"covered", {.light = 0.6, .noise = 6, .level = 40}},
    {"defocused", {.light = 1, .noise = 3, .level = -1, .blur = 5}},
    {"moved", {.light = 1, .noise = 3, .level = -1, .right = 18}},
    {"moved", {.light = 1, .noise = 3, .level = -1, .right = -40, .down = 24}},
    {"moved", {.light = 1, .noise = 3, .level = -1, .right = 76, .down = -76}},
    {"blinded", {.light = 1, .noise = 3, .level = -1, .glare = WIDTH / 2}},
    {"noisy", {.light = 1, .noise = 40, .level = -1}},
    {"frozen", {.light = 1, .noise = 3, .level = -1, .frozen = true}},
};

static void each_deed_is_told_by_its_name_and_ends(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(deeds); i++) {
        g_autoptr(Camera) camera = camera_new();

        look_for(camera, 70);
        assert_begun(camera, "");
        camera->state = deeds[i].state;
        look_for(camera, 25);
        g_test_message("deed %u", (guint)i);
        assert_begun(camera, deeds[i].what);
        camera->state = usual;
        look_for(camera, 25);
        assert_begun(camera, deeds[i].what);
        g_assert_cmpuint(camera->happened->len, ==, 2);
    }
}

static void black_and_white_are_known_at_once(void)
{
    g_autoptr(Camera) dark = camera_new();
    g_autoptr(Camera) bright = camera_new();

    dark->state = (State){.light = 1, .level = 16, .noise = 2};
    look_for(dark, 10);
    assert_begun(dark, "black");
    bright->state = (State){.light = 1, .level = 240, .noise = 2};
    look_for(bright, 10);
    assert_begun(bright, "blinded");
}

static void a_shaken_camera_is_told(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    for (int i = 0; i < 40; i++) {
        camera->state.right = (int)(random_next(&camera->seed) % 17) - 8;
        camera->state.down = (int)(random_next(&camera->seed) % 9) - 4;
        look(camera);
    }
    assert_begun(camera, "shaken");
}

static void an_infrared_lamp_that_flickers_is_told(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    for (int i = 0; i < 5; i++) {
        camera->state.grey = !camera->state.grey;
        look_for(camera, 15);
    }
    assert_begun(camera, "ir-flip");
}

static void where_it_was_moved_to_becomes_usual(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    camera->state.right = 40;
    look_for(camera, 300);
    assert_begun(camera, "moved");
    g_assert_cmpuint(camera->happened->len, ==, 2);
}

/* --- what is innocent --- */

static void a_light_that_is_switched_is_nothing(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    for (int i = 0; i < 10; i++) {
        camera->state.light = i % 2 == 0 ? 0.3 : 1;
        look_for(camera, 30);
    }
    assert_begun(camera, "");
}

static void dusk_and_the_infrared_lamp_are_nothing(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    camera->apart = GST_SECOND;
    for (int i = 0; i < 300; i++) {
        camera->state.light = 1 - 0.85 * i / 300;
        camera->state.noise = 3 + i / 60;
        look(camera);
    }
    camera->state.grey = true;
    camera->state.light = 1;
    look_for(camera, 120);
    assert_begun(camera, "");
}

static void a_lorry_before_half_of_the_picture_is_nothing(void)
{
    g_autoptr(Camera) camera = camera_new();

    look_for(camera, 70);
    for (int i = 0; i < 5; i++) {
        camera->state.lorry = WIDTH / 2;
        look_for(camera, 5);
        camera->state.lorry = 0;
        look_for(camera, 5);
    }
    camera->state.lorry = WIDTH / 2;
    look_for(camera, 60);
    assert_begun(camera, "");
}

static void an_empty_noisy_hour_is_nothing(void)
{
    g_autoptr(Camera) camera = camera_new();

    camera->state.noise = 30;
    camera->apart = 2 * GST_SECOND;
    look_for(camera, 3600);
    assert_begun(camera, "");
}

static void a_scene_without_noise_is_not_frozen(void)
{
    g_autoptr(Camera) camera = camera_new();

    camera->state.frozen = true;
    look_for(camera, 300);
    assert_begun(camera, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
#define TEST(name) g_test_add_func("/tampering-scenes/" #name, name)
    TEST(each_deed_is_told_by_its_name_and_ends);
    TEST(black_and_white_are_known_at_once);
    TEST(a_shaken_camera_is_told);
    TEST(an_infrared_lamp_that_flickers_is_told);
    TEST(where_it_was_moved_to_becomes_usual);
    TEST(a_light_that_is_switched_is_nothing);
    TEST(dusk_and_the_infrared_lamp_are_nothing);
    TEST(a_lorry_before_half_of_the_picture_is_nothing);
    TEST(an_empty_noisy_hour_is_nothing);
    TEST(a_scene_without_noise_is_not_frozen);
    return g_test_run();
}
