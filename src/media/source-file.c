#include "media/source-file.h"

#include "base/error.h"
#include "media/source-errand.h"
#include "media/source-kind.h"
#include "media/source-pipe.h"

#include <gst/app/app.h>
#include <stdio.h>
#include <string.h>

/*
 * Files, at the pace of their own time. Containers are looped by segment seeks, which leave no gap
 * and let running time go on. Bare streams know neither time nor seeking: their bytes are read
 * round and round, and each unit gets its time by counting.
 *
 * All that touches the file is done on its path's thread or on the pipeline's: the file system's
 * server may be gone.
 */
#define CHUNK (64 * 1024)

typedef struct VdFile {
    gatomicrefcount refs; /* of the owner, of each callback and errand */
    VdSourceFeed *feed;
    char *path;
    bool loop;
    const VdFileKind *kind; /* (nullable) found by the look, then constant */
    bool stopped;           /* [main] */
    VdSourcePipe *pipe;     /* [main] (nullable) */
    bool rolling;           /* [main] the first seek is done */
    gint videos;            /* atomic; streams linked */

    /* [streaming thread] bare streams */
    FILE *stream; /* (nullable) opened by the look */
    VdFileClock clock;
} VdFile;

static void close_stream(void *stream)
{
    fclose(stream);
}

static void file_unref(gpointer data)
{
    VdFile *file = data;

    if (!g_atomic_ref_count_dec(&file->refs))
        return;
    if (file->stream != NULL) /* the last one may be the main loop */
        vd_errand(file->path, close_stream, NULL, file->stream, NULL);
    vd_source_feed_unref(file->feed);
    g_free(file->path);
    g_free(file);
}

static VdFile *file_ref(VdFile *file)
{
    g_atomic_ref_count_inc(&file->refs);
    return file;
}

static void closure_unref(gpointer data, GClosure *unused)
{
    file_unref(data);
}

/* --- bare streams ----------------------------------------------------------------------------- */

/* [streaming thread] appsrc wants bytes. */
static void on_need(GstAppSrc *src, guint length, gpointer data)
{
    VdFile *file = data;
    g_autofree guint8 *chunk = g_malloc(CHUNK);
    gsize got = fread(chunk, 1, CHUNK, file->stream);

    if (got == 0 && file->loop && !ferror(file->stream) && file->clock.units > 0) {
        rewind(file->stream);
        got = fread(chunk, 1, CHUNK, file->stream);
    }
    if (got == 0)
        gst_app_src_end_of_stream(src);
    else
        gst_app_src_push_buffer(src, gst_buffer_new_wrapped(g_steal_pointer(&chunk), got));
}

/* [streaming thread] Behind the parser. */
static GstPadProbeReturn on_unit(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    VdFile *file = data;
    GstBuffer *unit = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));

    vd_file_clock_stamp(&file->clock, pad, unit);
    GST_PAD_PROBE_INFO_DATA(info) = unit;
    return GST_PAD_PROBE_OK;
}

static void start_bare(VdFile *file, VdSourceHear hear)
{
    g_autofree char *description = g_strdup_printf(
        "appsrc name=src format=bytes max-bytes=%d ! %s ! appsink name=sink sync=true", CHUNK,
        vd_file_parser(file->kind->media));
    GstAppSrcCallbacks callbacks = {.need_data = on_need};

    file->pipe = vd_source_pipe_new(file->feed, description, hear, file);
    if (file->pipe == NULL)
        return;
    GstElement *sink = vd_source_pipe_element(file->pipe, "sink");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");
    gst_app_src_set_callbacks(GST_APP_SRC(vd_source_pipe_element(file->pipe, "src")), &callbacks,
                              file_ref(file), file_unref);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_unit, file_ref(file), file_unref);
    vd_source_pipe_deliver(file->feed, sink);
    vd_source_pipe_play(file->pipe);
}

/* --- containers ------------------------------------------------------------------------------- */

