#include "media/source-errand.h"
#include "media/source-kind.h"
#include "media/source-pipe.h"

#include "plugins/vd-messages.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define VIDEO_MAJOR  81               /* of all V4L2 devices */
#define SYSTEM_ERROR "system error: " /* in v4l2src's words */

/*
 * A camera at this machine: its own JPEGs when it makes them, else its raw pictures encoded. A
 * driver that hangs must hang alone, so the device is met on its path's thread.
 */
typedef struct VdDevice {
    gatomicrefcount refs; /* of the owner and of each errand */
    VdSourceFeed *feed;
    char *path;
    bool usable;        /* written by the look, then constant */
    bool stopped;       /* [main] */
    VdSourcePipe *pipe; /* [main] (nullable) */
} VdDevice;

static void device_unref(gpointer data)
{
    VdDevice *device = data;

    if (!g_atomic_ref_count_dec(&device->refs))
        return;
    vd_source_feed_unref(device->feed);
    g_free(device->path);
    g_free(device);
}

static VdDevice *device_ref(VdDevice *device)
{
    g_atomic_ref_count_inc(&device->refs);
    return device;
}

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

static void add_chain(GstElement *pipeline, VdSourceFeed *feed, GstElement *src)
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
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(bin), "sink");
    gst_bin_add(GST_BIN(pipeline), bin);
    vd_source_pipe_deliver(feed, sink);
    gst_element_link(src, bin);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
}

/* [path's thread] Only an open device tells its formats; if it does not open, the bus says why. */
static void open_device(GstElement *pipeline, void *data)
{
    VdDevice *device = data;
    g_autoptr(GstElement) src = gst_bin_get_by_name(GST_BIN(pipeline), "src");

    if (gst_element_set_state(src, GST_STATE_READY) == GST_STATE_CHANGE_FAILURE)
        return;
    vd_source_feed_hear(device->feed, VD_HEARD_ANSWER);
    add_chain(pipeline, device->feed, src);
}

static bool hear(VdSourcePipe *pipe, GstMessage *message, void *data)
{
    const VdDevice *device = data;

    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR)
        return false;
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);
    const char *reason = strstr(words, SYSTEM_ERROR);
    gst_message_parse_error(message, &error, NULL);
    if (g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY))
        vd_source_feed_lost(device->feed, VD_LOSS_REFUSED, "%s is used by another program",
                            device->path);
    else if (vd_source_pipe_loss(error) == VD_LOSS_REFUSED && reason != NULL)
        vd_source_feed_lost(device->feed, VD_LOSS_REFUSED, "%s cannot be opened: %s", device->path,
                            reason + strlen(SYSTEM_ERROR));
    else
        vd_source_feed_lost(device->feed, vd_source_pipe_loss(error), "%s: %s", device->path,
                            words);
    return true;
}

/* [path's thread] Other devices are not opened: for some that alone does something. */
static void look(void *data)
{
    VdDevice *device = data;
    const char *path = device->path;
    struct stat node;

    if (stat(path, &node) != 0)
        vd_source_feed_lost(device->feed, VD_LOSS_NOT_FOUND, "there is no device %s", path);
    else if (!S_ISCHR(node.st_mode) || major(node.st_rdev) != VIDEO_MAJOR)
        vd_source_feed_lost(device->feed, VD_LOSS_UNSUPPORTED, "%s is no video device", path);
    else if (access(path, R_OK | W_OK) != 0)
        vd_source_feed_lost(device->feed, VD_LOSS_UNAUTHORIZED,
                            "%s may not be opened; add the user to the group \"video\"", path);
    else
        device->usable = true;
}

/* [main] */
static void looked(void *data)
{
    VdDevice *device = data;

    if (device->stopped || !device->usable)
        return;
    device->pipe = vd_source_pipe_new(device->feed, "v4l2src name=src", hear, device);
    if (device->pipe == NULL)
        return;
    g_object_set(vd_source_pipe_element(device->pipe, "src"), "device", device->path, NULL);
    vd_source_pipe_errand(device->pipe, device->path, open_device, device_ref(device),
                          device_unref);
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdDevice *device = g_new0(VdDevice, 1);

    g_atomic_ref_count_init(&device->refs);
    device->feed = vd_source_feed_ref(feed);
    device->path = g_strdup(device_of(settings->location));
    vd_errand(device->path, look, looked, device_ref(device), device_unref);
    return device;
}

static void stop(void *source)
{
    VdDevice *device = source;

    device->stopped = true;
    vd_errand_forget(device->path, device);
    vd_source_pipe_free(g_steal_pointer(&device->pipe));
    device_unref(device);
}

static const char *transport(const void *source)
{
    return "v4l2";
}

const VdSourceKind vd_source_v4l2 = {start, stop, transport};
