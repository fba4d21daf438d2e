#include <errno.h>
#include <math.h>
#include <string.h>

#include "pictures.h"

/* Scenes as numbers: what the operator says of them. The steps of a frame have a test of their own.
 */

#define WIDTH  160
#define HEIGHT 96

typedef struct Scene {
    VdkImage image; /* grey */
    int factor;
    void *state, *scratch;
    gsize state_bytes;
    VdkMotionSettings settings;
    VdkMotionReport report;
    bool begun;
    guint32 seed;
} Scene;

static void *aligned_memory(gsize bytes)
{
    void *memory = g_aligned_alloc0(1, (bytes + 63) & ~(gsize)63, 64);

    return memory;
}

static void scene_init(Scene *scene, int width, int height, int factor)
{
    *scene = (Scene){.factor = factor, .settings = {16, 10, 0}, .seed = 1};
    scene->image.luma =
        (VdkPlane){g_malloc0((gsize)(width + 5) * (gsize)height), width, height, width + 5};
    scene->state_bytes = vdk_motion_state_size(width / factor, height / factor);
    scene->state = aligned_memory(scene->state_bytes);
    scene->scratch = aligned_memory(vdk_motion_scratch_size(width / factor, height / factor));
}

static void scene_clear(Scene *scene)
{
    g_free(scene->image.luma.data);
    g_aligned_free(scene->state);
    g_aligned_free(scene->scratch);
}

static const VdkMotionReport *scene_show(Scene *scene, gint64 elapsed_us)
{
    int result =
        vdk_cpu()->motion(&scene->image, scene->factor, scene->begun ? elapsed_us : 0,
                          &scene->settings, scene->state, scene->scratch, NULL, &scene->report);

    g_assert_cmpint(result, ==, 0);
    scene->begun = true;
    return &scene->report;
}

/* A still background with some structure, in a light of gain / 256 and offset. */
static void draw_room(Scene *scene, int gain, int offset)
{
    for (int y = 0; y < scene->image.luma.height; y++)
        for (int x = 0; x < scene->image.luma.width; x++) {
            int grey = 40 + x * 120 / scene->image.luma.width + ((x / 16 + y / 12) % 2 ? 30 : 0);

            grey = grey * gain / 256 + offset;
            scene->image.luma.data[(gssize)y * scene->image.luma.pitch + x] =
                (guint8)CLAMP(grey, 0, 255);
        }
}

static void draw_square(Scene *scene, int x0, int y0, int w, int h, guint8 grey)
{
    for (int y = MAX(y0, 0); y < MIN(y0 + h, scene->image.luma.height); y++)
        for (int x = MAX(x0, 0); x < MIN(x0 + w, scene->image.luma.width); x++)
            scene->image.luma.data[(gssize)y * scene->image.luma.pitch + x] = grey;
}

/* Normal noise: the sum of twelve even ones. */
static int noise_of(guint32 *seed, double sigma)
{
    int sum = -6 * 1024;

    for (int i = 0; i < 12; i++)
        sum += (int)(random_next(seed) & 1023);
    return (int)lrint(sum * sigma / 1024);
}

static void add_noise(Scene *scene, double sigma)
{
    static gint8 table[65536];
    static double table_sigma;

    for (int i = 0; table_sigma != sigma && i < 65536; i++)
        table[i] = (gint8)CLAMP(noise_of(&scene->seed, sigma), -128, 127);
    table_sigma = sigma;
    for (int y = 0; y < scene->image.luma.height; y++)
        for (int x = 0; x < scene->image.luma.width; x++) {
            guint8 *at = scene->image.luma.data + (gssize)y * scene->image.luma.pitch + x;
            int grey = *at + table[random_next(&scene->seed) & 65535];

            *at = (guint8)CLAMP(grey, 0, 255);
        }
}

static void watch_room(Scene *scene, int frames, gint64 elapsed_us, double sigma)
{
    for (int i = 0; i < frames; i++) {
        draw_room(scene, 256, 0);
        if (sigma > 0)
            add_noise(scene, sigma);
        scene_show(scene, elapsed_us);
    }
}