/* [streaming thread] The first video stream is taken; sound and the rest stay unlinked. */
static void on_pad(GstElement *demuxer, GstPad *pad, gpointer data)
{
    VdFile *file = data;
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const char *media = caps != NULL ? gst_structure_get_name(gst_caps_get_structure(caps, 0)) : "";

    if (!g_str_has_prefix(media, "video/") && !g_str_has_prefix(media, "image/"))
        return;
    if (g_atomic_int_add(&file->videos, 1) > 0)
        return;
    const char *parser = vd_file_parser(media);
    if (parser == NULL) {
        vd_source_feed_lost(file->feed, VD_LOSS_UNSUPPORTED,
                            "the video in it is %s; only H.264, H.265 and MJPEG are supported",
                            media);
        return;
    }
    g_autofree char *description = g_strdup_printf("%s ! appsink name=sink sync=true", parser);
    GstElement *bin = gst_parse_bin_from_description(description, TRUE, NULL);
    if (bin == NULL) {
        vd_source_feed_lost(file->feed, VD_LOSS_FAILED, "part of GStreamer is missing: %s", parser);
        return;
    }
    g_autoptr(GstObject) pipeline = gst_object_get_parent(GST_OBJECT(demuxer));
    g_autoptr(GstPad) into = gst_element_get_static_pad(bin, "sink");
    gst_bin_add(GST_BIN(pipeline), bin);
    gst_element_sync_state_with_parent(bin);
    gst_pad_link(pad, into);
}

/* [streaming thread] */
static void on_no_more_pads(GstElement *demuxer, gpointer data)
{
    VdFile *file = data;

    if (g_atomic_int_get(&file->videos) == 0)
        vd_source_feed_lost(file->feed, VD_LOSS_UNSUPPORTED, "the file carries no video");
}

/* [path's thread] filesrc opens here. */
static void preroll(GstElement *pipeline, void *data)
{
    gst_element_set_state(pipeline, GST_STATE_PAUSED);
}

static void start_container(VdFile *file, VdSourceHear hear)
{
    g_autofree char *description =
        g_strdup_printf("filesrc name=src ! %s name=demuxer", file->kind->demuxer);

    file->pipe = vd_source_pipe_new(file->feed, description, hear, file);
    if (file->pipe == NULL)
        return;
    GstElement *demuxer = vd_source_pipe_element(file->pipe, "demuxer");
    g_object_set(vd_source_pipe_element(file->pipe, "src"), "location", file->path, NULL);
    g_signal_connect_data(demuxer, "pad-added", G_CALLBACK(on_pad), file_ref(file), closure_unref,
                          0);
    g_signal_connect_data(demuxer, "no-more-pads", G_CALLBACK(on_no_more_pads), file_ref(file),
                          closure_unref, 0);
    vd_source_pipe_errand(file->pipe, file->path, preroll, NULL, NULL);
}

/* [path's thread] A seek waits for who reads, and some demuxers read in it. */
static void seek(VdFile *file, GstElement *pipeline, GstSeekFlags flags)
{
    if (file->loop)
        flags |= GST_SEEK_FLAG_SEGMENT;
    if (!gst_element_seek(pipeline, 1.0, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, 0,
                          GST_SEEK_TYPE_NONE, 0))
        vd_source_feed_lost(file->feed, VD_LOSS_FAILED,
                            "the file cannot be played from its start again");
}

static void turn(GstElement *pipeline, void *file)
{
    seek(file, pipeline, 0);
}

/*
 * Playing begins with a segment whose end is said and not felt. What a sink was given until now is
 * flushed: with B frames that is more than one unit, as those that are to be decoded before time 0
 * do not wait.
 */
static void roll(GstElement *pipeline, void *file)
{
    seek(file, pipeline, GST_SEEK_FLAG_FLUSH);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
}

static void let_do(VdFile *file, void (*work)(GstElement *pipeline, void *data))
{
    vd_source_pipe_errand(file->pipe, file->path, work, file_ref(file), file_unref);
}

