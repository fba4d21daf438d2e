#include "codec-rig.h"
#include "kernels/cuda.h"
#include "kernels/vdk.h"
#include "tests/gpu/ways.h"

/*
 * Whole pipelines on the emulated device, from units to JPEGs. Its decoder is libavcodec, so the
 * pictures that it gives go through the CPU's elements as well, as on a real one
 * (tests/gpu/test-gpu-pipelines). What H.264 and H.265 decode to is defined to the bit: there a
 * third way begins with the CPU's own decoder. JPEG leaves rounding to who decodes, and so does
 * all that is lost.
 */
#define SCENE(caps, n) \
    "vdtestsrc scene=moving noise=6 figures=6 num-buffers=" n " ! video/x-raw," caps " ! "
/* No multiples of 16, and none less than NVDEC takes. Motion is believed after a second. */
#define SMALL "width=162,height=146,framerate=2/1"
#ifdef __SANITIZE_ADDRESS__
/* The device takes ten times as long then: what needs many pixels or pictures is left out. */
enum { SANITIZED = true };
#define USUAL SMALL
#else
enum { SANITIZED = false };
#define USUAL "width=322,height=242,framerate=2/1"
#endif
#define LARGE "width=1920,height=1080,framerate=1/1"

#define X264  "x264enc threads=1 speed-preset=ultrafast key-int-max=20 "
/* An encoder would ask each decoder which profile it likes. */
#define PARSE     " ! video/x-h264,profile=main ! h264parse"
#define PLAIN     X264 "tune=zerolatency" PARSE
#define REORDERED X264 "bframes=3 b-adapt=false b-pyramid=true ref=3" PARSE
#define X265 \
    "x265enc speed-preset=ultrafast key-int-max=20 option-string=log-level=0:pools=1 ! h265parse"
#define JPEG "jpegenc ! jpegparse"

typedef struct Stream {
    const char *name, *source;
    const char *decoder, *reference; /* nullable: one that must give the same */
    guint pictures;                  /* 0: as many as come */
    bool retimed;
} Stream;

/* Nothing is reordered: times can be set that make few pictures enough, where there are none too.
 */
#define RETIMED true

static const Stream made[] = {
    {"h264", SCENE(USUAL, "5") PLAIN, "nvh264dec", "avdec_h264", 5},
    {"h264_reordered", SCENE(SMALL, "5") REORDERED, "nvh264dec", "avdec_h264", 5},
    {"h265", SCENE(SMALL, "5") X265, "nvh265dec", "avdec_h265", 5},
    {"jpeg", SCENE(SMALL, "5") JPEG, "nvjpegdec", NULL, 5},
};

static const Stream large = {"h264_1080p", SCENE(LARGE, "3") PLAIN, "nvh264dec", "avdec_h264", 3};

#define MP4 "qtdemux ! h264parse"

/* clang-format off */
static const Stream clips[] = {
    {"libvpl_cars_320x240.h264", "h264parse", "nvh264dec", "avdec_h264", 5},
    {"libvpl_cars_320x240.h265", "h265parse", "nvh265dec", "avdec_h265", 5},
    {"libvpl_cars_320x240.mjpeg", "jpegparse", "nvjpegdec", NULL, 5, RETIMED},
    {"openh264_BA_MW_D.264", "h264parse", "nvh264dec", "avdec_h264", 5, RETIMED},
    {"openh264_BA_MW_D_IDR_LOST.264", "h264parse", "nvh264dec", NULL, 0, RETIMED},
    {"pets09_s2l1.mp4", MP4, "nvh264dec", "avdec_h264", 3, RETIMED},
    {"pets09_s2l1_f000-299_droppednals.h264", "h264parse", "nvh264dec", NULL, 0, RETIMED},
    {"sbi_highway1.mp4", MP4, "nvh264dec", "avdec_h264", 5, RETIMED},
    {"intel_one_by_one_person.h265", "h265parse", "nvh265dec", "avdec_h265", 3, RETIMED},
    {"cdnet_pedestrians.mjpeg", "jpegparse", "nvjpegdec", NULL, 5, RETIMED},
};
/* clang-format on */

