#include "media/analysis.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "config/polygons.h"
#include "media/decoder.h"
#include "media/flow.h"
#include "media/gpu.h"
#include "media/intake.h"
#include "media/rate.h"

#include <gst/video/video.h>

#define REPORT_LASTS   GST_SECOND
#define LATE_UNITS     2  /* waiting behind a frame, which a burst of two does not reach */
#define COST_SMOOTHING 16 /* the mean is over about so many analysed frames */

struct VdAnalysis {
    VdFrameHub *hub;
    VdAnalysisEvents events;
    void *data;
    VdCameraConfig *camera; /* [main] */
    GstCaps *caps;          /* of the units */
    VdRing *ring;

    /* [main] the pipeline: made anew when it moves between GPU and CPU */
    VdGpuSeat *seat; /* (nullable) it is on a GPU */
    char *no_gpu;    /* (nullable) why it is not */
    GSource *moving; /* (nullable) when to try a GPU again */
    const char *decoder;
    VdFlow *flow;     /* (nullable) none when it could not be built */
    VdIntake *intake; /* (nullable) */
    GSource *refusal; /* (nullable) says why there is no flow, from the main loop */
    GError *why;      /* (nullable) */

    /* [streaming thread] */
    VdReport *report;    /* (nullable) the newest */
    GstCaps *raw;        /* of the newest frame */
    GstClockTime posted; /* PTS of the newest frame that was left in the hub */

    VdLock lock;
    GstCaps *announce;        /* [lock] (nullable) of the newest frame, not told yet */
    bool unsupported;         /* [lock] */
    VdAnalysisStats stats;    /* [lock] what is not kept elsewhere */
    VdRate decoded, analysed; /* [lock] */
};

static VdReport *report_from(const GstStructure *found)
{
    const VdBox *boxes = NULL;
    gboolean primed = FALSE;
    GBytes *bytes = NULL;
    gsize size = 0;

    gst_structure_get(found, VD_MOTION_BOXES, G_TYPE_BYTES, &bytes, NULL);
    if (bytes != NULL)
        boxes = g_bytes_get_data(bytes, &size);
    VdReport *report = vd_report_new(boxes, (guint)(size / sizeof *boxes));
    gst_structure_get_uint64(found, VD_MOTION_PTS, &report->pts);
    gst_structure_get_double(found, VD_MOTION_SHARE, &report->share);
    gst_structure_get_double(found, VD_MOTION_NOISE, &report->noise);
    gst_structure_get_boolean(found, VD_MOTION_PRIMED, &primed);
    report->primed = primed;
    g_clear_pointer(&bytes, g_bytes_unref);
    return report;
}

/* vdmotion posts before it passes the frame on, so a frame carries its own report. */
static void on_message(GstMessage *message, void *data)
{
    VdAnalysis *analysis = data;
    const GstStructure *found = gst_message_get_structure(message);
    guint64 cost_us = 0;

    if (!gst_structure_has_name(found, VD_MOTION_MESSAGE))
        return;
    vd_report_unref(analysis->report);
    analysis->report = report_from(found);
    analysis->report->number = vd_frame_hub_number_report(analysis->hub);
    gst_structure_get_uint64(found, VD_MOTION_COST, &cost_us);

    vd_lock(&analysis->lock);
    VdAnalysisStats *stats = &analysis->stats;
    guint weight = stats->analysed == 0 ? 1 : COST_SMOOTHING;
    stats->motion_cost_us += ((double)cost_us - stats->motion_cost_us) / weight;
    stats->analysed = analysis->report->number;
    vd_rate_tick(&analysis->analysed, vd_clock_now_us());
    vd_unlock(&analysis->lock);
}

static bool report_is_fresh(const VdReport *report, GstClockTime pts)
{
    return report != NULL && GST_CLOCK_TIME_IS_VALID(pts) &&
           GST_CLOCK_DIFF(report->pts, pts) < (gint64)REPORT_LASTS;
}

/* The first frame, or one unlike those before. */
static void take_caps(VdAnalysis *analysis, GstCaps *caps)
{
    if (analysis->raw == caps)
        return;
    bool same = analysis->raw != NULL && gst_caps_is_equal(analysis->raw, caps);
    gst_caps_replace(&analysis->raw, caps);
    if (same)
        return;
    vd_lock(&analysis->lock);
    gst_caps_replace(&analysis->announce, caps);
    vd_unlock(&analysis->lock);
    vd_flow_tell(analysis->flow);
}

