#include "media/look.h"

#include "config/polygons.h"

void vd_look_set_up(GstElement *mask, GstElement *motion, const VdCameraConfig *camera)
{
    g_autofree char *polygons = vd_polygons_text(camera->masks, camera->n_masks);

    g_object_set(mask, "polygons", polygons, NULL);
    gst_util_set_object_arg(G_OBJECT(mask), "style",
                            camera->mask_style == VD_MASK_PIXELATE ? "pixelate" : "fill");
    if (motion != NULL)
        g_object_set(motion, "analysis-fps", camera->analysis_fps, "threshold",
                     camera->motion_threshold, "min-area", camera->motion_min_area, NULL);
}

static void take_found(VdReport *report, const GstStructure *message)
{
    GBytes *bytes = NULL;
    gsize size = 0;

    gst_structure_get(message, VD_MOTION_FOUND, G_TYPE_BYTES, &bytes, NULL);
    if (bytes == NULL)
        return;
    const VdMotionFound *found = g_bytes_get_data(bytes, &size);
    if (size == sizeof *found)
        report->found = *found;
    g_bytes_unref(bytes);
}

static VdLighting lighting_of(const GstStructure *found)
{
    VdLighting lighting = {0};

    gst_structure_get(found, VD_MOTION_LIGHT, G_TYPE_BOOLEAN, &lighting.light, VD_MOTION_ANEW,
                      G_TYPE_BOOLEAN, &lighting.anew, VD_MOTION_BRIGHTNESS, G_TYPE_DOUBLE,
                      &lighting.brightness, VD_MOTION_DARK, G_TYPE_DOUBLE, &lighting.dark,
                      VD_MOTION_BRIGHT, G_TYPE_DOUBLE, &lighting.bright, NULL);
    return lighting;
}

VdReport *vd_look_report(const GstStructure *found)
{
    const VdBox *boxes = NULL;
    gboolean primed = FALSE;
    GBytes *bytes = NULL;
    guint width = 0, height = 0;
    gsize size = 0;

    gst_structure_get(found, VD_MOTION_BOXES, G_TYPE_BYTES, &bytes, NULL);
    if (bytes != NULL)
        boxes = g_bytes_get_data(bytes, &size);
    VdReport *report = vd_report_new(boxes, (guint)(size / sizeof *boxes));
    gst_structure_get_uint64(found, VD_MOTION_PTS, &report->pts);
    gst_structure_get_double(found, VD_MOTION_SHARE, &report->share);
    gst_structure_get_double(found, VD_MOTION_NOISE, &report->noise);
    gst_structure_get_boolean(found, VD_MOTION_PRIMED, &primed);
    report->primed = primed;
    take_found(report, found);
    report->lighting = lighting_of(found);
    if (gst_structure_get(found, VD_MOTION_WIDTH, G_TYPE_UINT, &width, VD_MOTION_HEIGHT,
                          G_TYPE_UINT, &height, NULL) &&
        width > 0 && height > 0)
        report->aspect = (double)height / width;
    g_clear_pointer(&bytes, g_bytes_unref);
    return report;
}
