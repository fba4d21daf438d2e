#include <string.h>

#include "made-watch.h"

/*
 * Nobody is there, and the weather, the light and the camera do what they do: no motion is told.
 * Then somebody walks through, and is.
 */
#define WIDTH       240
#define HEIGHT      136
#define FPS         10
#define CHANGE_MS   8000 /* when the light changes */
#define ADAPTED_MS  (CHANGE_MS + 2000)
#define WALK_MS     3000 /* from side to side */
#define END_MS      (ADAPTED_MS + WALK_MS + 1000)
#define USUAL_SIGMA 8 /* of the noise, 1/4 grey levels */

/* --- noise --- */

#define NOISE_FPS 2
#if defined(__SANITIZE_ADDRESS__) /* takes seven times as long */
#define HOUR_S 300
static const int rates[] = {5};
#else
#define HOUR_S 3600
static const int rates[] = {5, 10};
#endif

static void watch_noise(MadeNoise noise, int sigma, int seconds)
{
    const MadeView view = {.sigma = sigma, .noise = noise};
    MadeWatch watch;
    int boxed = 0;

    made_watch_init(&watch, 160, 90);
    for (int n = 0; n < seconds * NOISE_FPS; n++) {
        made_watch_show(&watch, &view, G_USEC_PER_SEC / NOISE_FPS);
        boxed += watch.report.n_boxes > 0;
    }
    g_assert_cmpuint(watch.report.primed, ==, 1);
    g_assert_cmpuint(watch.motions, ==, 0);
    g_assert_cmpuint(watch.lights, ==, 0);
    g_assert_cmpint(boxed, <=, seconds * NOISE_FPS / 500);
    made_watch_clear(&watch);
}

static void nothing_moves_in_an_hour_of_a_sensors_noise(void)
{
    static const int sigmas[] = {4, 8, 20, 32}; /* 1, 2, 5 and 8 grey levels */

    for (gsize i = 0; i < G_N_ELEMENTS(sigmas); i++)
        watch_noise(MADE_SENSOR, sigmas[i], HOUR_S);
}

static void nothing_moves_in_noise_of_blocks(void)
{
    static const int sigmas[] = {2, 4, 8, 20};

    for (gsize i = 0; i < G_N_ELEMENTS(sigmas); i++)
        watch_noise(MADE_BLOCKS, sigmas[i], HOUR_S / 6);
}

/* --- weather and light --- */

static int since_change(int ms)
{
    return MAX(ms - CHANGE_MS, 0);
}

static void nothing_at_all(MadeView *view, int ms)
{
    (void)view, (void)ms;
}

static void leaves(MadeView *view, int ms)
{
    view->leaves = 1 + ms * 40 / 1000; /* there and back in 1.6 s */
}

static void leaves_in_gusts(MadeView *view, int ms)
{
    view->leaves = 1 + (ms / 4000 % 2 == 0 ? ms * 40 / 1000 : ms * 128 / 1000);
}

static void rain(MadeView *view, int ms)
{
    (void)ms;
    view->rain = 60;
}

static void lights_off(MadeView *view, int ms)
{
    view->day = ms < CHANGE_MS ? 256 : 80;
}

static void lights_on(MadeView *view, int ms)
{
    view->day = ms < CHANGE_MS ? 80 : 256;
}

static void night_falls_at_once(MadeView *view, int ms)
{
    view->day = ms < CHANGE_MS ? 256 : 24;
}

static void lights_on_at_night(MadeView *view, int ms)
{
    view->day = ms < CHANGE_MS ? 24 : 256;
}

static void a_lamp_goes_on(MadeView *view, int ms)
{
    view->day = 100;
    view->lamp = ms < CHANGE_MS ? 0 : 200;
}

static void a_lamp_goes_off(MadeView *view, int ms)
{
    view->day = 100;
    view->lamp = ms < CHANGE_MS ? 200 : 0;
}

static void exposure_follows(MadeView *view, int ms)
{
    view->exposure = 256 - MIN(since_change(ms) / 10, 100) / 10 * 10; /* in ten steps */
}

static void a_cloud_comes(MadeView *view, int ms)
{
    view->day = 256 - MIN(since_change(ms) / 15, 110);
}

static void a_clouds_edge_comes(MadeView *view, int ms)
{
    view->cloud = 100;
    view->cloud_at = since_change(ms) * (WIDTH + 64) / 4000;
}

static void infrared_begins(MadeView *view, int ms)
{
    view->infrared = ms >= CHANGE_MS;
    view->day = view->infrared ? 150 : 90;
}

static void infrared_ends(MadeView *view, int ms)
{
    view->infrared = ms < CHANGE_MS;
    view->day = view->infrared ? 150 : 90;
}

typedef struct Row {
    const char *name;
    void (*set)(MadeView *view, int ms);
    int change_ms; /* how long it goes on */
    guint lights;  /* changes that are told */
    bool dark;     /* too dark afterwards for anybody to be seen */
} Row;

