#include <errno.h>
#include <math.h>
#include <string.h>

#include "kernels/quality-pixel.h"
#include "pictures.h"

#define HALF_A_SECOND 500000

typedef struct Watch {
    void *state, *scratch;
    VdkQualityReport report;
    bool begun;
} Watch;

static void *aligned_memory(gsize bytes)
{
    return g_aligned_alloc0(1, (bytes + 63) & ~(gsize)63, 64);
}

static void watch_init(Watch *watch)
{
    *watch = (Watch){.state = aligned_memory(vdk_quality_state_size()),
                     .scratch = aligned_memory(vdk_quality_scratch_size())};
}

static void watch_clear(Watch *watch)
{
    g_aligned_free(watch->state);
    g_aligned_free(watch->scratch);
}

static const VdkQualityReport *watch_show(Watch *watch, const VdkImage *image, gint64 elapsed_us)
{
    int result = vdk_cpu()->quality(image, watch->begun ? elapsed_us : 0, 16, watch->state,
                                    watch->scratch, &watch->report);

    g_assert_cmpint(result, ==, 0);
    watch->begun = true;
    return &watch->report;
}

/* --- the transform --- */

static double angle_of(int i, int k)
{
    return 2 * G_PI * i * k / VDK_FFT_SIDE;
}

static void assert_is_transform(const VdkComplex *from, const VdkComplex *to, double most)
{
    for (int k = 0; k < VDK_FFT_SIDE; k++) {
        double re = 0, im = 0;

        for (int i = 0; i < VDK_FFT_SIDE; i++) {
            re += from[i].re * cos(angle_of(i, k)) + from[i].im * sin(angle_of(i, k));
            im += from[i].im * cos(angle_of(i, k)) - from[i].re * sin(angle_of(i, k));
        }
        g_assert_cmpfloat(fabs(to[k].re - re), <=, most);
        g_assert_cmpfloat(fabs(to[k].im - im), <=, most);
    }
}

/*
 * A factor is off by half of 1/16384, and each of six rounds multiplies once and rounds by half:
 * an input of b is off by at most 64 b 6 / 32768 + 64, and by a tenth of that in practice.
 */
static void a_line_transformed_is_the_discrete_fourier_transform(void)
{
    static const int sizes[] = {1, 255, 4096, 1 << 17};
    guint32 seed = 7;

    for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++)
        for (int round = 0; round < 20; round++) {
            VdkComplex line[VDK_FFT_SIDE], spaced[VDK_FFT_SIDE * 3] = {0};
            guint range = 2 * (guint)sizes[s] + 1;

            for (int i = 0; i < VDK_FFT_SIDE; i++) {
                line[i].re = (int)(random_next(&seed) % range) - sizes[s];
                line[i].im = (int)(random_next(&seed) % range) - sizes[s];
                spaced[3 * i] = line[i];
            }
            VdkComplex got[VDK_FFT_SIDE];
            memcpy(got, line, sizeof got);
            vdk_fft(got, 1);
            assert_is_transform(line, got, 4 + sizes[s] * 0.0012);
            vdk_fft(spaced, 3);
            for (int i = 0; i < VDK_FFT_SIDE; i++)
                g_assert_cmpmem(&spaced[3 * i], sizeof got[i], &got[i], sizeof got[i]);
        }
}

/* --- sums --- */

/* The same sums, as slowly and plainly as they can be said. */
typedef struct Sums {
    double luma, fine, coarse, black, white, n, colour, samples, quiet, rows;
} Sums;

static void cell_bounds(int size, int i, int *from, int *to)
{
    *from = i * size / 64;
    *to = MAX((i + 1) * size / 64, *from + 1);
}

static int luma_at(const VdkImage *image, int x, int y)
{
    return *sample_at(image, 0, MIN(x, image->luma.width - 1), y);
}

/* Four cells that lie side by side. */
typedef struct Group {
    double fine, n, clipped;
} Group;

static void sum_luma(Sums *sums, Group *group, const VdkImage *image, int column, int line)
{
    int step = MAX(image->luma.width / 480, 1), x0, x1, y0, y1;

    cell_bounds(image->luma.width, column, &x0, &x1);
    cell_bounds(image->luma.height, line, &y0, &y1);
    for (int y = y0; y < y1; y += (y1 - y0 + 3) / 4)
        for (int x = x0; x < x1; x++) {
            int level = luma_at(image, x, y);

            double fine = pow(level - luma_at(image, x + step, y), 2);

            sums->fine += fine;
            sums->n++;
            group->fine += fine;
            group->n++;
            sums->coarse += pow(level - luma_at(image, x + 4 * step, y), 2);
            sums->luma += level;
            sums->black += level <= 24;
            sums->white += level >= 230;
            group->clipped += level <= 24 || level >= 230;
        }
}