static const char *const orders[] = {"forward", "reverse", "shuffle:1"};

typedef struct Case {
    const Stream *stream;
    const char *order;
} Case;

/* --- the same, however threads run ----------------------------------------------------------- */

enum { GPU, CPU, PEER, N_WAYS };

static char *line_of(const char *source, const Stream *stream)
{
    g_autofree char *both = g_strdup_printf(
        "%s ! tee name=units units. ! " QUEUE " ! %s ! " CUDA " ! tee name=both "
        "both. ! " QUEUE " ! " WAY("gpu", CUDA) " ! " OUT(
            "gpu") "both. ! " QUEUE " ! cudadownload ! " WAY("cpu", HOST) " ! " OUT("cpu"),
        source, stream->decoder);

    if (stream->reference == NULL)
        return g_steal_pointer(&both);
    return g_strdup_printf("%s units. ! " QUEUE " ! %s ! " WAY("peer", HOST) " ! " OUT("peer"),
                           both, stream->reference);
}

static GstPadProbeReturn set_time(GstPad *pad, GstPadProbeInfo *info, gpointer next)
{
    GstBuffer *unit = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));

    GST_BUFFER_PTS(unit) = GST_BUFFER_DTS(unit) = *(GstClockTime *)next;
    *(GstClockTime *)next += GST_SECOND / 2;
    GST_PAD_PROBE_INFO_DATA(info) = unit;
    return GST_PAD_PROBE_OK;
}

static void retime(GstElement *pipeline)
{
    g_autoptr(GstElement) units = gst_bin_get_by_name(GST_BIN(pipeline), "units");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(units, "sink");

    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, set_time, g_new0(GstClockTime, 1), g_free);
}

static void play_all_ways(const char *line, const Case *row, Way ways[N_WAYS])
{
    g_autoptr(GstElement) pipeline = ways_open(line, NULL);

    if (row->stream->retimed)
        retime(pipeline);
    g_assert_cmpint(emu_order(row->order), ==, 0);
    ways_play(pipeline, ways, N_WAYS);
}

static void assert_all_ways(const char *source, const Case *row, bool clip)
{
    const Stream *stream = row->stream;
    g_autofree char *line = line_of(source, stream);
    Way ways[N_WAYS] = {way_new("gpu"), way_new("cpu"), way_new("peer")};

    if (have_elements(line)) {
        play_all_ways(line, row, ways);
        guint pictures = stream->pictures > 0 ? stream->pictures : ways[CPU].whole->len;
        g_assert_cmpuint(pictures, >, 0);
        assert_same_ways(&ways[GPU], &ways[CPU], pictures);
        if (stream->reference != NULL)
            assert_same_ways(&ways[GPU], &ways[PEER], pictures);
        if (!clip) /* in some of them nothing does */
            assert_something_moved(&ways[GPU]);
        g_assert_cmpuint(counters_now().live_bytes, ==, 0);
    }
    for (gsize i = 0; i < N_WAYS; i++)
        way_clear(&ways[i]);
}

static void all_ways_give_the_same(gconstpointer row)
{
    assert_all_ways(((const Case *)row)->stream->source, row, false);
}

static void so_do_they_of_real_clips(gconstpointer data)
{
    const Case *row = data;
    const Stream *stream = row->stream;
    const char *shared = g_getenv("VEDETTE_SHARED");
    g_autofree char *path =
        g_build_filename(shared != NULL ? shared : "", "data", stream->name, NULL);
    /* It does not let that one pass with which it ends. */
    g_autofree char *source =
        g_strdup_printf("filesrc location=\"%s\" ! %s ! identity eos-after=%u", path,
                        stream->source, (stream->pictures > 0 ? stream->pictures : 3) + 1);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        assert_all_ways(source, row, true);
    else
        g_test_skip("the real clips are not there");
}