/* --- */

static void the_size_is_the_widest_that_fits(void)
{
    static const int table[][6] = {
        {1920, 1080, 480, 480, 270, 4}, {1919, 1079, 480, 479, 269, 4},
        {640, 360, 480, 320, 180, 2},   {480, 270, 480, 480, 270, 1},
        {3840, 2160, 480, 480, 270, 8}, {1, 1, 480, 1, 1, 1},
        {31, 3, 4, 10, 1, 3},           {16384, 16384, 1, 8, 8, 2048},
    };
    int aw = -1, ah = -1, factor = -1;

    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        g_assert_cmpint(vdk_motion_size(table[i][0], table[i][1], table[i][2], &aw, &ah, &factor),
                        ==, 0);
        g_assert_cmpint(aw, ==, table[i][3]);
        g_assert_cmpint(ah, ==, table[i][4]);
        g_assert_cmpint(factor, ==, table[i][5]);
    }
    aw = ah = factor = -1;
    g_assert_cmpint(vdk_motion_size(0, 9, 9, &aw, &ah, &factor), ==, -EINVAL);
    g_assert_cmpint(vdk_motion_size(9, 0, 9, &aw, &ah, &factor), ==, -EINVAL);
    g_assert_cmpint(vdk_motion_size(9, 9, 0, &aw, &ah, &factor), ==, -EINVAL);
    g_assert_cmpint(vdk_motion_size(9, VDK_MAX_SIZE + 1, 9, &aw, &ah, &factor), ==, -EINVAL);
    g_assert_cmpint(aw + ah + factor, ==, -3);
    g_assert_cmpuint(vdk_motion_state_size(0, 9), ==, 0);
    g_assert_cmpuint(vdk_motion_scratch_size(9, VDK_MAX_SIZE + 1), ==, 0);
    g_assert_cmpuint(sizeof(VdkMotionReport), <=, 4096);
}

static void it_is_primed_after_a_second_and_not_before(void)
{
    static const int rates[] = {2, 7, 10, 30};

    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        Scene scene;

        scene_init(&scene, WIDTH, HEIGHT, 1);
        for (int frame = 0; frame <= rates[i] * 3 / 2; frame++) {
            draw_room(&scene, 256, 0);
            scene_show(&scene, 1000000 / rates[i]);
            gint64 us = frame * (gint64)(1000000 / rates[i]);
            g_assert_cmpuint(scene.report.primed, ==, us >= 1000000);
        }
        scene_clear(&scene);
    }
}

static void a_square_that_moves_is_one_box_where_it_is(void)
{
    for (int factor = 1; factor <= 4; factor++) {
        Scene scene;

        scene_init(&scene, WIDTH * factor, HEIGHT * factor, factor);
        watch_room(&scene, 30, 100000, 2);
        for (int step = 0; step < 30; step++) {
            int x = 5 + 4 * step, y = 10 + step;

            draw_room(&scene, 256, 0);
            draw_square(&scene, x * factor, y * factor, 20 * factor, 30 * factor, 250);
            add_noise(&scene, 2);
            const VdkMotionReport *report = scene_show(&scene, 100000);
            const VdkBox *box = &report->boxes[0];
            g_assert_cmpuint(report->width, ==, WIDTH);
            g_assert_cmpuint(report->n_boxes, ==, 1);
            g_assert_cmpint(ABS(box->cx - (x + 10)), <=, 2);
            g_assert_cmpint(ABS(box->cy - (y + 15)), <=, 2);
            g_assert_cmpint(ABS(box->x - x), <=, 2);
            g_assert_cmpint(ABS(box->y - y), <=, 2);
            g_assert_cmpint(ABS(box->width - 20), <=, 2);
            g_assert_cmpint(ABS(box->height - 30), <=, 2);
            g_assert_cmpuint(report->moving, ==, box->area);
        }
        scene_clear(&scene);
    }
}

