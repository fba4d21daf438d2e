#include "base/histogram.h"

static const guint32 bounds_us[VD_BUCKETS] = {
    100,   200,    500,    1000,   2000,    5000,    10000,   20000,
    50000, 100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000,
};

guint64 vd_bucket_us(guint bucket)
{
    return bounds_us[bucket];
}

static guint bucket_of(guint64 us)
{
    guint bucket = 0;

    while (bucket < VD_BUCKETS && us > bounds_us[bucket])
        bucket++;
    return bucket;
}

void vd_histogram_observe(VdHistogram *histogram, gint64 us)
{
    guint64 took_us = (guint64)MAX(us, 0);

    __atomic_fetch_add(&histogram->counts[bucket_of(took_us)], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&histogram->sum_us, took_us, __ATOMIC_RELAXED);
}

void vd_histogram_read(const VdHistogram *histogram, VdHistogramReading *reading)
{
    reading->count = 0;
    for (guint i = 0; i <= VD_BUCKETS; i++) {
        reading->count += __atomic_load_n(&histogram->counts[i], __ATOMIC_RELAXED);
        reading->counts[i] = reading->count;
    }
    reading->sum_us = __atomic_load_n(&histogram->sum_us, __ATOMIC_RELAXED);
}
