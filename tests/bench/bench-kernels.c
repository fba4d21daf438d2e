#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernels/motion-state.h"
#include "tests/kernels/pictures.h"

/* Prints the median time of every operator in ms of one thread's CPU: bench-kernels [rounds]. */

static int rounds = 60;

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_value(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

typedef void (*Work)(void *data);

static void measure(const char *name, Work work, void *data)
{
    g_autofree double *times = g_new(double, (gsize)rounds);

    work(data);
    for (int i = 0; i < rounds; i++) {
        double start = cpu_ms();

        work(data);
        times[i] = cpu_ms() - start;
    }
    qsort(times, (size_t)rounds, sizeof(double), by_value);
    printf("%-52s %8.3f\n", name, times[rounds / 2]);
}

/* --- motion --- */

typedef struct Motion {
    TestPicture pictures[2];
    int factor, frame;
    gint64 elapsed_us;
    void *state, *scratch;
    VdkMotionReport report;
} Motion;

static void motion_frame(void *data)
{
    static const VdkMotionSettings settings = {16, 10, 16};
    Motion *motion = data;
    const VdkImage *image = &motion->pictures[motion->frame++ % 2].image;

    if (vdk_cpu()->motion(image, motion->factor, motion->elapsed_us, &settings, motion->state,
                          motion->scratch, NULL, &motion->report) != 0)
        g_error("motion failed");
}

static void shrink_frame(void *data)
{
    Motion *motion = data;
    const VdkImage *image = &motion->pictures[motion->frame++ % 2].image;
    VdkMotionPlanes planes;

    vdk_motion_planes(image->luma.width / motion->factor, image->luma.height / motion->factor,
                      motion->state, motion->scratch, &planes);
    vdk_cpu_shrink(&image->luma, motion->factor, planes.width, planes.height, planes.counts,
                   vdk_padded_row(&planes, planes.now, 0), vdk_padded(&planes));
    vdk_cpu_shrink_chroma(image, motion->factor, &planes);
}

/* A room with a camera's noise. */
static void draw_room(const VdkImage *image, guint32 seed)
{
    for (int plane = 0; plane < 3; plane++) {
        const VdkPlane *to = plane_of(image, plane);

        for (int y = 0; y < to->height; y++)
            for (int x = 0; x < to->width; x++) {
                int grey = 40 + x * 120 / to->width + ((x / 64 + y / 48) % 2 ? 30 : 0);

                *sample_at(image, plane, x, y) =
                    (guint8)((plane == 0 ? grey : 120) + (int)(random_next(&seed) % 9));
            }
    }
}

/* Two pictures in turn: the same room, and two walkers in the second. */
static void motion_init(Motion *motion, int width, int height, gint64 elapsed_us)
{
    int aw, ah;

    memset(motion, 0, sizeof(*motion));
    motion->elapsed_us = elapsed_us;
    if (vdk_motion_size(width, height, 480, &aw, &ah, &motion->factor) != 0)
        g_error("no such size");
    motion->state = g_aligned_alloc0(1, vdk_motion_state_size(aw, ah), 64);
    motion->scratch = g_aligned_alloc0(1, vdk_motion_scratch_size(aw, ah), 64);
    for (int i = 0; i < 2; i++)
        picture_init(&motion->pictures[i], I420, width, height, BLACK, 1);
    for (int i = 0; i < 2; i++)
        draw_room(&motion->pictures[i].image, (guint32)(i + 1));
    for (int y = height / 4; y < height / 2; y++)
        for (int x = width / 4; x < width / 3; x++)
            *sample_at(&motion->pictures[1].image, 0, x, y) =
                *sample_at(&motion->pictures[1].image, 0, width - x, y) = 255;
}

static void motion_clear(Motion *motion)
{
    picture_clear(&motion->pictures[0]);
    picture_clear(&motion->pictures[1]);
    g_aligned_free(motion->state);
    g_aligned_free(motion->scratch);
}

static void measure_motion(int width, int height)
{
    static const int rates[] = {10, 30};

    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autofree char *all =
            g_strdup_printf("motion %dx%d, %d frames/s", width, height, rates[i]);
        g_autofree char *part = g_strdup_printf("  of it the downscale %dx%d", width, height);
        Motion motion;

        motion_init(&motion, width, height, 1000000 / rates[i]);
        for (int frame = 0; frame < 2 * rates[i]; frame++)
            motion_frame(&motion);
        measure(all, motion_frame, &motion);
        if (i == 0)
            measure(part, shrink_frame, &motion);
        motion_clear(&motion);
    }
}

/* --- quality --- */

static void quality_look(void *data)
{
    Motion *motion = data;
    const VdkImage *image = &motion->pictures[motion->frame++ % 2].image;
    VdkQualityReport report;

    if (vdk_cpu()->quality(image, 500000, 16, motion->state, motion->scratch, &report) != 0)
        g_error("quality failed");
}