static void account(VdAnalysis *analysis, const VdFrame *frame)
{
    GstBuffer *buffer = gst_sample_get_buffer(frame->sample);

    vd_lock(&analysis->lock);
    analysis->stats.decoded = frame->number;
    analysis->stats.last_us = frame->decoded_us;
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED))
        analysis->stats.errors++;
    vd_rate_tick(&analysis->decoded, frame->decoded_us);
    vd_unlock(&analysis->lock);
}

/* Who takes over from another pipeline begins at a key frame: what was shown is not shown again. */
static bool is_new(VdAnalysis *analysis, GstClockTime pts)
{
    if (GST_CLOCK_TIME_IS_VALID(analysis->posted) && GST_CLOCK_TIME_IS_VALID(pts) &&
        pts <= analysis->posted)
        return false;
    analysis->posted = pts;
    return true;
}

static void on_sample(GstSample *sample, void *data)
{
    VdAnalysis *analysis = data;
    GstClockTime pts = GST_BUFFER_PTS(gst_sample_get_buffer(sample));
    g_autoptr(VdFrame) frame = vd_frame_new(gst_sample_ref(sample));
    VdUnitTimes times;

    vd_intake_claim(analysis->intake, pts, &times);
    frame->number = vd_frame_hub_number_frame(analysis->hub);
    frame->captured_us = times.captured_us;
    frame->received_us = times.received_us;
    frame->decoded_us = vd_clock_now_us();
    frame->late = vd_flow_level(analysis->flow) >= LATE_UNITS;
    if (report_is_fresh(analysis->report, pts))
        frame->report = vd_report_ref(analysis->report);
    account(analysis, frame);
    if (!times.old && is_new(analysis, pts))
        vd_frame_hub_post(analysis->hub, frame);
    take_caps(analysis, gst_sample_get_caps(sample));
}

/* [streaming thread] */
static bool on_caps(GstCaps *caps, void *data)
{
    VdAnalysis *analysis = data;
    g_autoptr(GError) error = NULL;
    GstVideoInfo info;

    if (vd_decoder_accepts(caps, &error) && gst_video_info_from_caps(&info, caps)) {
        vd_intake_set_fields(analysis->intake, GST_VIDEO_INFO_IS_INTERLACED(&info));
        return true;
    }
    vd_lock(&analysis->lock);
    analysis->unsupported = true;
    vd_unlock(&analysis->lock);
    vd_flow_fail(analysis->flow, error->message);
    return false;
}

/* [main] */
static void on_told(void *data)
{
    VdAnalysis *analysis = data;

    vd_lock(&analysis->lock);
    g_autoptr(GstCaps) caps = g_steal_pointer(&analysis->announce);
    vd_unlock(&analysis->lock);
    if (caps != NULL)
        analysis->events.running(analysis, analysis->decoder, caps, analysis->data);
}

static void fall_back(VdAnalysis *analysis, const char *text);

/* [main] */
static void on_failed(const char *text, void *data)
{
    VdAnalysis *analysis = data;

    vd_lock(&analysis->lock);
    bool unsupported = analysis->unsupported;
    vd_unlock(&analysis->lock);
    if (analysis->seat != NULL && !unsupported)
        fall_back(analysis, text);
    else
        analysis->events.failed(analysis, unsupported, text, analysis->data);
}

static const VdFlowEvents flow_events = {
    .sample = on_sample,
    .message = on_message,
    .caps = on_caps,
    .told = on_told,
    .failed = on_failed,
};

/* --- the pipeline --------------------------------------------------------------------------------
 */

static VdGpuWish wish_of(const VdCameraConfig *camera)
{
    VdGpuWish wish = {.mode = VD_GPU_OFF};

    vd_gpu_wish_parse(camera->gpu, &wish);
    return wish;
}

static void try_gpu_later(VdAnalysis *analysis, gint64 again_us);

