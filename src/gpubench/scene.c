#include "gpubench/scene.h"

#include <string.h>

#define PITCH_UNIT  256
#define TEMPLATES   2
#define TEXT_WIDTH  400
#define TEXT_HEIGHT 32

static size_t pitch_of(int width)
{
    return ((size_t)width + PITCH_UNIT - 1) / PITCH_UNIT * PITCH_UNIT;
}

size_t vd_bench_image_bytes(int width, int height)
{
    size_t pitch = pitch_of(width), rows = (size_t)height, chroma_rows = (rows + 1) / 2;

    return pitch * (rows + 2 * chroma_rows);
}

VdkImage vd_bench_image(void *memory, int width, int height, int step)
{
    int pitch = (int)pitch_of(width), chroma_width = (width + 1) / 2,
        chroma_height = (height + 1) / 2;
    guint8 *luma = memory, *chroma = luma + (gsize)pitch * (gsize)height;
    VdkImage image = {.luma = {luma, width, height, pitch}, .step = step};

    image.chroma[0] = (VdkPlane){chroma, chroma_width, chroma_height, pitch};
    image.chroma[1] = image.chroma[0];
    image.chroma[1].data += step == 2 ? 1 : (gsize)pitch * (gsize)chroma_height;
    return image;
}

VdkImage vd_bench_scene_picture(const VdBenchScene *scene, guint number)
{
    guint8 *first = scene->pictures;
    size_t bytes = vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT);

    return vd_bench_image(first + bytes * (number % scene->n_pictures), VD_BENCH_WIDTH,
                          VD_BENCH_HEIGHT, 2);
}

/* --- pictures -------------------------------------------------------------------------------- */

/* A room of slopes and edges, with noise of a few grey levels. */
static void paint_room(const VdkImage *image, guint32 seed)
{
    const VdkPlane *luma = &image->luma, *chroma = &image->chroma[0];
    guint32 noise = seed * 2654435761U + 1;

    for (int y = 0; y < luma->height; y++)
        for (int x = 0; x < luma->width; x++) {
            noise = noise * 1664525U + 1013904223U;
            luma->data[(gsize)y * (gsize)luma->pitch + (gsize)x] =
                (guint8)(40 + x / 16 % 64 + y / 12 % 64 + (x / 96 + y / 54) % 3 * 16 +
                         (int)(noise >> 30));
        }
    for (int y = 0; y < chroma->height; y++)
        for (int x = 0; x < chroma->width * 2; x++)
            chroma->data[(gsize)y * (gsize)chroma->pitch + (gsize)x] =
                (guint8)(112 + (x / 64 + y / 32) % 32);
}

static void paint_walker(const VdkPlane *luma, int left, int top)
{
    for (int y = top; y < top + luma->height / 4; y++)
        memset(luma->data + (gsize)y * (gsize)luma->pitch + left, 230, (gsize)luma->width / 16);
}

static bool paint_pictures(VdBenchScene *scene, GError **error)
{
    const CudaFunctions *cu = scene->gpu->cu;
    size_t bytes = vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT);
    g_autofree guint8 *memory = g_malloc0(bytes);
    VdkImage image = vd_bench_image(memory, VD_BENCH_WIDTH, VD_BENCH_HEIGHT, 2);
    CUdeviceptr first = (CUdeviceptr)(guintptr)scene->pictures;
    int result = 0;

    for (guint i = 0; i < TEMPLATES && result == 0; i++) {
        paint_room(&image, i);
        paint_walker(&image.luma, 100 + 200 * (int)i, 200);
        paint_walker(&image.luma, 1500 - 150 * (int)i, 500);
        result = (int)cu->cuMemcpyHtoD(first + bytes * i, memory, bytes);
    }
    for (guint i = TEMPLATES; i < scene->n_pictures && result == 0; i++)
        result = (int)cu->cuMemcpyDtoD(first + bytes * i, first + bytes * (i % TEMPLATES), bytes);
    return vd_bench_ok(scene->gpu, result, "pictures for the GPU", error);
}

/* --- what is drawn --------------------------------------------------------------------------- */

static void *handed_over(const VdBenchGpu *gpu, const void *data, size_t bytes, GError **error)
{
    void *memory = vd_bench_memory(gpu, bytes, error);

    if (memory == NULL)
        return NULL;
    int result = (int)gpu->cu->cuMemcpyHtoD((CUdeviceptr)(guintptr)memory, data, bytes);
    if (vd_bench_ok(gpu, result, "what is drawn", error))
        return memory;
    vd_bench_free(gpu, memory);
    return NULL;
}

static bool make_quarter(VdBenchScene *scene, GError **error)
{
    VdkSpan spans[VD_BENCH_HEIGHT / 2];
    guint n = G_N_ELEMENTS(spans);

    for (guint i = 0; i < n; i++)
        spans[i] =
            (VdkSpan){VD_BENCH_HEIGHT / 4 + (int)i, VD_BENCH_WIDTH / 4, VD_BENCH_WIDTH * 3 / 4};
    scene->spans = handed_over(scene->gpu, spans, sizeof spans, error);
    scene->quarter = (VdkCudaSpans){scene->spans, n, vdk_cuda_bounds(spans, n)};
    return scene->spans != NULL;
}

static bool make_text(VdBenchScene *scene, GError **error)
{
    guint8 alpha[TEXT_WIDTH * TEXT_HEIGHT];

    for (gsize i = 0; i < sizeof alpha; i++)
        alpha[i] = i % 7 < 3 ? (guint8)(i * 37) : 0;
    scene->letters = handed_over(scene->gpu, alpha, sizeof alpha, error);
    scene->text = (VdkPlane){scene->letters, TEXT_WIDTH, TEXT_HEIGHT, TEXT_WIDTH};
    return scene->letters != NULL;
}

bool vd_bench_scene_init(VdBenchScene *scene, const VdBenchGpu *gpu, guint n_pictures,
                         GError **error)
{
    size_t bytes = vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT);

    *scene = (VdBenchScene){.gpu = gpu, .n_pictures = n_pictures};
    for (int i = 0; i < VD_BENCH_FRAMES; i++)
        scene->boxes[i] = (VdkRectangle){40 + 110 * i, 30 + 55 * i, 160, 120};
    scene->pictures = vd_bench_memory(gpu, bytes * n_pictures, error);
    return scene->pictures != NULL && paint_pictures(scene, error) && make_quarter(scene, error) &&
           make_text(scene, error);
}

void vd_bench_scene_clear(VdBenchScene *scene)
{
    if (scene->gpu == NULL)
        return;
    vd_bench_free(scene->gpu, scene->letters);
    vd_bench_free(scene->gpu, scene->spans);
    vd_bench_free(scene->gpu, scene->pictures);
}
