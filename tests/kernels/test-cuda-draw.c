#include <errno.h>
#include <limits.h>

#include "cuda-kit.h"

/* The CUDA back end against the CPU's, whole memory by whole memory. */

static const VdkColour colour = {.y = 200, .u = 60, .v = 170};

#define assert_ok(result) g_assert_cmpint((int)(result), ==, 0)

/* The same picture for the CPU and on the device. */
typedef struct Pair {
    TestPicture cpu;
    GpuPicture gpu;
} Pair;

static void pair_init(Gpu *gpu, Pair *pair, Layout layout, Size size, Content content)
{
    picture_init(&pair->cpu, layout, size.width, size.height, content, 1);
    gpu_picture_init(gpu, &pair->gpu, &pair->cpu);
}

static void pair_compare(Gpu *gpu, Pair *pair)
{
    gpu_assert_same(gpu, &pair->gpu, &pair->cpu);
    gpu_picture_clear(gpu, &pair->gpu);
    picture_clear(&pair->cpu);
}

/* The emulated driver under a sanitizer takes minutes for them. */
#if defined(__SANITIZE_ADDRESS__)
#define LARGE 640
#else
#define LARGE 16384
#endif

/* Every layout at every size; large pictures in the usual layouts, once. */
static void with_all(Gpu *gpu, void (*compare)(Gpu *gpu, Layout layout, Size size, Content content))
{
    for (gsize i = 0; i < n_test_sizes; i++)
        for (int layout = 0; layout < N_LAYOUTS; layout++)
            if (test_sizes[i].width < 640 ||
                (!gpu->again && test_sizes[i].width < LARGE && (layout == I420 || layout == NV12)))
                compare(gpu, (Layout)layout, test_sizes[i], NOISE);
    for (int content = 0; content < N_CONTENTS; content++)
        compare(gpu, NV12, (Size){161, 97}, (Content)content);
}

/* --- spans --- */

typedef struct Spans {
    GArray *host;
    VdkCudaSpans device;
} Spans;

static void spans_init(Gpu *gpu, Spans *spans, Size size)
{
    spans->host = random_spans(size.width, size.height, 2);
    guint n = spans->host->len;
    const VdkSpan *data = (const VdkSpan *)spans->host->data;
    spans->device = (VdkCudaSpans){
        .spans = n > 0 ? gpu_copy(gpu, data, n * sizeof *data) : NULL,
        .n = n,
        .bounds = vdk_cuda_bounds(data, n),
    };
}

static void spans_clear(Gpu *gpu, Spans *spans)
{
    if (spans->device.n > 0)
        gpu_free(gpu, (void *)spans->device.spans);
    g_array_unref(spans->host);
}

static void compare_fill(Gpu *gpu, Layout layout, Size size, Content content)
{
    Spans spans;
    Pair pair;

    pair_init(gpu, &pair, layout, size, content);
    spans_init(gpu, &spans, size);
    assert_ok(vdk_cpu()->fill(&pair.cpu.image, (const VdkSpan *)spans.host->data, spans.host->len,
                              colour));
    assert_ok(vdk_cuda_fill(gpu->cuda, gpu->stream, &pair.gpu.image, &spans.device, colour));
    pair_compare(gpu, &pair);
    spans_clear(gpu, &spans);
}

static void compare_pixelate_by(Gpu *gpu, Layout layout, Size size, Content content, int block)
{
    Spans spans;
    Pair pair;

    pair_init(gpu, &pair, layout, size, content);
    spans_init(gpu, &spans, size);
    gsize bytes = vdk_cuda_pixelate_scratch_size(&pair.gpu.image, &spans.device, block);
    void *scratch = gpu_memory(gpu, MAX(bytes, 1));
    assert_ok(vdk_cpu()->pixelate(&pair.cpu.image, (const VdkSpan *)spans.host->data,
                                  spans.host->len, block));
    assert_ok(
        vdk_cuda_pixelate(gpu->cuda, gpu->stream, &pair.gpu.image, &spans.device, block, scratch));
    pair_compare(gpu, &pair);
    gpu_free(gpu, scratch);
    spans_clear(gpu, &spans);
}

