#include "ways.h"

#include <gst/app/gstappsink.h>

#include "tests/kernels/jpeg-peer.h"

#define PATIENCE (600 * GST_SECOND) /* of an emulated device under a sanitizer */

Way way_new(const char *name)
{
    return (Way){
        .name = name,
        .reports = g_ptr_array_new_with_free_func((GDestroyNotify)gst_structure_free),
        .whole = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref),
        .small = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref),
    };
}

void way_clear(Way *way)
{
    g_ptr_array_unref(way->reports);
    g_ptr_array_unref(way->whole);
    g_ptr_array_unref(way->small);
}

/* --- playing --------------------------------------------------------------------------------- */

GstElement *ways_open(const char *line, const char *path)
{
    g_autoptr(GError) error = NULL;
    GstElement *pipeline = gst_parse_launch_full(line, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

    g_assert_no_error(error);
    if (path != NULL) {
        g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(pipeline), "in");

        g_object_set(source, "location", path, NULL);
    }
    return pipeline;
}

typedef struct Run {
    Way *ways;
    gsize n;
} Run;

/* In the streaming thread of the way, of which there is one. */
static void keep_report(const Run *run, GstMessage *message)
{
    for (gsize i = 0; i < run->n; i++) {
        g_autofree char *motion = g_strconcat(run->ways[i].name, "-motion", NULL);

        if (g_str_equal(GST_MESSAGE_SRC_NAME(message), motion))
            g_ptr_array_add(run->ways[i].reports,
                            gst_structure_copy(gst_message_get_structure(message)));
    }
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer run)
{
    if (!gst_message_has_name(message, VD_MOTION_MESSAGE))
        return GST_BUS_PASS;
    keep_report(run, message);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static GstFlowReturn keep_jpeg(GstAppSink *sink, gpointer jpegs)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);

    if (sample != NULL)
        g_ptr_array_add(jpegs, sample);
    return GST_FLOW_OK;
}

/* Where the pipeline has such a sink. */
static void listen_to(GstElement *pipeline, const char *way, const char *view, GPtrArray *jpegs)
{
    g_autofree char *name = g_strconcat(way, view, NULL);
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstAppSinkCallbacks callbacks = {.new_sample = keep_jpeg};

    if (sink != NULL)
        gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, jpegs, NULL);
}

void ways_play(GstElement *pipeline, Way *ways, gsize n)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    g_autoptr(GError) error = NULL;
    g_autofree char *details = NULL;
    Run run = {ways, n};

    for (gsize i = 0; i < n; i++) {
        listen_to(pipeline, ways[i].name, "", ways[i].whole);
        listen_to(pipeline, ways[i].name, "-small", ways[i].small);
    }
    gst_bus_set_sync_handler(bus, on_message, &run, NULL);
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), NULL); /* nothing waits for its time */
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, PATIENCE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_bus_set_sync_handler(bus, NULL, NULL, NULL);
    if (message == NULL)
        g_error("it does not come to its end within ten minutes");
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, &details);
        g_error("%s (%s)", error->message, details);
    }
}

/* --- comparing ------------------------------------------------------------------------------- */

/* Without the time that it took. */
static void assert_same_report(const GstStructure *a, const GstStructure *b)
{
    g_autoptr(GstStructure) left = gst_structure_copy(a), right = gst_structure_copy(b);
    g_autoptr(GBytes) left_boxes = NULL, right_boxes = NULL;

    gst_structure_get(left, VD_MOTION_BOXES, G_TYPE_BYTES, &left_boxes, NULL);
    gst_structure_get(right, VD_MOTION_BOXES, G_TYPE_BYTES, &right_boxes, NULL);
    g_assert_nonnull(left_boxes);
    g_assert_nonnull(right_boxes);
    g_assert_true(g_bytes_equal(left_boxes, right_boxes));
    gst_structure_remove_fields(left, VD_MOTION_BOXES, VD_MOTION_COST, NULL);
    gst_structure_remove_fields(right, VD_MOTION_BOXES, VD_MOTION_COST, NULL);
    g_assert_true(gst_structure_is_equal(left, right));
}

static void assert_same_jpeg(GstSample *a, GstSample *b)
{
    GstMapInfo left, right;

    gst_buffer_map(gst_sample_get_buffer(a), &left, GST_MAP_READ);
    gst_buffer_map(gst_sample_get_buffer(b), &right, GST_MAP_READ);
    g_assert_cmpmem(left.data, left.size, right.data, right.size);
    gst_buffer_unmap(gst_sample_get_buffer(a), &left);
    gst_buffer_unmap(gst_sample_get_buffer(b), &right);
}

/* By libjpeg, without a warning, in the size that its caps tell. */
static void assert_decodes(GstSample *sample)
{
    const GstStructure *caps = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
    TestPicture picture;
    GstMapInfo jpeg;
    int width = 0, height = 0;

    gst_structure_get_int(caps, "width", &width);
    gst_structure_get_int(caps, "height", &height);
    gst_buffer_map(gst_sample_get_buffer(sample), &jpeg, GST_MAP_READ);
    peer_decode(jpeg.data, jpeg.size, I420, &picture);
    g_assert_cmpint(picture.image.luma.width, ==, width);
    g_assert_cmpint(picture.image.luma.height, ==, height);
    picture_clear(&picture);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &jpeg);
}

static void assert_same_jpegs(const GPtrArray *a, const GPtrArray *b, guint pictures)
{
    g_assert_cmpuint(a->len, ==, pictures);
    g_assert_cmpuint(b->len, ==, pictures);
    for (guint i = 0; i < pictures; i++) {
        assert_same_jpeg(a->pdata[i], b->pdata[i]);
        assert_decodes(a->pdata[i]);
    }
}

void assert_same_ways(const Way *a, const Way *b, guint pictures)
{
    g_assert_cmpuint(a->reports->len, ==, pictures);
    g_assert_cmpuint(b->reports->len, ==, pictures);
    for (guint i = 0; i < pictures; i++)
        assert_same_report(a->reports->pdata[i], b->reports->pdata[i]);
    assert_same_jpegs(a->whole, b->whole, pictures);
    assert_same_jpegs(a->small, b->small, pictures);
}

void assert_something_moved(const Way *way)
{
    double most = 0;

    for (guint i = 0; i < way->reports->len; i++) {
        double share = 0;

        gst_structure_get_double(way->reports->pdata[i], VD_MOTION_SHARE, &share);
        most = MAX(most, share);
    }
    g_test_message("up to %.1f %% of the picture moved", most * 100);
    g_assert_cmpfloat(most, >, 0);
}
