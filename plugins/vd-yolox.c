#include "plugins/vd-yolox.h"

#include <math.h>
#include <stdlib.h>

#include "plugins/vd-letterbox.h"

static const int strides[] = {8, 16, 32};
enum { N_STRIDES = sizeof strides / sizeof *strides, COARSEST = 32 };

/* Of a row: the box, whether there is anything, and then a score for each class. */
enum { ROW_X, ROW_Y, ROW_WIDTH, ROW_HEIGHT, ROW_OBJECT, ROW_CLASSES };

/* So close to an edge, in pixels of the model's picture, a box is cut off by it. */
#define EDGE 3

int vd_yolox_rows(int width, int height)
{
    int rows = 0;

    if (width < COARSEST || height < COARSEST || width > VD_YOLOX_MAX_SIZE ||
        height > VD_YOLOX_MAX_SIZE || width % COARSEST != 0 || height % COARSEST != 0)
        return 0;
    for (int i = 0; i < N_STRIDES; i++)
        rows += (width / strides[i]) * (height / strides[i]);
    return rows;
}

/* --- one row ---------------------------------------------------------------------------------- */

static int best_class(const float *row, int classes)
{
    int best = 0;

    for (int i = 1; i < classes; i++)
        if (row[ROW_CLASSES + i] > row[ROW_CLASSES + best])
            best = i;
    return best;
}

/* False as well for what is no number. */
static bool is_score(float score, float least)
{
    return score >= least && score <= 1.001F;
}

/* How the model's picture lies on the region. */
typedef struct Frame {
    const VdkRectangle *region;
    int width, height;      /* of the whole picture */
    float scale_x, scale_y; /* pixels of the picture for one of the model's */
} Frame;

static bool cut_off(const Frame *frame, const VdFound *box)
{
    const VdkRectangle *region = frame->region;
    float x = EDGE * frame->scale_x, y = EDGE * frame->scale_y;
    float left = (float)region->x, top = (float)region->y;
    float right = (float)(region->x + region->width), bottom = (float)(region->y + region->height);

    return (region->x > 0 && box->left < left + x) || (region->y > 0 && box->top < top + y) ||
           (region->x + region->width < frame->width && box->right > right - x) ||
           (region->y + region->height < frame->height && box->bottom > bottom - y);
}

static float within(float value, int low, int size)
{
    return fminf(fmaxf(value, (float)low), (float)(low + size));
}

/* False: there is nothing of it in the picture. */
static bool place(const Frame *frame, const float *row, int column, int line, int stride,
                  VdFound *box)
{
    const VdkRectangle *region = frame->region;
    float x = (row[ROW_X] + (float)column) * (float)stride * frame->scale_x + (float)region->x;
    float y = (row[ROW_Y] + (float)line) * (float)stride * frame->scale_y + (float)region->y;
    float width = expf(row[ROW_WIDTH]) * (float)stride * frame->scale_x;
    float height = expf(row[ROW_HEIGHT]) * (float)stride * frame->scale_y;

    if (!isfinite(x) || !isfinite(y) || !isfinite(width) || !isfinite(height))
        return false;
    box->left = x - width / 2;
    box->top = y - height / 2;
    box->right = x + width / 2;
    box->bottom = y + height / 2;
    if (cut_off(frame, box))
        return false;
    box->left = within(box->left, region->x, region->width);
    box->top = within(box->top, region->y, region->height);
    box->right = within(box->right, region->x, region->width);
    box->bottom = within(box->bottom, region->y, region->height);
    return box->right - box->left >= 1 && box->bottom - box->top >= 1;
}

/* --- the list --------------------------------------------------------------------------------- */

static void add(VdFoundList *list, const VdFound *box)
{
    size_t lowest = 0;

    if (list->n < VD_YOLOX_MAX_FOUND) {
        list->found[list->n++] = *box;
        return;
    }
    for (size_t i = 1; i < list->n; i++)
        if (list->found[i].score < list->found[lowest].score)
            lowest = i;
    if (list->found[lowest].score < box->score)
        list->found[lowest] = *box;
}

static void read_row(const VdYoloxModel *model, const Frame *frame, const float *row, float least,
                     int column, int line, int stride, VdFoundList *list)
{
    if (!is_score(row[ROW_OBJECT], least))
        return;
    int kind = best_class(row, model->classes);
    VdFound box = {.kind = kind, .score = row[ROW_OBJECT] * row[ROW_CLASSES + kind]};
    if (is_score(box.score, least) && place(frame, row, column, line, stride, &box)) {
        box.score = fminf(box.score, 1);
        add(list, &box);
    }
}

void vd_yolox_read(const VdYoloxModel *model, const float *output, float least,
                   const VdkRectangle *region, int width, int height, VdFoundList *list)
{
    int fit_width, fit_height;

    vd_letterbox_fit(region->width, region->height, model->width, model->height, &fit_width,
                     &fit_height);
    Frame frame = {region, width, height, (float)region->width / (float)fit_width,
                   (float)region->height / (float)fit_height};
    const float *row = output;
    for (int i = 0; i < N_STRIDES; i++)
        for (int line = 0; line < model->height / strides[i]; line++)
            for (int column = 0; column < model->width / strides[i]; column++) {
                read_row(model, &frame, row, least, column, line, strides[i], list);
                row += ROW_CLASSES + model->classes;
            }
}

/* --- one box an object ------------------------------------------------------------------------ */

static float area(const VdFound *box)
{
    return (box->right - box->left) * (box->bottom - box->top);
}

static float shared(const VdFound *a, const VdFound *b)
{
    float width = fminf(a->right, b->right) - fmaxf(a->left, b->left);
    float height = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);

    if (width <= 0 || height <= 0)
        return 0;
    return width * height / (area(a) + area(b) - width * height);
}

/* Equal scores by place, so that the order of regions does not matter. */
static int by_score(const void *left, const void *right)
{
    const VdFound *a = left, *b = right;

    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    if (a->top != b->top)
        return a->top > b->top ? 1 : -1;
    return (a->left > b->left) - (a->left < b->left);
}

static bool has_better(const VdFoundList *list, size_t kept, const VdFound *box, float overlap)
{
    for (size_t i = 0; i < kept; i++)
        if (list->found[i].kind == box->kind && shared(&list->found[i], box) > overlap)
            return true;
    return false;
}

void vd_yolox_suppress(VdFoundList *list, float overlap)
{
    size_t kept = 0;

    qsort(list->found, list->n, sizeof(VdFound), by_score);
    for (size_t i = 0; i < list->n && kept < VD_YOLOX_MAX_OBJECTS; i++)
        if (!has_better(list, kept, &list->found[i], overlap))
            list->found[kept++] = list->found[i];
    list->n = kept;
}
