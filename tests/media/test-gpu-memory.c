#include "base/mailbox.h"
#include "config/config.h"
#include "made.h"
#include "media/analysis.h"
#include "media/encode.h"
#include "media/gpu.h"
#include "media/reaper.h"
#include "tests/emu/codec-rig.h"

#include <math.h>

/*
 * What a camera of 1920x1080 says that it holds of a GPU's memory, beside what the emulated driver
 * counts: NVDEC's surfaces, pictures and what elements need.
 */
#define GOAL     60e6 /* bytes a camera, beyond the context */
#define PICTURES 8    /* decoded, until nothing new is taken any more */
#define CYCLES   20

#define H264(ref)                                                                             \
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ref=" ref " ! h264parse " \
    "config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"

typedef struct Stream {
    const char *encoder;
    int width, height;
    double tolerance; /* share: of H.265 the surfaces' height is the driver's to choose */
    bool masked;
} Stream;

static const Stream one_reference = {H264("1"), 1920, 1080, 0};
static const Stream four_references = {H264("4"), 1920, 1080, 0};
static const Stream with_a_mask = {H264("4"), 1920, 1080, 0, true};
static const Stream h265 = {MADE_H265, 1920, 1080, 0.01};
static const Stream small = {MADE_H264, 160, 120, 0};

/* A camera that nobody watches. */
typedef struct Site {
    MadeSource source;
    VdFrameHub *hub;
    VdCameraConfig *camera;
    VdAnalysis *analysis;
    guint listener;
    guint64 awaited; /* the number of a frame */
} Site;

static void on_frame(VdFrame *frame, void *data)
{
    g_main_context_wakeup(NULL);
}

static void on_post(void *data)
{
    g_main_context_wakeup(NULL);
}

static void on_running(VdAnalysis *analysis, const char *decoder, GstCaps *caps, void *data)
{
}

static void on_failed(VdAnalysis *analysis, bool unsupported, const char *text, void *data)
{
    g_error("%s", text);
}

static const VdAnalysisEvents events = {.running = on_running, .failed = on_failed};

static GPtrArray *units_of(const Stream *stream)
{
    MadeSpec spec = {.width = stream->width,
                     .height = stream->height,
                     .frames = PICTURES,
                     .encoder = stream->encoder};

    return made_units(&spec);
}

/* The left half. */
static void mask(VdCameraConfig *camera)
{
    static const VdPoint half[] = {{0, 0}, {32768, 0}, {32768, 65536}, {0, 65536}};

    camera->masks = g_new0(VdPolygon, 1);
    camera->masks->points = g_memdup2(half, sizeof half);
    camera->masks->n_points = G_N_ELEMENTS(half);
    camera->n_masks = 1;
}

static void open_site(Site *site, const Stream *stream, GPtrArray *units)
{
    *site = (Site){.hub = vd_frame_hub_new()};
    site->listener = vd_frame_hub_listen(site->hub, on_frame, NULL);
    made_source_init(&site->source);
    site->source.first_us += 60 * G_USEC_PER_SEC; /* not old by then, on however slow a machine */
    site->camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", NULL);
    if (stream->masked)
        mask(site->camera);
    site->analysis = vd_analysis_new(site->camera, gst_sample_get_caps(units->pdata[0]),
                                     site->source.ring, site->hub, &events, site);
}

