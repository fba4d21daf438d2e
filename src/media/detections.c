#include "media/detections.h"

#include "base/log.h"

#define OBJECTS_LAST   (4 * GST_SECOND) /* while nothing moves they are looked for each 2 s */
#define COST_SMOOTHING 16               /* the mean is over about so many pictures */

void vd_detections_init(VdDetections *detections, const char *camera)
{
    *detections = (VdDetections){.camera = g_strdup(camera)};
    vd_lock_init(&detections->lock);
}

void vd_detections_clear(VdDetections *detections)
{
    vd_objects_unref(detections->objects);
    g_free(detections->why_not);
    g_strfreev(detections->classes);
    g_free(detections->camera);
    vd_lock_clear(&detections->lock);
}

void vd_detections_take(VdDetections *detections, VdObjects *objects, guint64 cost_us)
{
    vd_lock(&detections->lock);
    VdObjects *before = detections->objects;
    guint weight = detections->pictures == 0 ? 1 : COST_SMOOTHING;

    detections->objects = vd_objects_ref(objects);
    detections->cost_us += ((double)cost_us - detections->cost_us) / weight;
    detections->pictures++;
    vd_unlock(&detections->lock);
    vd_objects_unref(before);
}

void vd_detections_set_state(VdDetections *detections, const char *why_not,
                             const char *const *classes)
{
    vd_lock(&detections->lock);
    bool news = g_strcmp0(detections->why_not, why_not) != 0;
    g_free(detections->why_not);
    detections->why_not = g_strdup(why_not);
    g_strfreev(detections->classes);
    detections->classes = g_strdupv((char **)classes);
    vd_unlock(&detections->lock);
    if (news && why_not != NULL)
        vd_log_warning(detections->camera, "objects are not detected: %s", why_not);
}

VdObjects *vd_detections_of(VdDetections *detections, GstClockTime pts)
{
    VdObjects *objects = NULL;

    vd_lock(&detections->lock);
    if (detections->objects != NULL && GST_CLOCK_TIME_IS_VALID(pts) &&
        GST_CLOCK_DIFF(detections->objects->pts, pts) < (gint64)OBJECTS_LAST)
        objects = vd_objects_ref(detections->objects);
    else if (detections->camera != NULL && detections->why_not == NULL)
        objects = vd_objects_new(NULL, 0, pts);
    vd_unlock(&detections->lock);
    return objects;
}

void vd_detections_tell(VdDetections *detections, VdDetectionStats *stats)
{
    vd_lock(&detections->lock);
    *stats = (VdDetectionStats){detections->pictures, detections->cost_us,
                                g_strdup(detections->why_not), g_strdupv(detections->classes)};
    vd_unlock(&detections->lock);
}

void vd_detection_stats_clear(VdDetectionStats *stats)
{
    g_clear_pointer(&stats->why_not, g_free);
    g_clear_pointer(&stats->classes, g_strfreev);
}
