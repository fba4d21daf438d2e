#include "api/incidents.h"

#include "base/clock.h"
#include "base/limits.h"
#include "media/gpu.h"

#define REFUSED_US (60 * (gint64)G_USEC_PER_SEC)

struct VdIncidents {
    VdEvents *events;
    guint64 gpu_faults[VD_MAX_GPUS]; /* [main] that were told */
    gint64 refused_us;               /* atomic: when a refusal was told last */
    GPtrArray *cameras;              /* [main] (nullable) VdCameraConfig as they are configured */
};

static void post(VdIncidents *incidents, VdEventKind kind, const char *camera, json_t *fields)
{
    vd_events_post(incidents->events, vd_event_new(kind, camera, vd_clock_wall_us(), fields));
}

void vd_incidents_look_at_gpus(VdIncidents *incidents)
{
    for (guint i = 0; i < vd_gpu_count(); i++) {
        VdGpuFacts facts;

        vd_gpu_tell(i, &facts);
        if (facts.faults == incidents->gpu_faults[i])
            continue;
        incidents->gpu_faults[i] = facts.faults;
        post(incidents, VD_KIND_GPU_FAULT, NULL,
             json_pack("{s:i, s:s, s:I, s:b}", "gpu", (int)i, "name", facts.name, "faults",
                       (json_int_t)facts.faults, "lost", facts.lost));
    }
}

void vd_incidents_viewer_refused(VdIncidents *incidents, const char *camera, const char *why)
{
    gint64 now_us = vd_clock_now_us();
    gint64 told_us = __atomic_load_n(&incidents->refused_us, __ATOMIC_RELAXED);

    if (told_us != 0 && now_us - told_us < REFUSED_US)
        return;
    if (__atomic_compare_exchange_n(&incidents->refused_us, &told_us, now_us, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        post(incidents, VD_KIND_VIEWER_LIMIT, camera, json_pack("{s:s}", "reason", why));
}

/* --- configuration ---------------------------------------------------------------------------- */

static VdCameraConfig *find(GPtrArray *cameras, const char *id)
{
    for (guint i = 0; i < cameras->len; i++)
        if (g_str_equal(((VdCameraConfig *)cameras->pdata[i])->id, id))
            return cameras->pdata[i];
    return NULL;
}

/* Ids of those in `here` that are not `there`. */
static json_t *missing(GPtrArray *here, GPtrArray *there)
{
    json_t *ids = json_array();

    for (guint i = 0; i < here->len; i++) {
        const VdCameraConfig *camera = here->pdata[i];

        if (find(there, camera->id) == NULL)
            json_array_append_new(ids, json_string(camera->id));
    }
    return ids;
}

static json_t *changed(GPtrArray *before, GPtrArray *now)
{
    json_t *ids = json_array();

    for (guint i = 0; i < now->len; i++) {
        const VdCameraConfig *camera = now->pdata[i], *old = find(before, camera->id);

        if (old != NULL && vd_camera_config_compare(old, camera) != VD_APPLY_NOTHING)
            json_array_append_new(ids, json_string(camera->id));
    }
    return ids;
}

static GPtrArray *copy_list(const VdConfig *config)
{
    GPtrArray *cameras = g_ptr_array_new_with_free_func((GDestroyNotify)vd_camera_config_unref);

    for (guint i = 0; i < config->cameras->len; i++)
        g_ptr_array_add(cameras, vd_camera_config_ref(config->cameras->pdata[i]));
    return cameras;
}

void vd_incidents_configured(VdIncidents *incidents, const VdConfig *config, const char *who)
{
    g_autoptr(GPtrArray) before = incidents->cameras;

    vd_events_configure(incidents->events, config);
    incidents->cameras = copy_list(config);
    if (before == NULL)
        return;
    json_t *added = missing(incidents->cameras, before);
    json_t *removed = missing(before, incidents->cameras);
    json_t *others = changed(before, incidents->cameras);
    bool news = json_array_size(added) + json_array_size(removed) + json_array_size(others) > 0;
    json_t *fields = json_pack("{s:o, s:o, s:o, s:s?}", "added", added, "removed", removed,
                               "changed", others, "who", who);
    if (news)
        post(incidents, VD_KIND_CONFIGURATION, NULL, fields);
    else
        json_decref(fields);
}

VdIncidents *vd_incidents_new(VdEvents *events)
{
    VdIncidents *incidents = g_new0(VdIncidents, 1);

    incidents->events = events;
    return incidents;
}

void vd_incidents_free(VdIncidents *incidents)
{
    if (incidents == NULL)
        return;
    if (incidents->cameras != NULL)
        g_ptr_array_unref(incidents->cameras);
    g_free(incidents);
}
