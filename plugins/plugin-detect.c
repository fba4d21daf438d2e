#include <gst/gst.h>

#include "plugins/gstvddetect.h"

#define PACKAGE_ORIGIN "Unknown package origin"

/* Registers types and nothing else: ONNX Runtime is opened when the first model is. */
static gboolean plugin_init(GstPlugin *plugin)
{
    return GST_ELEMENT_REGISTER(vddetect, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vedettedetect,
                  "Object detection with ONNX Runtime", plugin_init, PACKAGE_VERSION, "LGPL",
                  PACKAGE_NAME, PACKAGE_ORIGIN)
