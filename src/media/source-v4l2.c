#include "media/source-kind.h"
#include "media/source-pipe.h"

#include "plugins/vd-messages.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define VIDEO_MAJOR  81               /* of all V4L2 devices */
#define SYSTEM_ERROR "system error: " /* in v4l2src's words */

/* A camera at this machine: its own JPEGs when it makes them, else its raw pictures encoded. */

/* "v4l2:///dev/video0", "v4l2:/dev/video0", "/dev/video0" */
static const char *device_of(const char *location)
{
    if (g_str_has_prefix(location, "v4l2://"))
        return location + strlen("v4l2://");
    return g_str_has_prefix(location, "v4l2:") ? location + strlen("v4l2:") : location;
}

static bool offers_jpeg(GstElement *src)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(src, "src");
    g_autoptr(GstCaps) offered = gst_pad_query_caps(pad, NULL);
    g_autoptr(GstCaps) jpeg = gst_caps_new_empty_simple("image/jpeg");

    return !gst_caps_is_any(offered) && gst_caps_can_intersect(offered, jpeg);
}

static void add_chain(VdSourcePipe *pipe, VdSourceFeed *feed, GstElement *src)
{
    const char *chain = offers_jpeg(src)
                            ? "capsfilter caps=image/jpeg ! appsink name=sink sync=false"
                            : "videoconvert ! capsfilter caps=\"video/x-raw,format={I420,Y42B}\" "
                              "! " VD_JPEGENC_FACTORY " quality=90 ! appsink name=sink sync=false";
    g_autoptr(GError) error = NULL;
    GstElement *bin =
        gst_parse_bin_from_description_full(chain, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

    if (bin == NULL) {
        vd_source_feed_lost(feed, VD_LOSS_FAILED, "part of GStreamer is missing: %s",
                            error->message);
        return;
    }
    gst_bin_add(GST_BIN(vd_source_pipe_pipeline(pipe)), bin);
    vd_source_pipe_deliver(feed, vd_source_pipe_element(pipe, "sink"));
    gst_element_link(src, bin);
    vd_source_pipe_play(pipe);
}

static bool hear(VdSourcePipe *pipe, GstMessage *message, void *data)
{
    const char *device = device_of(((const VdSourceSettings *)data)->location);

    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR)
        return false;
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);
    const char *reason = strstr(words, SYSTEM_ERROR);
    gst_message_parse_error(message, &error, NULL);
    if (g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY))
        vd_source_feed_lost(vd_source_pipe_feed(pipe), VD_LOSS_REFUSED,
                            "%s is used by another program", device);
    else if (vd_source_pipe_loss(error) == VD_LOSS_REFUSED && reason != NULL)
        vd_source_feed_lost(vd_source_pipe_feed(pipe), VD_LOSS_REFUSED, "%s cannot be opened: %s",
                            device, reason + strlen(SYSTEM_ERROR));
    else
        vd_source_feed_lost(vd_source_pipe_feed(pipe), vd_source_pipe_loss(error), "%s: %s", device,
                            words);
    return true;
}

/* Other devices are not opened: for some that alone does something. */
static bool judge_device(const char *device, VdSourceFeed *feed)
{
    struct stat node;

    if (stat(device, &node) != 0)
        vd_source_feed_lost(feed, VD_LOSS_NOT_FOUND, "there is no device %s", device);
    else if (!S_ISCHR(node.st_mode) || major(node.st_rdev) != VIDEO_MAJOR)
        vd_source_feed_lost(feed, VD_LOSS_UNSUPPORTED, "%s is no video device", device);
    else if (access(device, R_OK | W_OK) != 0)
        vd_source_feed_lost(feed, VD_LOSS_UNAUTHORIZED,
                            "%s may not be opened; add the user to the group \"video\"", device);
    else
        return true;
    return false;
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    const char *device = device_of(settings->location);

    if (!judge_device(device, feed))
        return NULL;
    VdSourcePipe *pipe = vd_source_pipe_new(feed, "v4l2src name=src", hear, (void *)settings);
    if (pipe == NULL)
        return NULL;
    GstElement *src = vd_source_pipe_element(pipe, "src");
    g_object_set(src, "device", device, NULL);
    /* Only an open device tells its formats; if it does not open, the bus says why. */
    if (gst_element_set_state(src, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE)
        add_chain(pipe, feed, src);
    return pipe;
}

static void stop(void *source)
{
    vd_source_pipe_free(source);
}

static const char *transport(const void *source)
{
    return "v4l2";
}

const VdSourceKind vd_source_v4l2 = {start, stop, transport};
