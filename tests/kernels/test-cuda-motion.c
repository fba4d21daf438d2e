#include <errno.h>
#include <string.h>

#include "cuda-kit.h"
#include "kernels/motion-state.h"

/* The CUDA back end against the CPU's: report, mask and state after every frame. */

#define assert_ok(result) g_assert_cmpint((int)(result), ==, 0)

typedef struct Watch {
    Gpu *gpu;
    VdkPlane luma, mask;
    VdkPlane chroma[2];
    int step; /* of chroma: 1 or 2, 0 for none */
    int factor;
    gsize luma_bytes, chroma_bytes, mask_bytes, state_bytes;
    VdkMotionSettings settings;
    void *state, *scratch; /* the CPU's */
    void *gpu_memory, *gpu_mask, *gpu_state, *gpu_scratch;
    guint8 *gpu_luma, *gpu_chroma;
    bool infrared; /* nothing has a colour */
    guint32 seed;
} Watch;

static void *aligned_memory(gsize bytes)
{
    return g_aligned_alloc0(1, (bytes + 63) & ~(gsize)63, 64);
}

/* Chroma of 4:2:0, planar or interleaved; both planes lie in one piece of memory. */
static void chroma_init(Watch *watch, Size size, int step, int padding)
{
    int width = (size.width + 1) / 2, height = (size.height + 1) / 2;
    int pitch = width * step + padding;

    watch->step = step;
    watch->chroma_bytes = (gsize)(step == 1 ? 2 : 1) * (gsize)pitch * (gsize)height;
    watch->chroma[0] = (VdkPlane){g_malloc0(watch->chroma_bytes), width, height, pitch};
    watch->chroma[1] = watch->chroma[0];
    watch->chroma[1].data += step == 1 ? (gssize)pitch * height : 1;
    watch->gpu_chroma = gpu_memory(watch->gpu, watch->chroma_bytes);
}

static VdkImage image_of(const Watch *watch)
{
    return (VdkImage){watch->luma, {watch->chroma[0], watch->chroma[1]}, watch->step};
}

/*
 * padding: bytes behind each row, of luma and of the mask. offset: of luma on the device from a
 * multiple of 256; its memory ends with the last pixel.
 */
static void watch_init_at(Watch *watch, Gpu *gpu, Size size, int factor, int padding, int offset)
{
    int aw = size.width / factor, ah = size.height / factor;

    *watch = (Watch){.gpu = gpu, .factor = factor, .settings = {16, 10, 16}, .seed = 1};
    watch->luma_bytes = (gsize)(size.width + padding) * (gsize)size.height - (gsize)padding;
    watch->luma =
        (VdkPlane){g_malloc0(watch->luma_bytes), size.width, size.height, size.width + padding};
    watch->mask_bytes = (gsize)(aw + padding) * (gsize)ah;
    watch->mask = (VdkPlane){g_malloc0(watch->mask_bytes), aw, ah, aw + padding};
    watch->state_bytes = vdk_motion_state_size(aw, ah);
    watch->state = aligned_memory(watch->state_bytes);
    watch->scratch = aligned_memory(vdk_motion_scratch_size(aw, ah));
    watch->gpu_memory = gpu_memory(gpu, watch->luma_bytes + (gsize)offset);
    watch->gpu_luma = (guint8 *)watch->gpu_memory + offset;
    watch->gpu_mask = gpu_memory(gpu, watch->mask_bytes);
    watch->gpu_state = gpu_memory(gpu, watch->state_bytes);
    watch->gpu_scratch = gpu_memory(gpu, vdk_cuda_motion_scratch_size(aw, ah));
    if ((size.width + factor) % 3 > 0)
        chroma_init(watch, size, (size.width + factor) % 3, padding);
}

static void watch_init(Watch *watch, Gpu *gpu, Size size, int factor, int padding)
{
    watch_init_at(watch, gpu, size, factor, padding, 0);
}

static void watch_clear(Watch *watch)
{
    g_free(watch->luma.data);
    g_free(watch->chroma[0].data);
    if (watch->gpu_chroma != NULL)
        gpu_free(watch->gpu, watch->gpu_chroma);
    g_free(watch->mask.data);
    g_aligned_free(watch->state);
    g_aligned_free(watch->scratch);
    gpu_free(watch->gpu, watch->gpu_memory);
    gpu_free(watch->gpu, watch->gpu_mask);
    gpu_free(watch->gpu, watch->gpu_state);
    gpu_free(watch->gpu, watch->gpu_scratch);
}

