#include "analysis-rig.h"
#include "base/clock.h"
#include "media/gpu.h"
#include "tests/emu/codec-rig.h"

#include <string.h>

/*
 * Streams that move between three GPUs and the CPU while they play: the emulated driver with its
 * decoder beside libavcodec, which gives the same pictures.
 */
#define WIDTH      160
#define HEIGHT     120
#define FRAMES     240
#define AHEAD      8
#define KEY_EVERY  30
#define PACE_MS    40 /* else the CPU would be too fast for emulated GPUs to catch up with */
#define SQUARE     24
#define FIRST_WALK 100 /* frames before the square walks */
/* bytes of what is learned: of each pixel, of each cell of two by two, and the head */
#define STATE         (WIDTH * HEIGHT * 36 + (WIDTH / 2) * (HEIGHT / 2) * 34 + 64)
#define REPORT        1096 /* bytes that come back of a frame that is analysed */
#define LONGEST_GAP_S 2

/* A textured room; in its second half a square walks through it. */
static void paint_room(GstVideoFrame *frame, guint i)
{
    guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA(frame, 0);
    int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);
    int left = i < FIRST_WALK ? WIDTH : (int)(i - FIRST_WALK) * 2 % (WIDTH - SQUARE);

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool square = x >= left && x < left + SQUARE && y >= 40 && y < 40 + SQUARE;
            luma[y * stride + x] = (guint8)(square ? 220 : 60 + (x / 16 * 5 + y / 12 * 3) % 80);
        }
}

static GPtrArray *room(void)
{
    MadeSpec spec = {.width = WIDTH,
                     .height = HEIGHT,
                     .frames = FRAMES,
                     .encoder = MADE_H264,
                     .paint = paint_room};

    return made_units(&spec);
}

static VdCameraConfig *camera_that_wishes(const char *gpu)
{
    VdCameraConfig *camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", NULL);

    g_assert_nonnull(camera);
    g_free(camera->gpu);
    camera->gpu = g_strdup(gpu);
    g_clear_pointer(&camera->tampering, g_free); /* bytes are counted */
    return camera;
}

static void wish(AnalysisRig *rig, const char *gpu)
{
    VdCameraConfig *camera = camera_that_wishes(gpu);

    vd_analysis_configure(rig->analysis, camera);
    vd_camera_config_unref(camera);
}

static void begin(AnalysisRig *rig, GPtrArray *units, const char *gpu)
{
    analysis_rig_init(rig);
    rig->source.first_us += 60 * G_USEC_PER_SEC; /* not old by then, on however slow a machine */
    vd_camera_config_unref(rig->camera);
    rig->camera = camera_that_wishes(gpu);
    analysis_rig_start(rig, units);
}

