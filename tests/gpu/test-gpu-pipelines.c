#include <glib/gstdio.h>
#include <stdbool.h>
#include <unistd.h>

#include "ways.h"

/*
 * Whole pipelines on the machine's GPU, whatever it is: clips out of $VEDETTE_GPU_CLIPS are decoded
 * by NVDEC, and each picture goes two ways, one in the GPU's memory and one through the CPU's
 * elements. Both must say and make the same.
 */

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

/* How many pictures a parser finds. */
static guint pictures_in(const char *path, const Clip *clip)
{
    g_autofree char *line = g_strdup_printf("filesrc name=in ! %s ! " OUT("units"), clip->parser);
    g_autoptr(GstElement) pipeline = ways_open(line, path);
    Way units = way_new("units");

    ways_play(pipeline, &units, 1);
    guint n = units.whole->len;
    way_clear(&units);
    return n;
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

enum { GPU, CPU, N_WAYS };

static void play_both_ways(const char *path, const Clip *clip, const char *file, Way *ways)
{
    g_autofree char *line = g_strdup_printf(
        "filesrc name=in ! %s ! %s ! " CUDA " ! tee name=both both. ! " QUEUE
        " ! " WAY("gpu", CUDA) " ! tee name=jpegs jpegs. ! " QUEUE
                               " ! filesink location=\"%s\" async=false "
                               "jpegs. ! " QUEUE " ! " OUT("gpu") "both. ! " QUEUE
                                                                  " ! cudadownload ! " WAY(
                                                                      "cpu", HOST) " ! " OUT("cpu"),
        clip->parser, clip->decoder, file);
    g_autoptr(GstElement) pipeline = ways_open(line, path);

    ways_play(pipeline, ways, N_WAYS);
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
    Way ways[N_WAYS] = {way_new("gpu"), way_new("cpu")};

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("no such clip in VEDETTE_GPU_CLIPS");
    } else if (!is_there(clip->decoder)) {
        g_test_skip("the device's NVDEC has no such decoder");
    } else {
        guint pictures = pictures_in(path, clip);

        g_assert_cmpuint(pictures, >, 10);
        play_both_ways(path, clip, file, ways);
        assert_same_ways(&ways[GPU], &ways[CPU], pictures);
        assert_file_has(file, ways[GPU].whole);
        assert_something_moved(&ways[GPU]);
        g_remove(file);
    }
    way_clear(&ways[GPU]);
    way_clear(&ways[CPU]);
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
