#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdbool.h>
#include <unistd.h>

#include "plugins/vd-messages.h"
#include "tests/kernels/jpeg-peer.h"

/*
 * Whole pipelines on the machine's GPU, whatever it is: clips out of $VEDETTE_GPU_CLIPS are decoded
 * by NVDEC, and each picture goes two ways, one in the GPU's memory and one through the CPU's
 * elements. Both must say and make the same.
 */
#define QUEUE     "queue max-size-buffers=4 max-size-bytes=0 max-size-time=0"
#define MASK      VD_MASK_FACTORY " polygons=\"0.1,0.1 0.4,0.1 0.3,0.5\" style=pixelate"
#define MOTION    VD_MOTION_FACTORY " analysis-fps=60 min-area=1"
#define COMPOSE   VD_COMPOSE_FACTORY " polygons=\"0.5,0.5 0.9,0.6 0.7,0.9\" title=vedette"
#define JPEGS     VD_JPEGENC_FACTORY " quality=80"

#define WAY(name) MASK " ! " MOTION " name=" name "-motion ! " COMPOSE " ! " JPEGS
#define OUT(name) "appsink name=" name " sync=false async=false "

#define PATIENCE  (60 * GST_SECOND)

typedef struct Clip {
    const char *file, *parser, *decoder;
} Clip;

static const Clip clips[] = {
    {"small.h264", "h264parse", "nvh264dec"},
    {"small.h265", "h265parse", "nvh265dec"},
    {"small.mov", "qtdemux ! jpegparse", "nvjpegdec"},
    {"large.mp4", "qtdemux ! h264parse", "nvh264dec"},
    {"large.h265", "h265parse", "nvh265dec"},
    {"large.mov", "qtdemux ! jpegparse", "nvjpegdec"},
};

/* What one of the two ways gave. */
typedef struct Way {
    const char *motion; /* the element's name */
    GPtrArray *reports; /* of GstStructure */
    GPtrArray *jpegs;   /* of GstSample */
} Way;

typedef struct Run {
    GMutex lock; /* of both ways' lists */
    Way gpu, cpu;
} Run;

/* --- playing --------------------------------------------------------------------------------- */

static void take_report(Run *run, GstMessage *message)
{
    const GstStructure *report = gst_message_get_structure(message);

    if (report == NULL || !gst_structure_has_name(report, VD_MOTION_MESSAGE))
        return;
    const char *from = GST_OBJECT_NAME(GST_MESSAGE_SRC(message));
    Way *way = g_str_equal(from, run->gpu.motion) ? &run->gpu : &run->cpu;
    g_mutex_lock(&run->lock);
    g_ptr_array_add(way->reports, gst_structure_copy(report));
    g_mutex_unlock(&run->lock);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer run)
{
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT)
        return GST_BUS_PASS;
    take_report(run, message);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static GstFlowReturn take_jpeg(GstAppSink *sink, gpointer way)
{
    GstSample *sample = gst_app_sink_pull_sample(sink);

    if (sample != NULL)
        g_ptr_array_add(((Way *)way)->jpegs, sample);
    return GST_FLOW_OK;
}

static void listen_to(GstElement *pipeline, const char *name, Way *way)
{
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstAppSinkCallbacks callbacks = {.new_sample = take_jpeg};

    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, way, NULL);
}

static void play(GstElement *pipeline)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    g_autoptr(GError) error = NULL;
    g_autofree char *details = NULL;

    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, PATIENCE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (message == NULL)
        g_error("it does not come to its end within ten minutes");
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, &details);
        g_error("%s (%s)", error->message, details);
    }
}

static GstElement *pipeline_new(const char *line)
{
    g_autoptr(GError) error = NULL;
    GstElement *pipeline = gst_parse_launch_full(line, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

    g_assert_no_error(error);
    return pipeline;
}

static GstElement *open_clip(const char *path, const char *line)
{
    GstElement *pipeline = pipeline_new(line);
    g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(pipeline), "in");

    g_object_set(source, "location", path, NULL);
    return pipeline;
}

/* How many pictures a parser finds. */
static guint pictures_in(const char *path, const Clip *clip)
{
    g_autofree char *line =
        g_strdup_printf("filesrc name=in ! %s ! appsink name=out sync=false", clip->parser);
    g_autoptr(GstElement) pipeline = open_clip(path, line);
    g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref);
    Way way = {.jpegs = units};

    listen_to(pipeline, "out", &way);
    play(pipeline);
    return units->len;
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

