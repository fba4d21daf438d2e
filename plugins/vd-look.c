#include "plugins/vd-look.h"

#include "plugins/vd-letterbox.h"

/* Boxes of one class that share more are one object. */
#define OVERLAP 0.45F

typedef struct Eye {
    const VdLook *look;
    VdOnnx *onnx;
    VdEngine *engine;
    GstVideoInfo canvas; /* the model's picture, chroma as large as luma */
    VdkConversion conversion;
    bool convert;
} Eye;

void vd_look_free(VdLook *look)
{
    if (look == NULL)
        return;
    gst_clear_buffer(&look->buffer);
    gst_clear_caps(&look->caps);
    g_free(look);
}

static VdkConversion conversion_of(const GstVideoInfo *info)
{
    GstVideoColorMatrix matrix = info->colorimetry.matrix;

    return (VdkConversion){
        .limited = info->colorimetry.range != GST_VIDEO_COLOR_RANGE_0_255,
        .matrix = matrix == GST_VIDEO_COLOR_MATRIX_BT709 ||
                          matrix == GST_VIDEO_COLOR_MATRIX_SMPTE240M ||
                          matrix == GST_VIDEO_COLOR_MATRIX_BT2020
                      ? VDK_BT709
                      : VDK_BT601,
    };
}

/* --- a part of a picture -----------------------------------------------------------------------
 */

/* What lies at x, y of luma, from there on. */
static void cut_plane(VdkPlane *plane, int step, const VdkRectangle *region, int width, int height)
{
    int x = (int)((gint64)region->x * plane->width / width);
    int y = (int)((gint64)region->y * plane->height / height);
    int right = (int)(((gint64)(region->x + region->width) * plane->width + width - 1) / width);
    int bottom =
        (int)(((gint64)(region->y + region->height) * plane->height + height - 1) / height);

    plane->data += (gsize)y * (gsize)plane->pitch + (gsize)(x * step);
    plane->width = right - x;
    plane->height = bottom - y;
}

static VdkImage cut(const VdkImage *image, const VdkRectangle *region)
{
    VdkImage part = *image;

    cut_plane(&part.luma, 1, region, image->luma.width, image->luma.height);
    for (int i = 0; i < 2 && image->step > 0; i++)
        cut_plane(&part.chroma[i], image->step, region, image->luma.width, image->luma.height);
    return part;
}

/* A canvas has room for all that fits into the model's picture, at its top left. */
static VdkImage corner(const VdkImage *canvas, int width, int height)
{
    const VdkRectangle region = {0, 0, width, height};

    return cut(canvas, &region);
}

static int scale(const Eye *eye, const VdkRectangle *region, int width, int height,
                 GstBuffer *canvas)
{
    VdEngine *engine = eye->engine;
    VdPicture from, to;
    int error = engine->ops->map(engine, &eye->look->info, eye->look->buffer, GST_MAP_READ, &from);

    if (error != 0)
        return engine->ops->end(engine, error);
    error = engine->ops->map(engine, &eye->canvas, canvas, GST_MAP_WRITE, &to);
    if (error != 0) {
        error = engine->ops->end(engine, error);
        engine->ops->unmap(engine, &from);
        return error;
    }
    VdkImage part = cut(&from.image, region), fit = corner(&to.image, width, height);
    error = engine->ops->scale(engine, &part, eye->convert ? &eye->conversion : NULL, &fit);
    error = engine->ops->end(engine, error);
    engine->ops->unmap(engine, &to);
    engine->ops->unmap(engine, &from);
    return error;
}

/* From a GPU it comes to the CPU here: what was scaled, and not the picture. */
static int fill(const Eye *eye, int width, int height, GstBuffer *canvas)
{
    const VdYoloxModel *model = vd_onnx_model(eye->onnx);
    GstVideoFrame frame;

    if (!gst_video_frame_map(&frame, &eye->canvas, canvas, GST_MAP_READ))
        return -EIO;
    VdkImage image = vd_image_from_frame(&frame);
    VdkImage fit = corner(&image, width, height);
    vd_letterbox_fill(&fit, model->width, model->height, vd_onnx_input(eye->onnx));
    gst_video_frame_unmap(&frame);
    return 0;
}

static int show(const Eye *eye, const VdkRectangle *region)
{
    const VdYoloxModel *model = vd_onnx_model(eye->onnx);
    g_autoptr(GstBuffer) canvas = NULL;
    int width, height;

    vd_letterbox_fit(region->width, region->height, model->width, model->height, &width, &height);
    int error = vd_engine_acquire(eye->engine, eye->look->buffer, &eye->canvas, &canvas);
    if (error == 0)
        error = eye->engine->ops->begin(eye->engine, eye->look->buffer);
    if (error == 0)
        error = scale(eye, region, width, height, canvas);
    return error == 0 ? fill(eye, width, height, canvas) : error;
}