static void run_gpu(Watch *watch, gint64 elapsed_us, bool with_mask, VdkMotionReport *report)
{
    VdkImage image = image_of(watch);
    VdkPlane mask = watch->mask;

    image.luma.data = watch->gpu_luma;
    for (int i = 0; i < 2 && watch->step > 0; i++)
        image.chroma[i].data = watch->gpu_chroma + (watch->chroma[i].data - watch->chroma[0].data);
    mask.data = watch->gpu_mask;
    assert_ok(vdk_cuda_motion(watch->gpu->cuda, watch->gpu->stream, &image, watch->factor,
                              elapsed_us, &watch->settings, watch->gpu_state, watch->gpu_scratch,
                              with_mask ? &mask : NULL, report));
    assert_ok(watch->gpu->driver->cuStreamSynchronize(watch->gpu->stream));
}

static void assert_same_memory(Watch *watch, const void *device, const void *host, gsize bytes)
{
    g_autofree guint8 *got = g_malloc(bytes);

    gpu_fetch(watch->gpu, got, device, bytes);
    g_assert_cmpmem(got, bytes, host, bytes);
}

/* Colour goes with grey, so that what is drawn has another than the room, and shakes a little. */
static void draw_chroma(Watch *watch)
{
    for (int y = 0; watch->step > 0 && y < watch->chroma[0].height; y++)
        for (int x = 0; x < watch->chroma[0].width; x++) {
            int grey = watch->luma.data[(gssize)y * 2 * watch->luma.pitch + 2 * x];
            gssize at = (gssize)y * watch->chroma[0].pitch + (gssize)x * watch->step;

            int shake = (int)(random_next(&watch->seed) % 3);

            watch->chroma[0].data[at] = (guint8)(watch->infrared ? 128 : 100 + grey / 8 + shake);
            watch->chroma[1].data[at] = (guint8)(watch->infrared ? 128 : 160 - grey / 8);
        }
}

/* Both look at the picture, and must say and keep the same. */
static VdkMotionReport watch_show(Watch *watch, gint64 elapsed_us)
{
    VdkMotionReport cpu, gpu;
    VdkImage image = image_of(watch);

    draw_chroma(watch);
    if (watch->step > 0)
        gpu_put(watch->gpu, watch->gpu_chroma, watch->chroma[0].data, watch->chroma_bytes);
    assert_ok(vdk_cpu()->motion(&image, watch->factor, elapsed_us, &watch->settings, watch->state,
                                watch->scratch, &watch->mask, &cpu));
    gpu_put(watch->gpu, watch->gpu_luma, watch->luma.data, watch->luma_bytes);
    run_gpu(watch, elapsed_us, true, &gpu);
    g_assert_cmpmem(&gpu, sizeof gpu, &cpu, sizeof cpu);
    assert_same_memory(watch, watch->gpu_state, watch->state, watch->state_bytes);
    assert_same_memory(watch, watch->gpu_mask, watch->mask.data, watch->mask_bytes);
    return cpu;
}

/* --- pictures --- */

static guint8 *luma_at(Watch *watch, int x, int y)
{
    return watch->luma.data + (gssize)y * watch->luma.pitch + x;
}

/* A room in a light of gain / 256 and offset, with noise up to `noise`. */
static void draw_room(Watch *watch, int gain, int offset, int noise)
{
    for (int y = 0; y < watch->luma.height; y++)
        for (int x = 0; x < watch->luma.width; x++) {
            int grey = 40 + x * 120 / watch->luma.width + ((x / 16 + y / 12) % 2 ? 30 : 0);
            int shake = noise > 0 ? (int)(random_next(&watch->seed) % (guint)(2 * noise + 1)) : 0;

            grey = grey * gain / 256 + offset + shake - noise;
            *luma_at(watch, x, y) = (guint8)CLAMP(grey, 0, 255);
        }
}