static void measure_quality(int width, int height)
{
    g_autofree char *name = g_strdup_printf("quality %dx%d, a look", width, height);
    Motion motion;

    motion_init(&motion, width, height, 0);
    g_aligned_free(motion.state);
    g_aligned_free(motion.scratch);
    motion.state = g_aligned_alloc0(1, vdk_quality_state_size(), 64);
    motion.scratch = g_aligned_alloc0(1, vdk_quality_scratch_size(), 64);
    measure(name, quality_look, &motion);
    motion_clear(&motion);
}

/* --- pictures --- */

typedef struct Pictures {
    TestPicture from, to, alpha;
    const VdkConversion *conversion;
    void *scratch;
    GArray *spans;
} Pictures;

static const VdkColour colour = {200, 60, 170};

static void scale_work(void *data)
{
    Pictures *on = data;

    if (vdk_cpu()->scale(&on->from.image, on->conversion, on->scratch, &on->to.image) != 0)
        g_error("scale failed");
}

static void fill_work(void *data)
{
    Pictures *on = data;

    vdk_cpu()->fill(&on->from.image, (const VdkSpan *)on->spans->data, on->spans->len, colour);
}

static void pixelate_work(void *data)
{
    Pictures *on = data;

    vdk_cpu()->pixelate(&on->from.image, (const VdkSpan *)on->spans->data, on->spans->len, 16);
}

static void blend_work(void *data)
{
    Pictures *on = data;

    vdk_cpu()->blend(&on->from.image, &on->alpha.image.luma, 32, 32, colour);
}

static void measure_scale(Size from, Layout from_layout, Size to, const VdkConversion *conversion,
                          const char *with)
{
    g_autofree char *name =
        g_strdup_printf("scale %s %dx%d to %dx%d%s", from_layout == NV12 ? "NV12" : "I420",
                        from.width, from.height, to.width, to.height, with);
    Pictures on = {.conversion = conversion};

    picture_init(&on.from, from_layout, from.width, from.height, NOISE, 1);
    picture_init(&on.to, I420, to.width, to.height, NOISE, 2);
    on.scratch = g_malloc(vdk_scale_scratch_size(&on.from.image, &on.to.image));
    measure(name, scale_work, &on);
    g_free(on.scratch);
    picture_clear(&on.from);
    picture_clear(&on.to);
}

/* Over a quarter of the picture; a line of text is alpha of 400x32. */
static void measure_drawing(Size size)
{
    g_autofree char *fill =
        g_strdup_printf("fill a quarter of I420 %dx%d", size.width, size.height);
    g_autofree char *cells =
        g_strdup_printf("pixelate a quarter of I420 %dx%d", size.width, size.height);
    g_autofree char *text = g_strdup_printf("blend 400x32 on I420 %dx%d", size.width, size.height);
    Pictures on = {.spans = g_array_new(FALSE, FALSE, sizeof(VdkSpan))};

    picture_init(&on.from, I420, size.width, size.height, NOISE, 1);
    picture_init(&on.alpha, GREY, 400, 32, NOISE, 2);
    for (int y = size.height / 4; y < size.height * 3 / 4; y++) {
        VdkSpan span = {y, size.width / 4, size.width * 3 / 4};

        g_array_append_val(on.spans, span);
    }
    measure(fill, fill_work, &on);
    measure(cells, pixelate_work, &on);
    measure(text, blend_work, &on);
    g_array_free(on.spans, TRUE);
    picture_clear(&on.from);
    picture_clear(&on.alpha);
}

int main(int argc, char **argv)
{
    static const Size full = {1920, 1080}, small = {640, 360};
    static const VdkConversion limited = {true, VDK_BT601}, hd = {true, VDK_BT709};

    if (argc > 1)
        rounds = CLAMP((int)g_ascii_strtoll(argv[1], NULL, 10), 1, 100000);
    printf("%-52s %8s\n", "operator", "ms");
    measure_motion(1920, 1080);
    measure_motion(1280, 720);
    measure_motion(640, 360);
    measure_quality(1920, 1080);
    measure_quality(640, 360);
    measure_scale(full, I420, full, NULL, "");
    measure_scale(full, I420, full, &limited, ", limited 601");
    measure_scale(full, I420, full, &hd, ", limited 709");
    measure_scale(full, NV12, full, &hd, ", limited 709");
    measure_scale(full, I420, small, NULL, "");
    measure_scale(full, NV12, small, &hd, ", limited 709");
    measure_scale(full, I420, (Size){1280, 720}, NULL, "");
    measure_scale(full, I420, (Size){960, 540}, NULL, "");
    measure_scale(small, I420, (Size){320, 180}, &limited, ", limited 601");
    measure_scale(small, I420, full, NULL, "");
    measure_drawing(full);
    measure_drawing(small);
    return 0;
}
