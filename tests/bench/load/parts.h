#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads an HTTP answer with multipart/x-mixed-replace, whole or chunked, as it comes. Parts must
 * say their length. Pictures are counted, not kept: what lies inside one may be skipped unread.
 */
typedef struct Part {
    uint64_t size;    /* of the body */
    bool placeholder; /* "X-State: placeholder" */
    bool jpeg;        /* begins and ends as one */
} Part;

typedef struct Parts Parts;
typedef void (*PartsEnd)(const Part *part, void *data);

struct Parts {
    enum { AT_STATUS, AT_HEADERS, AT_CHUNK_SIZE, AT_CHUNK_END, AT_LINE, AT_BODY, AT_ERROR } at;
    const char *error; /* what was wrong, once at is AT_ERROR */
    bool chunked;
    bool in_part; /* between boundary and body */
    uint64_t chunk_left, body_left;
    char line[512];
    size_t line_size;
    char boundary[80];
    uint8_t head[2], tail[2];
    Part part;
    PartsEnd end;
    void *data;
};

void parts_init(Parts *parts, PartsEnd end, void *data);
/* False when this is no such answer, see error. */
bool parts_feed(Parts *parts, const uint8_t *bytes, size_t size);
/* How many of the bytes that come next nobody needs to see; tell with parts_skip(). */
size_t parts_skippable(const Parts *parts);
void parts_skip(Parts *parts, size_t size);
