/*
 * What a model says: any numbers are read to boxes inside the picture, each of a class that there
 * is, and to few enough of them. The first bytes are the region's place in the picture.
 */
#include "plugins/vd-yolox.h"

#include <glib.h>
#include <string.h>

enum { WIDTH = 64, HEIGHT = 32, CLASSES = 2, ROWS = 32 + 8 + 2, COLUMNS = 5 + CLASSES };
enum { PICTURE_WIDTH = 300, PICTURE_HEIGHT = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_is_inside(const VdFound *found, const VdkRectangle *region)
{
    g_assert_true(found->left >= (float)region->x && found->top >= (float)region->y);
    g_assert_true(found->right <= (float)(region->x + region->width));
    g_assert_true(found->bottom <= (float)(region->y + region->height));
    g_assert_true(found->left < found->right && found->top < found->bottom);
    g_assert_true(found->score >= 0.1F && found->score <= 1);
    g_assert_true(found->kind >= 0 && found->kind < CLASSES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const VdYoloxModel model = {WIDTH, HEIGHT, CLASSES};
    static VdFoundList list;
    float output[ROWS * COLUMNS] = {0};

    if (size < 4)
        return 0;
    VdkRectangle region = {data[0] % 200, data[1] % 100, data[2] % 100 + 1, data[3] % 100 + 1};
    memcpy(output, data + 4, MIN(size - 4, sizeof output));
    list.n = 0;
    vd_yolox_read(&model, output, 0.1F, &region, PICTURE_WIDTH, PICTURE_HEIGHT, &list);
    g_assert_cmpuint(list.n, <=, ROWS);
    for (size_t i = 0; i < list.n; i++)
        assert_is_inside(&list.found[i], &region);
    size_t before = list.n;
    vd_yolox_suppress(&list, 0.45F);
    g_assert_true(list.n <= before && (list.n > 0) == (before > 0));
    for (size_t i = 1; i < list.n; i++)
        g_assert_true(list.found[i - 1].score >= list.found[i].score);
    return 0;
}
