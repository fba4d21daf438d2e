#include <gst/gst.h>

#include "plugins/gstvdh264enc.h"
#include "plugins/gstvdh265enc.h"

#define PACKAGE_ORIGIN "Unknown package origin"

/* Registers types and nothing else. */
static gboolean plugin_init(GstPlugin *plugin)
{
    gboolean done = GST_ELEMENT_REGISTER(vdh264enc, plugin);

    done |= GST_ELEMENT_REGISTER(vdh265enc, plugin);
    return done;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vedettecodec,
                  "H.264 and H.265 encoding on the GPU or in software", plugin_init,
                  PACKAGE_VERSION, "LGPL", PACKAGE_NAME, PACKAGE_ORIGIN)
