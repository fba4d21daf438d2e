#include <errno.h>
#include <stdlib.h>

#include "jpeg-kit.h"
#include "jpeg-peer.h"

/* The CUDA back end's JPEGs against libjpeg-turbo's, byte for byte. */

#define assert_ok(result) g_assert_cmpint((int)(result), ==, 0)

/* --- the same bytes --- */

/* The same picture with rows that begin at multiples of 64, as a device's memory has them. */
static void align(TestPicture *picture)
{
    const VdkImage old = picture->image;
    const int pitch = (old.luma.width + 64 + 63) / 64 * 64;
    const gsize luma = (gsize)pitch * (gsize)old.luma.height;
    const gsize chroma = old.step > 0 ? (gsize)pitch * (gsize)old.chroma[0].height : 0;
    VdkImage *image = &picture->image;
    guint8 *memory = picture->memory;
    guint32 seed = 3;

    picture->bytes = luma + 2 * chroma;
    picture->memory = g_malloc(picture->bytes);
    for (gsize i = 0; i < picture->bytes; i++)
        picture->memory[i] = (guint8)random_next(&seed);
    image->luma.data = picture->memory;
    image->chroma[0].data = picture->memory + luma;
    image->chroma[1].data = image->chroma[0].data + (old.step == 2 ? 1 : chroma);
    image->luma.pitch = image->chroma[0].pitch = image->chroma[1].pitch = pitch;
    for (int plane = 0; plane < n_planes(image); plane++)
        for (int y = 0; y < plane_of(image, plane)->height; y++)
            for (int x = 0; x < plane_of(image, plane)->width; x++)
                *sample_at(image, plane, x, y) = *sample_at(&old, plane, x, y);
    g_free(memory);
}

static void compare_picture(Gpu *gpu, const TestPicture *picture, const VdkJpegSettings *settings)
{
    GpuPicture on_device;
    Encoder encoder;

    gpu_picture_init(gpu, &on_device, picture);
    encoder_init(&encoder, gpu, &picture->image, settings,
                 vdk_jpeg_room(&picture->image, settings));
    VdkJpegReport report = encode(&encoder, &on_device.image, settings);
    assert_libjpegs(&encoder, &report, &picture->image, settings);
    encoder_clear(&encoder);
    gpu_picture_clear(gpu, &on_device);
}

static void compare(Gpu *gpu, Layout layout, Size size, Scene scene, int quality)
{
    const VdkJpegSettings settings = settings_of(layout, quality);
    TestPicture picture;

    paint(&picture, layout, size, scene);
    compare_picture(gpu, &picture, &settings);
    picture_clear(&picture);
}

static void every_size(Gpu *gpu)
{
    static const Size sizes[] = {{1, 1},   {1, 7},   {7, 1},    {2, 2},    {8, 8},
                                 {9, 8},   {8, 9},   {15, 17},  {16, 16},  {17, 16},
                                 {16, 17}, {24, 40}, {31, 3},   {33, 9},   {64, 48},
                                 {99, 75}, {3, 300}, {256, 16}, {257, 16}, {271, 130}};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (int layout = 0; layout < N_LAYOUTS; layout++)
            compare(gpu, (Layout)layout, sizes[i], i % 2 ? RANDOM : SMOOTH, 75);
}

static void every_size_and_layout_is_libjpegs(void)
{
    gpu_in_every_order(every_size);
}

/* All of them once, in pictures of all sorts of odd and even sizes. */
static void each_quality(Gpu *gpu)
{
    for (int quality = 1; quality <= 100; quality++)
        compare(gpu, quality % 2 ? NV12 : I420, (Size){17 + quality % 21, 9 + quality % 13},
                (Scene)(quality % N_SCENES), quality);
}

static void every_quality(Gpu *gpu)
{
    static const int qualities[] = {1, 2, 10, 24, 25, 49, 50, 51, 75, 90, 99, 100};

    for (gsize i = 0; i < G_N_ELEMENTS(qualities); i++)
        for (int scene = 0; scene < N_SCENES; scene++)
            compare(gpu, scene % 2 ? NV12 : I420, (Size){83, 45}, (Scene)scene, qualities[i]);
    if (!gpu->again)
        each_quality(gpu);
}

static void every_quality_and_scene_is_libjpegs(void)
{
    gpu_in_every_order(every_quality);
}

static void aligned_rows(Gpu *gpu)
{
    for (int layout = 0; layout < N_LAYOUTS; layout++) {
        const VdkJpegSettings settings = settings_of((Layout)layout, 85);
        TestPicture picture;

        paint(&picture, (Layout)layout, (Size){210, 67}, RANDOM);
        align(&picture);
        compare_picture(gpu, &picture, &settings);
        picture_clear(&picture);
    }
}