/* --- what a picture costs -------------------------------------------------------------------- */

#define MANY   "35"
#define STEADY 30 /* pictures, after which nothing may grow any more */
#define THUMB  "width=146,height=146,framerate=10/1"
enum { PICTURE = 146 * 146 * 3 / 2 };

static const Stream long_ones[] = {
    {"h264", SCENE(THUMB, MANY) PLAIN, "nvh264dec", NULL, 35},
    {"h265", SCENE(THUMB, MANY) X265, "nvh265dec", NULL, 35},
    {"jpeg", SCENE(THUMB, MANY) JPEG, "nvjpegdec", NULL, 35},
};

static GstPadProbeReturn read_counters(GstPad *pad, GstPadProbeInfo *info, gpointer readings)
{
    struct VedetteEmuCounters now = counters_now();

    g_array_append_val((GArray *)readings, now);
    return GST_PAD_PROBE_OK;
}

/* What was counted when each picture came to the pad, (transfer full). */
static GArray *readings_at(GstElement *pipeline, const char *element, const char *pad_name)
{
    GArray *readings = g_array_new(FALSE, FALSE, sizeof(struct VedetteEmuCounters));
    g_autoptr(GstElement) there = gst_bin_get_by_name(GST_BIN(pipeline), element);
    g_autoptr(GstPad) pad = gst_element_get_static_pad(there, pad_name);

    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, read_counters, readings, NULL);
    return readings;
}

/* Whatever is counted grows; live_bytes, which does not, is left as it is. */
static struct VedetteEmuCounters between(const GArray *from, guint i, const GArray *to, guint j)
{
    struct VedetteEmuCounters a = g_array_index(from, struct VedetteEmuCounters, i);
    struct VedetteEmuCounters b = g_array_index(to, struct VedetteEmuCounters, j);

    return (struct VedetteEmuCounters){
        .h2d = b.h2d - a.h2d,
        .d2h = b.d2h - a.d2h,
        .d2d = b.d2d - a.d2d,
        .launches = b.launches - a.launches,
        .allocations = b.allocations - a.allocations,
        .frees = b.frees - a.frees,
        .live_bytes = b.live_bytes,
        .syncs = b.syncs - a.syncs,
    };
}

static gsize size_of(GstSample *jpeg)
{
    return gst_buffer_get_size(gst_sample_get_buffer(jpeg));
}

/*
 * From one picture that leaves the decoder to the next: what all elements do for it, in the one
 * thread that there is, and what the decoder does for the next. Of the latter the driver counts a
 * copy on the device and the wait for it; the units' way to NVDEC is no call of its. The other
 * copies on the device are vdcompose's, of the picture that two views share, and vdmask's, while
 * the decoder has not let go of it.
 */
static void assert_cost(const struct VedetteEmuCounters *cost, gsize jpegs)
{
    enum { RESULTS = sizeof(VdkMotionReport) + 2 * sizeof(VdkJpegReport) };

    G_STATIC_ASSERT(RESULTS <= 4096);
    g_assert_cmpuint(cost->h2d, ==, 0);
    g_assert_cmpuint(cost->d2h, ==, RESULTS + jpegs);
    g_assert_cmpuint(cost->d2d, >=, 2 * PICTURE);
    g_assert_cmpuint(cost->d2d, <=, 3 * PICTURE);
    g_assert_cmpuint(cost->launches, ==, 16);
    g_assert_cmpuint(cost->syncs, ==, 10);
    g_assert_cmpuint(cost->allocations, ==, 0);
    g_assert_cmpuint(cost->frees, ==, 0);
}