static void compare_pixelate(Gpu *gpu, Layout layout, Size size, Content content)
{
    static const int blocks[] = {1, 3, 16, 1000};

    for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (size.width < 640 || blocks[i] == 16)
            compare_pixelate_by(gpu, layout, size, content, blocks[i]);
}

/* A row for each remainder by 16 that a span can begin with and each width up to three pieces. */
static void spans_of_every_alignment(Gpu *gpu)
{
    const Size size = {80, 17 * 49};
    g_autoptr(GArray) host = g_array_new(FALSE, FALSE, sizeof(VdkSpan));
    Pair pair;

    for (int y = 0; y < size.height; y++) {
        VdkSpan span = {y, y % 17, y % 17 + 1 + y / 17};

        g_array_append_val(host, span);
    }
    const VdkSpan *spans = (const VdkSpan *)host->data;
    VdkCudaSpans device = {.spans = gpu_copy(gpu, spans, host->len * sizeof *spans),
                           .n = host->len,
                           .bounds = vdk_cuda_bounds(spans, host->len)};
    pair_init(gpu, &pair, Y444, size, NOISE);
    assert_ok(vdk_cpu()->fill(&pair.cpu.image, spans, host->len, colour));
    assert_ok(vdk_cuda_fill(gpu->cuda, gpu->stream, &pair.gpu.image, &device, colour));
    pair_compare(gpu, &pair);
    gpu_free(gpu, (void *)device.spans);
}

static void spans_may_begin_and_end_anywhere(void)
{
    gpu_in_every_order(spans_of_every_alignment);
}

static void fill_all(Gpu *gpu)
{
    with_all(gpu, compare_fill);
}

static void fill_is_the_same(void)
{
    gpu_in_every_order(fill_all);
}

static void pixelate_all(Gpu *gpu)
{
    with_all(gpu, compare_pixelate);
}

static void pixelate_is_the_same(void)
{
    gpu_in_every_order(pixelate_all);
}

/* --- frames --- */

static void cpu_frame(VdkImage *image, const VdkRectangle *frame, int thick)
{
    int width = image->luma.width, height = image->luma.height;
    gsize room = 2 * (gsize)height;
    g_autofree VdkSpan *spans = g_new(VdkSpan, room);
    int n = vdk_shape_frame(frame->x, frame->y, frame->width, frame->height, thick, width, height,
                            spans, room);

    g_assert_cmpint(n, >=, 0);
    assert_ok(vdk_cpu()->fill(image, spans, (gsize)n, colour));
}

static void compare_frames(Gpu *gpu, Layout layout, Size size, Content content)
{
    VdkRectangle frames[VDK_MAX_BOXES];
    guint32 seed = 3;
    Pair pair;

    for (gsize i = 0; i < G_N_ELEMENTS(frames); i++)
        frames[i] = (VdkRectangle){
            .x = (int)(random_next(&seed) % (guint)(size.width + 20)) - 10,
            .y = (int)(random_next(&seed) % (guint)(size.height + 20)) - 10,
            .width = 1 + (int)(random_next(&seed) % (guint)(size.width / 3 + 3)),
            .height = 1 + (int)(random_next(&seed) % (guint)(size.height / 3 + 3)),
        };
    for (int thick = 1; thick <= 3; thick++) {
        pair_init(gpu, &pair, layout, size, content);
        for (gsize i = 0; i < G_N_ELEMENTS(frames); i++)
            cpu_frame(&pair.cpu.image, &frames[i], thick);
        assert_ok(vdk_cuda_frames(gpu->cuda, gpu->stream, &pair.gpu.image, frames,
                                  G_N_ELEMENTS(frames), thick, colour));
        pair_compare(gpu, &pair);
    }
}

static void frames_all(Gpu *gpu)
{
    with_all(gpu, compare_frames);
}

static void frames_are_the_same(void)
{
    gpu_in_every_order(frames_all);
}

/* --- blend --- */

#define N_ALPHAS 3

typedef struct Alphas {
    TestPicture host[N_ALPHAS];
    GpuPicture device[N_ALPHAS];
} Alphas;

static void alphas_init(Gpu *gpu, Alphas *alphas, Size size)
{
    static const Content contents[N_ALPHAS] = {NOISE, WHITE, CHECKER};

    for (int i = 0; i < N_ALPHAS; i++) {
        picture_init(&alphas->host[i], GREY, size.width / (2 + 3 * i) + 1,
                     size.height / (2 + 3 * i) + 1, contents[i], 4);
        gpu_picture_init(gpu, &alphas->device[i], &alphas->host[i]);
    }
}