/* [main] Prerolled. */
static void begin(VdFile *file)
{
    GstBin *pipeline = GST_BIN(vd_source_pipe_pipeline(file->pipe));
    g_autoptr(GstElement) sink = gst_bin_get_by_name(pipeline, "sink");

    if (file->rolling || sink == NULL)
        return;
    file->rolling = true;
    vd_source_pipe_deliver(file->feed, sink);
    let_do(file, roll);
}

/* --- both ------------------------------------------------------------------------------------- */

static void say_error(VdFile *file, GstMessage *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = vd_source_pipe_words(message);

    gst_message_parse_error(message, &error, NULL);
    VdLoss loss = vd_source_pipe_loss(error);
    /* What is no file of its kind: parsers and demuxers put this in many ways. */
    if (error->domain == GST_STREAM_ERROR && (loss == VD_LOSS_FAILED || file->stream != NULL))
        loss = VD_LOSS_GARBAGE;
    bool nothing =
        !file->rolling && g_error_matches(error, GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX);
    vd_source_feed_lost(file->feed, loss, "the file cannot be played: %s",
                        nothing ? "there is no stream in it that is known; it may be cut short"
                                : words);
}

static bool hear(VdSourcePipe *pipe, GstMessage *message, void *data)
{
    VdFile *file = data;
    bool bare = file->stream != NULL;

    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
        say_error(file, message);
        return true;
    case GST_MESSAGE_ASYNC_DONE:
        if (!bare)
            begin(file);
        return true;
    case GST_MESSAGE_SEGMENT_DONE:
        let_do(file, turn);
        return true;
    case GST_MESSAGE_EOS:
        if (vd_source_feed_heard(file->feed) == VD_HEARD_TRAFFIC)
            vd_source_feed_lost(file->feed, VD_LOSS_CLOSED, "the file has been played to its end");
        else
            vd_source_feed_lost(file->feed, VD_LOSS_GARBAGE, "the file holds no picture");
        return true;
    default:
        return false;
    }
}

static char *path_of(const char *location)
{
    if (location[0] == '/')
        return g_strdup(location);
    char *path = g_filename_from_uri(location, NULL, NULL);
    if (path != NULL)
        return path;
    const char *rest = location + strlen("file:");
    return g_strdup(g_str_has_prefix(rest, "//") ? rest + 2 : rest);
}

static VdLoss loss_of(const GError *error)
{
    switch (error->code) {
    case VD_ERROR_NOT_FOUND:
        return VD_LOSS_NOT_FOUND;
    case VD_ERROR_UNSUPPORTED:
        return VD_LOSS_UNSUPPORTED;
    default:
        return VD_LOSS_REFUSED;
    }
}

/* [path's thread] */
static void look(void *data)
{
    VdFile *file = data;
    g_autoptr(GError) error = NULL;
    FILE *stream = vd_file_open(file->path, &error);

    if (stream != NULL) {
        vd_source_feed_hear(file->feed, VD_HEARD_ANSWER);
        file->kind = vd_file_kind(stream, file->path, &error);
    }
    if (error != NULL)
        vd_source_feed_lost(file->feed, loss_of(error), "%s", error->message);
    if (file->kind != NULL && file->kind->demuxer == NULL)
        file->stream = stream;
    else if (stream != NULL)
        fclose(stream);
}

/* [main] */
static void looked(void *data)
{
    VdFile *file = data;

    if (file->stopped || file->kind == NULL)
        return;
    if (file->kind->demuxer != NULL)
        start_container(file, hear);
    else
        start_bare(file, hear);
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    VdFile *file = g_new0(VdFile, 1);

    g_atomic_ref_count_init(&file->refs);
    file->feed = vd_source_feed_ref(feed);
    file->path = path_of(settings->location);
    file->loop = settings->loop;
    file->clock.wanted_fps = settings->file_fps;
    vd_errand(file->path, look, looked, file_ref(file), file_unref);
    return file;
}

static void stop(void *source)
{
    VdFile *file = source;

    file->stopped = true;
    vd_errand_forget(file->path, file);
    vd_source_pipe_free(g_steal_pointer(&file->pipe));
    file_unref(file);
}

static const char *transport(const void *source)
{
    return "file";
}

const VdSourceKind vd_source_file = {start, stop, transport};