static gboolean be_due(void *data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static bool is_due(void *data)
{
    return *(bool *)data;
}

static void push_next(AnalysisRig *rig, GPtrArray *units)
{
    guint i = rig->source.count;
    bool due = false;

    g_timeout_add(PACE_MS, be_due, &due);
    made_await(is_due, &due);
    if (i >= AHEAD)
        made_await_frames(&rig->seen, i - AHEAD + 1);
    made_push(&rig->source, units->pdata[i % units->len]);
}

static GstClockTime pts_of(const VdFrame *frame)
{
    return GST_BUFFER_PTS(gst_sample_get_buffer(frame->sample));
}

/* Every picture once and in its order, and never long after the one before. */
static void check_order(AnalysisRig *rig)
{
    gint64 longest_us = 0;

    made_await_frames(&rig->seen, rig->source.count);
    g_assert_cmpuint(made_seen_count(&rig->seen), ==, rig->source.count);
    for (guint i = 0; i < rig->source.count; i++) {
        const VdFrame *frame = made_seen_frame(&rig->seen, i);
        g_assert_cmpuint(frame->number, ==, i + 1);
        g_assert_cmpuint(pts_of(frame), ==, (guint64)made_unit_us(&rig->source, i) * 1000);
        if (i > 0)
            longest_us =
                MAX(longest_us, frame->decoded_us - made_seen_frame(&rig->seen, i - 1)->decoded_us);
    }
    g_test_message("longest time between two pictures: %.1f ms", (double)longest_us / 1e3);
    g_assert_cmpint(longest_us, <, LONGEST_GAP_S * G_USEC_PER_SEC);
    g_assert_cmpuint(rig->failed, ==, 0);
}

static void check_same_report(const VdReport *a, const VdReport *b)
{
    g_assert_cmpuint(a->number, ==, b->number);
    g_assert_cmpuint(a->pts, ==, b->pts);
    g_assert_cmpfloat(a->share, ==, b->share);
    g_assert_cmpfloat(a->noise, ==, b->noise);
    g_assert_cmpint(a->primed, ==, b->primed);
    g_assert_cmpmem(a->boxes, a->n_boxes * sizeof *a->boxes, b->boxes,
                    b->n_boxes * sizeof *b->boxes);
}

/* What one says that saw all of it with the CPU. */
static void check_reports(AnalysisRig *moved, GPtrArray *units)
{
    guint with_boxes = 0;
    AnalysisRig still;

    analysis_rig_init(&still);
    vd_camera_config_unref(still.camera);
    still.camera = camera_that_wishes("off");
    still.source.first_us = moved->source.first_us;
    analysis_rig_start(&still, units);
    while (still.source.count < moved->source.count)
        push_next(&still, units);
    check_order(&still);
    for (guint i = 0; i < still.source.count; i++) {
        const VdReport *report = made_seen_frame(&still.seen, i)->report;
        check_same_report(made_seen_frame(&moved->seen, i)->report, report);
        with_boxes += report->n_boxes > 0;
        if (i < FIRST_WALK)
            g_assert_cmpuint(report->n_boxes, ==, 0);
    }
    g_assert_cmpuint(with_boxes, >, FRAMES / 5);
    analysis_rig_clear(&still);
}

static void end(AnalysisRig *rig)
{
    analysis_rig_clear(rig);
    vd_gpu_close();
    g_assert_cmpuint(counters_now().live_bytes, ==, 0);
}

/* --- moves that are wished for ---------------------------------------------------------------- */

typedef struct Leg {
    const char *wish;
    int gpu; /* where it is then; -1: the CPU */
    const char *decoder;
} Leg;

/* Shortly after a key frame, so that there is not much to catch up with. */
static void walk(AnalysisRig *rig, GPtrArray *units, const Leg *leg)
{
    guint most;

    do
        push_next(rig, units);
    while (rig->source.count % KEY_EVERY != 5);
    wish(rig, leg->wish);
    most = rig->source.count + 20 * KEY_EVERY;
    while (vd_analysis_gpu(rig->analysis) != leg->gpu) {
        g_assert_cmpuint(rig->source.count, <, most);
        push_next(rig, units);
    }
    g_test_message("gpu=%s at picture %u", leg->wish, rig->source.count);
    g_assert_cmpstr(rig->decoder, ==, leg->decoder);
}

static void a_stream_moves_and_nobody_sees_it(gconstpointer data)
{
    static const Leg legs[] = {
        {"1", 1, "nvh264device1dec"}, {"2", 2, "nvh264device2dec"}, {"off", -1, "avdec_h264"},
        {"0", 0, "nvh264dec"},        {"auto", 0, "nvh264dec"},     {"off", -1, "avdec_h264"},
        {"require", 0, "nvh264dec"},
    };
    g_autoptr(GPtrArray) units = room();
    AnalysisRig rig;

    begin(&rig, units, "0");
    for (guint i = 0; i < G_N_ELEMENTS(legs); i++)
        walk(&rig, units, &legs[i]);
    while (rig.source.count % FRAMES != FRAMES - 1)
        push_next(&rig, units);
    check_order(&rig);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==, 0);
    g_assert_cmpuint(rig.running, ==, 7); /* the first picture, and six moves */
    struct VedetteEmuCounters counters = counters_now();
    g_assert_cmpuint(counters.contexts, ==, 3); /* one a GPU */
    g_assert_cmpuint(counters.h2d, ==,
                     4 * STATE); /* what was learned, to a GPU, and nothing else */
    g_assert_cmpuint(counters.d2h, >=, 4 * STATE);
    g_assert_cmpuint((counters.d2h - 4 * STATE) % REPORT, ==, 0);
    check_reports(&rig, units);
    end(&rig);
}

/* A move that was not finished is taken back, whoever has the turn by then. */
static void wishes_may_change_faster_than_streams_move(gconstpointer data)
{
    static const char *const wishes[] = {"1", "2", "off", "0", "1", "off"};
    g_autoptr(GPtrArray) units = room();
    AnalysisRig rig;

    begin(&rig, units, "0");
    for (guint i = 0; i < 120; i++) {
        if (i >= 40)
            wish(&rig, wishes[i % G_N_ELEMENTS(wishes)]);
        push_next(&rig, units);
    }
    check_order(&rig);
    end(&rig);
}

