#include "media/play.h"

#include "base/error.h"
#include "base/lock.h"
#include "media/decoder.h"
#include "media/frame-pool.h"
#include "media/look.h"
#include "media/source-check.h"
#include "media/source-entry.h"
#include "media/source-file.h"
#include "media/source-pipe.h"

#include <gst/video/video.h>
#include <sys/stat.h>

#define FAILED "vd-play-failed" /* the message by which a streaming thread ends it */
#define MISSING_NS                                                                \
    (2 * GST_SECOND) /* sound may be longer than the pictures, but not by so much \
                      */

struct VdPlay {
    VdPlayEvents events;
    void *data;
    VdCameraConfig *camera;
    bool masks, bare;
    guint64 size; /* of the file */

    GstElement *pipeline;
    guint watch; /* 0: it has ended */

    VdLock lock;
    GError *error; /* [lock] (nullable) the first one */

    /* [streaming thread] */
    GstElement *decoder; /* NULL: no video has been found yet */
    VdFileClock clock;
    bool entered; /* at a unit that decoding can begin with */
    guint64 frames, bytes;
    GstClockTime last; /* the newest picture's */
    guint percent;
    int width, height;
};

/* [any] (transfer full) What follows the first one is only an echo. */
static void fail(VdPlay *play, GError *error)
{
    vd_lock(&play->lock);
    bool first = play->error == NULL;
    if (first)
        play->error = error;
    vd_unlock(&play->lock);
    if (!first) {
        g_error_free(error);
        return;
    }
    gst_element_post_message(
        play->pipeline,
        gst_message_new_application(GST_OBJECT(play->pipeline), gst_structure_new_empty(FAILED)));
}

static void G_GNUC_PRINTF(2, 3) refuse(VdPlay *play, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail(play, g_error_new_valist(VD_ERROR, VD_ERROR_UNSUPPORTED, format, args));
    va_end(args);
}

/* --- units ------------------------------------------------------------------------------------ */

static void count_bytes(VdPlay *play, gsize bytes)
{
    play->bytes += bytes;
    guint percent = (guint)MIN(play->bytes * 100 / MAX(play->size, 1), 100);
    if (percent == play->percent || play->events.read == NULL)
        return;
    play->percent = percent;
    play->events.read(percent, play->data);
}

/* A live source's ring begins where decoding can, and takes no splinter of a unit either. */
static bool is_wanted(VdPlay *play, GstBuffer *unit, GstCaps *caps)
{
    bool key =
        !GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT) && vd_source_entry(unit, caps);

    play->entered = play->entered || key;
    if (!key)
        GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
    return play->entered && GST_BUFFER_PTS_IS_VALID(unit);
}

static GstPadProbeReturn on_unit(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    VdPlay *play = data;
    GstBuffer *unit = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);

    GST_PAD_PROBE_INFO_DATA(info) = unit;
    if (play->bare)
        vd_file_clock_stamp(&play->clock, pad, unit);
    count_bytes(play, gst_buffer_get_size(unit));
    return caps != NULL && is_wanted(play, unit, caps) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* False: what the parser knows of the stream by now is nothing that can be decoded. */
static bool accepts_stream(VdPlay *play, GstCaps *caps)
{
    g_autofree char *refusal = vd_source_check_caps(caps);

    if (refusal != NULL)
        refuse(play, "%s", refusal);
    return refusal == NULL;
}

static GstPadProbeReturn on_stream(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    GstCaps *caps;

    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    gst_event_parse_caps(event, &caps);
    return accepts_stream(data, caps) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* --- pictures --------------------------------------------------------------------------------- */

static GstPadProbeReturn on_caps(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    VdPlay *play = data;
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    GError *error = NULL;
    GstVideoInfo picture;
    GstCaps *caps;

    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    gst_event_parse_caps(event, &caps);
    if (!vd_decoder_accepts(caps, &error)) {
        fail(play, error);
        return GST_PAD_PROBE_DROP;
    }
    gst_video_info_from_caps(&picture, caps);
    play->width = picture.width;
    play->height = picture.height;
    return GST_PAD_PROBE_OK;
}

/* As live units have it: the time since the recording's beginning. */
static GstClockTime running_time(VdPlay *play, GstClockTime pts)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(play->decoder, "src");
    g_autoptr(GstEvent) event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
    const GstSegment *segment;
    guint64 time = 0;

    if (event == NULL || !GST_CLOCK_TIME_IS_VALID(pts))
        return 0;
    gst_event_parse_segment(event, &segment);
    return gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, pts, &time) > 0 ? time : 0;
}

