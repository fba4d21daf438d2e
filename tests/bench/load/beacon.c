#include "beacon.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool beacon_seen(Beacon *beacon, uint64_t size)
{
    bool flat = beacon->usual_size > 0 && (double)size < beacon->usual_size / 2;
    bool first = flat && !beacon->flat;

    beacon->flat = flat;
    if (!flat)
        beacon->usual_size =
            beacon->usual_size > 0 ? beacon->usual_size * 0.9 + (double)size * 0.1 : (double)size;
    return first;
}

static uint64_t *read_marks(const char *file, const char *path, size_t *count)
{
    FILE *in = fopen(file, "re");
    uint64_t *marks = NULL;
    size_t room = 0;
    char name[128];
    uint64_t us;

    *count = 0;
    while (in && fscanf(in, "mark %127s %" SCNu64 "\n", name, &us) == 2) {
        if (strcmp(name, path) != 0)
            continue;
        if (*count == room) {
            uint64_t *more = realloc(marks, (room = room * 2 + 256) * sizeof *marks);

            if (!more)
                break;
            marks = more;
        }
        marks[(*count)++] = us;
    }
    if (in)
        fclose(in);
    return marks;
}

bool beacon_match(const char *file, const char *path, const uint64_t *seen_us, size_t count,
                  Histogram *latencies)
{
    size_t n;
    uint64_t *marks = read_marks(file, path, &n);

    for (size_t i = 0; i < count; i++) {
        size_t m = n;

        while (m > 0 && marks[m - 1] > seen_us[i])
            m--;
        if (m > 0)
            histogram_add(latencies, seen_us[i] - marks[m - 1]);
    }
    free(marks);
    return n > 0;
}