/* --- moves that fail -------------------------------------------------------------------------- */

static void where_a_stream_cannot_go_it_does_not_go(gconstpointer data)
{
    g_autoptr(GPtrArray) units = room();
    VdGpuFacts facts;
    AnalysisRig rig;

    begin(&rig, units, "0");
    for (guint i = 0; i < 120; i++) {
        if (i == 40) {
            g_assert_cmpint(emu_fail("cuvidCreateDecoder:1:2"), ==, 0);
            wish(&rig, "1");
        }
        push_next(&rig, units);
    }
    check_order(&rig);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==,
                    -1); /* not on GPU 0: it is not to be there */
    g_assert_cmpstr(vd_analysis_why_no_gpu(rig.analysis), ==,
                    "GPU 1 has failed and is left alone for a while");
    vd_gpu_tell(1, &facts);
    g_assert_cmpuint(facts.faults, ==, 1);
    g_assert_false(facts.usable);
    end(&rig);
}

static bool has_the_last(void *data)
{
    AnalysisRig *rig = data;
    guint count = made_seen_count(&rig->seen);

    return count > 0 && pts_of(made_seen_frame(&rig->seen, count - 1)) ==
                            (guint64)made_unit_us(&rig->source, rig->source.count - 1) * 1000;
}

/* The one that was to follow does so at once; what failed has taken a picture with it. */
static void the_old_place_may_fail_while_a_stream_leaves_it(gconstpointer data)
{
    enum { MOST_MISSING = 2 };
    g_autoptr(GPtrArray) units = room();
    VdGpuFacts old, new;
    AnalysisRig rig;

    begin(&rig, units, "0");
    while (rig.source.count < KEY_EVERY - 2)
        push_next(&rig, units);
    made_await_frames(&rig.seen, rig.source.count);
    g_assert_cmpint(emu_fail("cuLaunchKernel:1:700"), ==, 0);
    wish(&rig, "1");
    for (guint i = 0; i < 4; i++)
        made_push(&rig.source, units->pdata[rig.source.count]);
    while (rig.source.count < 3 * KEY_EVERY)
        push_next(&rig, units);
    made_await(has_the_last, &rig);
    vd_gpu_tell(0, &old);
    vd_gpu_tell(1, &new);
    g_assert_cmpuint(old.faults + new.faults, ==, 1);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==, old.faults == 1 ? 1 : -1);
    guint count = made_seen_count(&rig.seen);
    g_test_message("%u of %u pictures", count, rig.source.count);
    g_assert_cmpuint(count + MOST_MISSING, >=, rig.source.count);
    for (guint i = 1; i < count; i++)
        g_assert_cmpuint(pts_of(made_seen_frame(&rig.seen, i)), >,
                         pts_of(made_seen_frame(&rig.seen, i - 1)));
    end(&rig);
}

/* --- streams that a decoder makes nothing of -------------------------------------------------- */

#define MADE_B                                                                           \
    "x264enc bframes=3 b-adapt=false speed-preset=ultrafast key-int-max=30 ! h264parse " \
    "config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"
#define AT_ONCE_US (G_USEC_PER_SEC / 2) /* long before a decoder that holds pictures back fails */

static void pictures_that_are_held_back_are_not_taken_for_refused(gconstpointer data)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 60, .encoder = MADE_B};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    begin(&rig, units, "auto");
    for (guint i = 0; i < units->len; i++)
        push_next(&rig, units);
    made_await_frames(&rig.seen, units->len / 2);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==, 0);
    g_assert_cmpuint(rig.running, ==, 1);
    g_assert_cmpuint(vd_gpu_faults(), ==, 0);
    end(&rig);
}

/* Without a word from the driver; the CPU has a picture of the very same unit. */
static void a_key_picture_that_is_refused_comes_from_the_cpu(gconstpointer data)
{
    g_autoptr(GPtrArray) units = room();
    AnalysisRig rig;

    begin(&rig, units, "0");
    g_assert_cmpint(emu_fail("cuvidParseVideoData:1:999"), ==, 0);
    gint64 start_us = g_get_monotonic_time();
    made_push(&rig.source, units->pdata[0]);
    made_await_frames(&rig.seen, 1);
    gint64 took_us = g_get_monotonic_time() - start_us;
    g_test_message("first picture after %.0f ms", (double)took_us / 1e3);
    g_assert_cmpint(took_us, <, AT_ONCE_US);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==, -1);
    g_assert_cmpstr(vd_analysis_why_no_gpu(rig.analysis), ==,
                    "GPU 0: its decoder makes nothing of the first key picture");
    g_assert_cmpuint(vd_gpu_faults(), ==, 0);
    while (rig.source.count < KEY_EVERY)
        push_next(&rig, units);
    wish(&rig, "1");
    while (vd_analysis_gpu(rig.analysis) != 1) {
        g_assert_cmpuint(rig.source.count, <, 10 * KEY_EVERY);
        push_next(&rig, units);
    }
    check_order(&rig);
    end(&rig);
}

