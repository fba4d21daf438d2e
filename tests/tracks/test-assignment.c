#include "tracks/assignment.h"

#define MOST 7

/* The least that any way of giving rows from this one on costs. */
static double least(const double *cost, guint rows, guint columns, guint row, guint used)
{
    double best = row == rows ? 0 : 1e9;

    for (guint column = 0; row < rows && column < columns; column++) {
        if ((used & 1u << column) != 0)
            continue;
        double sum =
            cost[row * columns + column] + least(cost, rows, columns, row + 1, used | 1u << column);
        best = MIN(best, sum);
    }
    return best;
}

static void none_is_cheaper(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (int i = 0; i < 300; i++) {
        guint rows = (guint)g_rand_int_range(rand, 1, MOST);
        guint columns = rows + (guint)g_rand_int_range(rand, 0, MOST + 1 - (int)rows);
        double cost[MOST * MOST] = {0}, sum = 0;
        guint taken[MOST], used = 0;

        for (guint k = 0; k < rows * columns; k++)
            cost[k] = g_rand_int_range(rand, -5, 20);
        vd_assign(cost, rows, columns, taken);
        for (guint row = 0; row < rows; row++) {
            g_assert_cmpuint(taken[row], <, columns);
            g_assert_cmpuint(used & 1u << taken[row], ==, 0);
            used |= 1u << taken[row];
            sum += cost[row * columns + taken[row]];
        }
        g_assert_cmpfloat(sum, ==, least(cost, rows, columns, 0, 0));
    }
}

/* Who takes what is nearest first leaves the worst for the last. */
static void all_together_count(void)
{
    static const double cost[] = {1, 2, 2, 10};
    guint taken[2];

    vd_assign(cost, 2, 2, taken);
    g_assert_cmpuint(taken[0], ==, 1);
    g_assert_cmpuint(taken[1], ==, 0);
}

static void no_rows_are_no_work(void)
{
    guint taken[1] = {42};

    vd_assign(NULL, 0, 0, taken);
    vd_assign(NULL, 0, 3, taken);
    g_assert_cmpuint(taken[0], ==, 42);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/assignment/" #name, name)
    ADD(none_is_cheaper);
    ADD(all_together_count);
    ADD(no_rows_are_no_work);
    return g_test_run();
}