static void aligned_rows_are_libjpegs(void)
{
    gpu_in_every_order(aligned_rows);
}

static void chroma_halved_downwards_only_is_libjpegs(void)
{
    const VdkJpegSettings settings = {.quality = 60, .sx = 1, .sy = 2};
    TestPicture picture;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    paint(&picture, Y444, (Size){70, 51}, RANDOM);
    picture.image.chroma[0].height = picture.image.chroma[1].height = 26;
    compare_picture(&gpu, &picture, &settings);
    picture_clear(&picture);
    gpu_clear(&gpu);
}

/* The emulated driver under a sanitizer takes minutes for more. */
#if defined(__SANITIZE_ADDRESS__)
#define LARGE 700
#else
#define LARGE 16385
#endif

static void pictures_of_cameras_are_libjpegs(void)
{
    static const struct {
        Layout layout;
        Size size;
        Scene scene;
        int quality;
    } table[] = {
        {I420, {640, 360}, SMOOTH, 75},   {NV12, {640, 360}, CORNERS, 100},
        {NV12, {1919, 1079}, SMOOTH, 85}, {I420, {4096, 2304}, SMOOTH, 75},
        {GREY, {16384, 9}, SMOOTH, 90},   {NV12, {9, 16384}, RANDOM, 90},
    };
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
        if (table[i].size.width < LARGE && table[i].size.height < LARGE)
            compare(&gpu, table[i].layout, table[i].size, table[i].scene, table[i].quality);
    gpu_clear(&gpu);
}

/* --- what leaves the device --- */

static void one_scratch_serves_picture_after_picture(void)
{
    const VdkJpegSettings most = settings_of(NV12, 100);
    TestPicture picture;
    Encoder encoder;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    paint(&picture, NV12, (Size){200, 120}, RANDOM);
    encoder_init(&encoder, &gpu, &picture.image, &most, vdk_jpeg_room(&picture.image, &most));
    picture_clear(&picture);
    for (int i = 0; i < 8; i++) {
        const VdkJpegSettings settings = settings_of(NV12, 100 - 13 * i);
        GpuPicture on_device;

        paint(&picture, NV12, (Size){200, 120}, (Scene)(i % N_SCENES));
        gpu_picture_init(&gpu, &on_device, &picture);
        VdkJpegReport report = encode(&encoder, &on_device.image, &settings);
        assert_libjpegs(&encoder, &report, &picture.image, &settings);
        gpu_picture_clear(&gpu, &on_device);
        picture_clear(&picture);
    }
    encoder_clear(&encoder);
    gpu_clear(&gpu);
}

static void only_the_jpegs_bytes_leave_the_device(void)
{
    const VdkJpegSettings settings = settings_of(I420, 75);
    struct VedetteEmuCounters before, after;
    GpuPicture on_device;
    TestPicture picture;
    Encoder encoder;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    if (gpu.read == NULL) {
        g_test_skip("a real device counts nothing");
        gpu_clear(&gpu);
        return;
    }
    paint(&picture, I420, (Size){320, 180}, SMOOTH);
    gpu_picture_init(&gpu, &on_device, &picture);
    encoder_init(&encoder, &gpu, &picture.image, &settings, 100000);
    encode(&encoder, &on_device.image, &settings);
    gpu.read(&before);
    VdkJpegReport report = encode(&encoder, &on_device.image, &settings);
    g_autofree guint8 *jpeg = fetch(&encoder, &report);
    gpu.read(&after);
    g_assert_cmpuint(report.length, <, 20000);
    g_assert_cmpuint(after.d2h - before.d2h, ==, report.length + sizeof report);
    g_assert_cmpuint(after.h2d, ==, before.h2d);
    g_assert_cmpuint(after.d2d, ==, before.d2d);
    g_assert_cmpuint(after.launches - before.launches, ==, 2);
    g_assert_cmpuint(after.allocations, ==, before.allocations);
    g_assert_cmpuint(after.syncs - before.syncs, ==, 2);
    encoder_clear(&encoder);
    gpu_picture_clear(&gpu, &on_device);
    picture_clear(&picture);
    gpu_clear(&gpu);
}

/* --- too little room --- */

static void assert_untouched(Encoder *encoder, guint8 value)
{
    g_autofree guint8 *got = g_malloc(encoder->room);

    gpu_fetch(encoder->gpu, got, encoder->memory, encoder->room);
    for (gsize i = 0; i < encoder->room; i++)
        g_assert_cmphex(got[i], ==, value);
}