static void noise_alone_never_moves(void)
{
    static const double sigmas[] = {0, 2, 5, 8};

    for (gsize i = 0; i < G_N_ELEMENTS(sigmas); i++) {
        Scene scene;

        scene_init(&scene, WIDTH, HEIGHT, 1);
        for (int frame = 0; frame < 3000; frame++) {
            watch_room(&scene, 1, 100000, sigmas[i]);
            g_assert_cmpuint(scene.report.components, ==, 0);
        }
        /* A mean absolute deviation is 0.8 sigma. */
        g_assert_cmpfloat(fabs(scene.report.noise / 256.0 - 0.8 * sigmas[i]), <, 1);
        scene_clear(&scene);
    }
}

/* Gravel, say: a still picture in which no two neighbours are alike. */
static void what_has_no_two_pixels_alike_rests(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    for (int frame = 0; frame < 60; frame++) {
        guint32 seed = 7;

        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                scene.image.luma.data[(gssize)y * scene.image.luma.pitch + x] =
                    (guint8)random_next(&seed);
        scene_show(&scene, 100000);
        g_assert_cmpuint(scene.report.raw, <, 20);
        g_assert_cmpuint(scene.report.components, ==, 0);
        g_assert_cmpuint(scene.report.primed, ==, frame >= 10);
    }
    scene_clear(&scene);
}

/* The state's planes are not public: what counts is where the threshold and the mean have gone. */
static void two_and_thirty_frames_a_second_learn_alike(void)
{
    guint32 noise[2], moving[2];

    for (int slow = 0; slow < 2; slow++) {
        int rate = slow ? 2 : 30;
        Scene scene;

        scene_init(&scene, WIDTH, HEIGHT, 1);
        watch_room(&scene, 20 * rate, 1000000 / rate, 4);
        noise[slow] = scene.report.noise;
        /* A patch that differs by less than the threshold is learnt: 12 grey levels in 6 s. */
        for (int frame = 0; frame < 6 * rate; frame++) {
            draw_room(&scene, 256, 0);
            draw_square(&scene, 40, 20, 30, 30, 108);
            add_noise(&scene, 4);
            scene_show(&scene, 1000000 / rate);
        }
        draw_room(&scene, 256, 0);
        draw_square(&scene, 100, 40, 30, 40, 255);
        add_noise(&scene, 4);
        scene_show(&scene, 1000000 / rate);
        moving[slow] = scene.report.moving;
        scene_clear(&scene);
    }
    g_assert_cmpint(ABS((int)noise[0] - (int)noise[1]), <, 128);
    g_assert_cmpint(ABS((int)moving[0] - (int)moving[1]), <, 60);
}

/* Seconds until something that came to stay is background, or 200. */
static int seconds_to_absorb(int rate)
{
    Scene scene;
    int frame = 0;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 30 * rate, 1000000 / rate, 2);
    do {
        draw_room(&scene, 256, 0);
        draw_square(&scene, 40, 20, 20, 30, 250);
        add_noise(&scene, 2);
        scene_show(&scene, 1000000 / rate);
    } while (scene.report.n_boxes > 0 && ++frame < 200 * rate);
    scene_clear(&scene);
    return frame / rate;
}

static void what_stays_is_background_after_a_minute(void)
{
    int fast = seconds_to_absorb(30), slow = seconds_to_absorb(2);

    /* It is drawn at random, pixel by pixel. */
    g_assert_cmpint(MIN(fast, slow), >=, 45);
    g_assert_cmpint(MAX(fast, slow), <=, 75);
}

static int frames_in_motion(int gain, int offset, int frames)
{
    Scene scene;
    int n = 0;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 50, 100000, 2);
    for (int frame = 0; frame < frames; frame++) {
        draw_room(&scene, gain, offset);
        add_noise(&scene, 2);
        n += scene_show(&scene, 100000)->n_boxes > 0;
    }
    scene_clear(&scene);
    return n;
}