/* The file has what came out, one after the other. */
static void assert_file_has(const char *path, const GPtrArray *jpegs)
{
    g_autofree char *contents = NULL;
    gsize length, at = 0;

    g_assert_true(g_file_get_contents(path, &contents, &length, NULL));
    for (guint i = 0; i < jpegs->len; i++) {
        GstBuffer *jpeg = gst_sample_get_buffer(jpegs->pdata[i]);
        gsize size = gst_buffer_get_size(jpeg);

        g_assert_cmpuint(at + size, <=, length);
        g_assert_cmpint(gst_buffer_memcmp(jpeg, 0, contents + at, size), ==, 0);
        at += size;
    }
    g_assert_cmpuint(at, ==, length);
}

static void assert_same_ways(const Run *run, guint pictures)
{
    g_assert_cmpuint(run->gpu.jpegs->len, ==, pictures);
    g_assert_cmpuint(run->cpu.jpegs->len, ==, pictures);
    g_assert_cmpuint(run->gpu.reports->len, ==, pictures);
    g_assert_cmpuint(run->cpu.reports->len, ==, pictures);
    for (guint i = 0; i < pictures; i++) {
        assert_same_report(run->gpu.reports->pdata[i], run->cpu.reports->pdata[i]);
        assert_same_jpeg(run->gpu.jpegs->pdata[i], run->cpu.jpegs->pdata[i]);
        assert_decodes(run->gpu.jpegs->pdata[i]);
    }
}

/* Reports that never had anything to say would be the same whatever is wrong. */
static void assert_something_moved(const Way *way)
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

/* --- tests ----------------------------------------------------------------------------------- */

static Way way_new(const char *motion)
{
    return (Way){
        .motion = motion,
        .reports = g_ptr_array_new_with_free_func((GDestroyNotify)gst_structure_free),
        .jpegs = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref),
    };
}

static void way_clear(Way *way)
{
    g_ptr_array_unref(way->reports);
    g_ptr_array_unref(way->jpegs);
}

static void play_both_ways(const char *path, const Clip *clip, const char *file, Run *run)
{
    g_autofree char *line = g_strdup_printf(
        "filesrc name=in ! %s ! %s ! video/x-raw(" VD_CUDA_MEMORY ") ! tee name=both "
        "both. ! " QUEUE
        " ! " WAY("gpu") " ! tee name=jpegs "
                         "jpegs. ! " QUEUE " ! filesink location=\"%s\" async=false "
                         "jpegs. ! " QUEUE " ! " OUT("gpu") "both. ! " QUEUE
                                                            " ! cudadownload ! video/x-raw ! " WAY(
                                                                "cpu") " ! " OUT("cpu"),
        clip->parser, clip->decoder, file);
    g_autoptr(GstElement) pipeline = open_clip(path, line);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);

    listen_to(pipeline, "gpu", &run->gpu);
    listen_to(pipeline, "cpu", &run->cpu);
    gst_bus_set_sync_handler(bus, on_message, run, NULL);
    play(pipeline);
}

static bool is_there(const char *factory)
{
    g_autoptr(GstElementFactory) found = gst_element_factory_find(factory);

    return found != NULL;
}

static void both_ways_give_the_same(gconstpointer data)
{
    const Clip *clip = data;
    const char *folder = g_getenv("VEDETTE_GPU_CLIPS");
    g_autofree char *path = g_build_filename(folder != NULL ? folder : "", clip->file, NULL);
    g_autofree char *name = g_strdup_printf("vedette-gpu-%s-%d.mjpeg", clip->file, (int)getpid());
    g_autofree char *file = g_build_filename(g_get_tmp_dir(), name, NULL);
    Run run = {.gpu = way_new("gpu-motion"), .cpu = way_new("cpu-motion")};

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("no such clip in VEDETTE_GPU_CLIPS");
    } else if (!is_there(clip->decoder)) {
        g_test_skip("the device's NVDEC has no such decoder");
    } else {
        guint pictures = pictures_in(path, clip);

        g_assert_cmpuint(pictures, >, 10);
        play_both_ways(path, clip, file, &run);
        assert_same_ways(&run, pictures);
        assert_file_has(file, run.gpu.jpegs);
        assert_something_moved(&run.gpu);
        g_remove(file);
    }
    way_clear(&run.gpu);
    way_clear(&run.cpu);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
    if (!is_there("cudadownload")) {
        g_print("1..0 # SKIP no device with libnvcuvid: GStreamer has no elements for it\n");
        return 0;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++) {
        g_autofree char *name = g_strdup_printf("/gpu/both_ways_give_the_same/%s", clips[i].file);

        g_test_add_data_func(name, &clips[i], both_ways_give_the_same);
    }
    return g_test_run();
}