static void sum_chroma(Sums *sums, const VdkImage *image, int column, int line)
{
    const VdkPlane *plane = plane_of(image, 1);
    int x0, x1, y0, y1;

    cell_bounds(plane->width, column, &x0, &x1);
    cell_bounds(plane->height, line, &y0, &y1);
    for (int y = y0; y < y1; y += (y1 - y0 + 3) / 4)
        for (int x = x0; x < x1; x++) {
            sums->colour += abs(*sample_at(image, 1, x, y) - 128);
            sums->colour += abs(*sample_at(image, 2, x, y) - 128);
            sums->samples++;
        }
}

static Sums sum(const VdkImage *image)
{
    Sums sums = {0};

    for (int line = 0; line < 64; line++) {
        double quietest = -1;
        Group group = {0};

        for (int column = 0; column < 64; column++) {
            sum_luma(&sums, &group, image, column, line);
            if (image->step > 0)
                sum_chroma(&sums, image, column, line);
            if (column % 4 < 3)
                continue;
            double noise = floor(16 * group.fine / group.n);
            if (group.clipped == 0 && (quietest < 0 || noise < quietest))
                quietest = noise;
            group = (Group){0};
        }
        if (quietest >= 0) {
            sums.quiet += quietest;
            sums.rows++;
        }
    }
    return sums;
}

static guint rounded(double sum, double n)
{
    return n > 0 ? (guint)floor(sum / n + 0.5) : 0;
}

static void assert_sums(const VdkQualityReport *report, const VdkImage *image)
{
    Sums sums = sum(image);

    g_assert_cmpuint(report->mean, ==, rounded(16 * sums.luma, sums.n));
    g_assert_cmpuint(report->fine, ==, rounded(16 * sums.fine, sums.n));
    g_assert_cmpuint(report->coarse, ==, rounded(16 * sums.coarse, sums.n));
    g_assert_cmpuint(report->black, ==, rounded(65536 * sums.black, sums.n));
    g_assert_cmpuint(report->white, ==, rounded(65536 * sums.white, sums.n));
    g_assert_cmpuint(report->colour, ==, rounded(16 * sums.colour, sums.samples));
    g_assert_cmpuint(report->noise, ==, rounded(sums.quiet, sums.rows));
}

static void soften(const VdkImage *image, guint32 seed)
{
    for (int y = 0; y < image->luma.height; y++)
        for (int x = 0; x < image->luma.width; x++)
            *sample_at(image, 0, x, y) =
                (guint8)(20 + (x * 3 + y * 5) % 200 + (int)(random_next(&seed) % 20));
}

static void sums_are_those_of_a_slow_reference_in_every_size_and_layout(void)
{
    for (gsize s = 0; s < n_test_sizes; s++)
        for (Layout layout = 0; layout < N_LAYOUTS; layout++) {
            TestPicture picture;
            Watch watch;

            picture_init(&picture, layout, test_sizes[s].width, test_sizes[s].height, NOISE, 3);
            soften(&picture.image, (guint32)s);
            watch_init(&watch);
            assert_sums(watch_show(&watch, &picture.image, 0), &picture.image);
            watch_clear(&watch);
            picture_clear(&picture);
        }
}

static void sums_of_a_large_picture_are_too(void)
{
    TestPicture picture;
    Watch watch;

    picture_init(&picture, NV12, 1931, 603, NOISE, 3);
    soften(&picture.image, 1);
    watch_init(&watch);
    assert_sums(watch_show(&watch, &picture.image, 0), &picture.image);
    watch_clear(&watch);
    picture_clear(&picture);
}

/* --- shifts --- */

/* Smooth hills of random heights, 24 pixels wide, of a world without end. */
static double hill(int x, int y, guint32 salt)
{
    guint32 seed = (guint32)(x * 7919 + y * 104729) ^ salt;

    random_next(&seed);
    random_next(&seed);
    return random_next(&seed) % 1000 / 1000.0;
}

static double world(double x, double y, double size, guint32 salt)
{
    int left = (int)floor(x / size), top = (int)floor(y / size);
    double across = x / size - left, down = y / size - top;
    double upper = hill(left, top, salt) * (1 - across) + hill(left + 1, top, salt) * across;
    double lower =
        hill(left, top + 1, salt) * (1 - across) + hill(left + 1, top + 1, salt) * across;

    return upper * (1 - down) + lower * down;
}