static void too_little(Gpu *gpu)
{
    const VdkJpegSettings settings = settings_of(NV12, 90);
    const gsize missing[] = {0, 1, 2, 629, 630, 700, 5000}; /* 629: the header */
    GpuPicture on_device;
    TestPicture picture;
    gsize length;

    paint(&picture, NV12, (Size){150, 70}, RANDOM);
    gpu_picture_init(gpu, &on_device, &picture);
    free(peer_encode(&picture.image, &settings, vdk_jpeg_interval(&picture.image, &settings),
                     &length));
    for (gsize i = 0; i < G_N_ELEMENTS(missing); i++) {
        Encoder encoder;
        guint8 byte;

        encoder_init(&encoder, gpu, &picture.image, &settings, length - missing[i]);
        for (int again = 0; again < 2; again++) {
            VdkJpegReport report = encode(&encoder, &on_device.image, &settings);

            g_assert_cmpuint(report.length, ==, length);
            g_assert_cmpuint(report.fits, ==, missing[i] == 0);
            if (report.fits)
                assert_libjpegs(&encoder, &report, &picture.image, &settings);
            else
                assert_untouched(&encoder, 0);
            if (!report.fits)
                g_assert_cmpint(
                    vdk_cuda_jpeg_fetch(gpu->cuda, gpu->stream, encoder.memory, &report, &byte), ==,
                    -ENOSPC);
        }
        encoder_clear(&encoder);
    }
    gpu_picture_clear(gpu, &on_device);
    picture_clear(&picture);
}

static void too_little_room_is_an_error_and_no_overflow(void)
{
    gpu_in_every_order(too_little);
}

static void bad_arguments_are_refused(void)
{
    const VdkJpegSettings good = settings_of(I420, 75);
    const VdkJpegSettings bad[] = {{0, 2, 2}, {101, 2, 2}, {75, 1, 2}, {75, 2, 1}, {75, 0, 2}};
    VdkJpegReport report = {0};
    GpuPicture on_device;
    TestPicture picture;
    Encoder encoder;
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    paint(&picture, I420, (Size){33, 19}, RANDOM);
    gpu_picture_init(&gpu, &on_device, &picture);
    encoder_init(&encoder, &gpu, &picture.image, &good, 10000);
    VdkImage *image = &on_device.image, flat = *image;
    flat.luma.height = 0;
    void *scratch = encoder.scratch, *memory = encoder.memory;
    VdkCuda *cuda = gpu.cuda;
    CUstream stream = gpu.stream;
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(
            vdk_cuda_jpeg(cuda, stream, image, &bad[i], scratch, memory, 10000, &report), ==,
            -EINVAL);
        g_assert_cmpint(vdk_jpeg_interval(image, &bad[i]), ==, -EINVAL);
        g_assert_cmpuint(vdk_jpeg_room(image, &bad[i]), ==, 0);
        g_assert_cmpuint(vdk_cuda_jpeg_scratch_size(image, &bad[i], 10000), ==, 0);
    }
    g_assert_cmpint(vdk_cuda_jpeg(cuda, stream, &flat, &good, scratch, memory, 10000, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cuda_jpeg(cuda, stream, image, &good, NULL, memory, 10000, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cuda_jpeg(cuda, stream, image, &good, scratch, NULL, 10000, &report), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cuda_jpeg(cuda, stream, image, &good, scratch, memory, 10000, NULL), ==,
                    -EINVAL);
    g_assert_cmpint(vdk_cuda_jpeg_fetch(cuda, stream, memory, NULL, &report), ==, -EINVAL);
    encoder_clear(&encoder);
    gpu_picture_clear(&gpu, &on_device);
    picture_clear(&picture);
    gpu_clear(&gpu);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/jpeg/every_size_and_layout_is_libjpegs",
                    every_size_and_layout_is_libjpegs);
    g_test_add_func("/cuda/jpeg/every_quality_and_scene_is_libjpegs",
                    every_quality_and_scene_is_libjpegs);
    g_test_add_func("/cuda/jpeg/aligned_rows_are_libjpegs", aligned_rows_are_libjpegs);
    g_test_add_func("/cuda/jpeg/chroma_halved_downwards_only_is_libjpegs",
                    chroma_halved_downwards_only_is_libjpegs);
    g_test_add_func("/cuda/jpeg/pictures_of_cameras_are_libjpegs",
                    pictures_of_cameras_are_libjpegs);
    g_test_add_func("/cuda/jpeg/one_scratch_serves_picture_after_picture",
                    one_scratch_serves_picture_after_picture);
    g_test_add_func("/cuda/jpeg/only_the_jpegs_bytes_leave_the_device",
                    only_the_jpegs_bytes_leave_the_device);
    g_test_add_func("/cuda/jpeg/too_little_room_is_an_error_and_no_overflow",
                    too_little_room_is_an_error_and_no_overflow);
    g_test_add_func("/cuda/jpeg/bad_arguments_are_refused", bad_arguments_are_refused);
    return g_test_run();
}