static void alphas_clear(Gpu *gpu, Alphas *alphas)
{
    for (int i = 0; i < N_ALPHAS; i++) {
        gpu_picture_clear(gpu, &alphas->device[i]);
        picture_clear(&alphas->host[i]);
    }
}

/* Each lies on some of those before it; some reach over an edge, some do not meet the picture. */
static VdkBlit random_blit(const VdkPlane *alpha, Size size, guint32 *seed)
{
    VdkBlit blit = {
        .alpha = *alpha,
        .x = (int)(random_next(seed) % (guint)(size.width + 20)) - 12,
        .y = (int)(random_next(seed) % (guint)(size.height + 20)) - 12,
        .colour = {(guint8)random_next(seed), (guint8)random_next(seed), (guint8)random_next(seed)},
    };

    if (random_next(seed) % 8 == 0)
        blit.x = random_next(seed) % 2 ? INT_MAX : INT_MIN;
    return blit;
}

static guint64 launches(Gpu *gpu)
{
    struct VedetteEmuCounters counters = {0};

    if (gpu->read != NULL)
        gpu->read(&counters);
    return counters.launches;
}

static void compare_blits(Gpu *gpu, Pair *pair, const Alphas *alphas, Size size, gsize n)
{
    VdkBlit blits[VDK_MAX_BLITS];
    guint32 seed = (guint32)n;

    for (gsize i = 0; i < n; i++) {
        const gsize which = random_next(&seed) % N_ALPHAS;

        blits[i] = random_blit(&alphas->host[which].image.luma, size, &seed);
        assert_ok(vdk_cpu()->blend(&pair->cpu.image, &blits[i].alpha, blits[i].x, blits[i].y,
                                   blits[i].colour));
        blits[i].alpha = alphas->device[which].image.luma;
    }
    guint64 before = launches(gpu);
    assert_ok(vdk_cuda_blend(gpu->cuda, gpu->stream, &pair->gpu.image, blits, n));
    g_assert_cmpuint(launches(gpu) - before, <=, 1);
    gpu_assert_same(gpu, &pair->gpu, &pair->cpu);
}

static void compare_blend(Gpu *gpu, Layout layout, Size size, Content content)
{
    static const gsize numbers[] = {0, 1, 2, 5, VDK_MAX_BLITS};
    Alphas alphas;
    Pair pair;

    alphas_init(gpu, &alphas, size);
    pair_init(gpu, &pair, layout, size, content);
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (size.width < 640 || numbers[i] == 5)
            compare_blits(gpu, &pair, &alphas, size, numbers[i]);
    pair_compare(gpu, &pair);
    alphas_clear(gpu, &alphas);
}

static void blend_all(Gpu *gpu)
{
    with_all(gpu, compare_blend);
}

static void blend_is_the_same(void)
{
    gpu_in_every_order(blend_all);
}

/* --- scale --- */

static void compare_scale(Gpu *gpu, Layout from_layout, Layout to_layout, Size from_size,
                          Size to_size, const VdkConversion *conversion)
{
    Pair from, to;

    pair_init(gpu, &from, from_layout, from_size, NOISE);
    pair_init(gpu, &to, to_layout, to_size, NOISE);
    g_autofree void *scratch = g_malloc(vdk_scale_scratch_size(&from.cpu.image, &to.cpu.image));
    assert_ok(vdk_cpu()->scale(&from.cpu.image, conversion, scratch, &to.cpu.image));
    assert_ok(vdk_cuda_scale(gpu->cuda, gpu->stream, &from.gpu.image, conversion, &to.gpu.image));
    pair_compare(gpu, &to);
    pair_compare(gpu, &from);
}

static void scale_small(Gpu *gpu)
{
    static const VdkConversion conversions[] = {
        {true, VDK_BT601}, {false, VDK_BT601}, {true, VDK_BT709}, {false, VDK_BT709}};
    static const Size sizes[] = {{1, 1}, {7, 1}, {1, 7}, {33, 9}, {64, 36}};

    for (gsize a = 0; a < G_N_ELEMENTS(sizes); a++)
        for (gsize b = 0; b < G_N_ELEMENTS(sizes); b++)
            for (int from = 0; from < N_LAYOUTS; from++)
                for (int to = 0; to < N_LAYOUTS; to++) {
                    gsize c = (a + b + (gsize)from + (gsize)to) % 5;

                    compare_scale(gpu, (Layout)from, (Layout)to, sizes[a], sizes[b],
                                  c < 4 ? &conversions[c] : NULL);
                }
}

