#include "camera/status.h"

#include "base/clock.h"
#include "base/lock.h"
#include "camera/status-json.h"

struct VdStatus {
    gatomicrefcount refs;
    VdStatusParts parts;
    gint64 now_us, wall_us; /* when it was made */
    VdLock lock;
    GBytes *brief, *whole; /* [lock] (nullable) */
};

void vd_rendition_status_clear(void *status)
{
    vd_encoder_facts_clear(&((VdRenditionStatus *)status)->encoder);
}

VdStatus *vd_status_new(const VdStatusParts *parts)
{
    VdStatus *status = g_new0(VdStatus, 1);

    g_atomic_ref_count_init(&status->refs);
    status->parts = *parts;
    status->now_us = vd_clock_now_us();
    status->wall_us = vd_clock_wall_us();
    vd_lock_init(&status->lock);
    return status;
}

VdStatus *vd_status_ref(VdStatus *status)
{
    g_atomic_ref_count_inc(&status->refs);
    return status;
}

void vd_status_unref(VdStatus *status)
{
    if (status == NULL || !g_atomic_ref_count_dec(&status->refs))
        return;
    vd_camera_config_unref(status->parts.config);
    vd_receiver_facts_clear(&status->parts.shown);
    vd_receiver_facts_clear(&status->parts.main);
    vd_report_unref(status->parts.report);
    vd_objects_unref(status->parts.objects);
    g_array_unref(status->parts.renditions);
    g_array_unref(status->parts.guests);
    vd_stages_unref(status->parts.stages);
    g_bytes_unref(status->brief);
    g_bytes_unref(status->whole);
    vd_lock_clear(&status->lock);
    g_free(status);
}

const VdStatusParts *vd_status_parts(const VdStatus *status)
{
    return &status->parts;
}

static GBytes *json_of(VdStatus *status, GBytes **kept, bool whole)
{
    vd_lock(&status->lock);
    if (*kept == NULL)
        *kept = vd_status_to_json(&status->parts, status->now_us, status->wall_us, whole);
    GBytes *json = g_bytes_ref(*kept);
    vd_unlock(&status->lock);
    return json;
}

GBytes *vd_status_brief_json(VdStatus *status)
{
    return json_of(status, &status->brief, false);
}

GBytes *vd_status_whole_json(VdStatus *status)
{
    return json_of(status, &status->whole, true);
}
