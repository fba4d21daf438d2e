#include "media/gpu-balance.h"

/* Which stream moves to which GPU, if any. */
#define ALL G_MAXUINT

typedef struct Case {
    const char *what;
    guint n_gpus;
    bool gone[3]; /* GPUs that cannot be used */
    VdGpuStay stays[6];
    guint n_stays;
    int stay, to; /* -1: all stay */
} Case;

/* clang-format off */
static const Case cases[] = {
    {"nothing runs", 2, {0}, {{0}}, 0, -1, -1},
    {"one GPU", 1, {0}, {{0, 60, ALL}, {0, 60, ALL}}, 2, -1, -1},
    {"two on one of two", 2, {0}, {{0, 60, ALL}, {0, 60, ALL}}, 2, 0, 1},
    {"the first one of none is no matter", 2, {0}, {{1, 60, ALL}, {1, 60, ALL}}, 2, 0, 0},
    {"one alone stays", 2, {0}, {{0, 60, ALL}}, 1, -1, -1},
    {"two and one are as even as can be", 2, {0}, {{0, 60, ALL}, {0, 60, ALL}, {1, 60, ALL}}, 3, -1, -1},
    {"three and one", 2, {0}, {{0, 9, ALL}, {0, 9, ALL}, {0, 9, ALL}, {1, 9, ALL}}, 4, 0, 1},
    {"the one that makes it most even", 2, {0}, {{0, 10, ALL}, {0, 50, ALL}, {0, 40, ALL}}, 3, 1, 1},
    {"a fifth less is not enough", 2, {0}, {{0, 80, ALL}, {0, 20, ALL}, {1, 60, ALL}}, 3, -1, -1},
    {"more than a fifth is", 2, {0}, {{0, 78, ALL}, {0, 22, ALL}, {1, 50, ALL}}, 3, 1, 1},
    {"what does no work does not move", 2, {0}, {{0, 0, ALL}, {0, 60, ALL}}, 2, -1, -1},
    {"not to one that failed", 2, {false, true}, {{0, 60, ALL}, {0, 60, ALL}}, 2, -1, -1},
    {"nor off one", 2, {true}, {{0, 60, ALL}, {0, 60, ALL}}, 2, -1, -1},
    {"who may not move stays", 2, {0}, {{0, 60, 1 << 0}, {0, 60, 1 << 0}}, 2, -1, -1},
    {"who may does", 2, {0}, {{0, 60, 1 << 0}, {0, 50, ALL}}, 2, 1, 1},
    {"to the one with least", 3, {0}, {{0, 60, ALL}, {0, 60, ALL}, {1, 20, ALL}, {2, 10, ALL}}, 4, 0, 2},
    {"two of three equally busy", 3, {0}, {{0, 9, ALL}, {0, 9, ALL}, {1, 9, ALL}, {1, 9, ALL}}, 4, 0, 2},
    {"the busiest first", 3, {0}, {{0, 9, ALL}, {0, 9, ALL}, {1, 9, ALL}, {1, 9, ALL}, {1, 9, ALL}}, 5, 2, 2},
    {"the next when it cannot", 3, {0}, {{0, 99, ALL}, {1, 9, ALL}, {1, 9, ALL}}, 3, 1, 2},
};
/* clang-format on */

static bool decide(const Case *it, const VdGpuStay *stays, VdGpuMove *move)
{
    VdGpuBurden gpus[3] = {{0}};

    for (guint i = 0; i < it->n_gpus; i++)
        gpus[i].usable = !it->gone[i];
    for (guint i = 0; i < it->n_stays; i++)
        gpus[stays[i].gpu].load += stays[i].load;
    return vd_gpu_balance(gpus, it->n_gpus, stays, it->n_stays, move);
}

static void the_table_says_who_moves_where(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        VdGpuMove move = {0};
        g_test_message("%s", cases[i].what);
        g_assert_cmpint(decide(&cases[i], cases[i].stays, &move), ==, cases[i].stay >= 0);
        if (cases[i].stay >= 0) {
            g_assert_cmpint((int)move.stay, ==, cases[i].stay);
            g_assert_cmpint((int)move.to, ==, cases[i].to);
        }
    }
}

static void moves_come_to_an_end_whatever_the_loads(void)
{
    enum { GPUS = 3, STREAMS = 6, ROUNDS = 500 };

    for (guint round = 0; round < ROUNDS; round++) {
        Case it = {.n_gpus = GPUS, .n_stays = STREAMS};
        VdGpuMove move;
        guint moves = 0;
        for (guint i = 0; i < STREAMS; i++)
            it.stays[i] = (VdGpuStay){(guint)g_test_rand_int_range(0, GPUS),
                                      g_test_rand_double_range(1, 100), ALL};
        while (decide(&it, it.stays, &move)) {
            it.stays[move.stay].gpu = move.to;
            moves++;
            g_assert_cmpuint(moves, <=, 2 * STREAMS);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/gpu-balance/" #name, name)
    ADD(the_table_says_who_moves_where);
    ADD(moves_come_to_an_end_whatever_the_loads);
    return g_test_run();
}