/* Damage in the stream is no GPU's fault, whoever decodes. */
static void a_damaged_beginning_is_no_fault_of_a_gpu(gconstpointer data)
{
    g_autoptr(GPtrArray) units = room();
    g_autoptr(GstBuffer) scrap = gst_buffer_new_allocate(NULL, 400, NULL);
    AnalysisRig rig;

    gst_buffer_memset(scrap, 0, 0x55, 400);
    g_autoptr(GstSample) damaged =
        gst_sample_new(scrap, gst_sample_get_caps(units->pdata[0]), NULL, NULL);
    begin(&rig, units, "auto");
    made_push(&rig.source, damaged);
    for (guint i = 1; i < KEY_EVERY; i++)
        made_push(&rig.source, units->pdata[i]);
    for (guint i = 0; i < 3; i++)
        made_push(&rig.source, units->pdata[i]);
    made_await(has_the_last, &rig);
    g_assert_cmpint(vd_analysis_gpu(rig.analysis), ==, -1);
    g_assert_cmpuint(vd_gpu_faults(), ==, 0);
    g_assert_cmpuint(rig.failed, ==, 0);
    end(&rig);
}

/* --- moves by load ---------------------------------------------------------------------------- */

#define STREAMS 3

typedef struct Site {
    GPtrArray *units;
    AnalysisRig rigs[STREAMS];
} Site;

static gboolean go_on(void *data)
{
    Site *site = data;

    for (guint i = 0; i < STREAMS; i++) {
        AnalysisRig *rig = &site->rigs[i];
        if (made_seen_count(&rig->seen) + AHEAD > rig->source.count)
            made_push(&rig->source, site->units->pdata[rig->source.count % site->units->len]);
        vd_analysis_tick(rig->analysis);
    }
    return G_SOURCE_CONTINUE;
}

static bool one_on_each(void *data)
{
    Site *site = data;
    guint used = 0;

    for (guint i = 0; i < STREAMS; i++)
        used |= 1u << (vd_analysis_gpu(site->rigs[i].analysis) + 1);
    return used == 0xe;
}

static void streams_spread_by_themselves(gconstpointer data)
{
    Site site = {.units = room()};

    for (guint i = 0; i < STREAMS; i++)
        begin(&site.rigs[i], site.units, "0");
    guint pump = g_timeout_add(20, go_on, &site);
    for (guint i = 0; i < STREAMS; i++) {
        made_await_frames(&site.rigs[i].seen, 20);
        g_assert_cmpint(vd_analysis_gpu(site.rigs[i].analysis), ==, 0);
    }
    for (guint i = 0; i < STREAMS; i++)
        wish(&site.rigs[i], "auto");
    made_await(one_on_each, &site);
    g_source_remove(pump);
    for (guint i = 0; i < STREAMS; i++)
        check_order(&site.rigs[i]);
    struct VedetteEmuCounters counters = counters_now();
    g_assert_cmpuint(counters.h2d, ==, 2 * STATE);
    g_assert_cmpuint(counters.contexts, ==, 3);
    for (guint i = 0; i < STREAMS; i++)
        analysis_rig_clear(&site.rigs[i]);
    g_ptr_array_unref(site.units);
    vd_gpu_close();
}

static void add_tests(void)
{
#define ADD(test) add_codec_test("/analysis-gpus/" #test, test, NULL)
    ADD(a_stream_moves_and_nobody_sees_it);
    ADD(wishes_may_change_faster_than_streams_move);
    ADD(where_a_stream_cannot_go_it_does_not_go);
    ADD(the_old_place_may_fail_while_a_stream_leaves_it);
    ADD(pictures_that_are_held_back_are_not_taken_for_refused);
    ADD(a_key_picture_that_is_refused_comes_from_the_cpu);
    ADD(a_damaged_beginning_is_no_fault_of_a_gpu);
    ADD(streams_spread_by_themselves);
}

int main(int argc, char **argv)
{
    g_setenv("VEDETTE_EMU_DEVICES", "3", TRUE);
    return codec_rig_run(argc, argv, "libkernels", add_tests);
}