static GstPadProbeReturn on_picture(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    VdPlay *play = data;
    GstClockTime pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));

    play->frames++;
    play->last = running_time(play, pts);
    play->events.decoded(play->frames, play->last, play->data);
    return GST_PAD_PROBE_OK;
}

static void take_motion(VdPlay *play, const GstStructure *found)
{
    g_autoptr(VdReport) report = vd_look_report(found);
    g_autoptr(GBytes) mask = NULL;
    GError *error = NULL;
    guint width = 0, height = 0;

    gst_structure_get(found, VD_MOTION_WIDTH, G_TYPE_UINT, &width, VD_MOTION_HEIGHT, G_TYPE_UINT,
                      &height, VD_MOTION_NUMBER, G_TYPE_UINT64, &report->number, NULL);
    if (play->masks)
        gst_structure_get(found, VD_MOTION_MASK, G_TYPE_BYTES, &mask, NULL);
    report->pts = running_time(play, report->pts);
    VdPlayed played = {
        .report = report,
        .frame = play->frames - 1,
        .width = play->width,
        .height = play->height,
        .mask_width = (int)width,
        .mask_height = (int)height,
        .mask = mask,
    };
    if (!play->events.looked(&played, play->data, &error))
        fail(play, error);
}

/* --- the pipeline ----------------------------------------------------------------------------- */

/* [streaming thread] vdmotion posts before it passes the picture on. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, void *data)
{
    VdPlay *play = data;

    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT)
        return GST_BUS_PASS;
    vd_lock(&play->lock);
    bool over = play->error != NULL;
    vd_unlock(&play->lock);
    if (!over && gst_message_has_name(message, VD_MOTION_MESSAGE))
        take_motion(play, gst_message_get_structure(message));
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static void watch_decoder(VdPlay *play)
{
    g_autoptr(GstPad) in = gst_element_get_static_pad(play->decoder, "sink");
    g_autoptr(GstPad) out = gst_element_get_static_pad(play->decoder, "src");

    gst_pad_add_probe(in, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_stream, play, NULL);
    gst_pad_add_probe(in, GST_PAD_PROBE_TYPE_BUFFER, on_unit, play, NULL);
    gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps, play, NULL);
    gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_BUFFER, on_picture, play, NULL);
}

static void set_up(VdPlay *play, GstBin *bin)
{
    g_autoptr(GstElement) mask = gst_bin_get_by_name(bin, "mask");
    g_autoptr(GstElement) motion = gst_bin_get_by_name(bin, "motion");
    g_autoptr(GstElement) sink = gst_bin_get_by_name(bin, "sink");

    play->decoder = gst_bin_get_by_name(bin, "decoder");
    vd_decoder_set_up(play->decoder);
    watch_decoder(play);
    vd_look_set_up(mask, motion, play->camera);
    g_object_set(motion, "analysis-width", play->camera->analysis_width, "masks", play->masks,
                 NULL);
    vd_frame_pool_offer(sink);
}

/* All that comes behind the file or its demuxer, for a video of this name; NULL: *error. */
static GstElement *make_tail(VdPlay *play, const char *media, GError **error)
{
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple(media);
    const char *parser = vd_file_parser(media);

    if (parser == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED,
                    "the video in it is %s; only H.264, H.265 and MJPEG are supported", media);
        return NULL;
    }
    const char *decoder = vd_decoder_choose(caps, error);
    if (decoder == NULL)
        return NULL;
    g_autofree char *description =
        g_strdup_printf("%s ! %s name=decoder ! " VD_MASK_FACTORY " name=mask ! " VD_MOTION_FACTORY
                        " name=motion ! fakesink name=sink sync=false async=false "
                        "enable-last-sample=false",
                        parser, decoder);
    GstElement *tail = gst_parse_bin_from_description(description, TRUE, error);
    if (tail == NULL) {
        g_prefix_error(error, "part of GStreamer is missing: ");
        return NULL;
    }
    set_up(play, GST_BIN(tail));
    gst_bin_add(GST_BIN(play->pipeline), tail);
    return tail;
}

/* [streaming thread] The first video stream is taken; sound and the rest stay unlinked. */
static void on_pad(GstElement *demuxer, GstPad *pad, gpointer data)
{
    VdPlay *play = data;
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const char *media = caps != NULL ? gst_structure_get_name(gst_caps_get_structure(caps, 0)) : "";
    GError *error = NULL;

    if ((!g_str_has_prefix(media, "video/") && !g_str_has_prefix(media, "image/")) ||
        play->decoder != NULL)
        return;
    GstElement *tail = make_tail(play, media, &error);
    if (tail == NULL) {
        fail(play, error);
        return;
    }
    g_autoptr(GstPad) into = gst_element_get_static_pad(tail, "sink");
    gst_element_sync_state_with_parent(tail);
    gst_pad_link(pad, into);
}

