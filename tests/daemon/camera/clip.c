#include "clip.h"

#include <gst/app/app.h>
#include <stdio.h>
#include <string.h>

#define READ_DEADLINE (60 * GST_SECOND)

/* clang-format off */
static const struct {
    const char *name;    /* in a spec */
    const char *caps;    /* what parsebin calls it */
    const char *encode;
    const char *key;     /* the encoder's property: pictures between key frames; or NULL */
    const char *parse;   /* to whole pictures, as payloaders want them */
} codecs[] = {
    [CAM_H264] = {"h264", "video/x-h264",
                  "x264enc tune=zerolatency speed-preset=ultrafast bframes=0", "key-int-max",
                  "h264parse config-interval=-1 ! "
                  "video/x-h264,stream-format=byte-stream,alignment=au"},
    [CAM_H265] = {"h265", "video/x-h265",
                  "x265enc tune=zerolatency speed-preset=ultrafast log-level=error", "key-int-max",
                  "h265parse config-interval=-1 ! "
                  "video/x-h265,stream-format=byte-stream,alignment=au"},
    [CAM_JPEG] = {"mjpeg", "image/jpeg", "jpegenc", NULL, "jpegparse ! image/jpeg"},
};
/* clang-format on */
static GPtrArray *clips;

static void take_rate(CamClip *clip, GstCaps *caps)
{
    int num, den;

    if (clip->fps <= 0 &&
        gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &num, &den) &&
        num > 1)
        clip->fps = (double)num / den;
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    CamClip *clip = data;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    GstBuffer *unit;

    if (!sample)
        return GST_FLOW_EOS;
    unit = gst_buffer_copy_deep(gst_sample_get_buffer(sample));
    GST_BUFFER_PTS(unit) = GST_BUFFER_DTS(unit) = GST_BUFFER_DURATION(unit) = GST_CLOCK_TIME_NONE;
    g_ptr_array_add(clip->units, unit);
    gst_caps_replace(&clip->caps, gst_sample_get_caps(sample));
    take_rate(clip, clip->caps);
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

/* The end of every clip's pipeline: parser and the sink that collects. */
static GstElement *collector(CamClip *clip)
{
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    g_autofree char *text =
        g_strdup_printf("%s ! appsink name=out sync=false", codecs[clip->codec].parse);
    GstElement *bin = gst_parse_bin_from_description(text, TRUE, NULL);
    GstElement *sink = bin ? gst_bin_get_by_name(GST_BIN(bin), "out") : NULL;

    if (sink) {
        gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, clip, NULL);
        gst_object_unref(sink);
    }
    return bin;
}

static void on_pad(GstElement *parse, GstPad *pad, CamClip *clip)
{
    /* a parser that has not seen enough yet has no caps, but knows the kind */
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const char *kind;

    if (!caps)
        caps = gst_pad_query_caps(pad, NULL);
    if (gst_caps_is_empty(caps) || gst_caps_is_any(caps))
        return;
    kind = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++) {
        GstElement *bin;
        g_autoptr(GstPad) sink = NULL;

        if (strcmp(kind, codecs[i].caps) != 0)
            continue;
        clip->codec = (CamCodec)i;
        bin = collector(clip);
        gst_bin_add(GST_BIN(GST_OBJECT_PARENT(parse)), bin);
        gst_element_sync_state_with_parent(bin);
        sink = gst_element_get_static_pad(bin, "sink");
        gst_pad_link(pad, sink);
    }
}

static GstElement *file_pipeline(CamClip *clip, const char *file)
{
    GstElement *pipeline = gst_pipeline_new(NULL);
    GstElement *source = gst_element_factory_make("filesrc", NULL);
    GstElement *parse = gst_element_factory_make("parsebin", NULL);

    g_object_set(source, "location", file, NULL);
    gst_bin_add_many(GST_BIN(pipeline), source, parse, NULL);
    gst_element_link(source, parse);
    g_signal_connect(parse, "pad-added", G_CALLBACK(on_pad), clip);
    return pipeline;
}

