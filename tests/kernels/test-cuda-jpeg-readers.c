#include <gio/gio.h>
#include <stdlib.h>

#include "jpeg-kit.h"
#include "jpeg-peer.h"

/* What others read of the CUDA back end's JPEGs, and what its restarts cost. */

static GBytes *made_on(Gpu *gpu, Layout layout, Size size, Scene scene, int quality)
{
    const VdkJpegSettings settings = settings_of(layout, quality);
    TestPicture picture;
    GpuPicture on_device;
    Encoder encoder;

    paint(&picture, layout, size, scene);
    gpu_picture_init(gpu, &on_device, &picture);
    encoder_init(&encoder, gpu, &picture.image, &settings, 100000);
    VdkJpegReport report = encode(&encoder, &on_device.image, &settings);
    GBytes *jpeg = g_bytes_new_take(fetch(&encoder, &report), report.length);
    encoder_clear(&encoder);
    gpu_picture_clear(gpu, &on_device);
    picture_clear(&picture);
    return jpeg;
}

static void decoded_it_is_the_picture(void)
{
    static const struct {
        int quality;
        double at_least;
    } table[] = {{10, 32.5}, {50, 41.5}, {75, 42.5}, {90, 44.5}, {100, 58}};
    const Size size = {161, 97};
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
        for (int layout = 0; layout < N_LAYOUTS; layout++) {
            TestPicture picture, decoded;
            gsize length;

            paint(&picture, (Layout)layout, size, SMOOTH);
            g_autoptr(GBytes) jpeg = made_on(&gpu, (Layout)layout, size, SMOOTH, table[i].quality);
            const guint8 *bytes = g_bytes_get_data(jpeg, &length);
            peer_decode(bytes, length, (Layout)layout, &decoded);
            double psnr = pictures_psnr(&picture.image, &decoded.image);
            g_test_message("quality %d: %.1f dB", table[i].quality, psnr);
            g_assert_cmpfloat(psnr, >, table[i].at_least);
            picture_clear(&decoded);
            picture_clear(&picture);
        }
    gpu_clear(&gpu);
}

/* What a command writes for a JPEG. */
static GBytes *read_by(const char *const *command, GBytes *jpeg)
{
    GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE;
    g_autoptr(GSubprocess) process = g_subprocess_newv(command, flags, NULL);
    GBytes *output = NULL;

    g_assert_nonnull(process);
    g_assert_true(g_subprocess_communicate(process, jpeg, NULL, &output, NULL, NULL));
    g_assert_true(g_subprocess_get_successful(process));
    return output;
}

static bool there_is(const char *const *command)
{
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        command, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);

    return process != NULL && g_subprocess_wait_check(process, NULL, NULL);
}

/* Planes one after the other, in rows without padding, against what libjpeg reads. */
static void assert_alike(GBytes *planes, const TestPicture *expected, int n, double at_least)
{
    gsize size, at = 0;
    const guint8 *bytes = g_bytes_get_data(planes, &size);
    VdkImage image = expected->image;

    if (n == 1)
        image.step = 0;
    VdkImage read = image;
    for (int plane = 0; plane < n; plane++) {
        VdkPlane *of = plane == 0 ? &read.luma : &read.chroma[plane - 1];

        of->data = (guint8 *)bytes + at;
        of->pitch = of->width;
        at += (gsize)of->width * (gsize)of->height;
    }
    g_assert_cmpuint(size, ==, at);
    g_assert_cmpfloat(pictures_psnr(&read, &image), >=, at_least);
}

/*
 * format: of the command, in formats, one a layout. probe: a command that fails where there is no
 * such reader.
 */
static void read_all(const char *const *probe, const char *const *command, const char **format,
                     const char *const *formats, bool luma_alone, double at_least)
{
    Gpu gpu;

    if (!gpu_init(&gpu))
        return;
    const bool can = there_is(probe);
    if (!can)
        g_test_skip("no such reader");
    for (int layout = 0; can && layout < N_LAYOUTS; layout++) {
        const Layout read_as = layout == NV12 ? I420 : (Layout)layout;
        TestPicture expected;
        gsize length;

        g_autoptr(GBytes) jpeg = made_on(&gpu, (Layout)layout, (Size){161, 97}, SMOOTH, 90);
        *format = formats[layout];
        g_autoptr(GBytes) planes = read_by(command, jpeg);
        const guint8 *bytes = g_bytes_get_data(jpeg, &length);
        peer_decode(bytes, length, read_as, &expected);
        assert_alike(planes, &expected, luma_alone ? 1 : n_planes(&expected.image), at_least);
        picture_clear(&expected);
    }
    gpu_clear(&gpu);
}

static void ffmpeg_reads_it(void)
{
    static const char *const probe[] = {"ffmpeg", "-version", NULL};
    static const char *const formats[N_LAYOUTS] = {
        [I420] = "yuvj420p", [NV12] = "yuvj420p", [Y42B] = "yuvj422p",
        [Y444] = "yuvj444p", [GREY] = "gray",
    };
    const char *command[] = {"ffmpeg", "-v",        "error", "-xerror", "-err_detect", "explode",
                             "-f",     "jpeg_pipe", "-i",    "-",       "-pix_fmt",    NULL,
                             "-f",     "rawvideo",  "-",     NULL};

    read_all(probe, command, &command[11], formats, false, 45);
}

/* It is libjpeg itself that reads: luma must be the very same. */
static void pillow_reads_it(void)
{
    static const char script[] = "import sys, PIL.Image\n"
                                 "picture = PIL.Image.open(sys.stdin.buffer)\n"
                                 "picture.draft(sys.argv[1], picture.size)\n"
                                 "sys.stdout.buffer.write(picture.tobytes())\n";
    static const char *const probe[] = {PYTEST_PYTHON, "-c", "import PIL.Image", NULL};
    static const char *const formats[N_LAYOUTS] = {"L", "L", "L", "L", "L"};
    const char *command[] = {PYTEST_PYTHON, "-c", script, NULL, NULL};

    read_all(probe, command, &command[3], formats, true, 100);
}

static void the_intervals_cost_less_than_five_percent(void)
{
    static const int qualities[] = {1, 5, 10, 25, 50, 75, 90, 100};

    for (gsize i = 0; i < G_N_ELEMENTS(qualities); i++)
        for (int layout = 0; layout < N_LAYOUTS; layout++) {
            const VdkJpegSettings settings = settings_of((Layout)layout, qualities[i]);
            TestPicture picture;
            gsize with, without;

            paint(&picture, (Layout)layout, (Size){640, 360}, SMOOTH);
            int interval = vdk_jpeg_interval(&picture.image, &settings);
            free(peer_encode(&picture.image, &settings, interval, &with));
            free(peer_encode(&picture.image, &settings, 0, &without));
            g_test_message("quality %d: %zu bytes for %zu", qualities[i], with, without);
            g_assert_cmpuint(100 * with, <, 105 * without);
            picture_clear(&picture);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/jpeg-readers/decoded_it_is_the_picture", decoded_it_is_the_picture);
    g_test_add_func("/cuda/jpeg-readers/ffmpeg_reads_it", ffmpeg_reads_it);
    g_test_add_func("/cuda/jpeg-readers/pillow_reads_it", pillow_reads_it);
    g_test_add_func("/cuda/jpeg-readers/the_intervals_cost_less_than_five_percent",
                    the_intervals_cost_less_than_five_percent);
    return g_test_run();
}
