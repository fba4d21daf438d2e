#include <errno.h>
#include <string.h>

#include "cuda-kit.h"
#include "kernels/quality-pixel.h"

/* The CUDA back end against the CPU's: report and state after every picture. */

#define assert_ok(result) g_assert_cmpint((int)(result), ==, 0)

typedef struct Twins {
    Gpu *gpu;
    void *state, *scratch; /* the CPU's */
    void *gpu_state, *gpu_scratch;
} Twins;

static void *aligned_memory(gsize bytes)
{
    return g_aligned_alloc0(1, (bytes + 63) & ~(gsize)63, 64);
}

static void twins_init(Twins *twins, Gpu *gpu)
{
    *twins = (Twins){
        gpu, aligned_memory(vdk_quality_state_size()), aligned_memory(vdk_quality_scratch_size()),
        gpu_memory(gpu, vdk_quality_state_size()), gpu_memory(gpu, vdk_quality_scratch_size())};
}

static void twins_clear(Twins *twins)
{
    g_aligned_free(twins->state);
    g_aligned_free(twins->scratch);
    gpu_free(twins->gpu, twins->gpu_state);
    gpu_free(twins->gpu, twins->gpu_scratch);
}

static VdkQualityReport twins_look(Twins *twins, const TestPicture *picture, gint64 elapsed_us)
{
    g_autofree guint8 *state = g_malloc(vdk_quality_state_size());
    VdkQualityReport cpu, gpu;
    GpuPicture there;

    gpu_picture_init(twins->gpu, &there, picture);
    assert_ok(
        vdk_cpu()->quality(&picture->image, elapsed_us, 16, twins->state, twins->scratch, &cpu));
    assert_ok(vdk_cuda_quality(twins->gpu->cuda, twins->gpu->stream, &there.image, elapsed_us, 16,
                               twins->gpu_state, twins->gpu_scratch, &gpu));
    assert_ok(twins->gpu->driver->cuStreamSynchronize(twins->gpu->stream));
    g_assert_cmpmem(&gpu, sizeof gpu, &cpu, sizeof cpu);
    gpu_fetch(twins->gpu, state, twins->gpu_state, vdk_quality_state_size());
    g_assert_cmpmem(state, vdk_quality_state_size(), twins->state, vdk_quality_state_size());
    gpu_assert_same(twins->gpu, &there, picture);
    gpu_picture_clear(twins->gpu, &there);
    return cpu;
}

/* Blocks of grey, some pixels to the side, with noise. */
static void draw(const VdkImage *image, int shift, guint32 seed)
{
    for (int y = 0; y < image->luma.height; y++)
        for (int x = 0; x < image->luma.width; x++) {
            int block = (x + shift) / 11 * 37 + y / 9 * 53;

            *sample_at(image, 0, x, y) =
                (guint8)(30 + block * block % 180 + (int)(random_next(&seed) % 5));
        }
}

static void watch_a_camera_that_is_moved(Gpu *gpu, Layout layout, int width, int height)
{
    static const int shifts[] = {0, 0, 24};
    TestPicture picture;
    Twins twins;

    twins_init(&twins, gpu);
    picture_init(&picture, layout, width, height, NOISE, 9);
    for (int i = 0; i < 3; i++) {
        draw(&picture.image, shifts[i], 2);
        VdkQualityReport report = twins_look(&twins, &picture, i * 500000);
        g_assert_cmpuint(report.same, ==, i == 1 ? 4096 : report.same);
        if (width > 300 && i == 2)
            g_assert_cmpint(abs(report.shift_x + 24 * 1024 / width), <=, 16);
    }
    picture_clear(&picture);
    twins_clear(&twins);
}

static void every_size_and_layout_gives_the_same_bits(Gpu *gpu)
{
    for (gsize s = 0; s < n_test_sizes - (gpu->again ? 2 : 0); s++)
        watch_a_camera_that_is_moved(gpu, (Layout)(s % N_LAYOUTS), test_sizes[s].width,
                                     test_sizes[s].height);
}

static void a_picture_larger_than_its_cells_gives_the_same_bits(Gpu *gpu)
{
    watch_a_camera_that_is_moved(gpu, NV12, 643, gpu->again ? 65 : 317);
}

static void black_white_and_what_alternates_give_the_same_bits(Gpu *gpu)
{
    Twins twins;

    twins_init(&twins, gpu);
    for (Content content = 0; content < N_CONTENTS; content++) {
        TestPicture picture;

        picture_init(&picture, I420, 130, 66, content, 4);
        twins_look(&twins, &picture, 20000000);
        picture_clear(&picture);
    }
    twins_clear(&twins);
}

static void what_cannot_be_is_refused(Gpu *gpu)
{
    VdkQualityReport report;
    TestPicture picture;
    Twins twins;

    twins_init(&twins, gpu);
    picture_init(&picture, I420, 16, 16, NOISE, 1);
    VdkImage bad = picture.image;
    bad.luma.height = 0;
    g_assert_cmpint(vdk_cuda_quality(gpu->cuda, gpu->stream, &bad, 0, 16, twins.gpu_state,
                                     twins.gpu_scratch, &report),
                    ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_quality(gpu->cuda, gpu->stream, &picture.image, 0, 16, NULL,
                                     twins.gpu_scratch, &report),
                    ==, -EINVAL);
    g_assert_cmpint(vdk_cuda_quality(NULL, gpu->stream, &picture.image, 0, 16, twins.gpu_state,
                                     twins.gpu_scratch, &report),
                    ==, -EINVAL);
    picture_clear(&picture);
    twins_clear(&twins);
}

#define TEST(name)                \
    static void test_##name(void) \
    {                             \
        gpu_in_every_order(name); \
    }
TEST(every_size_and_layout_gives_the_same_bits)
TEST(a_picture_larger_than_its_cells_gives_the_same_bits)
TEST(black_white_and_what_alternates_give_the_same_bits)
TEST(what_cannot_be_is_refused)
#undef TEST
#define TEST(name) g_test_add_func("/cuda/quality/" #name, test_##name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(every_size_and_layout_gives_the_same_bits);
    TEST(a_picture_larger_than_its_cells_gives_the_same_bits);
    TEST(black_white_and_what_alternates_give_the_same_bits);
    TEST(what_cannot_be_is_refused);
    return g_test_run();
}