/* False: there has to be one, and there is none. */
static bool take_seat(VdAnalysis *analysis)
{
    VdGpuWish wish = wish_of(analysis->camera);
    gint64 again_us;

    g_clear_pointer(&analysis->no_gpu, g_free);
    analysis->seat = vd_gpu_sit(&wish, analysis->caps, 0, &analysis->no_gpu, &again_us);
    if (analysis->seat != NULL)
        return true;
    if (wish.mode == VD_GPU_REQUIRE) {
        g_set_error(&analysis->why, VD_ERROR, VD_ERROR_FAILED, "gpu=require: %s", analysis->no_gpu);
        return false;
    }
    if (again_us != 0)
        try_gpu_later(analysis, again_us);
    return true;
}

static bool choose_decoder(VdAnalysis *analysis)
{
    analysis->decoder = analysis->seat != NULL ? vd_gpu_seat_decoder(analysis->seat)
                                               : vd_decoder_choose(analysis->caps, &analysis->why);
    return analysis->decoder != NULL;
}

static bool build(VdAnalysis *analysis)
{
    const VdCameraConfig *camera = analysis->camera;
    VdGpuSeat *seat = analysis->seat;

    if (!choose_decoder(analysis))
        return false;
    const char *factories[] = {
        analysis->decoder,
        seat != NULL ? "video/x-raw(" VD_CUDA_MEMORY ")" : VD_MASK_FACTORY,
        seat != NULL ? VD_MASK_FACTORY : NULL,
        NULL,
        NULL,
    };
    if (camera->analysis)
        factories[seat != NULL ? 3 : 2] = VD_MOTION_FACTORY;
    analysis->flow = vd_flow_new(factories, seat != NULL ? vd_gpu_seat_context(seat) : NULL,
                                 &flow_events, analysis, &analysis->why);
    if (analysis->flow == NULL)
        return false;
    vd_decoder_set_up(vd_flow_element(analysis->flow, analysis->decoder));
    if (camera->analysis)
        g_object_set(vd_flow_element(analysis->flow, VD_MOTION_FACTORY), "analysis-width",
                     camera->analysis_width, NULL);
    return true;
}

/* [main] */
static gboolean say_why_not(void *data)
{
    VdAnalysis *analysis = data;

    g_clear_pointer(&analysis->refusal, g_source_unref);
    analysis->events.failed(analysis, true, analysis->why->message, analysis->data);
    return G_SOURCE_REMOVE;
}

/* The owner hears of it after vd_analysis_new() has returned, as of any other failure. */
static void say_why_not_soon(VdAnalysis *analysis)
{
    analysis->refusal = g_idle_source_new();
    g_source_set_callback(analysis->refusal, say_why_not, analysis, NULL);
    g_source_attach(analysis->refusal, NULL);
}

