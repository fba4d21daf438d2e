#include "boxes.h"

#include <string.h>

/* What comes before the boxes in a box. */
static const struct {
    const char *type;
    gsize size;
} heads[] = {{"stsd", 8}, {"dref", 8}, {"avc3", 78}, {"hev1", 78}};

static guint32 read_u32(const guint8 *data)
{
    guint32 value;

    memcpy(&value, data, sizeof value);
    return GUINT32_FROM_BE(value);
}

/* The content of the next box; *at moves behind it, `type` takes its five bytes. */
static GBytes *next_box(GBytes *in, gsize *at, char type[5])
{
    gsize size;
    const guint8 *data = g_bytes_get_data(in, &size);

    g_assert_cmpuint(size - *at, >=, 8);
    guint32 length = read_u32(data + *at);
    g_assert_cmpuint(length, >=, 8);
    g_assert_cmpuint(length, <=, size - *at);
    memcpy(type, data + *at + 4, 4);
    type[4] = '\0';
    GBytes *content = g_bytes_new_from_bytes(in, *at + 8, length - 8);
    *at += length;
    return content;
}

static GBytes *inside(GBytes *content, const char *type)
{
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        if (strcmp(heads[i].type, type) != 0)
            continue;
        g_assert_cmpuint(g_bytes_get_size(content), >=, heads[i].size);
        return g_bytes_new_from_bytes(content, heads[i].size,
                                      g_bytes_get_size(content) - heads[i].size);
    }
    return g_bytes_ref(content);
}

static GBytes *find_one(GBytes *in, const char *wanted)
{
    char type[5];

    for (gsize at = 0; at < g_bytes_get_size(in);) {
        GBytes *content = next_box(in, &at, type);

        if (strcmp(type, wanted) == 0)
            return content;
        g_bytes_unref(content);
    }
    return NULL;
}

GBytes *boxes_find(GBytes *mp4, const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    GBytes *found = g_bytes_ref(mp4);

    for (guint i = 0; steps[i] != NULL && found != NULL; i++) {
        g_autoptr(GBytes) in = found;
        g_autoptr(GBytes) boxes = i > 0 ? inside(in, steps[i - 1]) : g_bytes_ref(in);

        found = find_one(boxes, steps[i]);
    }
    return found;
}

char *boxes_list(GBytes *mp4, const char *path)
{
    const char *last = strrchr(path, '/');
    g_autoptr(GBytes) found = path[0] != '\0' ? boxes_find(mp4, path) : g_bytes_ref(mp4);
    GString *types = g_string_new(NULL);
    char type[5];

    g_assert_nonnull(found);
    g_autoptr(GBytes) boxes = inside(found, last != NULL ? last + 1 : path);
    for (gsize at = 0; at < g_bytes_get_size(boxes);) {
        g_bytes_unref(next_box(boxes, &at, type));
        g_string_append_printf(types, "%s%s", types->len > 0 ? " " : "", type);
    }
    return g_string_free(types, FALSE);
}

guint32 boxes_u32(GBytes *mp4, const char *path, gsize at)
{
    g_autoptr(GBytes) found = boxes_find(mp4, path);
    gsize size;

    g_assert_nonnull(found);
    const guint8 *data = g_bytes_get_data(found, &size);
    g_assert_cmpuint(at + 4, <=, size);
    return read_u32(data + at);
}

guint64 boxes_u64(GBytes *mp4, const char *path, gsize at)
{
    return (guint64)boxes_u32(mp4, path, at) << 32 | boxes_u32(mp4, path, at + 4);
}