static void who_was_there_at_the_start_and_left_leaves_nothing_after_five_seconds(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    for (int frame = 0; frame < 12; frame++) {
        draw_room(&scene, 256, 0);
        draw_square(&scene, 60, 30, 20, 30, 250);
        scene_show(&scene, 100000);
    }
    watch_room(&scene, 3, 100000, 0);
    g_assert_cmpuint(scene.report.n_boxes, ==, 1); /* the place where it was */
    watch_room(&scene, 50, 100000, 0);
    g_assert_cmpuint(scene.report.n_boxes, ==, 0);
    g_assert_cmpuint(scene.report.raw, <, 20); /* of 600 */
    scene_clear(&scene);
}

static void a_change_of_light_is_no_motion(void)
{
    static const int lights[][2] = {{256, 25}, {256, -30}, {320, 0},
                                    {190, 10}, {128, 0},   {300, -40}};

    for (gsize i = 0; i < G_N_ELEMENTS(lights); i++)
        g_assert_cmpint(frames_in_motion(lights[i][0], lights[i][1], 50), ==, 0);
}

static void who_walks_while_the_light_changes_is_still_seen(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 50, 100000, 2);
    for (int step = 0; step < 20; step++) {
        draw_room(&scene, step < 10 ? 256 : 200, 0);
        draw_square(&scene, 10 + 5 * step, 30, 20, 30, 250);
        add_noise(&scene, 2);
        scene_show(&scene, 100000);
        g_assert_cmpuint(scene.report.n_boxes, ==, 1);
        g_assert_cmpint(ABS(scene.report.boxes[0].cx - (20 + 5 * step)), <=, 2);
    }
    scene_clear(&scene);
}

/* Turned upside down, no light explains it: it is taken for one all the same, and is new soon. */
static void another_picture_is_no_motion_and_the_background_within_two_seconds(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 50, 100000, 2);
    for (int frame = 0; frame < 100; frame++) {
        draw_room(&scene, -256, 255);
        for (int y = 0; y < HEIGHT; y++)
            draw_square(&scene, 0, y, WIDTH, 1, (guint8)(y * 37));
        add_noise(&scene, 2);
        scene_show(&scene, 100000);
        g_assert_cmpuint(scene.report.n_boxes, ==, 0);
        g_assert_cmpuint(scene.report.light, ==, frame < 10);
        g_assert_cmpuint(scene.report.anew, ==, frame == 10);
        g_assert_cmpuint(scene.report.primed, ==, frame < 10 || frame >= 20);
        if (frame == 0)
            g_assert_cmpuint(scene.report.raw, >, WIDTH * HEIGHT / 2);
    }
    scene_clear(&scene);
}

static void small_things_are_left_out(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 30, 100000, 0);
    draw_square(&scene, 20, 20, 10, 10, 250);
    draw_square(&scene, 60, 20, 20, 20, 250);
    scene.settings.min_area = 100; /* 153.6 pixels */
    scene_show(&scene, 10000);
    g_assert_cmpuint(scene.report.components, ==, 2);
    g_assert_cmpuint(scene.report.n_boxes, ==, 1);
    g_assert_cmpuint(scene.report.boxes[0].x, >=, 58);
    g_assert_cmpmem(&scene.report.largest, sizeof(VdkBox), &scene.report.boxes[0], sizeof(VdkBox));
    g_assert_cmpuint(scene.report.clean, >, scene.report.moving);
    scene.settings.min_area = 10;
    scene_show(&scene, 10000);
    g_assert_cmpuint(scene.report.n_boxes, ==, 2);
    g_assert_cmpuint(scene.report.boxes[0].area, >, scene.report.boxes[1].area);
    scene_clear(&scene);
}