static void draw_disc(Watch *watch, int cx, int cy, int radius, guint8 grey)
{
    for (int y = MAX(cy - radius, 0); y < MIN(cy + radius, watch->luma.height); y++)
        for (int x = MAX(cx - radius, 0); x < MIN(cx + radius, watch->luma.width); x++)
            if ((x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius)
                *luma_at(watch, x, y) = grey;
}

static void draw_dots(Watch *watch, guint n)
{
    for (guint i = 0; i < n; i++)
        draw_disc(watch, (int)(random_next(&watch->seed) % (guint)watch->luma.width),
                  (int)(random_next(&watch->seed) % (guint)watch->luma.height),
                  1 + (int)(random_next(&watch->seed) % 6) * watch->factor, 250);
}

/* --- tests --- */

/* A while of room, walkers, a light, many dots, and another scene that stays. */
static void live_through_a_day(Watch *watch)
{
    guint moved = 0, boxes = 0;

    for (int i = 0; i < 15; i++) {
        draw_room(watch, 256, 0, 3);
        watch_show(watch, i == 0 ? 0 : 100000);
    }
    for (int i = 0; i < 6; i++) {
        draw_room(watch, 256, 0, 3);
        draw_disc(watch, 20 + 9 * i, 30 + 2 * i, 14 * watch->factor, 250);
        draw_disc(watch, watch->luma.width - 9 * i, 60, 9 * watch->factor, 10);
        moved += watch_show(watch, 100000).moving;
    }
    for (int i = 0; i < 4; i++) {
        draw_room(watch, 300, 12, 3);
        watch_show(watch, 200000);
    }
    for (int i = 0; i < 3; i++) {
        draw_room(watch, 300, 12, 3);
        draw_dots(watch, 150);
        boxes = MAX(boxes, watch_show(watch, 100000).n_boxes);
    }
    for (int i = 0; i < 6; i++) {
        draw_room(watch, -200, 220, 40);
        watch_show(watch, 400000);
    }
    g_assert_cmpuint(moved, >, 0);
    g_assert_cmpuint(boxes, >, 1);
}

static void whole_day(Gpu *gpu)
{
    static const struct {
        Size size;
        int factor, padding;
    } table[] = {{{161, 97}, 1, 5}, {{320, 200}, 2, 0}, {{323, 201}, 2, 1}, {{640, 360}, 4, 0}};
    Watch watch;

    for (gsize i = 0; i < (gpu->again ? 2 : G_N_ELEMENTS(table)); i++) {
        watch_init(&watch, gpu, table[i].size, table[i].factor, table[i].padding);
        live_through_a_day(&watch);
        watch_clear(&watch);
    }
}

/* A lamp in its left half, a wall of bricks, so that there is texture. */
static void draw_lit(Watch *watch, int gain)
{
    for (int y = 0; y < watch->luma.height; y++)
        for (int x = 0; x < watch->luma.width; x++) {
            bool seam = x / watch->factor % 10 < 3 || y / watch->factor % 8 < 3;
            int grey = (seam ? 40 : 70) + (int)(random_next(&watch->seed) % 3);

            *luma_at(watch, x, y) = (guint8)(x < watch->luma.width / 2 ? grey * gain / 256 : grey);
        }
}

/* What was told of some pictures alike, 200 ms apart. */
typedef struct Told {
    guint light, anew, other, boxes;
} Told;

static Told watch_alike(Watch *watch, int gain, int n)
{
    Told told = {0};

    for (int i = 0; i < n; i++) {
        draw_lit(watch, gain);
        const VdkMotionReport report = watch_show(watch, 200000);
        told.light += report.light;
        told.anew += report.anew;
        told.other += report.dark != 0 || report.bright != 0;
        told.boxes += report.n_boxes;
    }
    return told;
}

/* A lamp, night, a light that blinds, infrared and back. */
static void live_through_a_night(Watch *watch)
{
    Told told = watch_alike(watch, 256, 10);

    g_assert_cmpuint(told.anew, ==, 1);
    told = watch_alike(watch, 512, 12);
    g_assert_cmpuint(told.light, ==, 5);
    g_assert_cmpuint(told.anew, ==, 1);
    g_assert_cmpuint(told.boxes, ==, 0);
    for (int i = 0; i < 20; i++) {
        draw_room(watch, i < 10 ? 24 : 256, 0, 0);
        const VdkMotionReport report = watch_show(watch, 200000);
        told.other += report.dark != 0;
        told.anew += report.anew;
        g_assert_true(i != 10 || report.light);
        g_assert_true(i != 11 || report.anew);
    }
    g_assert_cmpuint(told.other, >, 0);
    for (int i = 0; i < 14; i++) {
        watch->infrared = i < 7;
        draw_room(watch, 200, 0, 2);
        const VdkMotionReport report = watch_show(watch, 200000);
        g_assert_cmpuint(report.anew, ==, i % 7 == 0);
        g_assert_cmpuint(report.n_boxes, ==, 0);
    }
}

static void whole_night(Gpu *gpu)
{
    Watch watch;

    for (int factor = 1; factor <= 2; factor++) {
        watch_init(&watch, gpu, (Size){162 * factor, 97 * factor}, factor, 3);
        live_through_a_night(&watch);
        watch_clear(&watch);
    }
}

static void a_night_is_the_same_in_every_order(void)
{
    gpu_in_every_order(whole_night);
}

static void a_day_is_the_same_in_every_order(void)
{
    gpu_in_every_order(whole_day);
}

static void odd_sizes(Gpu *gpu)
{
    static const struct {
        Size size;
        int factor;
    } table[] = {{{1, 1}, 1},   {{1, 40}, 1},    {{40, 1}, 1},   {{32, 8}, 1},
                 {{33, 9}, 1},  {{31, 7}, 3},    {{64, 16}, 1},  {{65, 17}, 5},
                 {{99, 50}, 7}, {{200, 120}, 8}, {{96, 48}, 48}, {{130, 70}, 2}};
    Watch watch;

    for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
        watch_init(&watch, gpu, table[i].size, table[i].factor, 3);
        watch.settings = (VdkMotionSettings){1, 1, 0};
        for (int frame = 0; frame < 8; frame++) {
            draw_room(&watch, 256, 0, frame < 5 ? 1 : 60);
            if (frame >= 5)
                draw_dots(&watch, 3);
            watch_show(&watch, frame == 0 ? 0 : 300000);
        }
        watch_clear(&watch);
    }
}

