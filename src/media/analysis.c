#include "media/analysis.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/log.h"
#include "media/gpu.h"
#include "media/lane.h"
#include "media/rate.h"
#include "media/turn.h"

#include <gst/video/video.h>

#define COST_SMOOTHING 16 /* the mean is over about so many analysed frames */

/* What a stream costs is not known before: a ring's rate is over two seconds, a GOP at its start.
 */
#define SETTLED_US (4 * G_USEC_PER_SEC)
/* A new lane catches up with a GOP, many times faster than it came; then it will not any more. */
#define MOST_MOVE_US (10 * G_USEC_PER_SEC)
/* A GPU that made nothing of a stream is tried again after so long, then after twice as long ... */
#define REFUSED_US   (10 * G_USEC_PER_SEC)
#define MOST_DOUBLED 5

struct VdAnalysis {
    VdFrameHub *hub;
    VdAnalysisEvents events;
    void *data;
    VdCameraConfig *camera; /* [main] */
    GstCaps *caps;          /* of the units */
    VdRing *ring;

    /* [main] */
    VdLane *lane;      /* (nullable) what it runs in; none when it could not be built */
    VdLane *next;      /* (nullable) takes over at its first new picture: a move is under way */
    char *why_moving;  /* (nullable) */
    gint64 moving_us;  /* since when */
    char *no_gpu;      /* (nullable) why it is not on a GPU */
    GSource *retry;    /* (nullable) when to try a GPU again */
    guint refusals;    /* by a GPU, since one made pictures of the stream */
    GSource *refusal;  /* (nullable) says why there is no lane, from the main loop */
    GError *why;       /* (nullable) */
    gint64 running_us; /* since when the lane gives pictures; 0: not yet */
    double pixels;     /* of a picture, millions */
    double load;       /* megapixels/s; 0: not measured yet */

    VdTurn turn;
    VdDetections detections;
    VdLock lock;
    VdReport *report;         /* [lock] (nullable) the newest, from whichever lane */
    VdAnalysisStats stats;    /* [lock] what is not kept elsewhere */
    VdRate decoded, analysed; /* [lock] */
};

/* --- pictures --------------------------------------------------------------------------------- */

/* [streaming thread] */
static bool on_decoded(VdLane *lane, GstClockTime pts, void *data)
{
    VdAnalysis *analysis = data;

    return vd_turn_take(&analysis->turn, lane, pts);
}

/* [streaming thread] */
static void on_looked(VdLane *lane, VdReport *report, guint64 cost_us, void *data)
{
    VdAnalysis *analysis = data;

    vd_frame_hub_take_report(analysis->hub, report);
    vd_stages_observe(vd_ring_stages(analysis->ring), VD_STAGE_ANALYSE, (gint64)cost_us);
    vd_lock(&analysis->lock);
    vd_report_unref(analysis->report);
    analysis->report = vd_report_ref(report);
    VdAnalysisStats *stats = &analysis->stats;
    guint weight = stats->analysed == 0 ? 1 : COST_SMOOTHING;
    stats->motion_cost_us += ((double)cost_us - stats->motion_cost_us) / weight;
    stats->analysed = report->number;
    vd_rate_tick(&analysis->analysed, vd_clock_now_us());
    vd_unlock(&analysis->lock);
}

/* [streaming thread] */
static void on_learned(VdLane *lane, GBytes *scene, void *data)
{
    VdAnalysis *analysis = data;

    if (vd_turn_has(&analysis->turn, lane))
        vd_frame_hub_keep_scene(analysis->hub, scene);
}

/* [detection thread] */
static void on_detected(VdLane *lane, VdObjects *objects, guint64 cost_us, void *data)
{
    VdAnalysis *analysis = data;

    if (vd_turn_has(&analysis->turn, lane))
        vd_detections_take(&analysis->detections, objects, cost_us);
}

/* [main or detection thread] */
static void on_detects(VdLane *lane, const char *why_not, const char *const *classes, void *data)
{
    vd_detections_set_state(&((VdAnalysis *)data)->detections, why_not, classes);
}

static void account(VdAnalysis *analysis, VdFrame *frame)
{
    GstBuffer *buffer = gst_sample_get_buffer(frame->sample);

    vd_lock(&analysis->lock);
    analysis->stats.decoded = frame->number;
    analysis->stats.last_us = frame->decoded_us;
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED))
        analysis->stats.errors++;
    vd_rate_tick(&analysis->decoded, frame->decoded_us);
    if (vd_report_is_fresh(analysis->report, GST_BUFFER_PTS(buffer)))
        frame->report = vd_report_ref(analysis->report);
    vd_unlock(&analysis->lock);
    frame->objects = vd_detections_of(&analysis->detections, GST_BUFFER_PTS(buffer));
}