static void the_largest_thing_is_told_where_it_is_too_small(void)
{
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 30, 100000, 0);
    g_assert_cmpuint(scene.report.largest.area, ==, 0);
    draw_square(&scene, 20, 20, 10, 10, 250);
    scene.settings.min_area = 100; /* 153.6 pixels */
    scene_show(&scene, 10000);
    g_assert_cmpuint(scene.report.n_boxes, ==, 0);
    g_assert_cmpuint(scene.report.moving, ==, 0);
    g_assert_cmpuint(scene.report.clean, ==, scene.report.largest.area);
    g_assert_cmpuint(scene.report.largest.area, >=, 60);
    g_assert_cmpuint(scene.report.largest.area, <=, 153);
    g_assert_cmpuint(scene.report.largest.x, >=, 18);
    g_assert_cmpuint(scene.report.largest.x, <=, 22);
    scene_clear(&scene);
}

static void the_mask_shows_the_boxes_and_leaves_its_padding(void)
{
    TestPicture mask, before;
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    picture_init(&mask, GREY, WIDTH, HEIGHT, NOISE, 1);
    picture_copy(&before, &mask);
    watch_room(&scene, 30, 100000, 0);
    draw_square(&scene, 60, 20, 20, 30, 250);
    g_assert_cmpint(vdk_cpu()->motion(&scene.image, 1, 100000, &scene.settings, scene.state,
                                      scene.scratch, &mask.image.luma, &scene.report),
                    ==, 0);
    guint32 set = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            guint8 *at = sample_at(&mask.image, 0, x, y);

            g_assert_true(*at == 0 || *at == 255);
            if (x >= 62 && x < 78 && y >= 22 && y < 48)
                g_assert_cmpuint(*at, ==, 255);
            set += *at == 255;
            *at = *sample_at(&before.image, 0, x, y);
        }
    g_assert_cmpuint(set, ==, scene.report.moving);
    assert_same(&mask, &before);
    picture_clear(&mask);
    picture_clear(&before);
    scene_clear(&scene);
}

static void any_size_and_extreme_pictures_are_taken(void)
{
    static const int factors[] = {1, 2, 3, 4, 5, 8};

    for (gsize i = 0; i < n_test_sizes; i++)
        for (gsize k = 0; k < G_N_ELEMENTS(factors); k++) {
            Size size = test_sizes[i];
            Scene scene;

            if (size.width < factors[k] || size.height < factors[k])
                continue;
            scene_init(&scene, size.width, size.height, factors[k]);
            for (int frame = 0; frame < 8; frame++) {
                TestPicture picture;

                picture_init(&picture, GREY, size.width, size.height, (Content)(frame % N_CONTENTS),
                             (guint32)frame);
                scene.settings =
                    (VdkMotionSettings){frame % 2 ? 1 : 255, frame % 2 ? 1 : 10000, 16};
                g_assert_cmpint(vdk_cpu()->motion(&picture.image, factors[k],
                                                  frame == 5 ? G_MAXINT64 : 500000, &scene.settings,
                                                  scene.state, scene.scratch, NULL, &scene.report),
                                ==, 0);
                g_assert_cmpuint(scene.report.n_boxes, <=, VDK_MAX_BOXES);
                picture_clear(&picture);
            }
            scene_clear(&scene);
        }
}