/* A camera that looks at this place of the world: a light of gain, with noise. */
static void draw_world(const VdkImage *image, double at_x, double at_y, double gain, int noise,
                       guint32 salt)
{
    guint32 seed = salt + (guint32)(at_x * 31 + at_y * 17 + gain * 1000);

    for (int y = 0; y < image->luma.height; y++)
        for (int x = 0; x < image->luma.width; x++) {
            double level = 140 * world(x + at_x, y + at_y, 24, salt) +
                           60 * world(x + at_x, y + at_y, 9, salt + 1);
            int shake = noise > 0 ? (int)(random_next(&seed) % (guint)(2 * noise + 1)) - noise : 0;

            *sample_at(image, 0, x, y) = (guint8)CLAMP(20 + gain * level + shake, 0, 255);
        }
}

#define WIDTH  256 /* a cell is 4 x 3 pixels */
#define HEIGHT 192

typedef struct Camera {
    TestPicture picture;
    Watch watch;
} Camera;

static void camera_init(Camera *camera)
{
    picture_init(&camera->picture, I420, WIDTH, HEIGHT, BLACK, 1);
    watch_init(&camera->watch);
}

static void camera_clear(Camera *camera)
{
    picture_clear(&camera->picture);
    watch_clear(&camera->watch);
}

static const VdkQualityReport *camera_look(Camera *camera, double x, double y, double gain,
                                           int noise)
{
    draw_world(&camera->picture.image, x, y, gain, noise, 5);
    return watch_show(&camera->watch, &camera->picture.image, HALF_A_SECOND);
}

static void camera_settle(Camera *camera, int noise)
{
    for (int i = 0; i < 6; i++)
        camera_look(camera, 0, 0, 1, noise);
}

/* The picture's content moves against the camera. */
static void a_shift_by_whole_cells_is_told_exactly(void)
{
    static const int shifts[][2] = {{0, 0},  {1, 0}, {0, 1},  {-2, 3},  {5, -4},
                                    {-9, 2}, {4, 8}, {12, 0}, {0, -11}, {-7, -7}};

    for (gsize i = 0; i < G_N_ELEMENTS(shifts); i++) {
        int dx = shifts[i][0], dy = shifts[i][1];
        Camera camera;

        camera_init(&camera);
        camera_settle(&camera, 0);
        const VdkQualityReport *report = camera_look(&camera, -4 * dx, -3 * dy, 1, 0);
        g_assert_cmpint(abs(report->shift_x - 16 * dx), <=, 2);
        g_assert_cmpint(abs(report->shift_y - 16 * dy), <=, 2);
        g_assert_cmpuint(report->match, >, 65536 / 5);
        if (abs(dx) + abs(dy) > 3)
            g_assert_cmpuint(report->here, <, report->match / 3);
        camera_clear(&camera);
    }
}

static void a_shift_by_a_part_of_a_cell_is_told_to_a_sixth_of_one(void)
{
    for (int pixels = -6; pixels <= 6; pixels++) {
        Camera camera;

        camera_init(&camera);
        camera_settle(&camera, 2);
        int shift = camera_look(&camera, -pixels, 0, 1, 2)->shift_x;
        g_assert_cmpint(abs(shift - 4 * pixels), <=, 3);
        camera_clear(&camera);
    }
}

static void a_dimmer_and_noisier_picture_fits_as_before(void)
{
    Camera camera;

    camera_init(&camera);
    camera_settle(&camera, 2);
    const VdkQualityReport *report = camera_look(&camera, 0, 0, 0.3, 8);
    g_assert_cmpuint(report->here, >, 65536 / 2);
    g_assert_cmpint(report->shift_x, ==, 0);
    g_assert_cmpint(report->shift_y, ==, 0);
    camera_clear(&camera);
}

static void another_scene_fits_nowhere(void)
{
    Camera camera;

    camera_init(&camera);
    camera_settle(&camera, 2);
    const VdkQualityReport *report = camera_look(&camera, 5000, 9000, 1, 2);
    g_assert_cmpuint(report->here, <, 65536 / 8);
    g_assert_cmpuint(report->match, <, 65536 / 4);
    camera_clear(&camera);
}

static void a_blank_picture_fits_nowhere_and_is_no_reference(void)
{
    Camera camera;
    TestPicture blank;
    Watch watch;

    picture_init(&blank, I420, WIDTH, HEIGHT, BLACK, 1);
    memset(blank.memory, 128, blank.bytes);
    camera_init(&camera);
    camera_settle(&camera, 2);
    const VdkQualityReport *report = watch_show(&camera.watch, &blank.image, HALF_A_SECOND);
    g_assert_cmpuint(report->bins, >, 500);
    g_assert_cmpuint(report->match, ==, 0);
    watch_init(&watch);
    report = watch_show(&watch, &blank.image, 0);
    g_assert_cmpuint(report->bins, ==, 0);
    watch_clear(&watch);
    camera_clear(&camera);
    picture_clear(&blank);
}

/* --- time --- */

