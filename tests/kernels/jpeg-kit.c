#include "jpeg-kit.h"

#include <math.h>
#include <stdlib.h>

#include "jpeg-peer.h"

#define assert_ok(result) g_assert_cmpint((int)(result), ==, 0)

/* --- pictures --- */

static double wave(int at)
{
    return cos((2 * at + 1) * 7 * G_PI / 16);
}

static guint8 scene_at(Scene scene, int x, int y, guint32 *seed)
{
    switch (scene) {
    case CORNERS:
        return random_next(seed) & 1 ? 255 : 0;
    case CHESS:
        return (x + y) % 2 ? 255 : 0;
    case DARK:
        return 0;
    case BRIGHT:
        return 255;
    case SMOOTH:
        return (guint8)(128 + 60 * sin(x / 17.0) + 50 * cos((x + 3 * y) / 41.0) +
                        random_next(seed) % 5);
    case RIPPLE:
        return (guint8)(128 + 100 * wave(x % 8) * wave(y % 8));
    default:
        return (guint8)random_next(seed);
    }
}

void paint(TestPicture *picture, Layout layout, Size size, Scene scene)
{
    guint32 seed = 7;

    picture_init(picture, layout, size.width, size.height, NOISE, 1);
    for (int plane = 0; plane < n_planes(&picture->image); plane++)
        for (int y = 0; y < plane_of(&picture->image, plane)->height; y++)
            for (int x = 0; x < plane_of(&picture->image, plane)->width; x++)
                *sample_at(&picture->image, plane, x, y) = scene_at(scene, x, y, &seed);
}

VdkJpegSettings settings_of(Layout layout, int quality)
{
    return (VdkJpegSettings){
        .quality = quality,
        .sx = layout == Y444 || layout == GREY ? 1 : 2,
        .sy = layout == I420 || layout == NV12 ? 2 : 1,
    };
}

/* --- encoding --- */

void encoder_init(Encoder *encoder, Gpu *gpu, const VdkImage *image,
                  const VdkJpegSettings *settings, gsize room)
{
    gsize scratch = vdk_cuda_jpeg_scratch_size(image, settings, room);

    g_assert_cmpuint(scratch, >, 0);
    *encoder = (Encoder){gpu, gpu_memory(gpu, scratch), gpu_memory(gpu, room), room};
}

void encoder_clear(Encoder *encoder)
{
    gpu_free(encoder->gpu, encoder->scratch);
    gpu_free(encoder->gpu, encoder->memory);
}

VdkJpegReport encode(Encoder *encoder, const VdkImage *image, const VdkJpegSettings *settings)
{
    Gpu *gpu = encoder->gpu;
    VdkJpegReport report = {0};

    assert_ok(vdk_cuda_jpeg(gpu->cuda, gpu->stream, image, settings, encoder->scratch,
                            encoder->memory, encoder->room, &report));
    assert_ok(gpu->driver->cuStreamSynchronize(gpu->stream));
    return report;
}

guint8 *fetch(Encoder *encoder, const VdkJpegReport *report)
{
    guint8 *jpeg = g_malloc(report->length);

    assert_ok(vdk_cuda_jpeg_fetch(encoder->gpu->cuda, encoder->gpu->stream, encoder->memory, report,
                                  jpeg));
    assert_ok(encoder->gpu->driver->cuStreamSynchronize(encoder->gpu->stream));
    return jpeg;
}

void assert_libjpegs(Encoder *encoder, const VdkJpegReport *report, const VdkImage *image,
                     const VdkJpegSettings *settings)
{
    gsize length;
    guint8 *expected = peer_encode(image, settings, vdk_jpeg_interval(image, settings), &length);
    g_autofree guint8 *got = NULL;

    g_assert_cmpuint(report->fits, ==, 1);
    got = fetch(encoder, report);
    g_assert_cmpmem(got, report->length, expected, length);
    free(expected);
}