static void odd_sizes_are_the_same(void)
{
    gpu_in_every_order(odd_sizes);
}

/* Every byte of a box must come in, whether it is read in pieces of 16 bytes or not. */
static void show_wherever_it_lies(Gpu *gpu, Size size, int factor, int padding, int offset)
{
    Watch watch;

    watch_init_at(&watch, gpu, size, factor, padding, offset);
    for (int frame = 0; frame < 4; frame++) {
        draw_room(&watch, frame < 3 ? 256 : 300, 0, 30);
        watch_show(&watch, frame == 0 ? 0 : 400000);
    }
    watch_clear(&watch);
}

static void wherever_luma_lies(Gpu *gpu)
{
    static const int factors[] = {1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 70};
    static const int offsets[] = {0, 1, 8, 16};

    for (int aw = 1; aw <= 33; aw++)
        for (gsize i = 0; i < G_N_ELEMENTS(factors); i++) {
            int factor = factors[i], rest = (aw + (int)i) % MIN(factor, 3);
            int width = aw * factor + rest, to_16 = (16 - width % 16) % 16;

            for (int odd = 0; odd < 2; odd++)
                show_wherever_it_lies(gpu, (Size){width, factor + rest}, factor, to_16 + odd,
                                      offsets[(aw + (int)i + odd) % 4]);
        }
}

static void luma_may_lie_anywhere(void)
{
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    wherever_luma_lies(&gpu);
    gpu_clear(&gpu);
}

/* Rings, combs and a spiral: components that meet again and again across tiles. */
static void draw_maze(Watch *watch, guint8 grey)
{
    int width = watch->luma.width, height = watch->luma.height;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int deep = MIN(MIN(x, width - 1 - x), MIN(y, height - 1 - y));
            int slope = height / 2 + deep / 5;
            bool gap = x > width / 2 && y > slope && y < slope + 6;

            if (deep % 11 < 5 || gap) /* less than half of it, or it were another light */
                *luma_at(watch, x, y) = grey;
        }
}

static void mazes(Gpu *gpu)
{
    Watch watch;

    watch_init(&watch, gpu, (Size){210, 130}, 1, 0);
    for (int frame = 0; frame < 9; frame++) {
        draw_room(&watch, 128, 0, 1);
        if (frame > 5)
            draw_maze(&watch, (guint8)(200 + 10 * (frame % 3)));
        VdkMotionReport report = watch_show(&watch, frame == 0 ? 0 : 300000);
        if (frame == 6)
            g_assert_cmpuint(report.n_boxes, >, 0);
    }
    watch_clear(&watch);
}

static void what_winds_through_many_tiles_is_one_component(void)
{
    gpu_in_every_order(mazes);
}