static void assert_cost_of_motion(const struct VedetteEmuCounters *cost)
{
    g_assert_cmpuint(cost->h2d + cost->d2d + cost->allocations, ==, 0);
    g_assert_cmpuint(cost->d2h, ==, sizeof(VdkMotionReport));
    g_assert_cmpuint(cost->launches, ==, 5);
    g_assert_cmpuint(cost->syncs, ==, 1);
}

static void assert_costs(const char *line, Way *way, guint pictures)
{
    GstElement *pipeline = ways_open(line, NULL);
    g_autoptr(GArray) decoded = readings_at(pipeline, "decoder", "src");
    g_autoptr(GArray) before = readings_at(pipeline, "gpu-motion", "sink");
    g_autoptr(GArray) after = readings_at(pipeline, "gpu-motion", "src");

    ways_play(pipeline, way, 1);
    gst_object_unref(pipeline);
    g_assert_cmpuint(decoded->len, ==, pictures);
    g_assert_cmpuint(way->whole->len, ==, pictures);
    guint64 held = between(decoded, 0, decoded, STEADY).live_bytes;
    g_assert_cmpuint(held, >, 0);
    for (guint i = STEADY; i + 1 < pictures; i++) {
        struct VedetteEmuCounters all = between(decoded, i, decoded, i + 1);
        struct VedetteEmuCounters motion = between(before, i, after, i);

        assert_cost(&all, size_of(way->whole->pdata[i]) + size_of(way->small->pdata[i]));
        assert_cost_of_motion(&motion);
        g_assert_cmpuint(all.live_bytes, ==, held);
    }
}

static void only_results_leave_the_device(gconstpointer data)
{
    const Stream *stream = data;
    g_autofree char *line =
        g_strdup_printf("%s ! %s name=decoder ! " WAY("gpu", CUDA) " ! " OUT("gpu"), stream->source,
                        stream->decoder);
    Way way = way_new("gpu");

    if (have_elements(line)) {
        assert_costs(line, &way, stream->pictures);
        struct VedetteEmuCounters end = counters_now();
        g_assert_cmpuint(end.live_bytes, ==, 0);
        g_assert_cmpuint(end.frees, ==, end.allocations);
        g_assert_cmpuint(end.contexts, ==, 1);
    }
    way_clear(&way);
}

/* --------------------------------------------------------------------------------------------- */

static void add_case(const char *test_name, GTestDataFunc test, const Stream *stream, guint order,
                     Case *row)
{
    *row = (Case){stream, orders[order % G_N_ELEMENTS(orders)]};
    g_autofree char *path =
        g_strdup_printf("/emu/pipelines/%s/%s/%s", test_name, stream->name, row->order);
    add_codec_test(path, test, row);
}

static void add_tests(void)
{
    static Case of_made[G_N_ELEMENTS(made)][G_N_ELEMENTS(orders)], of_large;
    static Case of_clips[G_N_ELEMENTS(clips)];

    for (guint i = 0; i < G_N_ELEMENTS(made); i++)
        for (guint k = 0; k < G_N_ELEMENTS(orders); k++)
            add_case("all_ways_give_the_same", all_ways_give_the_same, &made[i], k, &of_made[i][k]);
    if (SANITIZED)
        return;
    /* One order each for what takes seconds: all of them are seen above, and by each operator. */
    add_case("all_ways_give_the_same", all_ways_give_the_same, &large, 2, &of_large);
    for (guint i = 0; i < G_N_ELEMENTS(clips); i++)
        add_case("so_do_they_of_real_clips", so_do_they_of_real_clips, &clips[i], i, &of_clips[i]);
    for (guint i = 0; i < G_N_ELEMENTS(long_ones); i++) {
        g_autofree char *path =
            g_strdup_printf("/emu/pipelines/only_results_leave_the_device/%s", long_ones[i].name);

        add_codec_test(path, only_results_leave_the_device, &long_ones[i]);
    }
}

int main(int argc, char **argv)
{
    return codec_rig_run(argc, argv, "libkernels", add_tests);
}
