#include "pictures.h"

#include <string.h>

const Size test_sizes[] = {{1, 1}, {1, 7}, {7, 1}, {31, 3}, {33, 9}, {640, 360}, {1919, 1079}};
const gsize n_test_sizes = G_N_ELEMENTS(test_sizes);

guint32 random_next(guint32 *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

int n_planes(const VdkImage *image)
{
    return image->step == 0 ? 1 : 3;
}

const VdkPlane *plane_of(const VdkImage *image, int plane)
{
    return plane == 0 ? &image->luma : &image->chroma[plane - 1];
}

static int step_of(const VdkImage *image, int plane)
{
    return plane == 0 ? 1 : image->step;
}

guint8 *sample_at(const VdkImage *image, int plane, int x, int y)
{
    const VdkPlane *of = plane_of(image, plane);

    return of->data + (gssize)y * of->pitch + x * step_of(image, plane);
}

int covers_x(const VdkImage *image, int plane)
{
    int width = plane_of(image, plane)->width;

    return (image->luma.width + width - 1) / width;
}

int covers_y(const VdkImage *image, int plane)
{
    int height = plane_of(image, plane)->height;

    return (image->luma.height + height - 1) / height;
}

static gsize plane_bytes(const VdkPlane *plane)
{
    return (gsize)plane->pitch * (gsize)plane->height;
}

/* Sizes and pitches only; odd paddings, so that rows begin anywhere. */
static VdkImage layout_of(Layout layout, int width, int height)
{
    int half_x = layout == Y444 ? width : (width + 1) / 2;
    int half_y = layout == I420 || layout == NV12 ? (height + 1) / 2 : height;
    int step = layout == NV12 ? 2 : layout == GREY ? 0 : 1;
    VdkImage image = {.luma = {NULL, width, height, width + 13}, .step = step};

    for (int i = 0; i < 2 && step > 0; i++)
        image.chroma[i] = (VdkPlane){NULL, half_x, half_y, half_x * step + 7};
    return image;
}

/* Planes stand one after the other; interleaved ones are one. */
static void place_planes(TestPicture *picture)
{
    VdkImage *image = &picture->image;
    gsize luma = plane_bytes(&image->luma);

    image->luma.data = picture->memory;
    if (image->step == 0)
        return;
    image->chroma[0].data = picture->memory + luma;
    image->chroma[1].data = image->step == 2
                                ? image->chroma[0].data + 1
                                : image->chroma[0].data + plane_bytes(&image->chroma[0]);
}

static gsize bytes_of(const VdkImage *image)
{
    gsize chroma = image->step == 0 ? 0 : plane_bytes(&image->chroma[0]);

    return plane_bytes(&image->luma) + (image->step == 1 ? 2 * chroma : chroma);
}

static guint8 content_at(Content content, int x, int y, guint8 noise)
{
    switch (content) {
    case BLACK:
        return 0;
    case WHITE:
        return 255;
    case CHECKER:
        return (x + y) % 2 == 0 ? 0 : 255;
    default:
        return noise;
    }
}

void picture_init(TestPicture *picture, Layout layout, int width, int height, Content content,
                  guint32 seed)
{
    picture->image = layout_of(layout, width, height);
    picture->bytes = bytes_of(&picture->image);
    picture->memory = g_malloc0(picture->bytes);
    place_planes(picture);
    for (gsize i = 0; i < picture->bytes; i++)
        picture->memory[i] = (guint8)random_next(&seed);
    for (int plane = 0; plane < n_planes(&picture->image); plane++) {
        const VdkPlane *of = plane_of(&picture->image, plane);

        for (int y = 0; y < of->height; y++)
            for (int x = 0; x < of->width; x++) {
                guint8 *sample = sample_at(&picture->image, plane, x, y);

                *sample = content_at(content, x, y, *sample);
            }
    }
}

void picture_copy(TestPicture *to, const TestPicture *from)
{
    *to = *from;
    to->memory = g_memdup2(from->memory, from->bytes);
    place_planes(to);
}

void picture_clear(TestPicture *picture)
{
    g_clear_pointer(&picture->memory, g_free);
}

void assert_same(const TestPicture *a, const TestPicture *b)
{
    g_assert_cmpmem(a->memory, a->bytes, b->memory, b->bytes);
}

GArray *random_spans(int width, int height, guint32 seed)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(VdkSpan));

    for (int y = -2; y < height + 2; y++) {
        int x = -(int)(random_next(&seed) % 10) - 1;

        if (random_next(&seed) % 3 == 0)
            continue;
        while (x < width + 5) {
            int n = 1 + (int)(random_next(&seed) % (guint32)(width / 3 + 2));
            VdkSpan span = {y, x, x + n};

            g_array_append_val(spans, span);
            x += n + (int)(random_next(&seed) % (guint32)(width / 4 + 5));
        }
    }
    return spans;
}

guint8 *span_map(const VdkImage *image, const GArray *spans)
{
    int width = image->luma.width, height = image->luma.height;
    guint8 *map = g_malloc0((gsize)width * (gsize)height);

    for (guint i = 0; i < spans->len; i++) {
        const VdkSpan *span = &g_array_index(spans, VdkSpan, i);

        for (int x = span->x0; x < span->x1; x++)
            if (x >= 0 && x < width && span->y >= 0 && span->y < height)
                map[(gsize)span->y * (gsize)width + (gsize)x] = 1;
    }
    return map;
}