static void stop_source(GSource **source)
{
    if (*source != NULL)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void start(VdAnalysis *analysis)
{
    if (!build(analysis)) {
        say_why_not_soon(analysis);
        return;
    }
    vd_analysis_configure(analysis, analysis->camera);
    analysis->intake = vd_intake_new(analysis->flow, analysis->caps);
    if (analysis->seat != NULL)
        vd_intake_expect_pictures(analysis->intake);
    vd_flow_start(analysis->flow);
    vd_intake_start(analysis->intake, analysis->ring);
}

/* When it returns nothing comes out any more. */
static void stop(VdAnalysis *analysis)
{
    stop_source(&analysis->refusal);
    stop_source(&analysis->moving);
    if (analysis->intake != NULL)
        vd_intake_stop(analysis->intake);
    if (analysis->flow != NULL)
        vd_flow_close(analysis->flow);
    g_clear_pointer(&analysis->intake, vd_intake_free);
    g_clear_pointer(&analysis->flow, vd_flow_unref);
    g_clear_pointer(&analysis->seat, vd_gpu_leave);
}

/* --- between GPU and CPU ------------------------------------------------------------------------
 */

/* Nobody may look at pictures in the memory of a GPU that has failed. */
static void fall_back(VdAnalysis *analysis, const char *text)
{
    vd_gpu_seat_failed(analysis->seat, text);
    if (wish_of(analysis->camera).mode == VD_GPU_REQUIRE) {
        analysis->events.failed(analysis, false, text, analysis->data);
        return;
    }
    stop(analysis);
    vd_frame_hub_clear(analysis->hub);
    take_seat(analysis);
    start(analysis);
}

static gboolean try_gpu(void *data)
{
    VdAnalysis *analysis = data;
    VdGpuWish wish = wish_of(analysis->camera);
    g_autofree char *why = NULL;
    gint64 again_us;
    VdGpuSeat *seat = vd_gpu_sit(&wish, analysis->caps, 0, &why, &again_us);

    stop_source(&analysis->moving);
    if (seat != NULL) {
        stop(analysis);
        g_clear_pointer(&analysis->no_gpu, g_free);
        analysis->seat = seat;
        start(analysis);
    } else if (again_us != 0) {
        try_gpu_later(analysis, again_us);
    }
    return G_SOURCE_REMOVE;
}

static void try_gpu_later(VdAnalysis *analysis, gint64 again_us)
{
    gint64 wait_us = MAX(again_us - vd_clock_now_us(), 0);

    analysis->moving = g_timeout_source_new((guint)(wait_us / 1000) + 1);
    g_source_set_callback(analysis->moving, try_gpu, analysis, NULL);
    g_source_attach(analysis->moving, NULL);
}

int vd_analysis_gpu(const VdAnalysis *analysis)
{
    return analysis->seat != NULL ? vd_gpu_seat_number(analysis->seat) : -1;
}

const char *vd_analysis_why_no_gpu(const VdAnalysis *analysis)
{
    return analysis->no_gpu;
}

/* --- for the camera ------------------------------------------------------------------------------
 */

VdAnalysis *vd_analysis_new(const VdCameraConfig *camera, GstCaps *caps, VdRing *ring,
                            VdFrameHub *hub, const VdAnalysisEvents *events, void *data)
{
    VdAnalysis *analysis = g_new0(VdAnalysis, 1);

    analysis->hub = vd_frame_hub_ref(hub);
    analysis->events = *events;
    analysis->data = data;
    analysis->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    analysis->caps = gst_caps_ref(caps);
    analysis->ring = vd_ring_ref(ring);
    analysis->posted = GST_CLOCK_TIME_NONE;
    vd_lock_init(&analysis->lock);
    vd_frame_hub_numbers(hub, &analysis->stats.decoded, &analysis->stats.analysed);
    if (take_seat(analysis))
        start(analysis);
    else
        say_why_not_soon(analysis);
    return analysis;
}

void vd_analysis_free(VdAnalysis *analysis)
{
    if (analysis == NULL)
        return;
    stop(analysis);
    vd_report_unref(analysis->report);
    gst_clear_caps(&analysis->raw);
    gst_clear_caps(&analysis->announce);
    g_clear_error(&analysis->why);
    g_free(analysis->no_gpu);
    vd_frame_hub_unref(analysis->hub);
    vd_ring_unref(analysis->ring);
    gst_caps_unref(analysis->caps);
    vd_camera_config_unref(analysis->camera);
    vd_lock_clear(&analysis->lock);
    g_free(analysis);
}

void vd_analysis_configure(VdAnalysis *analysis, const VdCameraConfig *camera)
{
    VdCameraConfig *before = analysis->camera;

    analysis->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    vd_camera_config_unref(before);
    if (analysis->flow == NULL)
        return;
    GstElement *mask = vd_flow_element(analysis->flow, VD_MASK_FACTORY);
    GstElement *motion = vd_flow_element(analysis->flow, VD_MOTION_FACTORY);
    g_autofree char *polygons = vd_polygons_text(camera->masks, camera->n_masks);

    g_object_set(mask, "polygons", polygons, NULL);
    gst_util_set_object_arg(G_OBJECT(mask), "style",
                            camera->mask_style == VD_MASK_PIXELATE ? "pixelate" : "fill");
    if (motion != NULL)
        g_object_set(motion, "analysis-fps", camera->analysis_fps, "threshold",
                     camera->motion_threshold, "min-area", camera->motion_min_area, NULL);
}

void vd_analysis_stats(VdAnalysis *analysis, VdAnalysisStats *stats)
{
    VdIntakeStats intake = {0};
    gint64 now = vd_clock_now_us();

    if (analysis->intake != NULL)
        vd_intake_stats(analysis->intake, &intake);
    vd_lock(&analysis->lock);
    *stats = analysis->stats;
    stats->decoded_fps = vd_rate_read(&analysis->decoded, now);
    stats->analysed_fps = vd_rate_read(&analysis->analysed, now);
    vd_unlock(&analysis->lock);
    stats->errors += intake.barren;
    stats->dropped = intake.dropped;
}