static void a_picture_that_comes_again_is_the_same_and_noise_makes_it_another(void)
{
    Camera camera;

    camera_init(&camera);
    g_assert_cmpuint(camera_look(&camera, 0, 0, 1, 2)->same, ==, 0);
    g_assert_cmpuint(camera_look(&camera, 0, 0, 1, 2)->same, ==, 4096);
    *sample_at(&camera.picture.image, 0, 100, 99) ^= 1;
    /* It is a neighbour of the cell before as well. */
    const VdkQualityReport *report = watch_show(&camera.watch, &camera.picture.image, 1);
    g_assert_cmpuint(report->same, ==, 4094);
    g_assert_cmpuint(camera_look(&camera, 0, 0, 1, 3)->same, <, 100);
    camera_clear(&camera);
}

static void the_reference_is_the_mean_of_what_was_until_it_is_a_minute_old(void)
{
    VdkQualityState *state;
    Camera camera;

    camera_init(&camera);
    state = camera.watch.state;
    memset(camera.picture.image.luma.data, 100,
           (gsize)camera.picture.image.luma.pitch * (HEIGHT - 1));
    for (int i = 0; i < 3; i++)
        watch_show(&camera.watch, &camera.picture.image, 10 * HALF_A_SECOND);
    g_assert_cmpuint(state->reference[2080], ==, 100 << 16);
    memset(camera.picture.image.luma.data, 160,
           (gsize)camera.picture.image.luma.pitch * (HEIGHT - 1));
    watch_show(&camera.watch, &camera.picture.image, 10 * HALF_A_SECOND);
    g_assert_cmpuint(state->reference[2080], ==, 120 << 16);
    for (int i = 0; i < 20; i++)
        watch_show(&camera.watch, &camera.picture.image, 10 * HALF_A_SECOND);
    g_assert_cmpuint(camera.watch.report.learned_ms, ==, 60000);
    camera_clear(&camera);
}

static double reference_after_30_s(gint64 elapsed_us)
{
    Camera camera;

    camera_init(&camera);
    for (gint64 us = 0; us <= 30000000; us += elapsed_us) {
        int level = us < 20000000 ? 90 : 150;

        memset(camera.picture.image.luma.data, level,
               (gsize)camera.picture.image.luma.pitch * (HEIGHT - 1));
        watch_show(&camera.watch, &camera.picture.image, elapsed_us);
    }
    double reference = ((VdkQualityState *)camera.watch.state)->reference[2080] / 65536.0;
    camera_clear(&camera);
    return reference;
}

static void learning_goes_by_time(void)
{
    g_assert_cmpfloat(fabs(reference_after_30_s(250000) - reference_after_30_s(1000000)), <, 2);
    g_assert_cmpfloat(fabs(reference_after_30_s(500000) - 110), <, 2);
}

/* --- */

static void what_cannot_be_is_refused_and_touches_nothing(void)
{
    VdkQualityReport report = {.mean = 77};
    TestPicture picture;
    Watch watch;

    watch_init(&watch);
    picture_init(&picture, I420, 16, 16, NOISE, 1);
    VdkImage bad = picture.image;
    bad.luma.width = 0;
    g_assert_cmpint(vdk_cpu()->quality(&bad, 0, 16, watch.state, watch.scratch, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cpu()->quality(&picture.image, 0, 256, watch.state, watch.scratch, &report),
                    ==, -EINVAL);
    g_assert_cmpint(vdk_cpu()->quality(&picture.image, 0, 16, NULL, watch.scratch, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cpu()->quality(&picture.image, 0, 16, watch.state, NULL, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cpu()->quality(&picture.image, 0, 16, watch.state, watch.scratch, NULL), ==,
                    -EINVAL);
    g_assert_cmpuint(report.mean, ==, 77);
    g_assert_cmpuint(((VdkQualityState *)watch.state)->seen, ==, 0);
    picture_clear(&picture);
    watch_clear(&watch);
}

#define TEST(name) g_test_add_func("/quality/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_line_transformed_is_the_discrete_fourier_transform);
    TEST(sums_are_those_of_a_slow_reference_in_every_size_and_layout);
    TEST(sums_of_a_large_picture_are_too);
    TEST(a_shift_by_whole_cells_is_told_exactly);
    TEST(a_shift_by_a_part_of_a_cell_is_told_to_a_sixth_of_one);
    TEST(a_dimmer_and_noisier_picture_fits_as_before);
    TEST(another_scene_fits_nowhere);
    TEST(a_blank_picture_fits_nowhere_and_is_no_reference);
    TEST(a_picture_that_comes_again_is_the_same_and_noise_makes_it_another);
    TEST(the_reference_is_the_mean_of_what_was_until_it_is_a_minute_old);
    TEST(learning_goes_by_time);
    TEST(what_cannot_be_is_refused_and_touches_nothing);
    return g_test_run();
}
