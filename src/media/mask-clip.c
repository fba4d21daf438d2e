#include "media/mask-clip.h"

#include "base/error.h"
#include "base/lock.h"
#include "media/source-pipe.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#define PIPELINE                                                                    \
    "filesrc name=source ! decodebin ! appsink name=sink sync=false max-buffers=4 " \
    "caps=video/x-raw,format={GRAY8,I420,NV12,Y42B,Y444} enable-last-sample=false"

struct VdMaskClip {
    char *path;
    GstElement *pipeline;
    GstAppSink *sink;
    guint64 next; /* frame that comes next */
    GstVideoFrame frame;
    GstSample *sample; /* (nullable) of the frame, which is mapped */

    VdLock lock;
    VdCond news; /* a sample has come, or none will */
    bool over;   /* [lock] */
};

static void tell(VdMaskClip *clip, bool over)
{
    vd_lock(&clip->lock);
    clip->over = clip->over || over;
    vd_cond_signal(&clip->news);
    vd_unlock(&clip->lock);
}

static GstFlowReturn on_sample(GstAppSink *sink, void *clip)
{
    tell(clip, false);
    return GST_FLOW_OK;
}

static void on_eos(GstAppSink *sink, void *clip)
{
    tell(clip, true);
}

/* What fails before there is a stream ends none. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, void *clip)
{
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        tell(clip, true);
    return GST_BUS_PASS;
}

static void drop_frame(VdMaskClip *clip)
{
    if (clip->sample != NULL)
        gst_video_frame_unmap(&clip->frame);
    g_clear_pointer(&clip->sample, gst_sample_unref);
}

VdMaskClip *vd_mask_clip_new(const char *path, GError **error)
{
    VdMaskClip *clip = g_new0(VdMaskClip, 1);
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample, .eos = on_eos};

    vd_lock_init(&clip->lock);
    vd_cond_init(&clip->news);
    clip->path = g_strdup(path);
    clip->pipeline = gst_parse_launch_full(PIPELINE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    if (clip->pipeline == NULL) {
        g_prefix_error(error, "part of GStreamer is missing: ");
        g_clear_pointer(&clip, vd_mask_clip_free);
        return NULL;
    }
    gst_object_ref_sink(clip->pipeline);
    g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(clip->pipeline), "source");
    g_autoptr(GstBus) bus = gst_element_get_bus(clip->pipeline);
    clip->sink = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(clip->pipeline), "sink"));
    gst_app_sink_set_callbacks(clip->sink, &callbacks, clip, NULL);
    gst_bus_set_sync_handler(bus, on_message, clip, NULL);
    g_object_set(source, "location", path, NULL);
    gst_element_set_state(clip->pipeline,
                          GST_STATE_PLAYING); /* what fails is told when it is read */
    return clip;
}

static bool say_end(VdMaskClip *clip, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(clip->pipeline);
    g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    g_autofree char *words = message != NULL ? vd_source_pipe_words(message) : NULL;

    if (words != NULL)
        return vd_refuse(error, "%s cannot be read: %s", clip->path, words);
    return vd_refuse(error, "%s has %" G_GUINT64_FORMAT " masks, and the recording more pictures",
                     clip->path, clip->next);
}

/* (nullable) (transfer full) */
static GstSample *wait_for_sample(VdMaskClip *clip)
{
    GstSample *sample;

    vd_lock(&clip->lock);
    while ((sample = gst_app_sink_try_pull_sample(clip->sink, 0)) == NULL && !clip->over)
        vd_cond_wait(&clip->news, &clip->lock);
    vd_unlock(&clip->lock);
    return sample;
}

static bool step(VdMaskClip *clip, GError **error)
{
    drop_frame(clip);
    GstSample *sample = wait_for_sample(clip);
    GstVideoInfo info;

    if (sample == NULL)
        return say_end(clip, error);
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        !gst_video_frame_map(&clip->frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        gst_sample_unref(sample);
        return vd_refuse(error, "%s cannot be read: its pictures are none", clip->path);
    }
    clip->sample = sample;
    clip->next++;
    return true;
}

bool vd_mask_clip_read(VdMaskClip *clip, guint64 frame, VdMaskPicture *picture, GError **error)
{
    while (clip->next <= frame)
        if (!step(clip, error))
            return false;
    *picture = (VdMaskPicture){
        .pixels = GST_VIDEO_FRAME_PLANE_DATA(&clip->frame, 0),
        .width = GST_VIDEO_FRAME_WIDTH(&clip->frame),
        .height = GST_VIDEO_FRAME_HEIGHT(&clip->frame),
        .stride = GST_VIDEO_FRAME_PLANE_STRIDE(&clip->frame, 0),
    };
    return true;
}

void vd_mask_clip_free(VdMaskClip *clip)
{
    if (clip == NULL)
        return;
    drop_frame(clip);
    if (clip->pipeline != NULL)
        gst_element_set_state(clip->pipeline, GST_STATE_NULL);
    g_clear_object(&clip->sink);
    gst_clear_object(&clip->pipeline);
    vd_cond_clear(&clip->news);
    vd_lock_clear(&clip->lock);
    g_free(clip->path);
    g_free(clip);
}
