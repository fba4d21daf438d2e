#pragma once

#include <glib.h>

/*
 * How long things took, in fixed buckets: 1, 2, 5, 10 ... from 100 us to 10 s. Any number of
 * threads count and read without a lock. Plain data, zero-initialised; it fills whole cache lines,
 * so that those who count in one do not slow down those who count in the next. [any]
 */
enum { VD_BUCKETS = 16 };

typedef struct VdHistogram {
    guint64
        counts[VD_BUCKETS + 1]; /* atomic; each in the one bucket that it fits; the last: more */
    guint64 sum_us;             /* atomic */
} __attribute__((aligned(64))) VdHistogram;

/* What stood in it at about one moment. */
typedef struct VdHistogramReading {
    guint64 counts[VD_BUCKETS + 1]; /* of what took as long or less: they grow to `count` */
    guint64 count, sum_us;
} VdHistogramReading;

guint64 vd_bucket_us(guint bucket); /* the longest time that it takes */

/* us: what is below 0 counts as 0. */
void vd_histogram_observe(VdHistogram *histogram, gint64 us);
void vd_histogram_read(const VdHistogram *histogram, VdHistogramReading *reading);