static bool see(const Eye *eye, const VdkRectangle *region, VdFoundList *list, GError **error)
{
    const GstVideoInfo *info = &eye->look->info;
    int failed = show(eye, region);

    if (failed != 0) {
        g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                    "The picture cannot be scaled for the model (%d)", failed);
        return false;
    }
    const float *output = vd_onnx_run(eye->onnx, error);
    if (output == NULL)
        return false;
    vd_yolox_read(vd_onnx_model(eye->onnx), output, eye->look->least, region, info->width,
                  info->height, list);
    return true;
}

/* --- all of its parts --------------------------------------------------------------------------
 */

static void choose(const VdLook *look, int side, VdRegions *regions)
{
    int width = look->info.width, height = look->info.height;

    if (look->whole)
        vd_regions_add_whole(regions, width, height);
    if (look->whole && look->tiles)
        vd_regions_add_tiles(regions, width, height, side);
    else
        vd_regions_add_motion(regions, look->boxes, look->n_boxes, width, height, side);
}

static Eye open_eye(const VdLook *look, VdOnnx *onnx, VdEngine *engine)
{
    const VdYoloxModel *model = vd_onnx_model(onnx);
    Eye eye = {.look = look, .onnx = onnx, .engine = engine};

    gst_video_info_set_format(&eye.canvas, GST_VIDEO_FORMAT_Y444, (guint)model->width,
                              (guint)model->height);
    eye.conversion = conversion_of(&look->info);
    eye.convert = eye.conversion.limited || eye.conversion.matrix != VDK_BT601;
    return eye;
}

static bool has(const VdkRectangle *region, float x, float y)
{
    return x >= (float)region->x && y >= (float)region->y &&
           x < (float)(region->x + region->width) && y < (float)(region->y + region->height);
}

static bool was_looked_at(const VdRegions *regions, const VdFound *found)
{
    float x = (found->left + found->right) / 2, y = (found->top + found->bottom) / 2;

    for (int i = 0; i < regions->n; i++)
        if (has(&regions->each[i], x, y))
            return true;
    return false;
}

/* What is seen now takes the place of what was. */
static void forget(VdFoundList *seen, const VdRegions *regions)
{
    size_t kept = 0;

    for (size_t i = 0; i < seen->n; i++)
        if (!was_looked_at(regions, &seen->found[i]))
            seen->found[kept++] = seen->found[i];
    seen->n = kept;
}

/* What was seen before gives way where there is not room for all. */
static void add(VdFoundList *seen, const VdFoundList *now)
{
    seen->n = MIN(seen->n, VD_YOLOX_MAX_FOUND - now->n);
    memcpy(seen->found + seen->n, now->found, now->n * sizeof *now->found);
    seen->n += now->n;
}

/* As many parts as there is time for: regions has those alone then. */
static bool see_all(const Eye *eye, VdRegions *regions, VdFoundList *now, GError **error)
{
    gint64 end_us = g_get_monotonic_time() + eye->look->longest_us;
    int n = 0;

    for (; n < regions->n; n++) {
        if (n > 0 && !eye->look->awaited && g_get_monotonic_time() >= end_us)
            break;
        if (!see(eye, &regions->each[n], now, error))
            return false;
    }
    regions->n = n;
    return true;
}

static void take_size(VdSight *sight, const GstVideoInfo *info)
{
    if (sight->width != info->width || sight->height != info->height)
        sight->seen.n = 0;
    sight->width = info->width;
    sight->height = info->height;
}

bool vd_look(const VdLook *look, VdOnnx *onnx, VdSight *sight, guint *runs, GError **error)
{
    VdRegions regions = {0};

    vd_engine_set_caps(&sight->engine, sight->tally, look->caps);
    take_size(sight, &look->info);
    Eye eye = open_eye(look, onnx, sight->engine);
    choose(look, look->side > 0 ? look->side : vd_onnx_model(onnx)->width, &regions);
    sight->now.n = 0;
    if (!see_all(&eye, &regions, &sight->now, error))
        return false;
    forget(&sight->seen, &regions);
    add(&sight->seen, &sight->now);
    vd_yolox_suppress(&sight->seen, OVERLAP);
    *runs = (guint)regions.n;
    return true;
}

void vd_sight_clear(VdSight *sight)
{
    g_clear_pointer(&sight->engine, vd_engine_free);
}
