#include "histogram.h"

static unsigned bucket_of(uint64_t value)
{
    unsigned exponent;

    if (value < 64)
        return (unsigned)value;
    exponent = 63 - (unsigned)__builtin_clzll(value);
    return (exponent - 5) * 64 + (unsigned)((value >> (exponent - 6)) & 63);
}

static uint64_t value_of(unsigned bucket)
{
    unsigned exponent = bucket / 64 + 5;

    if (bucket < 64)
        return bucket;
    return (UINT64_C(1) << exponent) + ((uint64_t)(bucket % 64) << (exponent - 6));
}

void histogram_add(Histogram *histogram, uint64_t us)
{
    histogram->count[bucket_of(us)]++;
    histogram->n++;
    if (us > histogram->max)
        histogram->max = us;
}

double histogram_ms(const Histogram *histogram, double share)
{
    uint64_t want = (uint64_t)(share * (double)histogram->n), seen = 0;

    for (unsigned bucket = 0; bucket < 64 * 64; bucket++) {
        seen += histogram->count[bucket];
        if (seen > want)
            return (double)value_of(bucket) / 1000;
    }
    return (double)histogram->max / 1000;
}
