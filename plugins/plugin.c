#include <gst/gst.h>

#include "plugins/vd-elements.h"

#define PACKAGE_ORIGIN "Unknown package origin"

/* Registers types and nothing else: what an element needs of the machine it opens in start. */
static gboolean plugin_init(GstPlugin *plugin)
{
    gboolean done = FALSE;

    done |= GST_ELEMENT_REGISTER(vdcompose, plugin);
    done |= GST_ELEMENT_REGISTER(vdjpegenc, plugin);
    done |= GST_ELEMENT_REGISTER(vdmask, plugin);
    done |= GST_ELEMENT_REGISTER(vdmotion, plugin);
    done |= GST_ELEMENT_REGISTER(vdscale, plugin);
    done |= GST_ELEMENT_REGISTER(vdtamper, plugin);
    done |= GST_ELEMENT_REGISTER(vdtestsrc, plugin);
    return done;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, vedette,
                  "Motion, privacy masks, drawing and JPEG for security cameras", plugin_init,
                  PACKAGE_VERSION, "LGPL", PACKAGE_NAME, PACKAGE_ORIGIN)