static void a_frame_is_five_kernels_and_one_small_copy(void)
{
    struct VedetteEmuCounters before, after;
    VdkMotionReport report;
    Watch watch;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    if (gpu.read == NULL) {
        g_test_skip("a real device counts nothing");
        gpu_clear(&gpu);
        return;
    }
    watch_init(&watch, &gpu, (Size){320, 180}, 2, 0);
    draw_room(&watch, 256, 0, 3);
    gpu_put(&gpu, watch.gpu_luma, watch.luma.data, watch.luma_bytes);
    run_gpu(&watch, 0, false, &report);
    gpu.read(&before);
    run_gpu(&watch, 100000, false, &report);
    gpu.read(&after);
    g_assert_cmpuint(after.launches - before.launches, ==, 5);
    g_assert_cmpuint(after.d2h - before.d2h, ==, sizeof report);
    g_assert_cmpuint(after.h2d, ==, before.h2d);
    g_assert_cmpuint(after.allocations, ==, before.allocations);
    g_assert_cmpuint(after.syncs - before.syncs, ==, 1);
    watch_clear(&watch);
    gpu_clear(&gpu);
}

static void what_the_cpu_began_the_device_goes_on_with(void)
{
    Watch watch;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    watch_init(&watch, &gpu, (Size){160, 96}, 1, 0);
    for (int i = 0; i < 20; i++) {
        VdkMotionReport report;

        draw_room(&watch, 256, 0, 3);
        draw_chroma(&watch);
        VdkImage image = image_of(&watch);
        assert_ok(vdk_cpu()->motion(&image, 1, i == 0 ? 0 : 100000, &watch.settings, watch.state,
                                    watch.scratch, NULL, &report));
    }
    gpu_put(&gpu, watch.gpu_state, watch.state, watch.state_bytes);
    draw_room(&watch, 256, 0, 3);
    draw_disc(&watch, 80, 48, 20, 250);
    g_assert_cmpuint(watch_show(&watch, 100000).n_boxes, ==, 1);
    watch_clear(&watch);
    gpu_clear(&gpu);
}

static void bad_arguments_are_refused(void)
{
    VdkMotionReport report;
    Watch watch;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    watch_init(&watch, &gpu, (Size){32, 32}, 1, 0);
    VdkImage luma = {.luma = watch.luma}, flat = luma;
    VdkMotionSettings bad = {0, 10, 0};
    luma.luma.data = watch.gpu_luma;
    flat.luma.height = 0;
    VdkCuda *cuda = gpu.cuda;
    void *state = watch.gpu_state, *scratch = watch.gpu_scratch;
    const VdkMotionSettings *good = &watch.settings;
    g_assert_cmpint(
        vdk_cuda_motion(cuda, gpu.stream, &flat, 1, 0, good, state, scratch, NULL, &report), ==,
        -EINVAL);
    g_assert_cmpint(
        vdk_cuda_motion(cuda, gpu.stream, &luma, 33, 0, good, state, scratch, NULL, &report), ==,
        -EINVAL);
    g_assert_cmpint(
        vdk_cuda_motion(cuda, gpu.stream, &luma, 1, 0, &bad, state, scratch, NULL, &report), ==,
        -EINVAL);
    g_assert_cmpint(
        vdk_cuda_motion(cuda, gpu.stream, &luma, 1, 0, good, NULL, scratch, NULL, &report), ==,
        -EINVAL);
    g_assert_cmpint(
        vdk_cuda_motion(cuda, gpu.stream, &luma, 1, 0, good, state, scratch, NULL, NULL), ==,
        -EINVAL);
    g_assert_cmpuint(vdk_cuda_motion_scratch_size(0, 9), ==, 0);
    watch_clear(&watch);
    gpu_clear(&gpu);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/motion/a_day_is_the_same_in_every_order",
                    a_day_is_the_same_in_every_order);
    g_test_add_func("/cuda/motion/a_night_is_the_same_in_every_order",
                    a_night_is_the_same_in_every_order);
    g_test_add_func("/cuda/motion/odd_sizes_are_the_same", odd_sizes_are_the_same);
    g_test_add_func("/cuda/motion/luma_may_lie_anywhere", luma_may_lie_anywhere);
    g_test_add_func("/cuda/motion/what_winds_through_many_tiles_is_one_component",
                    what_winds_through_many_tiles_is_one_component);
    g_test_add_func("/cuda/motion/a_frame_is_five_kernels_and_one_small_copy",
                    a_frame_is_five_kernels_and_one_small_copy);
    g_test_add_func("/cuda/motion/what_the_cpu_began_the_device_goes_on_with",
                    what_the_cpu_began_the_device_goes_on_with);
    g_test_add_func("/cuda/motion/bad_arguments_are_refused", bad_arguments_are_refused);
    return g_test_run();
}
