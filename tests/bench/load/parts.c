#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void fail(Parts *parts, const char *error)
{
    parts->at = AT_ERROR;
    parts->error = error;
}

void parts_init(Parts *parts, PartsEnd end, void *data)
{
    memset(parts, 0, sizeof *parts);
    parts->end = end;
    parts->data = data;
}

/* The value when the line is that header, else NULL. */
static const char *value_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    return line + length + 1 + strspn(line + length + 1, " ");
}

static void status_line(Parts *parts)
{
    if (strncmp(parts->line, "HTTP/1.", 7) != 0 || strstr(parts->line, " 200") == NULL)
        fail(parts, "status");
    else
        parts->at = AT_HEADERS;
}

static void header_line(Parts *parts)
{
    const char *type = value_of(parts->line, "Content-Type");
    const char *coding = value_of(parts->line, "Transfer-Encoding");
    const char *boundary = type ? strstr(type, "boundary=") : NULL;

    if (parts->line_size == 0) {
        if (parts->boundary[0] == '\0')
            fail(parts, "no boundary");
        else
            parts->at = parts->chunked ? AT_CHUNK_SIZE : AT_LINE;
    } else if (coding) {
        parts->chunked = strcasecmp(coding, "chunked") == 0;
    } else if (boundary) {
        boundary += strlen("boundary=");
        boundary += *boundary == '"';
        boundary += strncmp(boundary, "--", 2) == 0 ? 2 : 0; /* some servers put the dashes here */
        snprintf(parts->boundary, sizeof parts->boundary, "--%.*s", (int)strcspn(boundary, "\"; "),
                 boundary);
    }
}

static void part_line(Parts *parts)
{
    const char *length = value_of(parts->line, "Content-Length");
    const char *state = value_of(parts->line, "X-State");

    if (!parts->in_part) {
        if (strncmp(parts->line, parts->boundary, strlen(parts->boundary)) == 0)
            parts->in_part = true;
        else if (parts->line_size > 0)
            fail(parts, "no boundary where one should be");
        parts->body_left = 0;
        memset(&parts->part, 0, sizeof parts->part);
    } else if (parts->line_size == 0) {
        if (parts->body_left == 0)
            fail(parts, "a part without a length");
        else
            parts->at = AT_BODY;
        parts->part.size = parts->body_left;
    } else if (length) {
        parts->body_left = strtoull(length, NULL, 10);
    } else if (state) {
        parts->part.placeholder = strcmp(state, "placeholder") == 0;
    }
}

static void line_done(Parts *parts)
{
    while (parts->line_size > 0 &&
           (parts->line[parts->line_size - 1] == '\r' || parts->line[parts->line_size - 1] == '\n'))
        parts->line_size--;
    parts->line[parts->line_size] = '\0';
    if (parts->at == AT_STATUS)
        status_line(parts);
    else if (parts->at == AT_HEADERS)
        header_line(parts);
    else
        part_line(parts);
    parts->line_size = 0;
}

static size_t take_line(Parts *parts, const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t used = end ? (size_t)(end - bytes) + 1 : size;

    if (parts->line_size + used >= sizeof parts->line) {
        fail(parts, "a line too long");
        return used;
    }
    memcpy(parts->line + parts->line_size, bytes, used);
    parts->line_size += used;
    if (end)
        line_done(parts);
    return used;
}

static void body_done(Parts *parts)
{
    parts->part.jpeg = parts->head[0] == 0xff && parts->head[1] == 0xd8 && parts->tail[0] == 0xff &&
                       parts->tail[1] == 0xd9;
    parts->in_part = false;
    parts->at = AT_LINE;
    parts->end(&parts->part, parts->data);
    parts->part.size = 0;
}

static size_t take_body(Parts *parts, const uint8_t *bytes, size_t size)
{
    size_t used = MIN(size, parts->body_left);
    uint64_t position = parts->part.size - parts->body_left;

    for (size_t i = 0; i < used && position + i < 2; i++)
        parts->head[position + i] = bytes[i];
    for (size_t i = used > 2 ? used - 2 : 0; i < used; i++) {
        parts->tail[0] = parts->tail[1];
        parts->tail[1] = bytes[i];
    }
    parts->body_left -= used;
    if (parts->body_left == 0)
        body_done(parts);
    return used;
}

/*
 * "1f4\r\n" before a chunk and the line's end behind it. Not kept as a line: the chunk before may
 * have ended inside one.
 */
static size_t take_chunk_size(Parts *parts, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int c = bytes[i] | 0x20;

        if (bytes[i] >= '0' && bytes[i] <= '9') {
            parts->chunk_left = parts->chunk_left * 16 + (uint64_t)(bytes[i] - '0');
        } else if (c >= 'a' && c <= 'f') {
            parts->chunk_left = parts->chunk_left * 16 + (uint64_t)(c - 'a' + 10);
        } else if (bytes[i] == '\n' && parts->at == AT_CHUNK_END) {
            parts->at = AT_CHUNK_SIZE;
        } else if (bytes[i] == '\n') {
            parts->at = parts->part.size > 0 ? AT_BODY : AT_LINE;
            if (parts->chunk_left == 0)
                fail(parts, "ended");
            return i + 1;
        } else if (bytes[i] != '\r') {
            fail(parts, "no chunk size where one should be");
            return size;
        }
    }
    return size;
}

static size_t take_content(Parts *parts, const uint8_t *bytes, size_t size)
{
    size_t room = parts->chunked ? MIN(size, parts->chunk_left) : size;
    size_t used =
        parts->at == AT_BODY ? take_body(parts, bytes, room) : take_line(parts, bytes, room);

    if (parts->chunked) {
        parts->chunk_left -= used;
        if (parts->chunk_left == 0 && parts->at != AT_ERROR)
            parts->at = AT_CHUNK_END;
    }
    return used;
}

bool parts_feed(Parts *parts, const uint8_t *bytes, size_t size)
{
    while (size > 0 && parts->at != AT_ERROR) {
        size_t used;

        if (parts->at == AT_LINE || parts->at == AT_BODY)
            used = take_content(parts, bytes, size);
        else if (parts->at == AT_CHUNK_SIZE || parts->at == AT_CHUNK_END)
            used = take_chunk_size(parts, bytes, size);
        else
            used = take_line(parts, bytes, size);
        bytes += used;
        size -= used;
    }
    return parts->at != AT_ERROR;
}

/* All but the body's first and last two bytes. */
size_t parts_skippable(const Parts *parts)
{
    uint64_t left = parts->chunked ? MIN(parts->body_left, parts->chunk_left) : parts->body_left;

    if (parts->at != AT_BODY || parts->part.size - parts->body_left < 2 || left <= 2)
        return 0;
    return (size_t)left - 2; /* of a chunk two bytes too few are skipped, which harms nobody */
}

void parts_skip(Parts *parts, size_t size)
{
    parts->body_left -= size;
    if (parts->chunked)
        parts->chunk_left -= size;
}
