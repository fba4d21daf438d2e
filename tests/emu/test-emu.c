#include <errno.h>

#include "rig.h"

/* Kernels on the emulated driver: what they compute, in any order of threads. */
#define N 128

typedef struct Picture {
    CUdeviceptr data;
    int width, height, pitch;
} Picture;

static const char *const orders[] = {"forward", "reverse", "shuffle:1", "shuffle:2", "shuffle:3"};

static void a_block_sums_its_numbers(void)
{
    for (unsigned order = 0; order < G_N_ELEMENTS(orders); order++) {
        CUdeviceptr from = device_words(3 * N, 5), to = device_zeros(3);
        void *arguments[] = {&from, &to};

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        run("emu_reduce", 3, N, arguments);
        for (unsigned block = 0; block < 3; block++)
            g_assert_cmpuint(word_at(to, block), ==, N * (5 + block * N) + N * (N - 1) / 2);
        release(from);
        release(to);
    }
}

static void lanes_exchange_numbers(void)
{
    for (unsigned order = 0; order < G_N_ELEMENTS(orders); order++) {
        CUdeviceptr from = device_words(32, 1), to = device_zeros(4 * 32);
        void *arguments[] = {&from, &to};

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        run("emu_shuffle", 1, 32, arguments);
        for (unsigned lane = 0; lane < 32; lane++) {
            unsigned eight = lane / 8 * 8;

            g_assert_cmpuint(word_at(to, lane), ==, 32 * 33 / 2);
            g_assert_cmpuint(word_at(to, 32 + lane), ==, 8 * eight + 36);
            g_assert_cmpuint(word_at(to, 64 + lane), ==, MAX(lane, 1));
            g_assert_cmpuint(word_at(to, 96 + lane), ==, eight + 4);
        }
        release(from);
        release(to);
    }
}

static void a_lane_beyond_the_block_gives_noise(void)
{
    CUdeviceptr from = device_words(32, 1), to = device_zeros(4 * 32);
    void *arguments[] = {&from, &to};

    run("emu_shuffle", 1, 8, arguments);
    g_assert_cmpuint(word_at(to, 0), !=, 36);
    g_assert_cmpuint(word_at(to, 32), ==, 36);
    release(from);
    release(to);
}

static void halves_of_a_warp_vote_apart(void)
{
    for (unsigned order = 0; order < G_N_ELEMENTS(orders); order++) {
        unsigned n = 30;
        CUdeviceptr to = device_zeros(64);
        void *arguments[] = {&n, &to};

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        run("emu_ballot", 1, 32, arguments);
        g_assert_cmphex(word_at(to, 3), ==, 0xaaaa);
        g_assert_cmphex(word_at(to, 29), ==, 0x11110000);
        g_assert_cmphex(word_at(to, 30), ==, 0);
        g_assert_cmpuint(word_at(to, 32 + 3), ==, 8 + 100 * 2 + 10000 * 16);
        g_assert_cmpuint(word_at(to, 32 + 29), ==, 4 + 100 * 17 + 10000 * 3);
        release(to);
    }
}

static void atomics_lose_nothing(void)
{
    for (unsigned order = 0; order < G_N_ELEMENTS(orders); order++) {
        CUdeviceptr to = device_zeros(10);
        CUdeviceptr lowest = to + 6 * sizeof(unsigned), wide = to + 8 * sizeof(unsigned);
        void *arguments[] = {&to, &lowest, &wide};

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        assert_ok(cu->cuMemsetD8Async(to + 3 * sizeof(unsigned), 0xff, sizeof(unsigned), stream));
        run("emu_atomics", 4, N, arguments);
        g_assert_cmpuint(word_at(to, 0), ==, 4 * N);
        g_assert_cmpuint(word_at(to, 1), ==, 4 * N - 1);
        g_assert_cmphex(word_at(to, 2), ==, 0xffffffff);
        g_assert_cmphex(word_at(to, 3), ==, 0);
        g_assert_cmpuint(word_at(to, 4), ==, 7);
        g_assert_cmpuint(word_at(to, 5), ==, 9);
        g_assert_cmpint((int)word_at(to, 6), ==, 1 - 4 * N);
        g_assert_cmpuint(word_at(to, 8), ==, 0);
        g_assert_cmpuint(word_at(to, 9), ==, 4 * N * (4 * N - 1) / 2);
        release(to);
    }
}

static void a_struct_carries_an_address(void)
{
    Picture picture = {.width = 37, .height = 5};
    size_t pitch = 0;
    int first = 3;
    guint8 row[40];
    void *arguments[] = {&picture, &first};

    assert_ok(cu->cuMemAllocPitch(&picture.data, &pitch, 37, 5, 16));
    g_assert_cmpuint(pitch, ==, 512);
    picture.pitch = (int)pitch;
    assert_ok(
        cu->cuLaunchKernel(kernel("emu_paint"), 3, 2, 1, 16, 4, 1, 0, stream, arguments, NULL));
    assert_ok(cu->cuStreamSynchronize(stream));
    for (int y = 0; y < 5; y++) {
        assert_ok(cu->cuMemcpyDtoH(row, picture.data + (CUdeviceptr)y * pitch, sizeof(row)));
        for (int x = 0; x < 37; x++)
            g_assert_cmpuint(row[x], ==, first + y * 37 + x);
        g_assert_cmphex(row[37], ==, 0xa5);
    }
    release(picture.data);
}