static const Row rows[] = {
    {"nothing", nothing_at_all, 0, 0},
    {"leaves", leaves, 0, 0},
    {"leaves in gusts", leaves_in_gusts, 0, 0},
    {"rain", rain, 0, 0},
    {"lights off", lights_off, 0, 1},
    {"lights on", lights_on, 0, 1},
    {"night falls at once", night_falls_at_once, 0, 1, true},
    {"lights on at night", lights_on_at_night, 0, 1},
    {"a lamp goes on", a_lamp_goes_on, 0, 1},
    {"a lamp goes off", a_lamp_goes_off, 0, 1},
    {"exposure follows", exposure_follows, 1000, 1},
    {"a cloud comes", a_cloud_comes, 1650, 1},
    {"a cloud's edge comes", a_clouds_edge_comes, 4000, 1},
    {"infrared begins", infrared_begins, 0, 1},
    {"infrared ends", infrared_ends, 0, 1},
};

/* Whether a box has the middle of who walks there in it. */
static bool is_found(const VdkMotionReport *report, int x)
{
    int y = HEIGHT * 9 / 10 - HEIGHT * 3 / 20;

    for (guint i = 0; i < report->n_boxes; i++) {
        const VdkBox *box = &report->boxes[i];

        if (x >= box->x && x < box->x + box->width && y >= box->y && y < box->y + box->height)
            return true;
    }
    return false;
}

/* From the left to the right, once all is as it will be. */
static int figure_at(const Row *row, int ms)
{
    int walked = ms - ADAPTED_MS - row->change_ms;

    return !row->dark && walked > 0 && walked < WALK_MS ? walked * WIDTH / WALK_MS : 0;
}

static void watch_row(const Row *row, int fps)
{
    guint walked = 0, found = 0;
    MadeWatch watch;

    made_watch_init(&watch, WIDTH, HEIGHT);
    for (int n = 0; n * 1000 / fps < END_MS + row->change_ms; n++) {
        int ms = n * 1000 / fps;
        MadeView view = {.sigma = USUAL_SIGMA, .figure_x = figure_at(row, ms)};

        row->set(&view, ms);
        made_watch_show(&watch, &view, G_USEC_PER_SEC / fps);
        if (ms < ADAPTED_MS + row->change_ms)
            g_assert_cmpuint(watch.motions, ==, 0);
        if (ms >= ADAPTED_MS + row->change_ms && view.figure_x == 0)
            g_assert_cmpuint(watch.report.moving, ==, 0);
        if (view.figure_x > WIDTH / 8 && view.figure_x < WIDTH * 7 / 8) {
            walked++;
            found += is_found(&watch.report, view.figure_x);
        }
    }
    g_test_message("%s at %d a second: found in %u of %u, %u lights", row->name, fps, found, walked,
                   watch.lights);
    g_assert_cmpuint(watch.motions, ==, row->dark ? 0 : 1);
    g_assert_cmpuint(watch.lights, ==, row->lights);
    g_assert_cmpuint(10 * found, >=, 9 * walked);
    made_watch_clear(&watch);
}

static void only_who_walks_there_moves(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(rates); k++)
            watch_row(&rows[i], rates[k]);
}

/* --- exposure after something bright has come --- */

/* What moves is where it is, and nowhere else, however dark the rest becomes. */
static void a_bright_van_moves_and_the_street_does_not(void)
{
    MadeWatch watch;

    made_watch_init(&watch, WIDTH, HEIGHT);
    for (int n = 0; n < 15 * FPS; n++) {
        int ms = n * 1000 / FPS, since = since_change(ms);
        MadeView view = {.sigma = USUAL_SIGMA};

        exposure_follows(&view, ms);
        view.van_x = MIN(since * WIDTH / 3000, WIDTH * 8 / 10);
        made_watch_show(&watch, &view, G_USEC_PER_SEC / FPS);
        for (guint i = 0; i < watch.report.n_boxes; i++) {
            const VdkBox *box = &watch.report.boxes[i];

            g_assert_cmpint(box->x + box->width, <=, view.van_x + 4);
            g_assert_cmpint(box->x, >=, view.van_x - WIDTH / 3 - 4);
        }
        g_assert_cmpint(watch.report.n_boxes > 0, ==, view.van_x > 6);
    }
    g_assert_cmpuint(watch.motions, ==, 1);
    g_assert_cmpuint(watch.lights, ==, 1);
    made_watch_clear(&watch);
}

#define ADD(name) g_test_add_func("/made-scenes/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(nothing_moves_in_an_hour_of_a_sensors_noise);
    ADD(nothing_moves_in_noise_of_blocks);
    ADD(only_who_walks_there_moves);
    ADD(a_bright_van_moves_and_the_street_does_not);
    return g_test_run();
}