/* [streaming thread] */
static void on_picture(VdLane *lane, VdFrame *frame, bool old, gint64 decode_us, void *data)
{
    VdAnalysis *analysis = data;

    frame->number = vd_frame_hub_number_frame(analysis->hub);
    account(analysis, frame);
    if (!old)
        vd_stages_observe(vd_ring_stages(analysis->ring), VD_STAGE_DECODE, decode_us);
    if (!old && vd_turn_is_held(&analysis->turn, lane))
        vd_frame_hub_post(analysis->hub, frame);
    vd_turn_done(&analysis->turn, lane);
}

/* [main] */
static void drop_lane(VdAnalysis *analysis, VdLane *lane)
{
    VdIntakeStats intake;

    if (lane == NULL)
        return;
    vd_turn_leave(&analysis->turn, lane);
    vd_lane_intake(lane, &intake);
    vd_lock(&analysis->lock);
    analysis->stats.errors += intake.barren;
    analysis->stats.dropped += intake.dropped;
    vd_unlock(&analysis->lock);
    vd_lane_free(lane);
}

/* --- lanes ------------------------------------------------------------------------------------ */

static void stop_source(GSource **source)
{
    if (*source != NULL)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

/* [main] */
static gboolean say_why_not(void *data)
{
    VdAnalysis *analysis = data;

    g_clear_pointer(&analysis->refusal, g_source_unref);
    analysis->events.failed(analysis, true, analysis->why->message, analysis->data);
    return G_SOURCE_REMOVE;
}

/* The owner hears of it after this call has returned, as of any other failure. */
static void say_why_not_soon(VdAnalysis *analysis)
{
    stop_source(&analysis->refusal);
    analysis->refusal = g_idle_source_new();
    g_source_set_callback(analysis->refusal, say_why_not, analysis, NULL);
    g_source_attach(analysis->refusal, NULL);
}

static void on_running(VdLane *lane, GstCaps *caps, void *data);
static void on_quiet(VdLane *lane, void *data);
static void on_refused(VdLane *lane, void *data);
static void on_failed(VdLane *lane, bool unsupported, const char *text, void *data);

static const VdLaneEvents lane_events = {
    .decoded = on_decoded,
    .looked = on_looked,
    .learned = on_learned,
    .detected = on_detected,
    .detects = on_detects,
    .picture = on_picture,
    .running = on_running,
    .quiet = on_quiet,
    .refused = on_refused,
    .failed = on_failed,
};

/* (nullable) seat: (nullable) (transfer full). It knows the scene as the one before did. */
static VdLane *make_lane(VdAnalysis *analysis, VdGpuSeat *seat, GError **error)
{
    VdLane *lane =
        vd_lane_new(analysis->camera, analysis->caps, seat, &lane_events, analysis, error);
    g_autoptr(GBytes) scene = vd_frame_hub_scene(analysis->hub);

    if (lane != NULL && scene != NULL)
        vd_lane_remember(lane, scene);
    return lane;
}

/* The lane that it runs in from now on; there is no other. */
static void start(VdAnalysis *analysis, VdGpuSeat *seat)
{
    g_clear_error(&analysis->why);
    analysis->running_us = 0;
    analysis->lane = make_lane(analysis, seat, &analysis->why);
    if (analysis->lane == NULL) {
        say_why_not_soon(analysis);
        return;
    }
    vd_turn_give(&analysis->turn, analysis->lane);
    vd_lane_start(analysis->lane, analysis->ring);
}

/* When it returns nothing comes out any more. */
static void stop(VdAnalysis *analysis)
{
    stop_source(&analysis->refusal);
    stop_source(&analysis->retry);
    drop_lane(analysis, g_steal_pointer(&analysis->next));
    drop_lane(analysis, analysis->lane);
    analysis->lane = NULL;
}

static void settle(VdAnalysis *analysis, const char *why);

static gboolean try_gpu(void *data)
{
    VdAnalysis *analysis = data;

    if (analysis->lane != NULL)
        settle(analysis, "it may be used again");
    return G_SOURCE_REMOVE;
}

static void try_gpu_later(VdAnalysis *analysis, gint64 again_us)
{
    gint64 wait_us = MAX(again_us - vd_clock_now_us(), 0);

    stop_source(&analysis->retry);
    analysis->retry = g_timeout_source_new((guint)(wait_us / 1000) + 1);
    g_source_set_callback(analysis->retry, try_gpu, analysis, NULL);
    g_source_attach(analysis->retry, NULL);
}

/* False: there has to be a GPU, and there is none. *seat NULL: it is for the CPU, *why says why. */
static bool find_place(VdAnalysis *analysis, VdGpuSeat **seat, char **why)
{
    VdGpuWish wish = vd_gpu_wish_of(analysis->camera->gpu);
    gint64 again_us;

    stop_source(&analysis->retry);
    *seat = vd_gpu_sit(&wish, analysis->caps, analysis->load, why, &again_us);
    if (*seat != NULL)
        return true;
    if (wish.mode == VD_GPU_REQUIRE) {
        g_clear_error(&analysis->why);
        g_set_error(&analysis->why, VD_ERROR, VD_ERROR_FAILED, "gpu=require: %s", *why);
        return false;
    }
    if (again_us != 0)
        try_gpu_later(analysis, again_us);
    return true;
}

static void take_no_gpu(VdAnalysis *analysis, char *why)
{
    g_free(analysis->no_gpu);
    analysis->no_gpu = why;
}

/* --- moving ----------------------------------------------------------------------------------- */

static void say_move(VdAnalysis *analysis, int from, int to, const char *why)
{
    g_autofree char *old = vd_lane_place(from), *new = vd_lane_place(to);

    vd_log_info(analysis->camera->id, "moved from %s to %s: %s", old, new, why);
}

/* seat: (nullable) (transfer full). The lane goes on until the new one has its first picture. */
static void move(VdAnalysis *analysis, VdGpuSeat *seat, const char *why)
{
    g_autoptr(GError) error = NULL;

    analysis->next = make_lane(analysis, seat, &error);
    if (analysis->next == NULL) {
        vd_log_warning(analysis->camera->id, "is not moved: %s", error->message);
        if (vd_lane_seat(analysis->lane) != NULL)
            vd_gpu_seat_stays(vd_lane_seat(analysis->lane));
        return;
    }
    g_free(analysis->why_moving);
    analysis->why_moving = g_strdup(why);
    analysis->moving_us = vd_clock_now_us();
    vd_turn_promise(&analysis->turn, analysis->next, vd_lane_motion(analysis->lane));
    vd_lane_start(analysis->next, analysis->ring);
}

/* The new lane is the lane now. */
static void arrive(VdAnalysis *analysis)
{
    VdLane *old = analysis->lane;

    say_move(analysis, vd_lane_gpu(old), vd_lane_gpu(analysis->next), analysis->why_moving);
    analysis->lane = g_steal_pointer(&analysis->next);
    analysis->running_us = 0;
    drop_lane(analysis, old);
}

/* A move that is under way ends, in whichever place it has come to. */
static void halt(VdAnalysis *analysis)
{
    if (analysis->next != NULL && !vd_turn_call_back(&analysis->turn, analysis->next))
        arrive(analysis);
    drop_lane(analysis, g_steal_pointer(&analysis->next));
    if (vd_lane_seat(analysis->lane) != NULL)
        vd_gpu_seat_stays(vd_lane_seat(analysis->lane));
}

/* Where it stays may be where it is not to be: it is tried elsewhere then. */
static void give_up_move(VdAnalysis *analysis, const char *text)
{
    if (!vd_turn_call_back(&analysis->turn, analysis->next)) {
        arrive(analysis);
        return;
    }
    g_autofree char *here = vd_lane_place(vd_lane_gpu(analysis->lane));
    g_autofree char *there = vd_lane_place(vd_lane_gpu(analysis->next));

    vd_log_warning(analysis->camera->id, "stays on %s, since %s does not work: %s", here, there,
                   text);
    settle(analysis, text);
}

/* Goes where gpu= wants it, if it is not there. */
static void settle(VdAnalysis *analysis, const char *why)
{
    VdGpuWish wish = vd_gpu_wish_of(analysis->camera->gpu);
    char *no_gpu = NULL;

    halt(analysis);
    VdGpuSeat *here = vd_lane_seat(analysis->lane), *there;

    if (here != NULL && (vd_gpu_wish_numbers(&wish) & 1u << vd_gpu_seat_number(here)) != 0) {
        vd_gpu_seat_wish(here, &wish);
        return;
    }
    if (!find_place(analysis, &there, &no_gpu)) {
        g_free(no_gpu);
        say_why_not_soon(analysis);
        return;
    }
    if (there != NULL) {
        move(analysis, there, why);
        return;
    }
    take_no_gpu(analysis, no_gpu);
    if (here != NULL)
        move(analysis, NULL, no_gpu);
}

/* Nobody may look at pictures in the memory of a GPU that has failed. */
static void fall_back(VdAnalysis *analysis, const char *text)
{
    int from = vd_lane_gpu(analysis->lane);
    VdGpuSeat *there = NULL;
    char *no_gpu = NULL;

    vd_gpu_seat_failed(vd_lane_seat(analysis->lane), text);
    if (vd_gpu_wish_of(analysis->camera->gpu).mode == VD_GPU_REQUIRE) {
        analysis->events.failed(analysis, false, text, analysis->data);
        return;
    }
    if (analysis->next != NULL) {
        arrive(analysis);
        vd_frame_hub_clear(analysis->hub);
        return;
    }
    stop(analysis);
    vd_frame_hub_clear(analysis->hub);
    find_place(analysis, &there, &no_gpu);
    take_no_gpu(analysis, no_gpu);
    say_move(analysis, from, there != NULL ? vd_gpu_seat_number(there) : -1, text);
    start(analysis, there);
}

/* [main] */
static void on_running(VdLane *lane, GstCaps *caps, void *data)
{
    VdAnalysis *analysis = data;
    GstVideoInfo info;

    if (lane == analysis->next)
        arrive(analysis);
    if (gst_video_info_from_caps(&info, caps))
        analysis->pixels = (double)info.width * info.height / 1e6;
    if (analysis->running_us == 0)
        analysis->running_us = vd_clock_now_us();
    if (vd_lane_seat(lane) != NULL)
        analysis->refusals = 0;
    analysis->events.running(analysis, vd_lane_decoder(lane), caps, analysis->data);
}

/* [main] */
static void on_failed(VdLane *lane, bool unsupported, const char *text, void *data)
{
    VdAnalysis *analysis = data;
    VdGpuSeat *seat = vd_lane_seat(lane);

    if (lane == analysis->next && !vd_turn_call_back(&analysis->turn, analysis->next))
        arrive(analysis);
    if (lane == analysis->next) {
        if (seat != NULL && !unsupported)
            vd_gpu_seat_failed(seat, text);
        give_up_move(analysis, text);
    } else if (seat != NULL && !unsupported) {
        fall_back(analysis, text);
    } else {
        analysis->events.failed(analysis, unsupported, text, analysis->data);
    }
}

/* [main] A decoder whose GPU is lost may only log it; one that is given damaged units is well. */
static void on_quiet(VdLane *lane, void *data)
{
    if (!vd_gpu_seat_answers(vd_lane_seat(lane)))
        on_failed(lane, false, "the GPU is lost", data);
}

/*
 * [main] Damage looks the same, and then the CPU makes no more of it: it is the GPU's fault only if
 * that does not answer. What it moves from goes on.
 */
static void on_refused(VdLane *lane, void *data)
{
    static const char text[] = "its decoder makes nothing of the first key picture";
    VdAnalysis *analysis = data;
    int gpu = vd_lane_gpu(lane);

    if (!vd_gpu_seat_answers(vd_lane_seat(lane))) {
        on_failed(lane, false, "the GPU is lost", data);
        return;
    }
    if (lane == analysis->next) {
        halt(analysis);
    } else if (analysis->next == NULL &&
               vd_gpu_wish_of(analysis->camera->gpu).mode != VD_GPU_REQUIRE) {
        stop(analysis);
        take_no_gpu(analysis, g_strdup_printf("GPU %d: %s", gpu, text));
        say_move(analysis, gpu, -1, text);
        start(analysis, NULL);
    } else {
        return;
    }
    gint64 wait_us = (gint64)REFUSED_US << MIN(analysis->refusals, MOST_DOUBLED);
    analysis->refusals++;
    try_gpu_later(analysis, vd_clock_now_us() + wait_us);
}

/*
 * What there is to decode, which an overloaded GPU does not make less: units that came a second,
 * times the pixels of a picture.
 */
static void measure(VdAnalysis *analysis, VdGpuSeat *seat)
{
    gint64 now_us = vd_clock_now_us();
    VdRingStats ring;

    if (analysis->running_us == 0 || now_us - analysis->running_us < SETTLED_US)
        return;
    vd_ring_stats(analysis->ring, &ring);
    analysis->load = ring.fps * analysis->pixels;
    vd_gpu_seat_measured(seat, analysis->load);
}

void vd_analysis_tick(VdAnalysis *analysis)
{
    VdGpuSeat *seat = analysis->lane != NULL ? vd_lane_seat(analysis->lane) : NULL, *there;
    g_autofree char *why = NULL;

    if (seat != NULL)
        measure(analysis, seat);
    if (analysis->next != NULL) {
        if (vd_clock_now_us() - analysis->moving_us > MOST_MOVE_US)
            give_up_move(analysis, "no picture comes from there");
    } else if (seat != NULL && (there = vd_gpu_seat_advice(seat, &why)) != NULL) {
        move(analysis, there, why);
    }
}

/* --- for the camera --------------------------------------------------------------------------- */

VdAnalysis *vd_analysis_new(const VdCameraConfig *camera, GstCaps *caps, VdRing *ring,
                            VdFrameHub *hub, const VdAnalysisEvents *events, void *data)
{
    VdAnalysis *analysis = g_new0(VdAnalysis, 1);
    VdGpuSeat *seat;

    analysis->hub = vd_frame_hub_ref(hub);
    analysis->events = *events;
    analysis->data = data;
    analysis->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    analysis->caps = gst_caps_ref(caps);
    analysis->ring = vd_ring_ref(ring);
    vd_turn_init(&analysis->turn);
    vd_detections_init(&analysis->detections, camera->detector_model ? camera->id : NULL);
    vd_lock_init(&analysis->lock);
    vd_frame_hub_numbers(hub, &analysis->stats.decoded, &analysis->stats.analysed);
    if (find_place(analysis, &seat, &analysis->no_gpu))
        start(analysis, seat);
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
    vd_detections_clear(&analysis->detections);
    g_clear_error(&analysis->why);
    g_free(analysis->why_moving);
    g_free(analysis->no_gpu);
    vd_frame_hub_unref(analysis->hub);
    vd_ring_unref(analysis->ring);
    gst_caps_unref(analysis->caps);
    vd_camera_config_unref(analysis->camera);
    vd_turn_clear(&analysis->turn);
    vd_lock_clear(&analysis->lock);
    g_free(analysis);
}

void vd_analysis_configure(VdAnalysis *analysis, const VdCameraConfig *camera)
{
    VdCameraConfig *before = analysis->camera;
    bool elsewhere = !g_str_equal(before->gpu, camera->gpu);

    analysis->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    vd_camera_config_unref(before);
    if (analysis->lane == NULL)
        return;
    vd_lane_configure(analysis->lane, camera);
    if (elsewhere) {
        g_autofree char *why = g_strdup_printf("gpu=%s", camera->gpu);
        settle(analysis, why);
    } else if (analysis->next != NULL) {
        vd_lane_configure(analysis->next, camera);
    }
}

int vd_analysis_gpu(const VdAnalysis *analysis)
{
    return analysis->lane != NULL ? vd_lane_gpu(analysis->lane) : -1;
}

guint64 vd_analysis_gpu_memory(const VdAnalysis *analysis)
{
    return (analysis->lane != NULL ? vd_lane_gpu_memory(analysis->lane) : 0) +
           (analysis->next != NULL ? vd_lane_gpu_memory(analysis->next) : 0);
}

const char *vd_analysis_why_no_gpu(const VdAnalysis *analysis)
{
    return vd_analysis_gpu(analysis) < 0 ? analysis->no_gpu : NULL;
}

void vd_analysis_tell_detections(VdAnalysis *analysis, VdDetectionStats *stats)
{
    vd_detections_tell(&analysis->detections, stats);
}

void vd_analysis_stats(VdAnalysis *analysis, VdAnalysisStats *stats)
{
    VdIntakeStats intake = {0};
    gint64 now = vd_clock_now_us();

    if (analysis->lane != NULL)
        vd_lane_intake(analysis->lane, &intake);
    vd_lock(&analysis->lock);
    *stats = analysis->stats;
    stats->decoded_fps = vd_rate_read(&analysis->decoded, now);
    stats->analysed_fps = vd_rate_read(&analysis->analysed, now);
    vd_unlock(&analysis->lock);
    stats->errors += intake.barren;
    stats->dropped += intake.dropped;
    stats->waiting = intake.waiting;
}
