#include "camera/cameras.h"

#include "base/error.h"
#include "base/log.h"
#include "camera/camera.h"

#define TICK_MS       500
#define PUBLISH_TICKS 2

struct VdCameras {
    VdCamerasEvents events;
    void *data;
    GPtrArray *all; /* VdCamera */
    guint timer;
    guint ticks;
};

static VdCamera *find(const VdCameras *cameras, const char *id)
{
    for (guint i = 0; i < cameras->all->len; i++) {
        VdCamera *camera = cameras->all->pdata[i];

        if (g_str_equal(vd_camera_id(camera), id))
            return camera;
    }
    return NULL;
}

static gboolean on_tick(gpointer data)
{
    VdCameras *cameras = data;
    bool publish = ++cameras->ticks % PUBLISH_TICKS == 0;

    for (guint i = 0; i < cameras->all->len; i++) {
        vd_camera_tick(cameras->all->pdata[i]);
        if (publish)
            vd_camera_publish(cameras->all->pdata[i]);
    }
    cameras->events.alive(cameras->data);
    return G_SOURCE_CONTINUE;
}

VdCameras *vd_cameras_new(const VdCamerasEvents *events, void *data)
{
    VdCameras *cameras = g_new0(VdCameras, 1);

    cameras->events = *events;
    cameras->data = data;
    cameras->all = g_ptr_array_new_with_free_func((GDestroyNotify)vd_camera_free);
    cameras->timer = g_timeout_add(TICK_MS, on_tick, cameras);
    return cameras;
}

void vd_cameras_free(VdCameras *cameras)
{
    if (cameras == NULL)
        return;
    g_source_remove(cameras->timer);
    g_ptr_array_unref(cameras->all);
    g_free(cameras);
}

static void remove_missing(VdCameras *cameras, const VdConfig *config)
{
    for (guint i = cameras->all->len; i-- > 0;) {
        const char *id = vd_camera_id(cameras->all->pdata[i]);

        if (vd_config_find(config, id) != NULL)
            continue;
        vd_log_info(id, "removed");
        cameras->events.removed(id, cameras->data);
        g_ptr_array_remove_index(cameras->all, i);
    }
}

void vd_cameras_configure(VdCameras *cameras, const VdConfig *config)
{
    remove_missing(cameras, config);
    for (guint i = 0; i < config->cameras->len; i++) {
        VdCameraConfig *wanted = config->cameras->pdata[i];
        VdCamera *camera = find(cameras, wanted->id);

        if (camera != NULL)
            vd_camera_configure(camera, wanted);
        else
            g_ptr_array_add(cameras->all, vd_camera_new(wanted, cameras->events.published,
                                                        cameras->events.happened, cameras->data));
    }
}

bool vd_cameras_restart(VdCameras *cameras, const char *id, GError **error)
{
    VdCamera *camera = find(cameras, id);

    if (camera == NULL)
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", id);
    else if (!vd_camera_restart(camera))
        g_set_error(error, VD_ERROR, VD_ERROR_CONFLICT, "camera %s is not enabled", id);
    else
        return true;
    return false;
}

VdReporter *vd_cameras_reporter(VdCameras *cameras, const char *id)
{
    VdCamera *camera = find(cameras, id);

    return camera != NULL ? vd_camera_reporter(camera) : NULL;
}

void vd_cameras_open(VdCameras *cameras, const char *id, VdAudience *audience)
{
    VdCamera *camera = find(cameras, id);

    if (camera != NULL)
        vd_camera_open(camera, audience);
    else
        vd_mailbox_close(vd_audience_mailbox(audience));
}

void vd_cameras_close(VdCameras *cameras, const char *id, VdAudience *audience)
{
    VdCamera *camera = find(cameras, id);

    if (camera != NULL)
        vd_camera_close(camera, audience);
}
