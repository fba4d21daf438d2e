#include "camera/overlay.h"

struct VdOverlay {
    VdFrameHub *pictures, *reports, *both;
    guint listener;
};

/* [streaming thread] of the pictures */
static void on_picture(VdFrame *picture, void *data)
{
    VdOverlay *overlay = data;
    g_autoptr(VdFrame) found = vd_frame_hub_newest(overlay->reports);
    g_autoptr(VdFrame) frame = vd_frame_new(gst_sample_ref(picture->sample));

    frame->number = picture->number;
    frame->captured_us = picture->captured_us;
    frame->received_us = picture->received_us;
    frame->decoded_us = picture->decoded_us;
    if (found != NULL && found->report != NULL)
        frame->report = vd_report_ref(found->report);
    if (found != NULL)
        frame->objects = vd_objects_ref(found->objects);
    vd_frame_hub_post(overlay->both, frame);
}

VdOverlay *vd_overlay_new(VdFrameHub *pictures, VdFrameHub *reports)
{
    VdOverlay *overlay = g_new0(VdOverlay, 1);

    overlay->pictures = vd_frame_hub_ref(pictures);
    overlay->reports = vd_frame_hub_ref(reports);
    overlay->both = vd_frame_hub_new();
    overlay->listener = vd_frame_hub_listen(pictures, on_picture, overlay);
    return overlay;
}

void vd_overlay_free(VdOverlay *overlay)
{
    if (overlay == NULL)
        return;
    vd_frame_hub_unlisten(overlay->pictures, overlay->listener);
    vd_frame_hub_unref(overlay->pictures);
    vd_frame_hub_unref(overlay->reports);
    vd_frame_hub_unref(overlay->both);
    g_free(overlay);
}

VdFrameHub *vd_overlay_hub(VdOverlay *overlay)
{
    return overlay->both;
}