static void scale_is_the_same_for_every_pair_of_layouts(void)
{
    gpu_in_every_order(scale_small);
}

static void scale_is_the_same_for_pictures_of_cameras(void)
{
    static const VdkConversion conversion = {true, VDK_BT709};
    static const Size sizes[][2] = {{{1920, 1080}, {640, 360}},
                                    {{1919, 1079}, {641, 361}},
                                    {{640, 360}, {640, 360}},
                                    {{320, 240}, {768, 576}}};
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (sizes[i][0].width >= LARGE)
            continue;
        compare_scale(&gpu, NV12, I420, sizes[i][0], sizes[i][1], &conversion);
        compare_scale(&gpu, I420, I420, sizes[i][0], sizes[i][1], NULL);
    }
    gpu_clear(&gpu);
}

/* --- arguments --- */

static void bad_arguments_are_refused(void)
{
    static const VdkRectangle flat = {0, 0, 3, 0}, good = {0, 0, 3, 3};
    const VdkConversion no_matrix = {true, (VdkMatrix)7};
    VdkCudaSpans none = {.n = 1}, empty = {.n = 0};
    GpuPicture picture;
    TestPicture host;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    picture_init(&host, I420, 33, 9, NOISE, 1);
    gpu_picture_init(&gpu, &picture, &host);
    VdkImage bad = picture.image;
    bad.luma.pitch = 32;
    const VdkBlit blits[] = {{.alpha = bad.luma}, {.alpha = picture.image.luma}};
    VdkImage *image = &picture.image;
    VdkCuda *cuda = gpu.cuda;
    CUstream stream = gpu.stream;
    g_assert_cmpint(vdk_cuda_fill(cuda, stream, &bad, &empty, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_fill(cuda, stream, image, &none, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_fill(cuda, stream, image, NULL, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_pixelate(cuda, stream, image, &none, 4, NULL), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_pixelate(cuda, stream, image, &empty, 0, NULL), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_frames(cuda, stream, image, &flat, 1, 1, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_frames(cuda, stream, image, &good, 1, 0, colour), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_frames(cuda, stream, image, &good, VDK_MAX_BOXES + 1, 1, colour), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cuda_blend(cuda, stream, image, &blits[0], 1), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_blend(cuda, stream, image, &blits[1], VDK_MAX_BLITS + 1), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_blend(cuda, stream, image, NULL, 1), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_blend(cuda, stream, image, NULL, 0), ==, 0);
    g_assert_cmpint(vdk_cuda_scale(cuda, stream, &bad, NULL, image), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_scale(cuda, stream, image, &no_matrix, image), ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_fill(cuda, stream, image, &empty, colour), ==, 0);
    g_assert_cmpint(vdk_cuda_pixelate(cuda, stream, image, &empty, 4, NULL), ==, 0);
    gpu_assert_same(&gpu, &picture, &host);
    gpu_picture_clear(&gpu, &picture);
    picture_clear(&host);
    gpu_clear(&gpu);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/draw/fill_is_the_same", fill_is_the_same);
    g_test_add_func("/cuda/draw/spans_may_begin_and_end_anywhere",
                    spans_may_begin_and_end_anywhere);
    g_test_add_func("/cuda/draw/pixelate_is_the_same", pixelate_is_the_same);
    g_test_add_func("/cuda/draw/frames_are_the_same", frames_are_the_same);
    g_test_add_func("/cuda/draw/blend_is_the_same", blend_is_the_same);
    g_test_add_func("/cuda/draw/bad_arguments_are_refused", bad_arguments_are_refused);
    g_test_add_func("/cuda/scale/the_same_for_every_pair_of_layouts",
                    scale_is_the_same_for_every_pair_of_layouts);
    g_test_add_func("/cuda/scale/the_same_for_pictures_of_cameras",
                    scale_is_the_same_for_pictures_of_cameras);
    return g_test_run();
}
