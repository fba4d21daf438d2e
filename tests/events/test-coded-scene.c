#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "made-watch.h"

/*
 * A street as it comes from a camera whose encoder has next to no bits: blocks, and with each key
 * picture all of it a little different. Nobody is there, and then somebody walks through.
 */
#define WIDTH    240
#define HEIGHT   136
#define FPS      10
#define EMPTY_MS 60000 /* twelve key pictures */
#define WALK_MS  4000
#define SIGMA    12 /* of the noise, 1/4 grey levels */

typedef struct Coder {
    GstElement *pipeline, *in, *out;
} Coder;

/* Whether there is what it takes. */
static bool coder_init(Coder *coder, int kbit)
{
    g_autofree char *line = g_strdup_printf(
        "appsrc name=in format=time caps=video/x-raw,format=I420,width=%d,height=%d,"
        "framerate=%d/1 ! x264enc threads=1 tune=zerolatency speed-preset=veryfast bitrate=%d "
        "key-int-max=%d ! avdec_h264 max-threads=1 ! video/x-raw,format=I420 ! "
        "appsink name=out sync=false",
        WIDTH, HEIGHT, FPS, kbit, 5 * FPS);

    coder->pipeline = gst_parse_launch_full(line, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
    if (coder->pipeline == NULL)
        return false;
    coder->in = gst_bin_get_by_name(GST_BIN(coder->pipeline), "in");
    coder->out = gst_bin_get_by_name(GST_BIN(coder->pipeline), "out");
    gst_element_set_state(coder->pipeline, GST_STATE_PLAYING);
    return true;
}

static void coder_clear(Coder *coder)
{
    gst_element_set_state(coder->pipeline, GST_STATE_NULL);
    gst_object_unref(coder->in);
    gst_object_unref(coder->out);
    gst_object_unref(coder->pipeline);
}

static void push(Coder *coder, const MadeScene *scene, int number)
{
    GstBuffer *buffer = gst_buffer_new_memdup(scene->memory, scene->bytes);

    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale_int((guint64)number, GST_SECOND, FPS);
    g_assert_cmpint(gst_app_src_push_buffer(GST_APP_SRC(coder->in), buffer), ==, GST_FLOW_OK);
}

static void look(MadeWatch *watch, GstSample *sample)
{
    GstVideoFrame frame;
    GstVideoInfo info;

    g_assert_true(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
    g_assert_true(gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ));
    VdkImage image = {.step = 1};
    VdkPlane *const planes[] = {&image.luma, &image.chroma[0], &image.chroma[1]};
    for (int i = 0; i < 3; i++)
        *planes[i] = (VdkPlane){
            GST_VIDEO_FRAME_COMP_DATA(&frame, i), GST_VIDEO_FRAME_COMP_WIDTH(&frame, i),
            GST_VIDEO_FRAME_COMP_HEIGHT(&frame, i), GST_VIDEO_FRAME_COMP_STRIDE(&frame, i)};
    made_watch_look(watch, &image, G_USEC_PER_SEC / FPS);
    gst_video_frame_unmap(&frame);
    gst_sample_unref(sample);
}

/* All that have come out, or with wait all that will. */
static int look_at_all(Coder *coder, MadeWatch *watch, bool wait)
{
    GstClockTime patience = wait ? GST_CLOCK_TIME_NONE : 0;
    GstSample *sample;
    int n = 0;

    for (; (sample = gst_app_sink_try_pull_sample(GST_APP_SINK(coder->out), patience)); n++) {
        look(watch, sample);
        if (watch->us <= EMPTY_MS * 1000)
            g_assert_cmpuint(watch->motions, ==, 0);
    }
    return n;
}

static void watch_coded(int kbit)
{
    int n = (EMPTY_MS + WALK_MS) * FPS / 1000, looked = 0;
    MadeWatch watch;
    Coder coder;

    if (!coder_init(&coder, kbit)) {
        g_test_skip("no x264enc or avdec_h264");
        return;
    }
    made_watch_init(&watch, WIDTH, HEIGHT);
    for (int i = 0; i < n; i++) {
        int walked = i * 1000 / FPS - EMPTY_MS;
        MadeView view = {.sigma = SIGMA, .figure_x = MAX(walked * WIDTH / WALK_MS, 0)};

        made_scene_draw(&watch.scene, &view);
        push(&coder, &watch.scene, i);
        looked += look_at_all(&coder, &watch, false);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(coder.in));
    looked += look_at_all(&coder, &watch, true);
    g_assert_cmpint(looked, ==, n);
    g_assert_cmpuint(watch.motions, ==, 1);
    g_assert_cmpuint(watch.lights, ==, 0);
    made_watch_clear(&watch);
    coder_clear(&coder);
}

static void nothing_moves_where_there_are_few_bits(void)
{
    static const int kbits[] = {24, 60, 150};

    for (gsize i = 0; i < G_N_ELEMENTS(kbits); i++)
        watch_coded(kbits[i]);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coded-scene/nothing_moves_where_there_are_few_bits",
                    nothing_moves_where_there_are_few_bits);
    return g_test_run();
}
