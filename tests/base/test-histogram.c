#include "base/histogram.h"
#include "base/stages.h"

static void buckets_are_of_1_2_and_5_up_to_ten_seconds(void)
{
    guint64 power = 100;

    for (guint i = 0; i < VD_BUCKETS; i++) {
        static const guint64 steps[] = {1, 2, 5};

        g_assert_cmpuint(vd_bucket_us(i), ==, power * steps[i % 3]);
        if (i % 3 == 2)
            power *= 10;
    }
    g_assert_cmpuint(vd_bucket_us(VD_BUCKETS - 1), ==, 10000000);
}

static void a_time_stands_in_the_first_bucket_that_it_fits(void)
{
    static const struct {
        gint64 us;
        guint bucket; /* VD_BUCKETS: in none but the last */
    } rows[] = {
        {-5, 0},
        {0, 0},
        {100, 0},
        {101, 1},
        {200, 1},
        {201, 2},
        {500, 2},
        {501, 3},
        {1000, 3},
        {20000, 7},
        {20001, 8},
        {10000000, 15},
        {10000001, VD_BUCKETS},
        {G_MAXINT64 / 2, VD_BUCKETS},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        VdHistogram histogram = {0};
        VdHistogramReading reading;

        vd_histogram_observe(&histogram, rows[i].us);
        vd_histogram_read(&histogram, &reading);
        for (guint j = 0; j <= VD_BUCKETS; j++)
            g_assert_cmpuint(reading.counts[j], ==, j >= rows[i].bucket ? 1 : 0);
        g_assert_cmpuint(reading.count, ==, 1);
        g_assert_cmpuint(reading.sum_us, ==, (guint64)MAX(rows[i].us, 0));
    }
}

enum { THREADS = 4, TURNS = 50000 };

static void *count_up(void *data)
{
    for (gint64 i = 0; i < TURNS; i++)
        vd_stages_observe(data, VD_STAGE_SEND, i % 2 == 0 ? 100 : 3000);
    return NULL;
}

static void nothing_is_lost_between_threads(void)
{
    g_autoptr(VdStages) stages = vd_stages_new();
    GThread *threads[THREADS];
    VdHistogramReading reading = {0}, before;

    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("count", count_up, stages);
    do { /* a reading beside them never goes back, and its buckets grow to their sum */
        before = reading;
        vd_stages_read(stages, VD_STAGE_SEND, &reading);
        g_assert_cmpuint(reading.count, >=, before.count);
        g_assert_cmpuint(reading.counts[0], <=, reading.counts[5]);
        g_assert_cmpuint(reading.counts[VD_BUCKETS], ==, reading.count);
    } while (reading.count < (guint64)THREADS * TURNS);
    for (guint i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    vd_stages_read(stages, VD_STAGE_SEND, &reading);
    g_assert_cmpuint(reading.counts[0], ==, THREADS * TURNS / 2);
    g_assert_cmpuint(reading.counts[4], ==, THREADS * TURNS / 2);
    g_assert_cmpuint(reading.counts[5], ==, THREADS * TURNS);
    g_assert_cmpuint(reading.count, ==, THREADS * TURNS);
    g_assert_cmpuint(reading.sum_us, ==, THREADS * TURNS / 2 * (guint64)3100);
}

static void stages_share_no_cache_line(void)
{
    g_assert_cmpuint(sizeof(VdHistogram) % 64, ==, 0);
    g_assert_cmpuint(_Alignof(VdHistogram), ==, 64);
}

static void each_stage_counts_for_itself(void)
{
    g_autoptr(VdStages) stages = vd_stages_new();
    VdHistogramReading reading;

    g_assert_null(vd_stages_ref(NULL));
    vd_stages_observe(NULL, VD_STAGE_DRAW, 1);
    vd_stages_observe(stages, VD_STAGE_DRAW, 150);
    for (VdStage stage = 0; stage < VD_N_STAGES; stage++) {
        vd_stages_read(stages, stage, &reading);
        g_assert_cmpuint(reading.count, ==, stage == VD_STAGE_DRAW ? 1 : 0);
        g_assert_cmpuint(reading.sum_us, ==, stage == VD_STAGE_DRAW ? 150 : 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/histogram/" #name, name)
    ADD(buckets_are_of_1_2_and_5_up_to_ten_seconds);
    ADD(a_time_stands_in_the_first_bucket_that_it_fits);
    ADD(nothing_is_lost_between_threads);
    ADD(stages_share_no_cache_line);
    ADD(each_stage_counts_for_itself);
    return g_test_run();
}
