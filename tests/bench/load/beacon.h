#pragma once

#include "histogram.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Latency without a clock in the picture: the clip is flat grey for a while at every key frame, so
 * that its JPEG shrinks below half the usual size, and the camera writes down when it sent each
 * key frame ("mark PATH MONOTONIC_US").
 */
typedef struct Beacon {
    double usual_size;
    bool flat;
} Beacon;

/* One viewer's picture of that size: true when it is the first flat one. */
bool beacon_seen(Beacon *beacon, uint64_t size);

/*
 * Adds to latencies, for each moment at which a flat picture was there, the time since the newest
 * mark of path. FALSE when the file cannot be read.
 */
bool beacon_match(const char *file, const char *path, const uint64_t *seen_us, size_t count,
                  Histogram *latencies);