static void threads_and_blocks_follow_the_order(void)
{
    guint seen[4] = {0};

    for (unsigned order = 0; order < 4; order++) {
        CUdeviceptr next = device_zeros(1), to = device_zeros(4 * N);
        void *arguments[] = {&next, &to};
        unsigned sum = 0;

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        run("emu_order", 4, N, arguments);
        for (unsigned i = 0; i < 4 * N; i++) {
            sum += word_at(to, i);
            seen[order] = seen[order] * 31 + word_at(to, i);
        }
        g_assert_cmpuint(sum, ==, 4 * N * (4 * N - 1) / 2);
        if (order < 2)
            g_assert_cmpuint(word_at(to, 1), ==, order == 0 ? 1 : 4 * N - 2);
        release(next);
        release(to);
    }
    g_assert_cmpuint(seen[2], !=, seen[0]);
    g_assert_cmpuint(seen[2], !=, seen[3]);
    g_assert_cmpint(emu_order("sideways"), ==, -EINVAL);
    g_assert_cmpint(emu_order("shuffle:x"), ==, -EINVAL);
}

static void a_missing_barrier_shows_in_some_order(void)
{
    unsigned wrong[2] = {0};

    for (unsigned order = 0; order < 2; order++) {
        CUdeviceptr from = device_words(N, 0), to = device_zeros(N);
        void *arguments[] = {&from, &to};

        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        run("emu_forgetful", 1, N, arguments);
        for (unsigned i = 0; i < N / 2; i++)
            wrong[order] += word_at(to, i) != N - 1 - i;
        release(from);
        release(to);
    }
    g_assert_cmpuint(wrong[0], >, 0);
    g_assert_cmpuint(wrong[1], ==, 0);
}

static void assert_faulty(const char *name, CUresult expected)
{
    CUdeviceptr to = device_zeros(64);
    void *arguments[] = {&to};

    assert_ok(launch(name, 1, 64, arguments));
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, expected);
    g_assert_cmpuint(counters_now().faults, ==, 1);
    g_assert_cmpint(cu->cuStreamQuery(stream), ==, expected);
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    assert_ok(cu->cuStreamQuery(stream));
    release(to);
    emu_reset();
}

static void divergent_barriers_are_errors(void)
{
    for (unsigned order = 0; order < G_N_ELEMENTS(orders); order++) {
        g_assert_cmpint(emu_order(orders[order]), ==, 0);
        assert_faulty("emu_divergent", 719);
        assert_faulty("emu_two_barriers", 719);
    }
    a_block_sums_its_numbers();
}

static void a_host_address_is_no_argument(void)
{
    unsigned words[64];
    unsigned *to = words;
    void *arguments[] = {&to};

    assert_ok(launch("emu_two_barriers", 1, 1, arguments));
    g_assert_cmpint(cu->cuStreamSynchronize(stream), ==, 700);
    g_assert_cmpuint(counters_now().faults, ==, 1);
}

static void launches_have_limits(void)
{
    CUfunction function = kernel("emu_divergent");
    CUdeviceptr to = device_zeros(1);
    void *arguments[] = {&to};
    static const unsigned wrong[][7] = {
        {0, 1, 1, 1, 1, 1, 0},     {1, 1, 1, 0, 1, 1, 0},          {1, 1, 1, 1025, 1, 1, 0},
        {1, 1, 1, 33, 32, 1, 0},   {1, 1, 1, 1, 1, 65, 0},         {1, 65536, 1, 1, 1, 1, 0},
        {1, 1, 1, 1, 1, 1, 49153}, {0x80000000, 1, 1, 1, 1, 1, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(cu->cuLaunchKernel(function, wrong[i][0], wrong[i][1], wrong[i][2],
                                           wrong[i][3], wrong[i][4], wrong[i][5], wrong[i][6],
                                           stream, arguments, NULL),
                        ==, 1);
    g_assert_cmpint(launch("emu_divergent", 1, 1, NULL), ==, 1);
    g_assert_cmpuint(counters_now().launches, ==, 0);
    release(to);
}

static void add_tests(void)
{
    add("/emu/a-block-sums-its-numbers", a_block_sums_its_numbers);
    add("/emu/lanes-exchange-numbers", lanes_exchange_numbers);
    add("/emu/a-lane-beyond-the-block-gives-noise", a_lane_beyond_the_block_gives_noise);
    add("/emu/halves-of-a-warp-vote-apart", halves_of_a_warp_vote_apart);
    add("/emu/atomics-lose-nothing", atomics_lose_nothing);
    add("/emu/a-struct-carries-an-address", a_struct_carries_an_address);
    add("/emu/threads-and-blocks-follow-the-order", threads_and_blocks_follow_the_order);
    add("/emu/a-missing-barrier-shows-in-some-order", a_missing_barrier_shows_in_some_order);
    add("/emu/divergent-barriers-are-errors", divergent_barriers_are_errors);
    add("/emu/a-host-address-is-no-argument", a_host_address_is_no_argument);
    add("/emu/launches-have-limits", launches_have_limits);
}

int main(int argc, char **argv)
{
    return run_tests(argc, argv, add_tests);
}
