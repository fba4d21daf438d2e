#include "media/mask-file.h"

#include "base/error.h"
#include "media/source-pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <unistd.h>

/*
 * Pushed into the encoder by whoever calls, down to the file: no thread, no queue, and an answer
 * when it cannot be written.
 *
 * timecodescale: nanoseconds, in which a block is never far from its cluster's time, so that each
 * gets a cluster of its own. creation-time and the muxer's ids would be others each time.
 */
#define PIPELINE                                                                   \
    "avenc_ffv1 name=encoder gop-size=1 ! matroskamux name=muxer timecodescale=1 " \
    "min-cluster-duration=0 writing-app=vedette ! filesink name=sink async=false sync=false"
#define SEED 1 /* of GLib's random numbers, which the muxer makes its ids of */

struct VdMaskFile {
    char *path, *part;
    GstElement *pipeline;
    GstPad *pad; /* what is pushed goes out of this one */
    int width, height;
    bool finished;
};

static bool say(VdMaskFile *file, const char *words, GError **error)
{
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s cannot be written: %s", file->path, words);
    return false;
}

/* What an element has said, or the words. */
static bool say_why(VdMaskFile *file, const char *words, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(file->pipeline);
    g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    g_autofree char *told = message != NULL ? vd_source_pipe_words(message) : NULL;

    return say(file, told != NULL ? told : words, error);
}

static bool build(VdMaskFile *file, GError **error)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(0);

    g_random_set_seed(SEED); /* a track's id is made here, the file's when it begins */
    file->pipeline = gst_parse_launch_full(PIPELINE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    if (file->pipeline == NULL) {
        g_prefix_error(error, "part of GStreamer is missing: ");
        return false;
    }
    gst_object_ref_sink(file->pipeline);
    g_autoptr(GstElement) encoder = gst_bin_get_by_name(GST_BIN(file->pipeline), "encoder");
    g_autoptr(GstElement) muxer = gst_bin_get_by_name(GST_BIN(file->pipeline), "muxer");
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(file->pipeline), "sink");
    g_autoptr(GstPad) into = gst_element_get_static_pad(encoder, "sink");
    g_object_set(muxer, "creation-time", then, NULL);
    g_object_set(sink, "location", file->part, NULL);
    file->pad = gst_object_ref_sink(gst_pad_new("src", GST_PAD_SRC));
    gst_pad_set_active(file->pad, TRUE);
    gst_pad_link(file->pad, into);
    return true;
}

VdMaskFile *vd_mask_file_new(const char *path, GError **error)
{
    VdMaskFile *file = g_new0(VdMaskFile, 1);

    file->path = g_strdup(path);
    file->part = g_strconcat(path, ".XXXXXX", NULL);
    /* a new one beside it, so that nothing of somebody else's is written to */
    int created = g_mkstemp_full(file->part, O_WRONLY | O_CLOEXEC, 0666);
    if (created < 0) {
        say(file, g_strerror(errno), error);
        g_clear_pointer(&file->part, g_free);
    } else {
        close(created);
    }
    if (created < 0 || !build(file, error))
        g_clear_pointer(&file, vd_mask_file_free);
    return file;
}

static bool begin(VdMaskFile *file, int width, int height, GError **error)
{
    GstSegment segment;
    GstVideoInfo info;

    g_random_set_seed(SEED);
    if (gst_element_set_state(file->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return say_why(file, "the pipeline does not start", error);
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, (guint)width, (guint)height);
    g_autoptr(GstCaps) caps = gst_video_info_to_caps(&info);
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(file->pad, gst_event_new_stream_start("masks"));
    if (!gst_pad_push_event(file->pad, gst_event_new_caps(caps)))
        return say_why(file, "masks of this size cannot be encoded", error);
    gst_pad_push_event(file->pad, gst_event_new_segment(&segment));
    file->width = width;
    file->height = height;
    return true;
}

/* (transfer full) Rows as the encoder wants them. */
static GstBuffer *picture_of(const VdMaskFile *file, GBytes *mask)
{
    const guint8 *from = g_bytes_get_data(mask, NULL);
    GstVideoInfo info;
    GstMapInfo map;

    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, (guint)file->width,
                              (guint)file->height);
    GstBuffer *picture = gst_buffer_new_allocate(NULL, info.size, NULL);
    gst_buffer_map(picture, &map, GST_MAP_WRITE);
    memset(map.data, 0, map.size);
    for (int y = 0; y < file->height; y++)
        memcpy(map.data + (gsize)y * (gsize)info.stride[0], from + (gsize)y * (gsize)file->width,
               (gsize)file->width);
    gst_buffer_unmap(picture, &map);
    return picture;
}

bool vd_mask_file_add(VdMaskFile *file, GBytes *mask, int width, int height, GstClockTime pts,
                      GError **error)
{
    if (file->width == 0 && !begin(file, width, height, error))
        return false;
    if (width != file->width || height != file->height)
        return say(file, "the pictures' size changes, and a video's does not", error);
    GstBuffer *picture = picture_of(file, mask);
    GST_BUFFER_PTS(picture) = pts;
    GstFlowReturn flow = gst_pad_push(file->pad, picture);
    return flow == GST_FLOW_OK || say_why(file, gst_flow_get_name(flow), error);
}

bool vd_mask_file_finish(VdMaskFile *file, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(file->pipeline);

    if (file->width > 0 && !gst_pad_push_event(file->pad, gst_event_new_eos()))
        return say_why(file, "the end cannot be written", error);
    gst_element_set_state(file->pipeline, GST_STATE_NULL);
    g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    g_autofree char *told = message != NULL ? vd_source_pipe_words(message) : NULL;
    if (told != NULL)
        return say(file, told, error);
    file->finished = g_rename(file->part, file->path) == 0;
    return file->finished || say(file, g_strerror(errno), error);
}

void vd_mask_file_free(VdMaskFile *file)
{
    if (file == NULL)
        return;
    if (file->pipeline != NULL)
        gst_element_set_state(file->pipeline, GST_STATE_NULL);
    if (!file->finished && file->part != NULL)
        g_unlink(file->part);
    gst_clear_object(&file->pad);
    gst_clear_object(&file->pipeline);
    g_free(file->path);
    g_free(file->part);
    g_free(file);
}