static void close_site(Site *site)
{
    vd_frame_hub_clear(site->hub); /* before the pipeline goes, and what is left is asked for */
    vd_analysis_free(site->analysis);
    vd_frame_hub_unlisten(site->hub, site->listener);
    vd_frame_hub_unref(site->hub);
    made_source_clear(&site->source);
    vd_camera_config_unref(site->camera);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static bool has_awaited(void *data)
{
    Site *site = data;
    g_autoptr(VdFrame) newest = vd_frame_hub_newest(site->hub);

    return newest != NULL && newest->number >= site->awaited;
}

/* One after the other, so that none waits. */
static void play_units(Site *site, GPtrArray *units)
{
    for (guint i = 0; i < units->len; i++) {
        made_push(&site->source, units->pdata[i]);
        site->awaited++;
        made_await(has_awaited, site);
    }
    g_assert_cmpint(vd_analysis_gpu(site->analysis), ==, 0);
}

static void check(const char *what, guint64 told, double tolerance)
{
    guint64 live = counters_now().live_bytes;

    g_test_message("%s: %.1f MB told, %.1f MB counted", what, (double)told / 1e6,
                   (double)live / 1e6);
    g_assert_cmpfloat(fabs((double)told - (double)live), <=, tolerance * (double)live);
    g_assert_cmpfloat((double)live, <=, GOAL);
}

/* --- nobody watches --------------------------------------------------------------------------- */

static void what_is_told_is_what_the_driver_counts(gconstpointer data)
{
    const Stream *stream = data;
    g_autoptr(GPtrArray) units = units_of(stream);
    VdGpuFacts facts;
    Site site;

    open_site(&site, stream, units);
    play_units(&site, units);
    check("nobody watches", vd_analysis_gpu_memory(site.analysis), stream->tolerance);
    close_site(&site);
    g_assert_cmpuint(counters_now().live_bytes, ==, 0);
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(facts.memory_used, ==, 0); /* asked again when the pipeline had gone */
    g_assert_cmpuint(facts.memory_total, ==, G_GUINT64_CONSTANT(8) << 30);
    vd_gpu_close();
}

/* --- somebody does ---------------------------------------------------------------------------- */

typedef struct Watched {
    Site site;
    VdMailbox *mailbox;
    VdView *view;
    guint64 seen;
} Watched;

static bool has_picture(void *data)
{
    Watched *watched = data;
    g_autoptr(VdPicture) picture = vd_mailbox_take(watched->mailbox, &watched->seen);

    return picture != NULL && picture->number == watched->site.awaited;
}

static guint64 told_by(Watched *watched)
{
    VdEncoderFacts facts;

    vd_view_tell_encoder(watched->view, &facts);
    g_assert_true(facts.on_gpu);
    guint64 view = facts.gpu_memory;
    vd_encoder_facts_clear(&facts);
    g_assert_cmpuint(view, >, 0);
    return vd_analysis_gpu_memory(watched->site.analysis) + view;
}

static void a_viewer_counts_as_well(gconstpointer data)
{
    const Stream *stream = data;
    const VdRendition rendition = {.quality = 80, .annotate = true}; /* of full size */
    g_autoptr(GPtrArray) units = units_of(stream);
    Watched watched = {.mailbox = vd_mailbox_new()};

    vd_mailbox_watch(watched.mailbox, on_post, NULL);
    open_site(&watched.site, stream, units);
    play_units(&watched.site, units);
    watched.view =
        vd_view_new(watched.site.camera, &rendition, watched.site.hub, watched.mailbox, NULL);
    made_await(has_picture, &watched);
    made_push(&watched.site.source, units->pdata[0]); /* one is new while another is encoded */
    watched.site.awaited++;
    made_await(has_picture, &watched);
    check("a viewer", told_by(&watched), stream->tolerance);
    vd_mailbox_unwatch(watched.mailbox);
    vd_view_free(watched.view);
    vd_mailbox_unref(watched.mailbox);
    close_site(&watched.site);
    g_assert_cmpuint(counters_now().live_bytes, ==, 0);
    vd_gpu_close();
}

/* --- again and again -------------------------------------------------------------------------- */

static void a_camera_that_comes_and_goes_leaves_nothing(gconstpointer data)
{
    const Stream *stream = data;
    g_autoptr(GPtrArray) units = units_of(stream);
    guint64 held = 0;

    for (guint i = 0; i < CYCLES; i++) {
        Site site;

        open_site(&site, stream, units);
        play_units(&site, units);
        guint64 live = counters_now().live_bytes;
        if (i == 0)
            held = live;
        g_assert_cmpuint(live, ==, held);
        close_site(&site);
        g_assert_cmpuint(counters_now().live_bytes, ==, 0);
    }
    g_test_message("%.2f MB each time", (double)held / 1e6);
    vd_gpu_close();
}

static void add_tests(void)
{
#define ADD(test, stream) add_codec_test("/gpu-memory/" #test "/" #stream, test, &stream)
    ADD(what_is_told_is_what_the_driver_counts, one_reference);
    ADD(what_is_told_is_what_the_driver_counts, four_references);
    ADD(what_is_told_is_what_the_driver_counts, with_a_mask);
    ADD(what_is_told_is_what_the_driver_counts, h265);
    ADD(what_is_told_is_what_the_driver_counts, small);
    ADD(a_viewer_counts_as_well, four_references);
    ADD(a_camera_that_comes_and_goes_leaves_nothing, small);
}

int main(int argc, char **argv)
{
    return codec_rig_run(argc, argv, "libkernels", add_tests);
}