static void bad_arguments_are_refused_and_nothing_is_written(void)
{
    const VdkMotionSettings settings[] = {{16, 10, 0},    {0, 10, 0},   {256, 10, 0}, {16, 0, 0},
                                          {16, 10001, 0}, {16, 10, -1}, {16, 10, 256}};
    guint8 mask_memory[WIDTH * HEIGHT];
    VdkMotionReport report, before;
    Scene scene;

    scene_init(&scene, WIDTH, HEIGHT, 1);
    watch_room(&scene, 5, 100000, 2);
    g_autofree guint8 *state_before = g_memdup2(scene.state, scene.state_bytes);
    memset(&report, 0x5a, sizeof(report));
    before = report;
    VdkPlane mask = {mask_memory, WIDTH - 1, HEIGHT, WIDTH};
    VdkImage thin = scene.image, coarse = scene.image; /* 4:1:1: a sample for four pixels */
    thin.luma.pitch = WIDTH - 1;
    coarse.step = 1;
    coarse.chroma[0] = coarse.chroma[1] = coarse.luma;
    coarse.chroma[0].width = coarse.chroma[1].width = WIDTH / 4;
    const VdkOps *ops = vdk_cpu();
#define REFUSES(luma, factor, set, state, scratch, mask, report) \
    g_assert_cmpint(ops->motion(luma, factor, 1, set, state, scratch, mask, report), ==, -EINVAL)
    REFUSES(NULL, 1, settings, scene.state, scene.scratch, NULL, &report);
    REFUSES(&coarse, 1, settings, scene.state, scene.scratch, NULL, &report);
    REFUSES(&thin, 1, settings, scene.state, scene.scratch, NULL, &report);
    REFUSES(&scene.image, 0, settings, scene.state, scene.scratch, NULL, &report);
    REFUSES(&scene.image, HEIGHT + 1, settings, scene.state, scene.scratch, NULL, &report);
    REFUSES(&scene.image, 1, NULL, scene.state, scene.scratch, NULL, &report);
    REFUSES(&scene.image, 1, settings, NULL, scene.scratch, NULL, &report);
    REFUSES(&scene.image, 1, settings, scene.state, NULL, NULL, &report);
    REFUSES(&scene.image, 1, settings, scene.state, scene.scratch, &mask, &report);
    REFUSES(&scene.image, 1, settings, scene.state, scene.scratch, NULL, NULL);
    for (gsize i = 1; i < G_N_ELEMENTS(settings); i++)
        REFUSES(&scene.image, 1, &settings[i], scene.state, scene.scratch, NULL, &report);
#undef REFUSES
    g_assert_cmpmem(&report, sizeof(report), &before, sizeof(before));
    g_assert_cmpmem(scene.state, scene.state_bytes, state_before, scene.state_bytes);
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion/the-size-is-the-widest-that-fits", the_size_is_the_widest_that_fits);
    g_test_add_func("/motion/it-is-primed-after-a-second-and-not-before",
                    it_is_primed_after_a_second_and_not_before);
    g_test_add_func("/motion/a-square-that-moves-is-one-box-where-it-is",
                    a_square_that_moves_is_one_box_where_it_is);
    g_test_add_func("/motion/noise-alone-never-moves", noise_alone_never_moves);
    g_test_add_func("/motion/what-has-no-two-pixels-alike-rests",
                    what_has_no_two_pixels_alike_rests);
    g_test_add_func("/motion/two-and-thirty-frames-a-second-learn-alike",
                    two_and_thirty_frames_a_second_learn_alike);
    g_test_add_func("/motion/what-stays-is-background-after-a-minute",
                    what_stays_is_background_after_a_minute);
    g_test_add_func("/motion/who-was-there-at-the-start-leaves-nothing-after-five-seconds",
                    who_was_there_at_the_start_and_left_leaves_nothing_after_five_seconds);
    g_test_add_func("/motion/a-change-of-light-is-no-motion", a_change_of_light_is_no_motion);
    g_test_add_func("/motion/who-walks-while-the-light-changes-is-still-seen",
                    who_walks_while_the_light_changes_is_still_seen);
    g_test_add_func("/motion/another-picture-is-no-motion-and-the-background-within-two-seconds",
                    another_picture_is_no_motion_and_the_background_within_two_seconds);
    g_test_add_func("/motion/small-things-are-left-out", small_things_are_left_out);
    g_test_add_func("/motion/the-largest-thing-is-told-where-it-is-too-small",
                    the_largest_thing_is_told_where_it_is_too_small);
    g_test_add_func("/motion/the-mask-shows-the-boxes-and-leaves-its-padding",
                    the_mask_shows_the_boxes_and_leaves_its_padding);
    g_test_add_func("/motion/any-size-and-extreme-pictures-are-taken",
                    any_size_and_extreme_pictures_are_taken);
    g_test_add_func("/motion/bad-arguments-are-refused-and-nothing-is-written",
                    bad_arguments_are_refused_and_nothing_is_written);
    return g_test_run();
}