/* [streaming thread] */
static void on_no_more_pads(GstElement *demuxer, gpointer data)
{
    VdPlay *play = data;

    if (play->decoder == NULL)
        refuse(play, "the file carries no video");
}

static GstElement *add(VdPlay *play, const char *factory, GError **error)
{
    GstElement *element = gst_element_factory_make(factory, NULL);

    if (element == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED, "the GStreamer element %s is missing",
                    factory);
        return NULL;
    }
    gst_bin_add(GST_BIN(play->pipeline), element);
    return element;
}

static bool build(VdPlay *play, const VdFileKind *kind, const char *path, GError **error)
{
    GstElement *source = add(play, "filesrc", error), *next;

    if (source == NULL)
        return false;
    g_object_set(source, "location", path, NULL);
    next = play->bare ? make_tail(play, kind->media, error) : add(play, kind->demuxer, error);
    if (next == NULL)
        return false;
    if (!play->bare) {
        g_signal_connect(next, "pad-added", G_CALLBACK(on_pad), play);
        g_signal_connect(next, "no-more-pads", G_CALLBACK(on_no_more_pads), play);
    }
    return gst_element_link(source, next) || vd_refuse(error, "the file cannot be played");
}

/* --- its end ---------------------------------------------------------------------------------- */

/* [main] When it returns no streaming thread runs. */
static void halt(VdPlay *play)
{
    if (play->watch != 0)
        g_source_remove(play->watch);
    play->watch = 0;
    gst_element_set_state(play->pipeline, GST_STATE_NULL);
}

static GError *error_of(GstMessage *message)
{
    g_autofree char *words = vd_source_pipe_words(message);
    gsize length = strlen(words);

    if (length > 0 && words[length - 1] == '.')
        words[length - 1] = '\0';
    return g_error_new(VD_ERROR, VD_ERROR_FAILED, "the file cannot be played: %s", words);
}

/* What a file that was cut short lacks, demuxers do not miss; bare streams have no end. */
static void check_length(VdPlay *play)
{
    gint64 length = 0;

    if (play->bare || !gst_element_query_duration(play->pipeline, GST_FORMAT_TIME, &length) ||
        (gint64)play->last + MISSING_NS > length)
        return;
    refuse(play, "the pictures end at %.1f s of %.1f s, as if it had been cut short",
           (double)play->last / GST_SECOND, (double)length / GST_SECOND);
}

/* [main] */
static gboolean on_end(GstBus *bus, GstMessage *message, void *data)
{
    VdPlay *play = data;

    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        fail(play, error_of(message));
    else if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS && !gst_message_has_name(message, FAILED))
        return G_SOURCE_CONTINUE;
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && play->frames == 0)
        refuse(play, "the file holds no picture");
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
        check_length(play);
    halt(play);
    play->events.ended(play->error, play->data); /* which may free it */
    return G_SOURCE_REMOVE;
}

static bool start(VdPlay *play, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(play->pipeline);

    gst_bus_set_sync_handler(bus, on_message, play, NULL);
    play->watch = gst_bus_add_watch(bus, on_end, play);
    if (gst_element_set_state(play->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
        return true;
    return vd_refuse(error, "the pipeline does not start");
}

VdPlay *vd_play_new(const VdCameraConfig *camera, const char *path, bool masks,
                    const VdPlayEvents *events, void *data, GError **error)
{
    FILE *file = vd_file_open(path, error);
    struct stat status = {0};

    if (file == NULL)
        return NULL;
    const VdFileKind *kind = vd_file_kind(file, path, error);
    fstat(fileno(file), &status);
    fclose(file);
    if (kind == NULL)
        return NULL;
    VdPlay *play = g_new0(VdPlay, 1);
    play->events = *events;
    play->data = data;
    play->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    play->masks = masks;
    play->bare = kind->demuxer == NULL;
    play->clock.wanted_fps = camera->file_fps;
    play->size = (guint64)status.st_size;
    vd_lock_init(&play->lock);
    play->pipeline = gst_object_ref_sink(gst_pipeline_new(NULL));
    if (!build(play, kind, path, error) || !start(play, error))
        g_clear_pointer(&play, vd_play_free);
    return play;
}

void vd_play_free(VdPlay *play)
{
    if (play == NULL)
        return;
    halt(play);
    gst_clear_object(&play->decoder);
    gst_object_unref(play->pipeline);
    g_clear_error(&play->error);
    vd_camera_config_unref(play->camera);
    vd_lock_clear(&play->lock);
    g_free(play);
}
