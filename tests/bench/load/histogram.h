#pragma once

#include <stdint.h>

/* Times in microseconds, in buckets 1.6 % wide, so that quantiles cost no memory a sample. */
typedef struct Histogram {
    uint64_t count[64 * 64];
    uint64_t n, max;
} Histogram;

void histogram_add(Histogram *histogram, uint64_t us);
/* The value below which that share of the samples lies, in ms; 0 when there are none. */
double histogram_ms(const Histogram *histogram, double share);
