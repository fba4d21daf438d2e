#include "gpubench/clip.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <string.h>

#define PATIENCE   (60 * GST_SECOND)
#define MOST_UNITS 1800

#define H264       "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au"
#define H265       "h265parse ! video/x-h265,stream-format=byte-stream,alignment=au"
#define JPEG       "jpegparse"
#define SCENE                                        \
    "vdtestsrc scene=moving noise=4 num-buffers=60 " \
    "! video/x-raw,width=1920,height=1080,framerate=30/1 ! "

/* Several lines of one ending are tried one after the other. */
static const struct {
    const char *ending, *parts;
} readers[] = {
    {".h264", H264},
    {".264", H264},
    {".h265", H265},
    {".265", H265},
    {".mjpeg", JPEG},
    {".mjpg", JPEG},
    {".mp4", "qtdemux ! " H264},
    {".mp4", "qtdemux ! " H265},
    {".mkv", "matroskademux ! " H264},
    {".mkv", "matroskademux ! " H265},
};

static const char *const encoders[] = {
    "x264enc speed-preset=ultrafast tune=zerolatency bitrate=4000 key-int-max=60",
    "openh264enc bitrate=4000000 gop-size=60",
};

static const struct {
    const char *caps, *decoder, *name;
} codecs[] = {
    {"video/x-h264", "nvh264dec", "H.264"},
    {"video/x-h265", "nvh265dec", "H.265"},
    {"image/jpeg", "nvjpegdec", "JPEG"},
};

static bool fail(GError **error, const char *text)
{
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, text);
    return false;
}

/* --- units ----------------------------------------------------------------------------------- */

static void keep_unit(VdBenchClip *clip, GstSample *sample)
{
    GstBuffer *unit = gst_sample_get_buffer(sample);

    if (clip->units->len == 0 && GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT))
        return;
    if (clip->units->len == MOST_UNITS)
        return;
    gst_caps_replace(&clip->caps, gst_sample_get_caps(sample));
    g_ptr_array_add(clip->units, gst_buffer_ref(unit));
    clip->bytes += gst_buffer_get_size(unit);
}

static GstFlowReturn take_sample(GstAppSink *sink, gpointer clip)
{
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);

    if (sample != NULL)
        keep_unit(clip, sample);
    return GST_FLOW_OK;
}

static bool play_to_the_end(GstElement *pipeline, GError **error)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, PATIENCE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (message == NULL)
        return fail(error, "it takes more than a minute to read");
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, error, NULL);
    return GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
}

static bool collect(VdBenchClip *clip, const char *parts, const char *file, GError **error)
{
    g_autofree char *line = g_strdup_printf("%s%s ! appsink name=out sync=false",
                                            file != NULL ? "filesrc name=in ! " : "", parts);
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full(line, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    GstAppSinkCallbacks callbacks = {.new_sample = take_sample};

    if (pipeline == NULL)
        return false;
    if (file != NULL) {
        g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(pipeline), "in");
        g_object_set(source, "location", file, NULL);
    }
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, clip, NULL);
    return play_to_the_end(pipeline, error);
}

/* --- where they come from -------------------------------------------------------------------- */

static bool read_file(VdBenchClip *clip, const char *file, GError **error)
{
    bool known = false;

    for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
        if (!g_str_has_suffix(file, readers[i].ending))
            continue;
        known = true;
        g_clear_error(error);
        if (collect(clip, readers[i].parts, file, error))
            break;
    }
    if (!known)
        fail(error, "it is no .h264, .h265, .mjpeg, .mp4 or .mkv");
    else if (clip->units->len == 0 && *error == NULL)
        fail(error, "it has no key frame");
    g_prefix_error(error, "%s: ", file);
    return *error == NULL;
}

static bool encode_scene(VdBenchClip *clip, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(encoders); i++) {
        g_autofree char *parts = g_strconcat(SCENE, encoders[i], " ! video/x-h264 ! " H264, NULL);

        g_clear_error(error);
        if (collect(clip, parts, NULL, error))
            return true;
    }
    g_prefix_error(error, "no clip can be made here (give one with --clip): ");
    return false;
}

static bool describe(VdBenchClip *clip, GError **error)
{
    const GstStructure *structure = gst_caps_get_structure(clip->caps, 0);
    int width = 0, height = 0;

    gst_structure_get_int(structure, "width", &width);
    gst_structure_get_int(structure, "height", &height);
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++) {
        if (!gst_structure_has_name(structure, codecs[i].caps))
            continue;
        clip->decoder = codecs[i].decoder;
        clip->what =
            g_strdup_printf("%s, %dx%d, %u pictures of %.1f kB", codecs[i].name, width, height,
                            clip->units->len, (double)clip->bytes / clip->units->len / 1e3);
        return true;
    }
    return fail(error, "it is no H.264, H.265 or JPEG");
}

bool vd_bench_clip_init(VdBenchClip *clip, const char *file, GError **error)
{
    g_autoptr(GError) why = NULL;

    *clip = (VdBenchClip){0};
    clip->units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
    if ((file != NULL ? read_file(clip, file, &why) : encode_scene(clip, &why)) &&
        describe(clip, &why))
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

void vd_bench_clip_clear(VdBenchClip *clip)
{
    g_clear_pointer(&clip->units, g_ptr_array_unref);
    gst_clear_caps(&clip->caps);
    g_clear_pointer(&clip->what, g_free);
}