static void add_encoder(CamClip *clip, GstElement *pipeline, guint key_interval)
{
    g_autoptr(GstElement) raw = gst_bin_get_by_name(GST_BIN(pipeline), "raw");
    GstElement *encoder = gst_parse_bin_from_description(codecs[clip->codec].encode, TRUE, NULL);
    GstElement *inner = encoder ? GST_BIN_CHILDREN(encoder)->data : NULL;
    GstElement *end = collector(clip);

    if (!encoder || !end)
        return; /* the encoder's plugin is missing: the pipeline fails as not linked */
    if (codecs[clip->codec].key)
        g_object_set(inner, codecs[clip->codec].key, key_interval, NULL);
    gst_bin_add_many(GST_BIN(pipeline), encoder, end, NULL);
    gst_element_link_many(raw, encoder, end, NULL);
}

/* "h264:640x360@15:30" */
static GstElement *generator_pipeline(CamClip *clip, const char *spec, GError **error)
{
    g_auto(GStrv) part = g_strsplit(spec, ":", 3);
    guint width, height, fps, count, codec = 0;
    g_autofree char *text = NULL;
    GstElement *pipeline;

    if (g_strv_length(part) < 2 || sscanf(part[1], "%ux%u@%u", &width, &height, &fps) != 3 || !fps)
        return NULL;
    while (codec < G_N_ELEMENTS(codecs) && strcmp(part[0], codecs[codec].name) != 0)
        codec++;
    if (codec == G_N_ELEMENTS(codecs))
        return NULL;
    clip->codec = (CamCodec)codec;
    clip->fps = fps;
    count = part[2] ? (guint)g_ascii_strtoull(part[2], NULL, 10) : 2 * fps;
    text = g_strdup_printf("videotestsrc pattern=ball animation-mode=frames num-buffers=%u ! "
                           "capsfilter name=raw caps=video/x-raw,format=I420,width=%u,height=%u,"
                           "framerate=%u/1",
                           count, width, height, fps);
    pipeline = gst_parse_launch(text, error);
    if (pipeline)
        add_encoder(clip, pipeline, fps);
    return pipeline;
}

static gboolean collect(CamClip *clip, GstElement *pipeline, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    g_autoptr(GstMessage) message = NULL;

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered(bus, READ_DEADLINE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (message && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, error, NULL);
    return message && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && clip->units->len > 0 &&
           clip->fps > 0;
}

static CamClip *clip_new(const char *spec)
{
    CamClip *clip = g_new0(CamClip, 1);

    clip->spec = g_strdup(spec);
    clip->units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_mini_object_unref);
    return clip;
}

static void clip_free(CamClip *clip)
{
    g_ptr_array_unref(clip->units);
    gst_clear_caps(&clip->caps);
    g_free(clip->spec);
    g_free(clip);
}

static GstElement *pipeline_for(CamClip *clip, GError **error)
{
    const char *at = strrchr(clip->spec, '@');
    g_autofree char *file = NULL;

    if (g_str_has_prefix(clip->spec, "gen:"))
        return generator_pipeline(clip, clip->spec + strlen("gen:"), error);
    if (at)
        clip->fps = g_ascii_strtod(at + 1, NULL);
    file = at ? g_strndup(clip->spec, (gsize)(at - clip->spec)) : g_strdup(clip->spec);
    return file_pipeline(clip, file);
}

CamClip *cam_clip_get(const char *spec, GError **error)
{
    g_autoptr(GstElement) pipeline = NULL;
    CamClip *clip;

    if (!clips)
        clips = g_ptr_array_new_with_free_func((GDestroyNotify)clip_free);
    for (guint i = 0; i < clips->len; i++) {
        clip = g_ptr_array_index(clips, i);
        if (strcmp(clip->spec, spec) == 0)
            return clip;
    }
    clip = clip_new(spec);
    pipeline = pipeline_for(clip, error);
    if (!pipeline || !collect(clip, pipeline, error)) {
        if (error && !*error)
            g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                        "no pictures with a rate in %s", spec);
        clip_free(clip);
        return NULL;
    }
    g_ptr_array_add(clips, clip);
    return clip;
}

gboolean cam_clip_is_key(const CamClip *clip, guint picture)
{
    GstBuffer *unit = g_ptr_array_index(clip->units, picture);

    return !GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
}
