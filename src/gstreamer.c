#include "gstreamer.h"

#include "base/log.h"
#include "gst-environment.h"
#include "plugins/vd-messages.h"

#include <gst/gst.h>

#define OURS "vedette's own, in " VD_GST_PLUGIN_DIR " or GST_PLUGIN_PATH"

/* clang-format off */
static const struct {
    const char *factory, *package;
} elements[] = {
    {VD_MOTION_FACTORY,  OURS},
    {VD_MASK_FACTORY,    OURS},
    {VD_SCALE_FACTORY,   OURS},
    {VD_COMPOSE_FACTORY, OURS},
    {VD_JPEGENC_FACTORY, OURS},
    {VD_TESTSRC_FACTORY, OURS},
    {"appsrc",           "gstreamer1.0-plugins-base"},
    {"rtph264depay",     "gstreamer1.0-plugins-good"},
    {"qtdemux",          "gstreamer1.0-plugins-good"},
    {"matroskademux",    "gstreamer1.0-plugins-good"},
    {"v4l2src",          "gstreamer1.0-plugins-good"},
    {"h264parse",        "gstreamer1.0-plugins-bad"},
    {"h265parse",        "gstreamer1.0-plugins-bad"},
    {"avdec_h264",       "gstreamer1.0-libav"},
    {"avdec_h265",       "gstreamer1.0-libav"},
};
/* clang-format on */

static bool is_there(const char *factory)
{
    GstElementFactory *found = gst_element_factory_find(factory);

    if (found != NULL)
        gst_object_unref(found);
    return found != NULL;
}

static void log_missing(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
        if (!is_there(elements[i].factory))
            vd_log_error(NULL,
                         "GStreamer has no element %s (%s): cameras that need it will not work",
                         elements[i].factory, elements[i].package);
}

bool vd_gstreamer_start(GError **error)
{
    vd_gst_environment_prepare();
    if (!gst_init_check(NULL, NULL, error)) {
        g_prefix_error(error, "GStreamer does not start: ");
        return false;
    }
    log_missing();
    return true;
}
