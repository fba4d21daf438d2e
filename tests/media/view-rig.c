#include "view-rig.h"

#include "media/reaper.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

static const MadeSpec spec = {.width = 320, .height = 240};

void rig_init(Rig *rig)
{
    g_autoptr(GError) error = NULL;

    *rig = (Rig){.hub = vd_frame_hub_new(), .mailbox = vd_mailbox_new(), .stages = vd_stages_new()};
    rig->camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", &error);
    g_assert_no_error(error);
}

void rig_view(Rig *rig, const VdRendition *rendition)
{
    rig->view = vd_view_new(rig->camera, rendition, rig->hub, rig->mailbox, rig->stages);
}

void rig_clear(Rig *rig)
{
    vd_view_free(rig->view);
    vd_frame_hub_unref(rig->hub);
    vd_mailbox_unref(rig->mailbox);
    vd_stages_unref(rig->stages);
    vd_camera_config_unref(rig->camera);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

void rig_post_like(Rig *rig, const MadeSpec *like, guint i)
{
    g_autoptr(VdFrame) frame = made_frame(like, i);

    vd_frame_hub_post(rig->hub, frame);
}

void rig_post(Rig *rig, guint i)
{
    rig_post_like(rig, &spec, i);
}

VdPicture *rig_next(Rig *rig)
{
    VdPicture *picture =
        vd_mailbox_wait(rig->mailbox, &rig->seen, g_get_monotonic_time() + PATIENCE_US);

    g_assert_nonnull(picture);
    return picture;
}

static bool has_picture(void *data)
{
    Rig *rig = data;
    guint64 seen = rig->seen;
    g_autoptr(VdPicture) picture = vd_mailbox_take(rig->mailbox, &seen);

    if (picture == NULL)
        rig_post(rig, (guint)vd_frame_hub_number_frame(rig->hub) + 100);
    return picture != NULL;
}

static gboolean tick(void *data)
{
    return G_SOURCE_CONTINUE;
}

void rig_break(Rig *rig)
{
    static const MadeSpec bad = {.format = "I420_10LE", .width = 320, .height = 240};
    guint ticks = g_timeout_add(50, tick, NULL);

    rig_post_like(rig, &bad, 1);
    made_await(has_picture, rig);
    g_source_remove(ticks);
}
