/*
 * A camera's multipart body. The first byte says how large the pieces are, the first line what the
 * Content-Type is. Whatever the pieces, the same parts come out.
 */
#include "media/multipart.h"
#include "media/source-jpeg.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_part(const guint8 *body, gsize length, void *checksum)
{
    VdJpegWalk walk = {0};
    int width, height;
    gsize end = vd_jpeg_end(&walk, body, length);

    g_assert_cmpuint(length, >, 0);
    g_assert_cmpuint(end, <=, length);
    vd_jpeg_size(body, length, &width, &height);
    g_checksum_update(checksum, body, (gssize)length);
    g_checksum_update(checksum, (const guchar *)"|", 1);
}

static char *parts_of(const char *type, const uint8_t *data, size_t size, size_t piece)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_MD5);
    VdMultipart *multipart = vd_multipart_new(type, on_part, checksum);

    for (size_t at = 0; at < size; at += piece) {
        size_t take = MIN(piece, size - at);
        g_autofree guint8 *bytes = g_memdup2(data + at, take);
        if (!vd_multipart_feed(multipart, bytes, take, NULL))
            break;
    }
    vd_multipart_free(multipart);
    return g_strdup(g_checksum_get_string(checksum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;

    if (line == NULL || line == data)
        return 0;
    g_autofree char *type = g_strndup((const char *)data + 1, (gsize)(line - data) - 1);
    size_t body = (size_t)(line - data) + 1;
    g_autofree char *pieces = parts_of(type, data + body, size - body, 1 + data[0]);
    g_autofree char *whole = parts_of(type, data + body, size - body, size);

    g_assert_cmpstr(pieces, ==, whole);
    return 0;
}
